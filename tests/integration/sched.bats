#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the scheduler did with targets: beside the cgroup's own CPU time, the tasks' own counts of
# switches, the block probe's count of requests, and loads whose waits are known.

load ../lib/jq
load ../lib/run

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
	SPIN='i=0; while [ $i -lt 400000 ]; do i=$((i + 1)); done'
}

# of TARGET FILTER: of its scheduler's numbers.
of() {
	report ".targets[] | select(.name == \"$1\").sched | $2"
}

# containers LINE...: a spec with these, run.
containers() {
	{
		printf 'name: sched\nruntime: native\ncollectors: {sched: true%s}\ncontainers:\n' "${MORE:-}"
		printf '  %s\n' "$@"
	} > spec.yml
	run_spec spec.yml
	[ "$status" = 0 ]
	report '.targets[] | select(.sched) | [.name, (.sched | del(.. | .buckets?))]'
}

# told_all FILTER LINE...: it holds of a run of these containers, or of one of some more where the kernel did not tell of all
# switches, which the collector perf notices: what follows one that is not told is not seen.
told_all() {
	local filter=$1
	shift
	for _ in {1..10}; do
		MORE=', perf: {mode: auto, events: [task-clock]}' containers "$@"
		report "$filter" | grep -qx true && return
		[ "$(report '[.losses[] | select(.what == "perf.switch")] | length')" != 0 ] || return 1
	done
	return 1
}

@test "time on CPUs is what the cgroup counts, and the backend is named" {
	# The cgroup leaves out what interrupts and a hypervisor took meanwhile.
	told_all '.targets[0] | .sched.oncpu_ns / .cgroup.cpu_usage_ns | . > 0.9 and . < 1.3' \
		"a: {command: [sh, -c, '$SPIN; $SPIN; $SPIN']}"
	[ "$(report .backends.sched)" = tp_btf ]
	[ "$(report '[.self.probes[] | select(.program == "sched.on_switch") | .runs > 0] | all')" = true ]
}

@test "involuntary switches are the task's own count" {
	# On one CPU, where others are in its way whatever else this machine does.
	containers "a: {cpus: '0', command: [sh, -c, '$SPIN; grep ^nonvol /proc/\$\$/status']}" \
		"b: {cpus: '0', command: [sh, -c, '$SPIN; $SPIN']}" \
		"c: {cpus: '0', command: [sh, -c, '$SPIN; $SPIN']}"
	own=$(sed -n 's/^nonvoluntary_ctxt_switches:[^0-9]*//p' runs/latest/logs/a.log)
	# And those of grep, which has few; but not what was before it was moved to its cgroup.
	seen=$(of a .preempted)
	echo "task: $own, probe: $seen"
	[ "$own" -gt 0 ]
	[ "$seen" -ge $((own - 3)) ]
	[ "$seen" -le $((own + own / 10 + 20)) ]
	# Each of them was by somebody.
	[ "$(of a '[.preempted_by[]] | add')" = "$seen" ]
	of a '.preempted_by | (.b // 0) + (.c // 0) > 0' | grep -qx true
}

# Nobody else has it then, unless others of this machine want one.
@test "a CPU quota is time waiting for a CPU" {
	containers "a: {cpu_limit: 0.2, command: [sh, -c, '$SPIN']}"
	of a '.runq_sum_ns > 2 * .oncpu_ns' | grep -qx true
	of a '.preempted_by | (.["(nobody)"] // 0) + (.["(others)"] // 0) > 0' | grep -qx true
}

@test "two on one CPU wait for each other" {
	containers "a: {cpus: '0', command: [sh, -c, '$SPIN; $SPIN']}" \
		"b: {cpus: '0', command: [sh, -c, '$SPIN; $SPIN']}"
	for pair in a:b b:a; do
		of ${pair%:*} ".runq_sum_ns > .oncpu_ns / 2" | grep -qx true
		of ${pair%:*} ".preempted_by.${pair#*:} > 0" | grep -qx true
	done
}

@test "each request of one at a time is a wait for I/O, as long as its time" {
	dd if=/dev/urandom of=f bs=64k count=256 conv=fsync status=none
	containers "a: {command: \"dd if=$PWD/f of=/dev/null bs=64k iflag=direct status=none\"}"
	disk=$(disk_of .)
	ios=$(report ".targets[0].block[\"$disk\"].read.ios")
	waits=$(of a .io_wait_ns.count)
	echo "requests: $ios, waits: $waits"
	[ "$ios" -ge 256 ]
	# A request can be done before its task has gone to sleep.
	[ "$waits" -le $((ios + 16)) ]
	[ "$waits" -ge $((ios / 2)) ]
	report ".targets[0] | .sched.io_wait_sum_ns / .block[\"$disk\"].read.total_ns.sum
		| . > 0.5 and . < 1.5" | grep -qx true
}

@test "sleeping is neither waiting for a CPU nor for I/O" {
	told_all '.targets[0].sched | .sleep_sum_ns > 7e8 and .sleep_sum_ns < 9e8 and .other_wait_ns.max > 7e8 and
		.io_wait_sum_ns + .lock_wait_sum_ns + .oncpu_ns < 3e8' 'a: {command: [sleep, "0.7"]}'
}

@test "what runs deeper in a target's cgroup is its own" {
	containers "a: {command: [sh, -c, 'd=/sys/fs/cgroup\$(sed -n s/^0:://p /proc/self/cgroup);
		[ -d \$d ] || d=/sys/fs/cgroup/unified\$(sed -n s/^0:://p /proc/self/cgroup);
		mkdir \$d/inner; echo 0 > \$d/inner/cgroup.procs; $SPIN; cat \$d/inner/cpu.stat']}"
	cat runs/latest/logs/a.log
	inner=$(sed -n 's/^usage_usec //p' runs/latest/logs/a.log)
	[ "$inner" -gt 10000 ]
	# Of a switch that the kernel did not tell the time until the next one is lacking; whose it is is what counts here.
	of a ".oncpu_ns > $inner * 500" | grep -qx true
}
