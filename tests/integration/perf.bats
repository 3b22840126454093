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
