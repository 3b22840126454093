#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Sampling with the real kernel: who gets what, and whether it adds up to the device's own counters.

setup_file() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export DRIVE=${O:-$ROOT/build}/tests/lib/drive_sample
	[ "$(id -u)" = 0 ] || return 0
	# A disk of the test's own: nobody else's I/O is on it.
	truncate -s 64M "$BATS_FILE_TMPDIR/disk"
	LOOP=$(losetup --find --show "$BATS_FILE_TMPDIR/disk" 2>/dev/null) || LOOP=
	export LOOP
}

teardown_file() {
	[ -z "$LOOP" ] || losetup -d "$LOOP"
}

setup() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	[ -x "$DRIVE" ] || skip "tests/lib/drive_sample is not built"
	[ -n "$LOOP" ] || skip "no loop device to be had"
	MINOR=$(stat -c %T "$LOOP")
	DEV="7:$((0x$MINOR))"
	cd "$BATS_TEST_TMPDIR"
}

@test "each target's bytes are its own, and all together are the disk's" {
	"$DRIVE" "one=dd if=/dev/zero of=$LOOP bs=64k count=100 oflag=direct" \
		"two=dd if=/dev/zero of=$LOOP bs=4k count=100 seek=8192 oflag=direct;
		     dd if=$LOOP of=/dev/null bs=4k count=300 iflag=direct" >out.json
	jq -e --arg d "$DEV" --arg n "${LOOP#/dev/}" '
		.io.one[$d].write.bytes == 6553600 and
		.io.two[$d].write.bytes == 409600 and .io.two[$d].write.ios == 100 and
		.io.two[$d].read.bytes == 1228800 and .io.two[$d].read.ios == 300 and
		([.io[][$d].write.bytes // 0] | add) ==
			.devices[$n].write - (.devices_before[$n].write // 0) and
		([.io[][$d].read.bytes // 0] | add) ==
			.devices[$n].read - (.devices_before[$n].read // 0) and
		.devices[$n].stacked' out.json
}

@test "every request of a tick is in its histogram" {
	"$DRIVE" -i 5 "one=dd if=$LOOP of=/dev/null bs=4k count=2000 iflag=direct" >out.json
	jq -e --arg d "$DEV" '.io.one[$d].read |
		.ios == 2000 and .count == .ios and .in_buckets == .ios and .ticks > 1' out.json
}

@test "a target that is published after its first I/O gets that too" {
	"$DRIVE" -l 300 "late=dd if=/dev/zero of=$LOOP bs=64k count=16 oflag=direct; sleep 0.8" \
		>out.json
	jq -e --arg d "$DEV" '.io.late[$d].write.bytes == 1048576 and
		([.io | keys[] | select(test("cbpf-drive"))] | length) == 0' out.json
}

@test "a target's CPU, memory and I/O come from its cgroup on this host's layout" {
	"$DRIVE" "busy=i=0; while [ \$i -lt 200000 ]; do i=\$((i+1)); done; sleep 0.2" >out.json
	jq -e '.cgroup.busy | .cpu_usage_ns > 10000000 and .memory_peak_bytes > 0 and
		has("pids_current")' out.json
	# What this host does not have is told.
	jq -e '.cgroup.busy as $c | .losses | has("network")
		and (($c | has("cpu_some_ns")) or has("cpu.pressure"))' out.json
}

@test "the target's network is its own namespace's" {
	unshare -n true 2>/dev/null || skip "no network namespaces here"
	# The target's first process moves to a namespace of its own before it is published.
	"$DRIVE" -l 300 "net=exec unshare -n sh -c 'ip link set lo up; sleep 1'" >out.json
	jq -e '.cgroup.net | .net_rx_bytes == 0 and .net_tx_packets == 0' out.json
	jq -e '.losses | has("network") | not' out.json
}
