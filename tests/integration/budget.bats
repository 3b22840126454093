#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Where the time of calls goes, for loads of which that is known; tests/vm/budget-*.bats has those
# that need devices and limits which a host may not have.

load ../lib/jq
load ../lib/run
load ../lib/budget

# Others may keep the CPUs busy: waiting for one is left out where it is not what is looked at.

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	no_own_disk
}

# containers LINE...: a spec with these, run.
containers() {
	{
		printf 'name: budget\nruntime: native\n'
		printf 'collectors: {block: %s, vfs: true, sched: true}\ncontainers:\n' "${BLOCK:-true}"
		printf '  %s\n' "$@"
	} >spec.yml
	run_spec spec.yml
	[ "$status" = 0 ]
	report '.targets[] | [.name, .budget] | @json'
	budgets report.json
}

@test "reads of cached pages take CPU time" {
	dd if=/dev/zero of=f bs=1M count=64 conv=fsync status=none
	containers "a: {command: 'for i in 1 2 3 4; do dd if=$PWD/f of=/dev/null bs=1M; done'}"
	largest report.json a cpu runq
}

@test "a CPU quota is time waiting for a CPU" {
	dd if=/dev/zero of=f bs=1M count=64 conv=fsync status=none
	# By one process, as what making others takes is in no call of the file system.
	containers "a: {cpu_limit: 0.1, command: '$BUILD/tests/lib/drive_pagecache $PWD/f again:65536:20000'}"
	largest report.json a runq
	report '.targets[0] | .budget.runq_ns <= .sched.runq_sum_ns' | grep -qx true
	# On the way back from a call, or within one.
	report '.targets[0] | .budget.return_ns <= .budget.runq_ns and
		(.budget.total_ns - .budget.return_ns - ([.vfs[].latency_ns.sum // 0] | add) | fabs) <=
			.budget.total_ns / 100' | grep -qx true
}

@test "who yields the CPU between calls waits for it in none of them" {
	dd if=/dev/zero of=f bs=4k count=16 conv=fsync status=none
	cat >yields.py <<-END
		import os
		f = os.open("$PWD/f", os.O_RDONLY)
		for i in range(300):
		    os.pread(f, 4096, 0)
		    os.sched_yield()
	END
	# In one cgroup: nobody yields to another one's tasks.
	containers "a: {cpus: '0', command: 'while :; do :; done & python3 $PWD/yields.py; kill \$!'}"
	report '.targets[0] | .sched.runq_sum_ns > 10 * .budget.runq_ns' | grep -qx true
}

@test "those that copy on one CPU wait for it" {
	# In small folios, since the kernel copies some of them before it lets others run.
	dd if=/dev/zero of=f bs=4k count=16384 conv=fsync status=none
	copies="for i in 1 2 3 4; do dd if=$PWD/f of=/dev/null bs=64M; done"
	containers "a: {cpus: '0', command: '$copies'}" "b: {cpus: '0', command: '$copies'}" \
		"c: {cpus: '0', command: '$copies'}" "d: {cpus: '0', command: '$copies'}"
	for target in a b c d; do
		largest report.json $target runq
	done
}

@test "direct reads of one at a time wait for the device" {
	dd if=/dev/urandom of=f bs=1M count=64 conv=fsync status=none
	# A larger one may be two requests, of which the device takes the first only.
	containers "a: {command: 'dd if=$PWD/f of=/dev/null bs=512k iflag=direct'}"
	largest report.json a device runq
}

@test "waits for I/O are not split where nobody watches block I/O" {
	dd if=/dev/urandom of=f bs=1M count=64 conv=fsync status=none
	BLOCK=false containers "a: {command: 'dd if=$PWD/f of=/dev/null bs=512k iflag=direct'}"
	largest report.json a io runq
	report '.targets[0].budget | has("queue_ns") or has("device_ns")' | grep -qx false
	report '.losses[].what' | grep -qx budget.block
}

@test "many that append to one file wait for its lock" {
	containers "a:
    command: 'for i in 1 2 3 4 5 6 7 8; do
      dd if=/dev/zero of=$PWD/f bs=64k count=64 oflag=append,direct conv=notrunc & done; wait'"
	[ "$(stat -c %s f)" = $((8 * 64 * 65536)) ]
	report '.targets[0].budget.lock_ns > 0' | grep -qx true
	largest report.json a lock runq
	# Which lock it is is told since 5.19.
	report '.targets[0].budget | .inode_lock_ns > .lock_ns / 2' | grep -qx true
}

@test "small appends that are synced one by one wait for the journal" {
	own_disk journaled 128M
	containers "a:
    command: 'for i in 1 2 3 4; do
      dd if=/dev/zero of=$PWD/journaled/f\$i bs=512 count=100 oflag=append,dsync conv=notrunc & done; wait'"
	report '.targets[0] | .budget.journal_ns > 0 and .sched.journal_sum_ns >= .budget.journal_ns' |
		grep -qx true
	largest report.json a journal
}

@test "phases of IOR have the bytes that it moved, and no more than their own time" {
	containers "a:
    workload:
      ior: {file: $PWD/ior, transfer: 64KiB, block: 64MiB, ranks: 2, odirect: true, repetitions: 3,
        delay_s: 1, write: true, read: true}"
	[ "$(report '[.targets[0].budget.phases[].op] | join(" ")')" = "write read write read write read" ]
	phases report.json a 2
}

# As one of upstream's that does not tell when its phases were.
@test "phases of an IOR that does not tell when they were are found by their bytes" {
	cat >ior <<-END
		#!/bin/bash
		"$BUILD/cbpf-ior" "\$@" || exit
		for arg; do
			case \$arg in summaryFile=*) summary=\${arg#summaryFile=} ;; esac
		done
		jq 'del(.tests[].Results[] | .bytes, .iter, .beginNs, .endNs)' "\$summary" >stripped
		jq '[.tests[].Results[] | select(.access != "remove") | {begin: .beginNs, end: .endNs}]' \
			"\$summary" >"$PWD/truth"
		cat stripped >"\$summary"
	END
	chmod +x ior
	containers "a:
    workload:
      ior: {binary: $PWD/ior, file: $PWD/file, transfer: 64KiB, block: 64MiB, odirect: true,
        repetitions: 3, fsync: true, write: true, read: true}"
	[ "$(report '[.targets[0].budget.phases[].op] | join(" ")')" = "write read write read write read" ]
	[ "$(report '.targets[0].budget | [.phases_absent, .phases[].bounds] | unique | @json')" = '[null,"derived"]' ]
	# Within two ticks of the truth.
	jq -e --slurpfile truth truth '.targets[0].budget.phases | to_entries | map(
		$truth[0][.key] as $t |
		(.value.begin_ns - $t.begin | fabs) <= 2e8 and (.value.end_ns - $t.end | fabs) <= 2e8 and
		(.value.seen_bytes / .value.tool_bytes - 1 | fabs) <= 0.01) | length == 6 and all' report.json || {
		report '.targets[0].budget.phases | map({op, begin_ns, end_ns, seen_bytes, tool_bytes}) | @json'
		jq -c . truth
		return 1
	}
	report '.losses[].what' >losses
	! grep -q '^budget' losses
}
