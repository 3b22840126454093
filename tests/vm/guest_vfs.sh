#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What vfs-*.bats lets a guest do: for each backend of the vfs probe, groups of cases of drive_vfs,
# one target for each case; mounts; and fio. Runs with busybox sh.
# shellcheck shell=dash
set -u
# shellcheck source=tests/lib/vfs_spec.sh
. /usr/bin/vfs_spec.sh

DRIVE=/usr/bin/drive_vfs
IN=/load/in

# run BACKEND NAME: standard input is the spec; the report, status and words go to /out.
run()
{
	local to=/out/$1/$2
	mkdir -p "$to"
	cat >/tmp/spec.yml
	cbpf run --json --quiet --store /tmp/runs /tmp/spec.yml >"$to/report.json" 2>"$to/stderr"
	echo $? >"$to/status"
	echo "$1 $2: status $(cat "$to/status") at $(cut -d' ' -f1 /proc/uptime)"
	cat "$to/stderr"
	mv /load/own "$to/own"
	rm -rf /tmp/runs /load/of
}

group() # BACKEND NAME CASE...
{
	local backend=$1 name=$2
	shift 2
	vfs_spec $DRIVE "$backend" /load "$@" >/tmp/group.yml
	run "$backend" "$name" </tmp/group.yml
}

mounts() # BACKEND
{
	mkdir -p /load/own /tmp/disk
	rm -rf /mnt/upper /mnt/scratch /mnt/lower /mnt/overlay
	mkdir -p /mnt/upper /mnt/scratch /mnt/lower /mnt/overlay /disk /memory /stacked
	if ! mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/scratch \
		none /mnt/overlay; then
		echo "no overlay"
		return
	fi
	run "$1" mounts <<-END
	name: mounts
	runtime: native
	collectors: {block: false, vfs: {mode: true, backend: $1}}
	containers:
	  a:
	    volumes: ["/mnt/lower:/disk", "tmpfs:/memory", "/mnt/overlay:/stacked"]
	    command: >-
	      for i in disk memory stacked; do
	      $DRIVE -d /\$i -o /load/own/\$i.json $(cat /mount_cases) || exit 1; done
	END
	umount /mnt/overlay
}

fio_with() # BACKEND ENGINE
{
	mkdir -p /load/own /mnt/fio
	dd if=/dev/zero of=/mnt/fio/a bs=64k count=16 2>/dev/null
	run "$1" "fio_$2" <<-END
	name: fio
	runtime: native
	collectors: {block: false, vfs: {mode: true, backend: $1}}
	containers:
	  a:
	    volumes: ["/mnt/fio:$IN"]
	    command: [fio, --name=a, --filename=$IN/a, --size=1m, --bs=4k, --ioengine=$2, --iodepth=8,
	      --rw=randrw, --fallocate=none, --output=/load/own/fio.json, --output-format=json]
	END
}

# Cases work on the disk's ext4: /load is there.
mkdir -p /mnt/load /out /load
mount -o bind /mnt/load /load
echo "read vectors getdents copy_file_range splice fsync dup names fault_shared uring_one" |
	sed 's/ names / rename unlink stat truncate open /' >/mount_cases
uname -r >/out/release
for backend in fentry syscalls kprobe; do
	group $backend base nothing
	for g in $VFS_GROUPS; do
		# shellcheck disable=SC2046 # words on purpose
		group $backend "$g" $(vfs_cases $DRIVE "$g")
	done
	mounts $backend
	for engine in psync pvsync2 io_uring; do
		fio_with $backend $engine
	done
done
exit 0
