#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What vfs-*.bats lets a guest do by one backend of the vfs probe: groups of cases of drive_vfs, one
# target for each case; mounts; and fio. Runs with busybox sh.
# shellcheck shell=dash
set -u
# shellcheck source=tests/lib/vfs_spec.sh
. /usr/bin/vfs_spec.sh

DRIVE=/usr/bin/drive_vfs
IN=/load/in

backend=$(sed -n 's/.*vfs_backend=\([a-z]*\).*/\1/p' /proc/cmdline)

# run NAME: standard input is the spec; the report, status and words go to /out.
run()
{
	local to=/out/$1
	mkdir -p "$to"
	cat >/tmp/spec.yml
	cbpf run --json --quiet --store /tmp/runs /tmp/spec.yml >"$to/report.json" 2>"$to/stderr"
	echo $? >"$to/status"
	echo "$1: status $(cat "$to/status") at $(cut -d' ' -f1 /proc/uptime)"
	cat "$to/stderr"
	mv /load/own "$to/own"
	rm -rf /tmp/runs /load/of
}

group() # NAME CASE...
{
	local name=$1
	shift
	vfs_spec $DRIVE "$backend" /load "$@" >/tmp/group.yml
	run "$name" </tmp/group.yml
}

mounts()
{
	mkdir -p /load/own /mnt/upper /mnt/scratch /mnt/lower /mnt/overlay /disk /memory /stacked
	mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/scratch \
		none /mnt/overlay || return
	run mounts <<-END
	name: mounts
	runtime: native
	collectors: {block: false, vfs: {mode: true, backend: $backend}}
	containers:
	  a:
	    volumes: ["/mnt/lower:/disk", "tmpfs:/memory", "/mnt/overlay:/stacked"]
	    command: >-
	      for i in disk memory stacked; do
	      $DRIVE -d /\$i -o /load/own/\$i.json read vectors getdents copy_file_range splice fsync
	      dup rename unlink stat truncate fault_shared uring_one || exit 1; done
	END
	umount /mnt/overlay
}

fio_with() # ENGINE
{
	mkdir -p /load/own /mnt/fio
	dd if=/dev/zero of=/mnt/fio/a bs=64k count=16 2>/dev/null
	run "fio_$1" <<-END
	name: fio
	runtime: native
	collectors: {block: false, vfs: {mode: true, backend: $backend}}
	containers:
	  a:
	    volumes: ["/mnt/fio:$IN"]
	    command: [fio, --name=a, --filename=$IN/a, --size=1m, --bs=4k, --ioengine=$1, --iodepth=8,
	      --rw=randrw, --fallocate=none, --output=/load/own/fio.json, --output-format=json]
	END
}

# Cases work on the disk's ext4: /load is there.
mkdir -p /mnt/load /out /load
mount -o bind /mnt/load /load
uname -r >/out/release
group base nothing
group again nothing
for g in $VFS_GROUPS; do
	# shellcheck disable=SC2046 # words on purpose
	group "$g" $(vfs_cases $DRIVE "$g")
done
mounts
for engine in psync pvsync2 io_uring; do
	fio_with $engine
done
exit 0
