#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A little of everything that depends on the kernel, in one boot (guest_short.sh): for the flavours on
# which the whole suite would take too long each time. The kernel is in this file's name, and each
# kernel is a link to this file. `make check-matrix` runs the whole suite on all of them.

load ../lib/jq
load ../lib/block
load ../lib/vm
load ../lib/guest_rows

setup_file()
{
	load ../lib/run
	load ../lib/vm
	load ../lib/guest_rows
	guest_rows_find "$BATS_TEST_FILENAME"
	[ -n "$NO_BOOT" ] || VM_MODULES="configfs null_blk" VM_LIMIT=500 \
		guest_rows_boot short "$BATS_TEST_DIRNAME/guest_short.sh" "$CBPF" "$(command -v dd)"
}

setup()
{
	guest_rows_setup
}

# by BACKEND CHECK: of what this backend saw.
by()
{
	cd "$VM_OUT/$1" || return 1
	JSON=all.json
	some "$JSON" && same backend "$(jq -r .backend "$JSON")" "$1" && "$2"
}

whole()
{
	no_losses && same "in flight" "$(jq .in_flight "$JSON")" 0 && consistent "$JSON" &&
		same status "$(jq .status "$JSON")" 0
}

direct()
{
	is direct vda write .bytes 4194304 && is direct vda read .bytes 4194304 &&
		same io.stat "$(io_stat direct vda wbytes)" 4194304
}

written()
{
	[ "$(of fsync vda write .bytes)" -ge 4194304 ] &&
		same io.stat "$(io_stat fsync vda wbytes)" "$(of fsync vda write .bytes)" &&
		equals_diskstats "$JSON" "$(cat dev/vda)"
}

contexts()
{
	is task memory read .ios 4000 && is task timer read .ios 1000 &&
		equals_diskstats "$JSON" "$(cat dev/memory)" &&
		equals_diskstats "$JSON" "$(cat dev/timer)"
}

@test "tp_btf: loads, and every request is counted and timed" {
	by tp_btf whole
}

@test "raw_tp: loads, and every request is counted and timed" {
	by raw_tp whole
}

@test "tp_btf: direct I/O is its cgroup's, to the byte" {
	by tp_btf direct
}

@test "raw_tp: direct I/O is its cgroup's, to the byte" {
	by raw_tp direct
}

@test "tp_btf: buffered writes with fsync are as io.stat and diskstats say" {
	by tp_btf written
}

@test "raw_tp: buffered writes with fsync are as io.stat and diskstats say" {
	by raw_tp written
}

@test "tp_btf: what completes in a task and in an interrupt meanwhile is all there" {
	by tp_btf contexts
}

@test "raw_tp: what completes in a task and in an interrupt meanwhile is all there" {
	by raw_tp contexts
}

# holds FILTER: jq's answer to a question about the run's report is yes.
holds()
{
	jq -e "def of(\$n): .targets[] | select(.name == \$n); $1" ../run/report.json >/dev/null || {
		echo "does not hold: $1"
		cat ../run/stderr
		jq -c '(.targets[] | del(.. | .buckets?) | [.name, .sched, .cgroup, .block]), .losses, .status' \
			../run/report.json | cut -c 1-700
		return 1
	}
}

@test "check: every kind of program loads, and every probe" {
	cat ../run/check.json
	[ "$(cat ../run/check.status)" = 0 ]
	for id in btf tracefs bpffs sched bpf.tp_btf bpf.raw_tracepoint bpf.tracepoint bpf.fentry \
		bpf.kprobe bpf.ringbuf bpf.mmap block block.tp_btf block.raw_tp cgroup cgroup-owner; do
		jq -e --arg id "$id" 'any(.[]; .id == $id and .status == "yes")' ../run/check.json
	done
}

@test "a whole run: bytes of direct I/O, and nothing is lost" {
	[ "$(cat ../run/status)" = 0 ]
	holds '.status == "ok" and of("waits").block.vda.read.bytes == 4194304'
	holds '.backends.block == "tp_btf" and .backends.sched == "tp_btf"'
	# Nothing new can be remembered of a task while another's memory is being changed on the CPU, in the midst of
	# which PREEMPT_RT may switch; before Linux 6.2 not even what is there can be looked up. That is told, and is rare.
	local busy=0
	[[ $VM_RELEASE != *-rt-* ]] || busy=20
	holds "[.losses[] | select((.what | test(\"^(block|sched)[.]\") and . != \"block.late\")
		and (.what != \"sched.task\" or .count > $busy))] == []"
}

@test "tp_btf: the scheduler's times: on CPUs, waiting for them, for I/O, and asleep" {
	# The kernel's own count lacks interrupts, which take long where a guest has to wait for its CPU.
	holds 'of("works") | .sched.oncpu_ns / .cgroup.cpu_usage_ns > 0.8'
	holds '[of("works", "waits") | .sched.oncpu_ns / .cgroup.cpu_usage_ns] | any(. < 2)'
	holds 'of("works").sched | .runq_sum_ns > .oncpu_ns and .preempted_by["(nobody)"] > 0'
	# Twenty of 20 ms each; one that is over before the task sleeps is no wait.
	holds 'of("waits").sched | .io_wait_ns.count >= 10 and .io_wait_sum_ns > 10 * 15e6'
	holds 'of("sleeps").sched.sleep_sum_ns > 1500000000'
}
