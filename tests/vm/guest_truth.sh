#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What truth-*.bats lets a guest do while the block probe looks on: loads whose answer is known from
# elsewhere, each in a cgroup of its name. It judges nothing. In /out it leaves for each attachment
# the probe's rows (BACKEND/NAME.json), and what else tells the truth: dev/ (major:minor by name),
# iostat/, fio/, hits/ (tracepoints, counted by tracefs), status/, said/, skipped/.
# shellcheck shell=bash
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
. /usr/bin/guest.bash

sdebug=/sys/bus/pseudo/drivers/scsi_debug
hists=(/sys/kernel/tracing/events/block/block_rq_{requeue,complete,error}/hist)
export DM_DISABLE_UDEV=1 # there is none

cannot() # CASE REASON
{
	echo "$2" >"/out/skipped/$1"
	return 1
}

sectors() # DEVICE
{
	echo "$(<"/sys/dev/block/${dev_of[$1]}/size")"
}

in_flight() # DEVICE...: sets n
{
	local dev reads writes
	n=0
	for dev; do
		read -r reads writes <"/sys/dev/block/${dev_of[$dev]}/inflight"
		n=$((n + reads + writes))
	done
}

wait_in_flight() # DEVICE N
{
	local try n
	for try in {1..300}; do
		in_flight "$1"
		[ "$n" = "$2" ] && return
		sleep 0.1
	done
	echo "$1: $n in flight instead of $2"
	return 1
}

# fio_in CASE OPTION...: what fio says that it did is in fio/CASE.
fio_in()
{
	local name=$1
	shift
	in_cgroup "$name" fio --name=job --bs=4k --randrepeat=1 --output-format=json \
		--output="/out/fio/$name" "$@"
}

# watched CASE COMMAND...: what tracefs counted by device before and after.
watched()
{
	local name=$1
	shift
	cat "${hists[@]}" >"/out/hits/$name.before"
	in_cgroup "$name" "$@"
	cat "${hists[@]}" >"/out/hits/$name.after"
}

make_null_devices()
{
	local name queue
	modprobe configfs && mount -t configfs configfs /sys/kernel/config
	modprobe null_blk nr_devices=0
	# No more of them: the kernel looks for partitions as slowly as these read, one after the other.
	for name in many_a many_b; do
		null_device $name size=1024 irqmode=2 completion_nsec=3000000000 submit_queues=2 \
			hw_queue_depth=2048
	done
	null_device slow irqmode=2 completion_nsec=40000000
	null_device slower irqmode=2 completion_nsec=120000000
	# Four at once: here one is served and the others queue; on the other all are served.
	null_device narrow irqmode=2 completion_nsec=40000000 submit_queues=1 hw_queue_depth=1 \
		no_sched=0
	queue=/sys/dev/block/${dev_of[narrow]}/queue
	modprobe mq-deadline # a module in some
	echo mq-deadline >"$queue/scheduler"
	echo 16 >"$queue/nr_requests"
	null_device wide irqmode=2 completion_nsec=40000000 submit_queues=2 hw_queue_depth=64
	null_device memory memory_backed=1 discard=1
	null_device fua memory_backed=1 cache_size=8
	null_device bad memory_backed=1
	echo +64-71 >"$nullb/bad/badblocks"
	null_device polled submit_queues=2 poll_queues=1 || cannot polled "null_blk without poll_queues"
	null_device zoned memory_backed=1 zoned=1 zone_size=4 || cannot zones "null_blk without zoned"
	for name in under_linear under_raid_a under_raid_b under_hold under_paths; do
		null_device $name memory_backed=1
	done
}

# md through sysfs alone; mdadm --build does the same.
make_raid()
{
	local md=/sys/block/md_truth/md slot=0 dev disk
	modprobe raid0 && echo md_truth >/sys/module/md_mod/parameters/new_array || return 1
	echo none >$md/metadata_version
	echo 65536 >$md/chunk_size
	echo raid0 >$md/level
	echo 2 >$md/raid_disks
	for dev in under_raid_a under_raid_b; do
		disk=$(readlink -f "/dev/$dev")
		echo "${dev_of[$dev]}" >$md/new_dev
		echo $(($(sectors $dev) / 2)) >"$md/dev-${disk##*/}/size"
		echo $slot >"$md/dev-${disk##*/}/slot"
		slot=$((slot + 1))
	done
	echo active >$md/array_state
	name_device raid /dev/md_truth
}

make_stacks()
{
	dmsetup create linear --table \
		"0 $(sectors under_linear) linear /dev/under_linear 0"
	name_device linear /dev/mapper/linear
	make_raid || cannot raid "no md device through sysfs"
	dmsetup create hold --table "0 $(sectors under_hold) linear /dev/under_hold 0"
	losetup --direct-io=on /dev/loop2 /dev/mapper/hold
	name_device held /dev/loop2
	modprobe dm-round-robin
	dmsetup create paths --table "0 $(sectors under_paths) multipath 0 0 1 1 \
		round-robin 0 1 1 ${dev_of[under_paths]} 1000" &&
		name_device paths /dev/mapper/paths || cannot paths "no dm-multipath"
	# Written once, so that what is below needs no new block and its journal is silent.
	dd if=/dev/zero of=/mnt/direct.img bs=1M count=16
	dd if=/dev/zero of=/mnt/buffered.img bs=1M count=16
	sync
	echo 3 >/proc/sys/vm/drop_caches # and the files have no owner yet
	losetup --direct-io=on /dev/loop0 /mnt/direct.img
	losetup /dev/loop1 /mnt/buffered.img
	name_device loop_direct /dev/loop0
	name_device loop_buffered /dev/loop1
}

set_up()
{
	local try
	echo "booted at $(cut -d' ' -f1 /proc/uptime)"
	mkdir /xfs
	guest_layout iostat fio hits status said skipped
	for try in io memory; do
		echo +$try >/sys/fs/cgroup/cgroup.subtree_control
	done
	for try in "${hists[@]}"; do
		echo hist:keys=dev >"${try%/hist}/trigger"
	done
	modprobe loop max_loop=4
	make_null_devices
	echo "null_blk at $(cut -d' ' -f1 /proc/uptime)"
	modprobe nvme
	modprobe sd_mod
	modprobe scsi_debug dev_size_mb=16 lbpu=1 lbpws=1 statistics=1 delay=1
	for try in {1..100}; do
		[ -b /dev/sda ] && [ -c /dev/ng0n1 ] && break
		sleep 0.1
	done
	name_device vda /dev/vda
	name_device xfs /dev/vdc
	name_device virtio /dev/vdd
	name_device nvme /dev/nvme0n1
	name_device scsi /dev/sda
	echo "disks at $(cut -d' ' -f1 /proc/uptime)"
	make_stacks
	echo "stacks at $(cut -d' ' -f1 /proc/uptime)"
	modprobe xfs || cannot xfs "no xfs"
}

load_ownership()
{
	# Whoever dirties a file first owns it, for the kernel; both are gone when it is written.
	in_cgroup first dd if=/dev/zero of=/mnt/both bs=64k count=128
	in_cgroup second dd if=/dev/zero of=/mnt/both bs=64k count=128 seek=128 conv=notrunc
	in_cgroup gone dd if=/dev/zero of=/mnt/gone bs=64k count=64
	sync
}

load_stacks()
{
	in_cgroup loop_direct dd if=/dev/zero of=/dev/loop_direct bs=64k count=32 oflag=direct
	in_cgroup loop_buffered dd if=/dev/zero of=/dev/loop_buffered bs=64k count=32 oflag=direct
	sync
	in_cgroup linear dd if=/dev/zero of=/dev/linear bs=64k count=32 oflag=direct
	in_cgroup linear dd if=/dev/linear of=/dev/null bs=32k count=16 iflag=direct
	[ -e /out/skipped/raid ] ||
		in_cgroup raid dd if=/dev/zero of=/dev/raid bs=256k count=8 oflag=direct
}

scsi_debug_does() # OPTS EVERY_NTH
{
	echo "$1" >$sdebug/opts
	echo "$2" >$sdebug/every_nth
}

load_scsi()
{
	echo 40000000 >$sdebug/ndelay
	in_cgroup scsi_40ms dd if=/dev/scsi of=/dev/null bs=4k count=20 iflag=direct
	echo 120000000 >$sdebug/ndelay
	in_cgroup scsi_120ms dd if=/dev/scsi of=/dev/null bs=4k count=8 iflag=direct
	echo 1 >$sdebug/delay
	in_cgroup unmap blkdiscard -o 1M -l 1M /dev/scsi
	in_cgroup write_same blkdiscard -z -o 2M -l 1M /dev/scsi

	scsi_debug_does 2 0 # sectors 4660 to 4669 cannot be read
	watched medium \
		dd if=/dev/scsi of=/dev/null bs=4k skip=580 count=6 iflag=direct conv=noerror
	scsi_debug_does 0x8000 4 # the host is busy at every 4th
	watched busy dd if=/dev/scsi of=/dev/null bs=4k count=32 iflag=direct
	scsi_debug_does 16 4 # the transport fails at every 4th
	watched transport \
		dd if=/dev/zero of=/dev/scsi bs=4k count=32 oflag=direct
	scsi_debug_does 0x100 2 # every 2nd read transfers half of it
	watched short dd if=/dev/scsi of=/dev/null bs=64k count=16 iflag=direct
	scsi_debug_does 0x102 1 # the first half is good, and then comes sector 4660
	watched torn dd if=/dev/scsi of=/dev/null bs=64k count=1 \
		iflag=direct,skip_bytes skip=$(((4660 - 64) * 512))
	scsi_debug_does 4 8 # every 8th is forgotten
	echo 1 >/sys/block/sda/device/timeout
	watched timeout \
		dd if=/dev/scsi of=/dev/null bs=4k count=8 iflag=direct
	scsi_debug_does 0 0
}

# Eight reads each. fio lets them all begin at once, however slow this host is.
four_at_once() # DEVICE
{
	fio_in "$1" --direct=1 --filename="/dev/$1" --rw=read --ioengine=psync --numjobs=4 \
		--number_ios=8 --size=4m --offset_increment=8m
}

load_null()
{
	in_cgroup null_40ms dd if=/dev/zero of=/dev/slow bs=4k count=20 oflag=direct
	in_cgroup null_120ms dd if=/dev/zero of=/dev/slower bs=4k count=8 oflag=direct
	four_at_once wide
	four_at_once narrow
	watched bad dd if=/dev/zero of=/dev/bad bs=4k count=32 oflag=direct
	in_cgroup discard blkdiscard -o 1M -l 3M /dev/memory
	[ -e /out/skipped/zones ] && return
	in_cgroup zones dd if=/dev/zero of=/dev/zoned bs=16k count=4 oflag=direct
	in_cgroup zones blkzone finish -c 1 /dev/zoned
	in_cgroup zones blkzone open -o 0x2000 -c 1 /dev/zoned
	in_cgroup zones blkzone close -o 0x2000 -c 1 /dev/zoned
	in_cgroup zones blkzone reset -c 3 /dev/zoned
}

load_flushes()
{
	# The device knows FUA: each write is one command. It does not: each is a write and a flush.
	in_cgroup fua dd if=/dev/zero of=/dev/fua bs=4k count=16 oflag=direct,dsync
	in_cgroup no_fua dd if=/dev/zero of=/dev/virtio bs=4k count=16 oflag=direct,dsync
	in_cgroup zeroes blkdiscard -z -o 1M -l 1M /dev/virtio
	in_cgroup discard blkdiscard -o 2M -l 1M /dev/virtio
	[ -e /out/skipped/xfs ] && return
	# Its log is written with PREFLUSH and FUA.
	in_cgroup xfs bash -c 'mount -t xfs /dev/xfs /xfs || exit 1
		for i in {1..8}; do
			dd if=/dev/zero of=/xfs/$i bs=4k count=4 conv=fsync 2>/dev/null || exit 1
		done
		umount /xfs'
}

load_io_uring()
{
	fio_in uring --direct=1 --filename=/dev/nvme --rw=randrw --ioengine=io_uring --iodepth=16 \
		--size=2m --fixedbufs --registerfiles
	fio_in passthrough --filename=/dev/ng0n1 --rw=randrw --ioengine=io_uring_cmd \
		--cmd_type=nvme --iodepth=16 --size=2m
	[ -e /out/skipped/polled ] || fio_in polled --direct=1 --filename=/dev/polled --rw=randread \
		--ioengine=io_uring --hipri --iodepth=8 --size=1m
}

load_paths()
{
	in_cgroup paths dd if=/dev/zero of=/dev/paths bs=64k count=32 oflag=direct
	in_cgroup paths dd if=/dev/paths of=/dev/null bs=32k count=16 iflag=direct
}

# dm holds what it gets while suspended, so that it lies with the loop device above.
hold()
{
	local name=$1
	shift
	dmsetup suspend --nolockfs hold
	fio_in "$name" --direct=1 --filename=/dev/held --ioengine=libaio --iodepth=8 --size=8m \
		--number_ios=8 "$@" &
	wait_in_flight held 8 || cannot midflight "$name: no 8 requests wait with the loop device"
}

load_midflight()
{
	dmsetup resume hold
	wait_in_flight held 0
	hold late --rw=randread
}

midflight()
{
	hold early --rw=randwrite
	probe midflight
	dmsetup resume hold
	wait
}

# As many at once as there are tags: on 2 CPUs 2 devices of 2048 each.
load_pressure()
{
	local max=0 n
	fio_in pressure --direct=1 --filename=/dev/many_a:/dev/many_b \
		--rw=randread --file_service_type=roundrobin:1 --ioengine=libaio --iodepth=4096 \
		--iodepth_batch=64 --norandommap --size=2g --number_ios=4096 --numjobs=2 \
		--cpus_allowed=0,1 --cpus_allowed_policy=split --group_reporting &
	while [ -d "/proc/$!" ]; do
		in_flight many_a many_b
		[ $n -le $max ] || max=$n
		sleep 0.1
	done
	echo $max >/out/pressure.most
	wait
}

# Each request takes 40 ms, whoever else is there: one against three, all the time, however long the
# victim takes to begin.
load_sharing()
{
	fio_in aggressor --direct=1 --filename=/dev/wide --rw=randread --ioengine=libaio --iodepth=3 \
		--time_based --runtime=90 &
	wait_in_flight wide 3
	fio_in victim --direct=1 --filename=/dev/wide --rw=randread --ioengine=psync --number_ios=120
	killall -INT fio
	wait
}

# Many requests whose time is the device's, for the kernel's times to be learned from.
load_learning()
{
	fio_in learning --direct=1 --filename=/dev/memory --rw=randread --ioengine=psync --bs=64k \
		--norandommap --size=64m --time_based --runtime=8
}

load_all()
{
	local load
	for load in ownership stacks scsi null flushes io_uring; do
		echo "$load at $(cut -d' ' -f1 /proc/uptime)" >&2
		load_$load
	done
}

probe_alone() # NAME OPTION...: by one backend after the other, where one would be in the other's way
{
	local name=$1 backend
	shift
	for backend in $guest_backends; do
		echo "probe $name by $backend at $(cut -d' ' -f1 /proc/uptime)"
		one_backend "$backend" "$name" "$@" -- bash /script "load_$name"
		echo $? >>"/out/status/probe_$name"
		mv "/out/fio/$name" "/out/fio/${name}_$backend"
	done
}

guest_again "$@" && exit
set_up
echo "ready at $(cut -d' ' -f1 /proc/uptime)"
probe all
midflight
probe pressure
probe sharing
probe_alone learning -l -w shares
[ -e /out/skipped/paths ] || probe paths
for dir in /sys/fs/cgroup/*/; do
	cp "$dir/io.stat" "/out/iostat/$(basename "$dir")"
done
echo "done at $(cut -d' ' -f1 /proc/uptime)"
exit 0
