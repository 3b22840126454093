#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What block-*.bats lets a guest do while the block probe looks on, by all backends at once. It judges
# nothing, since jq begins slowly there: for each backend it leaves rows in /out/BACKEND, and beside
# them what else tells the truth: dev/ (major:minor by name), iostat/ by cgroup, status/ and said/.
# shellcheck shell=bash
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
. /usr/bin/guest.bash

queue=/sys/block/vda/queue

# Each case in a cgroup of its name; to attach takes longer than all of them.
load_all()
{
	in_cgroup direct dd if=/dev/zero of=/mnt/direct bs=64k count=64 oflag=direct conv=notrunc
	in_cgroup direct dd if=/mnt/direct of=/dev/null bs=64k count=64 iflag=direct
	in_cgroup fsync dd if=/dev/zero of=/mnt/fsync bs=64k count=64 conv=fsync
	# Writeback by a kernel thread, after the writer has gone.
	in_cgroup late dd if=/dev/zero of=/mnt/late bs=64k count=64
	sync
	rm -f /mnt/fsync /mnt/late
	sync
	for scheduler in none mq-deadline; do
		echo $scheduler >$queue/scheduler
		in_cgroup mixed bash -c '
			grep -qF "['$scheduler']" '$queue'/scheduler || exit
			for i in 1 2 3; do
				dd if=/dev/zero of=/mnt/m$i bs=4k count=200 conv=fsync &
				dd if=/mnt/direct of=/dev/null bs=16k iflag=direct &
			done
			wait
			rm /mnt/m*; sync; fstrim /mnt'
	done
	# A write cache that is said to be safe: flushes never reach the device.
	echo "write through" >$queue/write_cache
	in_cgroup through dd if=/dev/zero of=/mnt/through bs=64k count=64 conv=fsync
	echo "write back" >$queue/write_cache
	# A disk with a bad spot: errors are counted, once per request.
	in_cgroup medium dd if=/dev/scsi of=/dev/null bs=4k skip=582 count=2 iflag=direct
}

load_no_iostats()
{
	in_cgroup no_iostats \
		dd if=/dev/zero of=/mnt/direct bs=64k count=64 oflag=direct conv=notrunc,fsync
}

guest_again "$@" && exit
guest_layout iostat status said
for controller in io memory; do
	echo +$controller >/sys/fs/cgroup/cgroup.subtree_control
done
modprobe mq-deadline # a module in some
modprobe sd_mod
modprobe scsi_debug opts=2 dev_size_mb=16
for try in {1..50}; do
	[ -b /dev/sda ] && break
	sleep 0.1
done
name_device vda /dev/vda
name_device scsi /dev/sda
dd if=/dev/zero of=/mnt/direct bs=64k count=64 oflag=direct conv=fsync 2>/dev/null
sync

probe all
# Without statistics the kernel keeps no start time: ours must do, and zero must not become uptime.
echo 0 >$queue/iostats
probe no_iostats
for dir in /sys/fs/cgroup/*/; do
	cp "$dir/io.stat" "/out/iostat/$(basename "$dir")"
done
exit 0
