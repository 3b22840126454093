#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# How surely block I/O is its target's: what this host can do, told in each report.

load ../lib/jq
load ../lib/run

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
	disk_of . > /dev/null || skip "$PWD is on no block device"
}

@test "a target with a cgroup of its own is exact, and version 1 says what writeback is" {
	cat > spec.yml <<-END
	name: owner
	runtime: native
	containers:
	  a: {command: [dd, if=/dev/zero, of=$PWD/file, bs=64k, count=16, oflag=direct]}
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	jq -e '.targets[0].attribution == "exact"
		and (.targets[0] | has("attribution_reason") | not)
		and all(.losses[]; .what != "block.attribution")' report.json
	jq -e 'all(.targets[1:][]; has("attribution") | not)' report.json
	"$CBPF" report --store runs > text
	if grep -q ' - cgroup .*blkio' /proc/self/mountinfo; then
		jq -e '.targets[0].writeback == "unattributed"' report.json
		grep -F 'owner     exact; buffered writeback is unattributed' text
	else
		jq -e '.targets[0] | has("writeback") | not' report.json
	fi
}
