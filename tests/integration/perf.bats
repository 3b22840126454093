#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Events of targets, beside the kernel's own counts of the same tasks, events of the CPUs that the probe has
# nothing to do with, and the scheduler probe.

load ../lib/jq
load ../lib/run
load ../lib/perf

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "faults and switches of a task are its own, to the last one" {
	perf_holds bpf blocked "$perf_blocked"
}

@test "what runs is counted until now" {
	perf_about bpf running "$perf_running"
}

@test "who lives for 20 ms is not lost" {
	perf_about bpf short "$perf_short"
}

@test "who is moved while it runs is each cgroup's for its time there" {
	perf_about bpf moved "$perf_moved"
}

@test "all targets and all others have what the CPUs have" {
	perf_about bpf sum "$perf_sum_exact"
}

@test "cgroup: faults and switches of a task are its own" {
	perf_holds cgroup blocked "$perf_blocked"
}

@test "cgroup: time on CPUs, while it runs, for short lives, and moved" {
	perf_about cgroup running "$perf_running"
	perf_about cgroup short "$perf_short"
	perf_about cgroup moved "$perf_moved"
}

# What a hypervisor took from all CPUs, in ns.
stolen() {
	awk -v hz="$(getconf CLK_TCK)" '$1 == "cpu" { printf "%.0f\n", $9 * 1e9 / hz }' /proc/stat
}

# of TARGET FILTER: of its perf numbers.
of() {
	report ".targets[] | select(.name == \"$1\").perf | $2"
}

# run_with PERF LINE...: containers with these lines, and this of the collector.
run_with() {
	{
		printf 'name: perf\nruntime: native\ncollectors: {sched: true, block: false, perf: %s}\n' "$1"
		shift
		printf 'containers:\n'
		printf '  %s\n' "$@"
	} >spec.yml
	run_again
}

# $before: what was stolen until it began.
run_again() {
	before=$(stolen)
	run_spec spec.yml
	report '[.losses, .perf, (.targets[] | [.name, .perf])]' | head -c 6000
}

# times_hold COMMAND...: it does for the last run, or, where the host did not tell of all switches, which is a loss, for
# one of some more. Of a host that never does times cannot be compared.
times_hold() {
	local try
	for try in {1..10}; do
		"$@" && return
		[ "$(report '[.losses[] | select(.what == "perf.switch")] | length')" != 0 ] || return 1
		run_again
		[ "$status" = 0 ] || return 1
	done
	skip "this host did not tell of all switches in any of $try runs: their times cannot be compared"
}

SPIN='i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done'

@test "a run: each target's events, and all add up to the CPUs'" {
	# Long enough that what happens between the last tick and the look at the CPUs themselves is little of it.
	run_with true "a: {command: [sh, -c, 'for k in 1 2 3 4 5 6 7 8; do $SPIN; done']}" "b: {command: ['true']}" \
		"c: {command: [sh, -c, 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.01; done']}"
	[ "$status" = 0 ]
	[ "$(report .backends.perf)" = bpf ]
	for target in a b c; do
		[ "$(of $target '."page-faults" > 0 and ."task-clock" > 0 and ."context-switches" > 0')" = true ]
		[ "$(of $target '[.events[] | .counted >= 0 and .running_pct == 100] | all')" = true ]
	done
	# Each sleep is a process of its own.
	[ "$(of c '."context-switches" >= 20')" = true ]
	[ "$(of c '."page-faults"')" -gt "$(of a '."page-faults"')" ]
	report '.perf | ."task-clock".residual as $r | $r <= ."task-clock".cpus / 1000 and
		$r >= -."task-clock".cpus / 1000' | grep -qx true
	# Between the last tick and the look at the CPUs themselves some more happen.
	for event in context-switches page-faults cpu-migrations; do
		report ".perf.\"$event\" | .residual as \$r | \$r <= 20 + .cpus / 1000 and \$r >= -20 - .cpus / 1000" |
			grep -qx true
	done
	[ "$(report '[.losses[].what | select(test("^perf.(read|busy|events)"))] == []')" = true ]
	[ "$(report '[.self.probes[] | select(.program == "perf.on_switch") | .runs > 0] | all')" = true ]
	times_hold as_scheduled
}

# Whatever a hypervisor takes, the scheduler probe counts it as well; of one that lives for 2 ms an interrupt between
# the two is much.
as_scheduled() {
	report '[.targets[] | select(.perf) | (.perf."task-clock" - .sched.oncpu_ns | fabs) <= .sched.oncpu_ns / 10 + 500000] |
		all' | grep -qx true &&
		report '.targets[] | select(.name == "a") | .perf."task-clock" / .sched.oncpu_ns | . > 0.99 and . < 1.01' |
		grep -qx true
}

# What was stolen is known to 10 ms.
as_charged() {
	jq -r --argjson stolen $(($(stolen) - before)) '.targets[] | select(.perf)
		| [.name, .perf."task-clock", .cgroup.cpu_usage_ns, $stolen,
			(.perf."task-clock" - .cgroup.cpu_usage_ns | fabs) <= .cgroup.cpu_usage_ns / 100 + $stolen + 1e7] | tojson' \
		report.json | tee times
	[ "$(grep -c ',true\]$' times)" = 2 ]
}

@test "a run: task-clock is what the target's cgroup was charged, but for what a hypervisor took" {
	run_with '{mode: true, events: [task-clock]}' "a: {command: [sh, -c, 'for k in \$(seq 10); do $SPIN; done']}" \
		"b: {command: [sh, -c, 'for k in \$(seq 16); do $SPIN; done']}"
	[ "$status" = 0 ]
	times_hold as_charged
}

@test "a run: what is no event, or not here, is told with its reason; the rest is counted" {
	run_with '{mode: auto, events: [task-clock, instrutions, "nopmu/event=1/", faults]}' "a: {command: ['true']}"
	[ "$status" = 0 ]
	[ "$(of a '.events | keys == ["faults", "task-clock"]')" = true ]
	report '.losses[] | select(.what == "perf.instrutions").reason' | grep "no event 'instrutions'"
	report '.losses[] | select(.what == "perf.nopmu/event=1/").reason' | grep 'no PMU nopmu'
}

@test "a run: what is required and not here fails it, and says why" {
	run_with '{mode: true, events: [task-clock, "nopmu/event=1/"]}' "a: {command: ['true']}"
	[ "$status" != 0 ]
	grep 'collector perf: cannot count nopmu/event=1/' stderr
}

@test "a run: without counters of the hardware its events are absent and no ratio is made up" {
	"$CBPF" check --format json pmu | jq -e '.[0].status == "no"' || skip "this host has a PMU"
	run_with true "a: {command: ['true']}"
	[ "$status" = 0 ]
	[ "$(of a 'has("instructions") or has("cycles") or has("instructions_per_cycle") or
		has("cache_miss_rate") or has("branch_miss_rate")')" = false ]
	report '.losses[] | select(.what == "perf.hardware")' | grep 'instructions, cycles.*virtual PMU'
}

@test "a run: by the kernel's own cgroup events" {
	run_with '{mode: true, backend: cgroup, events: [task-clock, page-faults, context-switches]}' \
		"a: {command: [sh, -c, '$SPIN']}" "b: {command: [sleep, '0.1']}"
	[ "$status" = 0 ]
	[ "$(report .backends.perf)" = cgroup ]
	report "[.targets[] | select(.perf) | (.perf.\"task-clock\" - .cgroup.cpu_usage_ns | fabs) <=
		.cgroup.cpu_usage_ns / 5 + 500000 + $(($(stolen) - before))] | length == 2 and all" | grep -qx true
	[ "$(of b '."page-faults" > 0')" = true ]
	[ "$(report .perf)" = null ] # what others have is not known
}

@test "a run: thresholds and the text report know events" {
	{
		printf 'name: perf\nruntime: native\ncollectors: {perf: true, block: false}\n'
		printf 'containers: {a: {command: ["true"]}}\nexpect:\n  - a.perf.page-faults < 5\n'
	} >spec.yml
	run_spec spec.yml
	[ "$status" = 4 ]
	"$CBPF" report --store runs latest >text
	grep -E '^  perf +task-clock [0-9.]+ ms, context-switches [0-9]' text
	grep -E '^ .*page-faults [0-9]+, major-faults [0-9]' text
}
