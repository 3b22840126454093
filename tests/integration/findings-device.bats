#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What rules conclude of real runs of the way to the device and of what is short of. Each is provoked, with the
# numbers that another source has of the same run, and has a control that does not provoke it.

bats_require_minimum_version 1.5.0
load ../lib/jq
load ../lib/run
load ../lib/findings

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	[ -z "$zram" ] || { umount z; echo "$zram" > /sys/class/zram-control/hot_remove; }
	no_own_disk
}

# load_of COMMAND [CONTAINER_KEYS] [MORE]: a run of a shell's command in one target.
load_of() {
	cat > spec.yml <<-END
	name: findings
	runtime: native
	interval: 10ms
	drain: 1s
	$3
	containers:
	  a: {${2:+$2, }command: [sh, -c, "$1"]}
	END
	run_spec spec.yml
	[ "$status" = 0 ] || { cat stderr; return 1; }
	report '.findings[] | .id + " " + (.target // "run")' | sort -u > found
	cat found
}

# written DISK: requests, sectors and ms of writes that the kernel has counted.
written() { awk '{ print $5, $7, $8 }' "/sys/block/$1/stat"; }

@test "transfers that a device takes only in parts, and at once" {
	local before after
	own_disk d 128M
	echo 64 > "/sys/block/$disk/queue/max_sectors_kb"
	before=$(written "$disk")
	ior "transfer: 1MiB, block: 32MiB, segments: 1, odirect: true, read: false, write: true, file: $PWD/d/f"
	after=$(written "$disk")
	finds "split a"
	of split '.op == "write" and .transfer_bytes == 1048576 and .request_bytes <= 65536' | grep -qx true
	# As the kernel has counted for its device.
	echo "$before $after $(of split .request_bytes)" |
		awk '{ mean = ($5 - $2) * 512 / ($4 - $1); print mean, $7; exit !($7 > mean * 0.8 && $7 < mean * 1.25) }'
	cat "/sys/block/$disk/queue/max_hw_sectors_kb" > "/sys/block/$disk/queue/max_sectors_kb"
	ior "transfer: 1MiB, block: 128MiB, segments: 1, odirect: true, read: false, write: true, file: $PWD/f"
	silent split
}

# fio_of ARGUMENTS: writes of a second at random places of a file, past the page cache. Where fio must wait for a
# CPU, the device is idle at times.
fio_of() {
	load_of "fio --name=x --filename=$PWD/f --size=64M --rw=randwrite --ioengine=libaio --direct=1 --runtime=1
		--time_based --output-format=json --output=$PWD/fio.json $*" "" "findings: {saturated.busy: 0.5}"
}

@test "more requests at once than the device takes, and one after the other" {
	local leaf before after
	command -v fio >/dev/null || skip "no fio here"
	leaf=$(disk_of "$PWD") || skip "no disk under $PWD"
	dd if=/dev/zero of=f bs=1M count=64 oflag=direct status=none
	for _ in 1 2 3; do
		before=$(written "$leaf")
		fio_of --bs=1M --iodepth=64
		after=$(written "$leaf")
		! finds "saturated a" || break
		report ".targets[0].sharing[\"$leaf\"]"
	done
	finds "saturated a"
	# Each of the 64 may be in two parts.
	of saturated 'del(.rows)'
	of saturated ".device == \"$leaf\" and .busy_ratio > 0.5 and .depth >= 4 and .depth <= 130" | grep -qx true
	# Those that wait longer than they are served: unless the device takes most of them at once.
	if [ "$(report "(.duration_s * 1e9) as \$ns | .targets[0].sharing[\"$leaf\"]
		| .depth_mean * \$ns / .active_ns < 3")" = true ]; then
		finds "queue-wait a"
		# Of all who used the disk it is as long as the kernel has counted.
		report "[.targets[] | .block[\"$leaf\"].write.total_ns.sum // 0] | add / 1e9" > all
		echo "$before $after $(of queue-wait '"\(.total_s) \(.queue_s)"') $(cat all)" |
			awk '{ s = ($6 - $3) / 1000; print s, $7, $8, $9
				exit !($9 < s * 1.1 && $9 > s * 0.7 && $7 <= $9 && $8 > $7 / 2 && $8 < $7) }'
	else
		echo "# $leaf takes as many requests as are there: none waits in the queue" >&3
	fi
	# Where others write a lot, they wait for those.
	for _ in 1 2 3; do
		fio_of --bs=4k --iodepth=1
		finds "queue-wait a" || finds "saturated a" || break
	done
	silent queue-wait
	silent saturated
}

@test "a file system that compresses, and one that does not" {
	local load="transfer: 1MiB, segments: 1, fsync: true, read: false, write: true" before
	command -v mkfs.btrfs >/dev/null || skip "no mkfs.btrfs: run docker/packages.sh test"
	truncate -s 1G c.img
	mkfs.btrfs -q c.img
	mkdir c
	loop=$(losetup --find --show --direct-io=on c.img) || skip "no loop devices here"
	mount -o compress=lzo "$loop" c || skip "no btrfs here"
	before=$(written "${loop#/dev/}")
	ior "$load, block: 512MiB, file: $PWD/c/f"
	finds "compressible a"
	is compressible .application_write_bytes $((512 << 20))
	# By the kernel's count of the device alone it was as little; and the rest is not missing from it.
	written "${loop#/dev/}"
	echo "$before $(written "${loop#/dev/}") $(of compressible .device_write_bytes)" |
		awk '{ bytes = ($5 - $2) * 512; print bytes, $7; exit !(bytes < 268435456 && bytes > 1048576 && $7 >= bytes * 0.9) }'
	mount -o remount,compress=none c
	ior "$load, block: 128MiB, file: $PWD/c/f"
	silent compressible
}

@test "what lies behind a device without requests is not judged" {
	zram=$(cat /sys/class/zram-control/hot_add) || skip "no zram here"
	echo 256M > "/sys/block/zram$zram/disksize"
	mkfs.ext4 -q "/dev/zram$zram"
	mkdir z
	mount "/dev/zram$zram" z
	ior "transfer: 1MiB, block: 64MiB, segments: 1, odirect: true, file: $PWD/z/f"
	run ! grep -E '^(compressible|cache-reads) ' found
	for rule in compressible cache-reads; do
		jq -e --arg r $rule --arg at "$PWD/z" 'any(.not_judged[]; .id == $r and (.missing | contains($at)))' report.json
	done
}

resident() { fincore -bno RES "$1" | awk '{ sum += $1 } END { print sum + 0 }'; }

@test "O_DIRECT that a file system takes and does not mean, and that it means" {
	local load="transfer: 1MiB, block: 32MiB, segments: 1, odirect: true, file: $PWD/d/f"
	own_disk d 256M
	umount d
	mount -o data=journal "/dev/$disk" d
	# Somebody may drop the caches of the host in between.
	for _ in 1 2 3; do
		ior "$load, keep: true"
		[ "$(resident d/f)" != $((32 << 20)) ] || break
	done
	finds "odirect-lost a"
	# Written and read, each page once; and what is in memory of it now, which fincore asks the kernel.
	is odirect-lost .moved_bytes $((64 << 20))
	of odirect-lost '.cached_bytes >= 67108864 and .cached_bytes < 80000000' | grep -qx true
	[ "$(resident d/f)" = $((32 << 20)) ]
	silent compressible
	umount d
	mount "/dev/$disk" d
	rm d/f
	ior "$load, keep: true"
	silent odirect-lost
	silent compressible
	silent cache-reads
	[ "$(resident d/f)" = 0 ]
}

# A program that asks the kernel of the cgroup that it runs in: pressure of io and memory, and failures.
asks() {
	cat > asks <<-'END'
	v2=/sys/fs/cgroup/unified
	[ -d $v2 ] || v2=/sys/fs/cgroup
	v2=$v2$(sed -n 's/^0:://p' /proc/self/cgroup)
	failcnt=/sys/fs/cgroup/memory$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)/memory.failcnt
	for p in io memory; do
		sed "s/^/$p /" "$v2/$p.pressure"
	done
	if [ -e "$failcnt" ]; then
		sed 's/^/max /' "$failcnt"
	else
		grep '^max ' "$v2/memory.events"
	fi
	END
}

# asked KIND WHICH: of that, the total in seconds.
asked() { awk -v kind="$1" -v which="$2" '$1 == kind && $2 == which { sub(/.*total=/, ""); print $0 / 1e6 }' kernel; }

# share_is ID KEY SECONDS: evidence is at least what was asked, and at most a tenth and some ticks more of it.
share_is() {
	of "$1" "$2 * $(report '.targets[0].cgroup.watched_ns') / 1e9" |
		awk -v s="$3" '{ print $1, s; exit !($1 >= s * 0.99 && $1 < s * 1.1 + 0.05) }'
}

@test "tasks that wait for the device, and that do not" {
	[ -e /proc/pressure/io ] || skip "no pressure stall information here: kernel without CONFIG_PSI, or psi=0"
	own_disk d 64M
	asks
	load_of "dd if=/dev/zero of=$PWD/d/f bs=64k count=128 oflag=direct status=none; sh $PWD/asks > $PWD/kernel" \
		"io: {device: /dev/$disk, write_bps: 8MiB}"
	cat kernel
	finds "io-pressure a"
	share_is io-pressure .full_ratio "$(asked io full)"
	silent memory-reclaim
	load_of "dd if=/dev/zero of=/dev/null bs=64k count=20000 status=none; sleep 0.5"
	silent io-pressure
}

@test "memory that is too little for what is written, and enough" {
	[ -e /proc/pressure/memory ] || skip "no pressure stall information here: kernel without CONFIG_PSI, or psi=0"
	own_disk d 512M
	asks
	load_of "dd if=/dev/zero of=$PWD/d/f bs=1M count=300 status=none; sh $PWD/asks > $PWD/kernel" "memory: 24MiB"
	cat kernel
	finds "memory-reclaim a"
	share_is memory-reclaim .pressure_some_ratio "$(asked memory some)"
	of memory-reclaim .limit_hits | awk -v n="$(awk '$1 == "max" { print $2 }' kernel)" \
		'{ print $1, n; exit !($1 >= n && $1 <= n * 1.1 + 20) }'
	load_of "dd if=/dev/zero of=$PWD/d/f bs=1M count=100 status=none" "memory: 1GiB"
	silent memory-reclaim
}
