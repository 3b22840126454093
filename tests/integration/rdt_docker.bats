#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# RDT of containers of a real Docker engine, through a resctrl that a FUSE file system plays.

load ../lib/jq
load ../lib/run
load ../lib/resctrl
load ../lib/docker

setup_file() {
	{ docker_start && docker_busybox; } || [ -n "${CBPF_CANNOT:-}" ]
	export DOCKER_DIR DOCKER_PID DOCKER_HOST
}

teardown_file() {
	docker_stop
}

setup() {
	skip_if_cannot
	cd "$BATS_TEST_TMPDIR" || return 1
	resctrl_mount
}

teardown() {
	resctrl_umount
}

spec() {
	cat > spec.yml <<-END
	name: r
	runtime: docker
	interval: 50ms
	collectors: {rdt: {mode: true, root: $RESCTRL}, block: false, vfs: off, sched: off, pagecache: off, perf: off}
	containers:
	  a: {image: cbpf-test/busybox, command: "sleep 3 & sleep 3; wait"}
	  b: {image: cbpf-test/busybox, command: [sleep, "2"]}
	END
}

of() { # TARGET FILTER: of its rdt
	report ".targets[] | select(.name == \"$1\") | .rdt | $2"
}

# The tasks of a container are those of its group, and it has some.
same_tasks() { # NAME GROUP
	local id
	id=$(docker ps -q --no-trunc --filter "name=$1\$") && [ -n "$id" ] || return
	docker top "$id" -o pid | tail -n +2 | sort > there
	sort "$2/tasks" > moved
	[ -s there ] && diff there moved
}

@test "containers' tasks are in their groups, from their first process on or told as late" {
	spec
	"$CBPF" run --store runs --json --quiet spec.yml > "$BATS_TEST_TMPDIR/report.json" 3>&- &
	resctrl_until 60 eval 'same_tasks -a "$(echo $RESCTRL/mon_groups/cbpf.*.a)"'
	[ "$(wc -l < moved)" = 3 ]
	resctrl_until 60 eval 'same_tasks -b "$(echo $RESCTRL/mon_groups/cbpf.*.b)"'
	wait $!
	for c in a b; do
		[ "$(of $c '.mbm_total_bytes > 0 and .llc_occupancy_max_bytes > 0')" = true ]
		[ "$(of $c .class)" = / ]
	done
	report '.losses[] | select(.what | test("rdt")) | .reason'
	# Nothing but that one may have been late.
	[ "$(report '[.losses[] | select((.what | test("rdt")) and .what != "rdt.late")] | length')" = 0 ]
	[ -z "$(resctrl_groups)" ]
}

@test "a container that ends at once is measured as far as it was seen, or told" {
	cat > spec.yml <<-END
	name: r
	runtime: docker
	interval: 50ms
	collectors: {rdt: {mode: true, root: $RESCTRL}, block: false, vfs: off, sched: off, pagecache: off, perf: off}
	containers:
	  a: {image: cbpf-test/busybox, command: ["true"]}
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	[ "$(of a '.mbm_total_bytes != null')" = true ] ||
		report '.losses[] | select(.what == "rdt.tasks") | .reason' | grep -F 'ended before'
	[ -z "$(resctrl_groups)" ]
}
