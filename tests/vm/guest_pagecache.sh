#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What pagecache-*.bats lets a guest do: the loads of pagecache_cases.sh in one run for each backend, and
# what a host cannot show. Each run leaves report.json and its targets' logs in a directory of /out.
set -u
. /usr/bin/pagecache_cases.sh
DRIVE=drive_pagecache

# run CASE: standard input is the spec.
run()
{
	mkdir -p "/out/$1"
	cat >"/tmp/$1.yml"
	cbpf run --json --quiet --store "/tmp/$1" "/tmp/$1.yml" >"/out/$1/report.json" \
		2>"/out/$1/stderr"
	echo $? >"/out/$1/status"
	cp /tmp/"$1"/latest/logs/* "/out/$1/"
	echo "$1: status $(cat "/out/$1/status") at $(cut -d' ' -f1 /proc/uptime)"
	cat "/out/$1/stderr"
}

# one CASE BACKEND COMMAND [OPTION]
one()
{
	run "$1" <<-END
	name: one
	runtime: native
	collectors: {block: false, sched: false, pagecache: {mode: true, backend: $2}}
	containers:
	  a: {command: "$3"${4:+, $4}}
	END
}

uname -r >/out/release
cbpf check --format json pagecache >/out/check.json
mkdir -p /mnt/data /xfs
modprobe xfs
modprobe overlay
make_files /mnt/data
$DRIVE /mnt/data/cold_4k normal >/out/starting 2>&1 # a program's first start reads it

for backend in tp_btf fentry kprobe; do
	# A backend that a kernel has not is not tried.
	grep -A 2 "\"pagecache.$backend\"" /out/check.json | grep -q '"status": "yes"' || continue
	echo $backend >>/out/backends
	before /mnt/data $DRIVE
	spec /mnt/data $DRIVE $backend | run "all_$backend"

	# Large folios.
	mount -t xfs /dev/vdc /xfs && {
		$DRIVE /xfs/f cold >/dev/null
		one "xfs_$backend" $backend "$DRIVE /xfs/f read:1048576 read:65536"
		$DRIVE /xfs/f cold >/dev/null
		one "mapxfs_$backend" $backend "exec $DRIVE /xfs/f maphuge mapodd map:3000"
		$DRIVE /xfs/f cold >/dev/null
		one "mapsxfs_$backend" $backend "exec $DRIVE /xfs/f map map mapodd"
		umount /xfs
	}
	# The device itself.
	$DRIVE /dev/vdd cold >/dev/null
	one "device_$backend" $backend "$DRIVE /dev/vdd read:65536 some:4096:1000"
done

# No readahead at all.
ahead=$(cat /sys/block/vda/queue/read_ahead_kb)
echo 0 >/sys/block/vda/queue/read_ahead_kb
$DRIVE /mnt/data/cold_4k cold >/dev/null
one alone auto "$DRIVE /mnt/data/cold_4k read:65536 read:4096"
echo "$ahead" >/sys/block/vda/queue/read_ahead_kb

# A file of the lower directory, through overlay.
mkdir -p /mnt/upper /mnt/work /merged
mount -t overlay -o lowerdir=/mnt/data,upperdir=/mnt/upper,workdir=/mnt/work overlay /merged && {
	$DRIVE /mnt/data/cold_64k cold >/dev/null
	one overlay auto "cat /merged/cold_64k /merged/cold_64k >/dev/null"
	umount /merged
}

# Twice what memory there is.
$DRIVE /mnt/data/cold_1m cold >/dev/null
one small auto "$DRIVE /mnt/data/cold_1m read:65536 read:65536" "memory: 12MiB"
exit 0
