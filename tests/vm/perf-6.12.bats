#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Events of targets on a Debian kernel with pure cgroup v2, which tells of every switch; the kernel's series
# is in this file's name, and each series is a link to this file. One boot runs everything (guest_perf.sh).

load ../lib/jq
load ../lib/run
load ../lib/vm
# Time in an emulator is not time. Here it agrees to 1 % with cpu.stat and other clocks, for what runs, and with BPF for
# what is moved, as a whole. Of lives of 20 ms, and of which cgroup had which part, integration/perf.bats shows that on
# this host: in here starting, ending and moving a task, and looking at all CPUs, take milliseconds, on either side.
PERF_PART=10
load ../lib/perf
load ../lib/profile
PROFILE_LEAST=0.1 # an emulated CPU waits for one that it has not alone

setup_file() {
	load ../lib/run
	load ../lib/vm
	local series dir=$BATS_FILE_TMPDIR
	series=$(basename "$BATS_TEST_FILENAME" .bats)
	series=${series#perf-}
	export VM_OUT=$dir/out NO_BOOT=
	if ! vm_find "$series"; then
		NO_BOOT="no Linux $series to boot: $VM_WHY"
		return
	fi
	VM_LIMIT=840
	vm_run "$BATS_TEST_DIRNAME/guest_perf.sh" "$CBPF" "$BUILD/tests/lib/drive_perf" \
		"$BUILD/tests/lib/drive_profile" \
		>"$dir/said" 2>&1 || {
		echo "the guest ended with $?:"
		cat "$dir/said"
		return 1
	}
}

setup() {
	[ -z "$NO_BOOT" ] || skip "$NO_BOOT"
	cd "$VM_OUT" || return 1
}

# each BACKEND CASE FILTER: of every try; no switch was missed.
each() {
	cat "$1_$2"
	[ "$(grep -c '^0$' "$1_$2")" = 2 ]
	[ "$(grep -c '^{' "$1_$2")" = 2 ]
	grep '^{' "$1_$2" | jq -se "all(.[]; $3)"
}

# one BACKEND CASE FILTER: of one try at least.
one() {
	cat "$1_$2"
	grep '^{' "$1_$2" | jq -se "any(.[]; $3)"
}

@test "check knows both backends, and that there are no counters of the hardware" {
	[ "$(cat release)" = "$VM_RELEASE" ]
	for id in perf perf.bpf perf.cgroup; do
		jq -e --arg id $id 'any(.[]; .id == $id and .status == "yes")' check.json
	done
	jq -e 'any(.[]; .id == "pmu" and .status == "no")' check.json
}

@test "faults and switches of a task are its own, to the last one, by each backend" {
	each bpf blocked "$perf_blocked"
	each cgroup blocked "$perf_blocked"
}

@test "all targets and all others have what the CPUs have" {
	each bpf sum "$perf_sum"
}

@test "what runs is counted until now, short lives too, and where it was moved to" {
	for backend in bpf cgroup; do
		one $backend running "$perf_running"
		one $backend short "$perf_short"
		one $backend moved "$perf_moved"
	done
	one bpf moved "$perf_moved_whole" # the kernel's own events are read one by one, while it runs
}

# of RUN TARGET FILTER
of() {
	jq -r ".targets[] | select(.name == \"$2\") | $3" "$1/report.json"
}

# Clocks that the kernel has too. What reads two of them may stand still in between with its emulated CPU.
clocks_agree() { # RUN
	[ "$(of "$1" works '.perf."task-clock" / .sched.oncpu_ns | . > 0.99 and . < 1.01')" = true ] || return 1
	[ "$(of "$1" works '.perf."task-clock" / .cgroup.cpu_usage_ns | . > 0.99 and . < 1.01')" = true ] || return 1
	jq -e '.perf."task-clock" | (.cpus - .targets - .others | fabs) * 1000 < .cpus' "$1/report.json"
}

@test "a run: each target's events, and why there are no others" {
	local run
	for run in run1 run2 run3; do
		[ "$(cat $run/status)" = 0 ]
		[ "$(jq -r .backends.perf $run/report.json)" = bpf ]
		[ "$(of $run sleeps '.perf."context-switches" >= 10 and .perf."page-faults" > 0')" = true ]
		[ "$(of $run works '.perf | has("instructions")')" = false ]
		jq -e '.losses[] | select(.what == "perf.hardware") | .reason | test("virtual PMU")' $run/report.json
		jq -e '[.losses[].what | select(test("^perf.(read|busy|switch)"))] == []' $run/report.json
	done
}

@test "a run: time on the CPU is what the scheduler and the cgroup have" {
	jq -c '.perf."task-clock", (.targets[] | [.name, .perf."task-clock", .perf."context-switches",
		.sched.oncpu_ns, .cgroup.cpu_usage_ns])' run?/report.json
	clocks_agree run1 || clocks_agree run2 || clocks_agree run3
}

@test "a profile: functions have their part of the time, and short lives have names" {
	[ "$(cat profile/status)" = 0 ]
	jq -c '.profile, .losses, (.targets[] | [.name, (.profile | values | .stacks = .stacks[:5])])' profile/report.json
	profile_adds_up profile/report.json
	profile_share profile/report.json a burn_one profile/own.json
	profile_share profile/report.json a burn_three profile/own.json
	# Twenty of them for 20 ms each: 40 samples, however long their starts take beside that.
	[ "$(of_profile profile/report.json b '[.functions[] | select(.name == "burn_short").total] | add // 0')" -ge 10 ]
	of_profile profile/report.json b '.stacks[].stack' | grep -E '_\[k\]$'
}
