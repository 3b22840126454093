#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What rules conclude of how real runs use files and devices. Each is provoked, with the right numbers, and
# has a control that does not provoke it.

bats_require_minimum_version 1.5.0
load ../lib/jq
load ../lib/run
load ../lib/findings

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() { no_own_disk; }

# load COMMAND: a run of a shell's command in one target.
load_of() {
	jq -n --arg command "$1" --arg interval "${2:-20ms}" '{name: "findings", runtime: "native", interval: $interval, drain: "1s",
		containers: {a: {command: $command}}}' > spec.yml
	run_spec spec.yml
	[ "$status" = 0 ] || { cat stderr; return 1; }
	report '.findings[] | .id + " " + (.target // "run")' | sort -u > found
	cat found
}

@test "random access, and access in order" {
	own_disk d 256M
	ior "transfer: 4KiB, block: 24MiB, segments: 1, odirect: true, random: true, read: false, write: true, file: $PWD/d/f"
	finds "random a"
	of random '.backward > 2000 and .backward <= 6144' | grep -qx true
	ior "transfer: 4KiB, block: 24MiB, segments: 1, odirect: true, read: false, write: true, file: $PWD/d/f"
	silent random
}

@test "opening and closing many files, and one" {
	own_disk d 128M
	load_of "i=0; while [ \$i -lt 15000 ]; do : > $PWD/d/\$i; i=\$((i + 1)); done"
	finds "metadata a"
	load_of "dd if=/dev/zero of=$PWD/d/f bs=64k count=1000 oflag=direct status=none"
	silent metadata
}

@test "two targets that write to one file, and each to its own" {
	local command="dd if=/dev/zero of=f bs=64k count=64 conv=notrunc status=none"
	cat > spec.yml <<-END
	name: findings
	runtime: native
	collectors: {vfs: {files: 16}}
	containers:
	  a: {command: "cd $PWD; $command"}
	  b: {command: "cd $PWD; $command"}
	END
	run_spec spec.yml
	[ "$status" = 0 ] || { cat stderr; false; }
	report '.findings[] | .id + " " + (.target // "run")' | sort -u > found
	finds "shared-inode a" || finds "shared-inode run" || finds "shared-inode b"
	sed -i '/  b:/s/of=f /of=g /' spec.yml
	run_spec spec.yml
	report '.findings[] | .id + " " + (.target // "run")' | sort -u > found
	silent shared-inode
}

@test "direct I/O in pieces that the device does not take, and that it does" {
	truncate -s 64M d.img
	loop=$(losetup --find --show --sector-size 4096 --direct-io=on d.img) || skip "no loop devices here"
	mkfs.ext4 -q -F "$loop"
	mkdir d
	mount "$loop" d
	run ior "transfer: 512, block: 51200, segments: 1, odirect: true, read: false, write: true, file: $PWD/d/f"
	report '.findings[] | .id + " " + (.target // "run")' | sort -u > found
	cat found stderr
	finds "odirect-align a"
	of odirect-align .message | grep -F 'multiple of 4096 bytes, got 512'
	ior "transfer: 4096, block: 409600, segments: 1, odirect: true, read: false, write: true, file: $PWD/d/f"
	silent odirect-align
}

@test "one request at a time with pauses, and many at once" {
	own_disk d 256M
	load_of "for i in 1 2 3 4 5; do dd if=/dev/zero of=$PWD/d/f bs=4k count=100 oflag=direct conv=notrunc status=none; sleep 0.3; done"
	finds "starved a"
	of starved '.depth >= 1 and .depth < 1.2 and .busy_ratio < 0.5' | grep -qx true
	command -v fio || skip "no fio for the control"
	load_of "fio --name=x --filename=$PWD/d/f --size=64M --rw=randwrite --bs=64k --ioengine=libaio --iodepth=32 --direct=1 --runtime=2 --time_based --minimal"
	silent starved
}

@test "what the profiler costs is the time of its probes" {
	load_of "dd if=/dev/zero of=f bs=1 count=300000 status=none"
	finds "profiler-cost run"
	report '([.self.probes[].run_ns] | add / 1e9) as $all
		| [.findings[] | select(.id == "profiler-cost")][0].evidence
		| .probes_s / .targets_cpu_s > 0.01 and (.probes_s - $all | fabs) < 1e-6' | grep -qx true
	# One that computes for long, and hardly calls; and no tick is late where there is one in a second.
	load_of "i=0; while [ \$i -lt 3000000 ]; do i=\$((i + 1)); done" 1s
	silent profiler-cost
}

@test "writeback that the kernel charges to nobody, on cgroup v1" {
	[ -d /sys/fs/cgroup/blkio ] || skip "cgroup v2 knows whose writeback it is"
	local syncs
	# The kernel's own threads write what it does not sync itself.
	while sync; do sleep 0.2; done 3>&- &
	syncs=$!
	load_of "dd if=/dev/zero of=f bs=1M count=64 status=none; sleep 2"
	kill "$syncs"
	finds "wb-unowned run"
	load_of "dd if=/dev/zero of=g bs=1M count=64 oflag=direct status=none; sleep 1"
	silent wb-unowned
}
