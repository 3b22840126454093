#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# RDT of cgroups that are attached to, through resctrl as a FUSE file system plays it: whose tasks are measured.

load ../lib/jq
load ../lib/run
load ../lib/resctrl

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
	pids=()
	resctrl_mount
}

teardown() {
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2> /dev/null || true
	resctrl_umount
	[ -z "${cgroup:-}" ] || no_cgroup
}

# three: tasks in a cgroup of the test's own, one of them deeper.
three() {
	own_cgroup
	mkdir "$cgroup/deeper"
	for dir in "$cgroup" "$cgroup" "$cgroup/deeper"; do
		sleeper
		echo "$child" > "$dir/cgroup.procs"
	done
}

# record [ARGS]: of that cgroup, with nothing else.
record() {
	local part off=()
	for part in block vfs sched pagecache perf; do
		off+=(--set "collectors.$part=false")
	done
	status=0
	"$CBPF" record --store runs --json --quiet --name r --set interval=50ms --set "collectors.rdt.root=$RESCTRL" \
		--set collectors.rdt.mode=true "${off[@]}" \
		--cgroup "/${cgroup##*/}" --duration 500ms "$@" > report.json 2> stderr || status=$?
	echo "# exit $status"
	cat stderr
	jq -c '[.losses[] | select(.what | test("rdt"))], .targets[0].rdt' report.json
}

losses() { # the names of RDT's, a line each
	report '.losses[] | select(.what | test("rdt")) | .what'
}

@test "the file system: 0 is the task that writes, and what is below is no task" {
	mkdir "$RESCTRL/mon_groups/m"
	bash -c 'echo 0 > "$0/mon_groups/m/tasks"; grep -qx $$ "$0/mon_groups/m/tasks"' "$RESCTRL"
	not bash -c 'echo -1 > "$0/mon_groups/m/tasks"' "$RESCTRL"
	grep -F 'parsing error' "$RESCTRL/info/last_cmd_status"
}

@test "a cgroup's tasks are measured, and not cbpf's own" {
	three
	record
	[ "$status" = 0 ]
	# 256 KiB of each of two caches for each task.
	report '.targets[0].rdt | [.llc_occupancy_max_bytes, .mbm_total_bytes > 0, .class] | tojson' |
		grep -Fx "[$((3 * 2 * 256 << 10)),true,\"/\"]"
	[ "$(losses)" = rdt.late ]
	[ -z "$(resctrl_groups)" ]
}

@test "a cgroup's tasks are measured in the class that they are in" {
	three
	mkdir "$RESCTRL/gold"
	for child in "${pids[@]}"; do
		echo "$child" > "$RESCTRL/gold/tasks"
	done
	record
	[ "$status" = 0 ]
	report '.targets[0].rdt | [.llc_occupancy_max_bytes, .class] | tojson' |
		grep -Fx "[$((3 * 2 * 256 << 10)),\"gold\"]"
	[ "$(losses)" = rdt.late ]
	[ -z "$(resctrl_groups gold)" ]
}

@test "tasks that others have put into monitor groups stay there, and that is told" {
	three
	mkdir "$RESCTRL/mon_groups/theirs"
	echo "${pids[1]}" > "$RESCTRL/mon_groups/theirs/tasks"
	record
	[ "$status" = 0 ]
	[ "$(cat "$RESCTRL/mon_groups/theirs/tasks")" = "${pids[1]}" ]
	[ "$(resctrl_groups)" = theirs ]
	report '.targets[0].rdt.llc_occupancy_max_bytes' | grep -Fx $((2 * 2 * 256 << 10))
	report '.losses[] | select(.what == "rdt.tasks") | .reason' | grep -F 'not measured: 1 of its tasks'
	# All of them: there is nothing to measure.
	printf '%s\n' "${pids[@]}" | while read -r child; do echo "$child" > "$RESCTRL/mon_groups/theirs/tasks"; done
	record
	[ "$status" = 0 ]
	[ "$(wc -l < "$RESCTRL/mon_groups/theirs/tasks")" = 3 ]
	report '.targets[0].rdt' | grep -qx null
	[ "$(losses)" = rdt.tasks ]
}

@test "a cgroup without tasks is not measured, and that is told" {
	own_cgroup
	record
	[ "$status" = 0 ]
	report '.targets[0].rdt' | grep -qx null
	report '.losses[] | select(.what == "rdt.tasks") | .reason' | grep -F 'there were no tasks in it to put into its monitor group'
}
