#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# RDT through resctrl, which a FUSE file system plays: groups, tasks, classes, counters, and their ends.

load ../lib/jq
load ../lib/run
load ../lib/resctrl

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
	pids=()
	DRIVE=$BUILD/tests/lib/drive_resctrl
}

teardown() {
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2> /dev/null || true
	[ -z "${driver:-}" ] || kill "$driver" 2> /dev/null || true
	resctrl_umount
	[ -z "${cgroup:-}" ] || no_cgroup
}

# spec MODE [TARGETS]: two sleepers, watched with nothing else.
spec() {
	cat > spec.yml <<-END
	name: r
	runtime: native
	interval: 50ms
	collectors: {rdt: {mode: $1, root: $RESCTRL}, block: false, vfs: off, sched: off, pagecache: off, perf: off}
	containers:
	  a: {command: [sh, -c, "sleep 1 & sleep 1; wait"]}
	  b: {command: [sleep, "0.7"]}
	END
}

# The run that lasts has told a class.
measured() {
	[ "$(sqlite3 -readonly runs/latest/run.db "SELECT count(*) FROM rdt_class" 2> /dev/null)" = 2 ]
}

of() { # TARGET FILTER: of its rdt
	report ".targets[] | select(.name == \"$1\") | .rdt | $2"
}

# refuses FILE TEXT: the write fails.
refuses() {
	! printf '%s\n' "$2" 2> /dev/null > "$1"
}

# hold ARGS: the driver does its part, tells it in the file held, and keeps its group until release.
hold() {
	rm -f held
	exec 9> >("$DRIVE" "$RESCTRL" "$@" > held 3>&- 9>&-)
	driver=$!
	resctrl_until 10 test -s held
	cat held
}

release() {
	echo >&9
	exec 9>&-
	resctrl_until 10 not kill -0 "$driver" 2> /dev/null
}

# --- the file system itself: what is tested on it must be what the kernel does ---

# Both targets live until the test says by the file gone that something has happened, and a second more.
until_gone() {
	sed -i "s|command: .*}|command: [sh, -c, \"until [ -e $BATS_TEST_TMPDIR/gone ]; do sleep 0.05; done; sleep 1\"]}|" spec.yml
}

@test "the file system: files appear with a group, schemata are validated, the last command is told" {
	resctrl_mount rmids=8,closids=3
	mkdir "$RESCTRL/gold" "$RESCTRL/gold/mon_groups/m"
	[ -e "$RESCTRL/gold/schemata" ]
	[ ! -e "$RESCTRL/gold/mon_groups/m/schemata" ]
	[ -e "$RESCTRL/gold/mon_groups/m/mon_data/mon_L3_01/llc_occupancy" ]
	printf 'L3:0=f;1=ff\nMB:0=45\n' > "$RESCTRL/gold/schemata"
	grep -qx 'ok' "$RESCTRL/info/last_cmd_status"
	tr -d ' ' < "$RESCTRL/gold/schemata" | grep -qx 'MB:0=50;1=100' # rounded up
	while read -r line words; do
		refuses "$RESCTRL/gold/schemata" "$line"
		grep -F "$words" "$RESCTRL/info/last_cmd_status"
	done <<-'END'
	L3:0=f0f non-consecutive
	L3:0=0 out of range
	L3:0=1fffff out of range
	L3:0=xyz Non-hex
	L3:0=f;0=f Duplicate
	L3:0 Missing '='
	L3: Missing 'L3'
	L4:0=f Unknown
	MB:0=5 out of range
	MB:0=101 out of range
	END
	tr -d ' ' < "$RESCTRL/gold/schemata" | grep -qx 'L3:0=f;1=ff' # nothing of them holds
	not sh -c 'printf L3:0=1 > "$0/gold/schemata"' "$RESCTRL" # without a newline
	mkdir "$RESCTRL/iron"
	not mkdir "$RESCTRL/lead" 2> out
	grep -F 'No space left' out
	grep -F CLOSIDs "$RESCTRL/info/last_cmd_status"
}

@test "the file system: tasks move, children are where their parents are, groups give them back" {
	resctrl_mount
	mkdir "$RESCTRL/gold" "$RESCTRL/mon_groups/m" "$RESCTRL/gold/mon_groups/m"
	sh -c 'until [ -e go ]; do sleep 0.05; done; sleep 60 & sleep 60' 3>&- &
	local parent=$!
	pids+=("$parent")
	sleeper
	echo "$parent" > "$RESCTRL/gold/tasks"
	refuses "$RESCTRL/mon_groups/m/tasks" "$parent" # another control group's
	grep -F 'different control group' "$RESCTRL/info/last_cmd_status"
	echo "$parent" > "$RESCTRL/gold/mon_groups/m/tasks"
	refuses "$RESCTRL/gold/tasks" 4194300
	grep -F 'No task' "$RESCTRL/info/last_cmd_status"
	: > go
	resctrl_until 5 eval "[ \"\$(wc -l < \"$RESCTRL/gold/mon_groups/m/tasks\")\" = 3 ]"
	mapfile -t -O ${#pids[@]} pids < "$RESCTRL/gold/mon_groups/m/tasks"
	not grep -qx "$child" "$RESCTRL/gold/tasks"
	rmdir "$RESCTRL/gold/mon_groups/m"
	grep -qx "$parent" "$RESCTRL/gold/tasks"
	rmdir "$RESCTRL/gold"
	grep -qx "$parent" "$RESCTRL/tasks"
}

# --- runs ---

@test "each target's caches and bandwidth, from its first process on, children included" {
	resctrl_mount domains=2
	spec true
	run_spec spec.yml
	[ "$status" = 0 ]
	[ "$(report .backends.rdt)" = resctrl ]
	# Three tasks in the one, one in the other: 256 KiB of each cache for each.
	[ "$(of a .llc_occupancy_max_bytes)" = $((3 * 2 * 256 << 10)) ]
	[ "$(of b .llc_occupancy_max_bytes)" = $((2 * 256 << 10)) ]
	[ "$(of a '.mbm_total_bytes > 0 and .mbm_local_bytes * 2 == .mbm_total_bytes')" = true ]
	[ "$(of a '.domains | map(.domain) | join(" ")')" = "0 1" ]
	[ "$(of a '[.domains[].mbm_total_bytes] | add')" = "$(of a .mbm_total_bytes)" ]
	[ "$(of a .class)" = / ]
	[ "$(of a '.domains[0] | "\(.l3_mask) \(.l3_ways) \(.l3_allocation_pct) \(.mba)"')" = "fffff 20 100 100" ]
	[ "$(report '.host.rdt.domains[1].l3_bytes')" = $((20 << 20)) ]
	[ "$(report '[.losses[] | select(.what | test("rdt"))] | length')" = 0 ]
	# Nothing of it stays.
	[ -z "$(resctrl_groups)" ]
	# As plain SQL: totals only grow, and are the sums.
	[ "$(sqlite3 runs/latest/run.db "SELECT count(*) FROM sample s WHERE target = 0 AND
		rdt_mbm_total_bytes <> (SELECT sum(mbm_total_bytes) FROM rdt r
		WHERE r.seq = s.seq AND r.target = 0)")" = 0 ]
	"$CBPF" report --store runs latest > text
	grep -F 'rdt       L3 1.5 MiB at most' text
	grep -F 'class / (L3:0=fffff;1=fffff' text
}

@test "a value that the kernel does not give is absent in that moment, and never zero" {
	resctrl_mount
	spec true
	"$CBPF" run --store runs --json --quiet spec.yml > "$BATS_TEST_TMPDIR/report.json" 3>&- &
	resctrl_until 10 eval 'ls $RESCTRL/mon_groups/*.a 2>/dev/null'
	resctrl_set "/$(resctrl_groups | grep '\.a$')" 1 mbm_total_bytes Unavailable
	resctrl_set "/$(resctrl_groups | grep '\.b$')" 0 llc_occupancy Error
	wait $!
	[ "$(report '[.losses[] | select(.what == "rdt.values") | .reason] | sort | join("; ")')" = \
		"a: mbm_total_bytes: Unavailable; b: llc_occupancy: Error" ]
	[ "$(sqlite3 runs/latest/run.db "SELECT count(*) FROM rdt WHERE target = 0 AND domain = 1
		AND mbm_total_bytes = 0")" = 0 ]
	# The other cache's are known, their sum is not.
	[ "$(sqlite3 runs/latest/run.db "SELECT count(*) > 0 FROM sample s JOIN rdt r USING (seq, target)
		WHERE target = 0 AND domain = 0 AND r.mbm_total_bytes > 0 AND rdt_mbm_total_bytes IS NULL
		AND rdt_mbm_local_bytes > 0")" = 1 ]
	[ "$(sqlite3 runs/latest/run.db "SELECT count(*) > 0 FROM sample s JOIN rdt r USING (seq, target)
		WHERE target = 1 AND domain = 0 AND r.llc_occupancy_bytes IS NULL
		AND rdt_llc_occupancy_bytes IS NULL AND rdt_mbm_total_bytes > 0")" = 1 ]
	[ "$(of b '.mbm_total_bytes > 0')" = true ]
}

@test "a target is measured under the class that cbpf is in; its schemata are told, also when they change" {
	resctrl_mount closids=3
	mkdir "$RESCTRL/gold"
	printf 'L3:0=f;1=ff\nMB:0=20;1=30\n' > "$RESCTRL/gold/schemata"
	spec true
	until_gone
	RESCTRL=$RESCTRL bash -c 'echo $BASHPID > "$RESCTRL/gold/tasks"
		exec "$0" run --store runs --json --quiet spec.yml > report.json' "$CBPF" 3>&- &
	resctrl_until 10 measured
	[ -n "$(ls -d "$RESCTRL"/gold/mon_groups/*.a)" ]
	[ -z "$(resctrl_groups)" ]
	printf 'L3:0=3\n' > "$RESCTRL/gold/schemata"
	touch gone
	wait $!
	[ "$(of a .class)" = gold ]
	[ "$(of a '.domains | map("\(.l3_mask) \(.l3_ways) \(.l3_allocation_pct) \(.mba)") | join(", ")')" = "3 2 10 20, ff 8 40 30" ]
	[ "$(of a .class_changes)" = 1 ]
	[ "$(of a '.mbm_total_bytes > 0')" = true ]
	[ -z "$(resctrl_groups gold)" ]
	[ -e "$RESCTRL/gold" ]
}

@test "RMIDs run out: required is refused with 3 and leaves nothing, auto measures what it can and tells" {
	resctrl_mount rmids=2
	spec true
	run_spec spec.yml
	[ "$status" = 3 ]
	grep -F 'no RMID of 2 is left' stderr
	grep -F 'Out of RMIDs' stderr
	[ -z "$(resctrl_groups)" ]
	[ ! -e runs ]
	spec auto
	run_spec spec.yml
	[ "$status" = 0 ]
	[ "$(report '.losses[] | select(.what == "rdt.rmid") | .reason')" != "" ]
	report '.losses[] | select(.what == "rdt.rmid") | .reason' | grep -F 'b: not measured: no RMID of 2 is left'
	[ "$(of a '.mbm_total_bytes > 0')" = true ]
	[ "$(of b .)" = null ]
	[ -z "$(resctrl_groups)" ]
}

@test "RMIDs that were freed but are still in the caches are told as that" {
	resctrl_mount rmids=3,limbo
	mkdir "$RESCTRL/mon_groups/m"
	rmdir "$RESCTRL/mon_groups/m"
	spec auto
	run_spec spec.yml
	[ "$status" = 0 ]
	report '.losses[] | select(.what == "rdt.rmid") | .reason' | grep -F 'caches still hold'
}

@test "CDP, SNC, ids with gaps, bandwidth alone, monitoring alone, AMD" {
	local options
	while read -r options filter expected; do
		resctrl_mount "$options"
		spec true
		run_spec spec.yml
		[ "$status" = 0 ]
		echo "$options: $(of a "$filter"), expected $expected"
		[ "$(of a "$filter")" = "$expected" ]
		[ "$(report '[.losses[] | select(.what | test("rdt"))] | length')" = 0 ]
		resctrl_umount
		rm -rf runs "$RESCTRL"
	done <<-'END'
	cdp .domains[1].l3code_mask+.domains[1].l3data_mask ffffffffff
	cdp .llc_occupancy_max_bytes 1572864
	snc=2 .llc_occupancy_max_bytes 1572864
	snc=2 .domains|length 2
	domains=3,first=1,step=4 .domains|map(.domain)|@csv 1,5,9
	no_occupancy .llc_occupancy_max_bytes null
	no_occupancy .mbm_total_bytes>0 true
	no_alloc .schemata null
	no_alloc .class /
	no_alloc .mbm_total_bytes>0 true
	no_mba .domains[0].mba null
	amd,sparse .domains[0].mba 2048
	mbps .domains[0].mba 4294967295
	min_bits=2,cbm=fff .domains[0].l3_ways 12
	END
}

@test "a host that only allocates, or has no resctrl: required is refused, auto is a loss" {
	resctrl_mount no_mon
	spec true
	run_spec spec.yml
	[ "$status" = 3 ]
	grep -F 'cannot monitor L3 caches' stderr
	spec auto
	run_spec spec.yml
	[ "$status" = 0 ]
	report '.losses[] | select(.what == "collector rdt") | .reason' | grep -F 'cannot monitor'
	[ "$(report .backends.rdt)" = null ]
	resctrl_umount
	run_spec spec.yml
	[ "$status" = 0 ]
	report '.losses[] | select(.what == "collector rdt") | .reason' | grep -F 'not resctrl'
}

@test "a killed run's groups are removed by clean, a living one's and strangers' are not" {
	resctrl_mount
	mkdir "$RESCTRL/gold" "$RESCTRL/gold/mon_groups/theirs"
	hold make alive
	spec true
	sed -i 's/sleep 1/sleep 30/g' spec.yml
	"$CBPF" run --store runs --quiet spec.yml > /dev/null 2>&1 3>&- 9>&- &
	local run=$!
	resctrl_until 10 eval 'ls $RESCTRL/mon_groups/cbpf.*.a 2>/dev/null &&
		[ "$(wc -l < "$(echo $RESCTRL/mon_groups/cbpf.*.a/tasks)")" = 3 ]'
	kill -9 "$run"
	wait "$run" || true
	[ "$(resctrl_groups | wc -l)" = 3 ]
	"$CBPF" clean --dry-run --resctrl "$RESCTRL" > out
	[ "$(grep -c 'would remove monitor group' out)" = 2 ]
	[ "$(resctrl_groups | wc -l)" = 3 ]
	"$CBPF" clean --resctrl "$RESCTRL" > out
	[ "$(grep -c 'removed monitor group' out)" = 2 ]
	[ "$(resctrl_groups)" = cbpf.alive ]
	[ -e "$RESCTRL/gold/mon_groups/theirs" ]
	release
	[ -z "$(resctrl_groups)" ]
}

@test "an interrupted run removes its groups" {
	resctrl_mount
	spec true
	sed -i 's/sleep 1/sleep 30/g' spec.yml
	"$CBPF" run --store runs --quiet spec.yml > /dev/null 2>&1 3>&- 9>&- &
	local run=$!
	resctrl_until 10 measured
	kill -INT "$run"
	status=0
	wait "$run" || status=$?
	[ "$status" = 130 ]
	[ -z "$(resctrl_groups)" ]
}

@test "a group that somebody removes while the run lasts is a loss, and no end of it" {
	resctrl_mount
	spec true
	until_gone
	"$CBPF" run --store runs --json --quiet spec.yml > "$BATS_TEST_TMPDIR/report.json" 3>&- &
	resctrl_until 10 measured
	rmdir "$RESCTRL"/mon_groups/*.a
	touch gone
	wait $!
	[ "$(report '[.losses[] | select(.what == "rdt.files" and (.reason | startswith("a: ")))] | length > 0')" = true ]
	[ "$(of b '.mbm_total_bytes > 0')" = true ]
}

@test "a file system that goes away while the run lasts is a loss, and what is left is told with how to remove it" {
	resctrl_mount
	spec true
	until_gone
	"$CBPF" run --store runs --json --quiet spec.yml > "$BATS_TEST_TMPDIR/report.json" 2> stderr 3>&- &
	local run=$!
	resctrl_until 10 measured
	kill -9 "$RESCTRL_PID"
	touch gone
	wait "$run"
	# one or two reasons for each: a call that it was in is aborted, later ones find nobody
	for name in llc_occupancy mbm_total_bytes schemata; do
		[ "$(report "[.losses[] | select(.what == \"rdt.files\" and (.reason | startswith(\"a: $name: \"))) | .reason] | length == 1 or (length == 2 and .[0] != .[1])")" = true ]
	done
	[ "$(of a '.llc_occupancy_max_bytes > 0')" = true ]
	grep "warning: cannot remove the monitor group $RESCTRL/mon_groups/.*; try 'cbpf clean --resctrl $RESCTRL'" stderr
}

# --- where the kernel has it ---

# In mounts of its own, with an empty /sys/fs/resctrl, as where the kernel knows it: COMMAND [ARGS]
with_kernels() {
	[ -c /dev/fuse ] || skip "no /dev/fuse: modprobe fuse, or give the container the device"
	FAKE_RESCTRL=$BUILD/tests/lib/fuse_resctrl PRELOAD=$BUILD/tests/lib/preload_resctrl.so CBPF=$CBPF \
		unshare -m --propagation private bash -ec '
		mkdir -p fs
		mount --rbind /sys/fs fs
		mount -t tmpfs none /sys/fs
		for d in fs/*; do
			mkdir "/sys/fs/${d#fs/}"
			mount --rbind "$d" "/sys/fs/${d#fs/}"
		done
		[ -d /sys/fs/resctrl ] || mkdir /sys/fs/resctrl
		status=0
		"$@" || status=$?
		fusermount3 -u /sys/fs/resctrl 2> /dev/null || true
		exit $status' bash "$@" 3>&-
}

plain_spec() { # MODE
	spec "$1"
	sed -i 's/, root: [^}]*}/}/' spec.yml
}

@test "resctrl is mounted for a run, and not after it" {
	plain_spec true
	with_kernels bash -ec '
		LD_PRELOAD=$PRELOAD "$CBPF" run --store runs --json --quiet spec.yml > report.json
		[ ! -e /sys/fs/resctrl/info ]'
	[ "$(report .host.rdt.root)" = /sys/fs/resctrl ]
	[ "$(of a '.mbm_total_bytes > 0')" = true ]
}

@test "resctrl that is mounted stays, and so does one that others have begun to use" {
	plain_spec true
	with_kernels bash -ec '
		$FAKE_RESCTRL /sys/fs/resctrl > /dev/null 2>&1 & until [ -e /sys/fs/resctrl/info ]; do sleep 0.05; done
		LD_PRELOAD=$PRELOAD "$CBPF" run --store runs --json --quiet spec.yml > report.json
		[ -e /sys/fs/resctrl/info ]
		[ -z "$(ls /sys/fs/resctrl/mon_groups)" ]'
	for theirs in theirs mon_groups/theirs; do
		with_kernels bash -ec '
			LD_PRELOAD=$PRELOAD "$CBPF" run --store runs --json --quiet spec.yml > report.json &
			until [ -e /sys/fs/resctrl/mon_groups ]; do sleep 0.05; done
			mkdir /sys/fs/resctrl/$1
			wait $!
			[ -e /sys/fs/resctrl/$1 ]' bash "$theirs"
	done
}

@test "resctrl that cannot be mounted: required is refused with 3, auto is a loss, each with the reason" {
	while read -r code words; do
		plain_spec auto
		with_kernels bash -c 'LD_PRELOAD=$PRELOAD FAKE_RESCTRL_ERRNO=$1 \
			"$CBPF" run --store runs --json --quiet spec.yml > report.json' bash "$code"
		report '.losses[] | select(.what == "collector rdt") | .reason' | grep -F "$words"
		plain_spec true
		status=0
		with_kernels bash -c 'LD_PRELOAD=$PRELOAD FAKE_RESCTRL_ERRNO=$1 \
			"$CBPF" run --store runs --json --quiet spec.yml > report.json 2> stderr' bash "$code" || status=$?
		[ "$status" = 3 ]
		grep -F "$words" stderr
	done <<-'END'
	1 cannot mount resctrl on /sys/fs/resctrl: Operation not permitted
	19 there is no resctrl on this host
	END
}

# --- what an engine started: its tasks run already ---

@test "tasks that are in a cgroup already are moved, threads and deeper cgroups too" {
	resctrl_mount
	own_cgroup
	mkdir "$cgroup/deeper"
	sleeper
	local first=$child
	sleeper
	echo "$first" > "$cgroup/cgroup.procs"
	echo "$child" > "$cgroup/deeper/cgroup.procs"
	python3 -c '
import threading, time
for i in range(3): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
time.sleep(60)' 3>&- &
	local threads=$!
	pids+=("$threads")
	resctrl_until 5 eval "[ \"\$(ls /proc/$threads/task | wc -l)\" = 4 ]"
	echo "$threads" > "$cgroup/cgroup.procs"
	hold take t "$first" "$cgroup"
	grep -F 'moved=6 early=0' held
	[ "$(wc -l < "$RESCTRL/mon_groups/cbpf.t/tasks")" = 6 ]
	release
}

@test "while tasks keep forking, all of them are found" {
	resctrl_mount
	own_cgroup
	bash -c 'until [ -e go ]; do sleep 0.01; done
		for i in $(seq 40); do sleep 30 & sleep 0.01; done; : > forked; wait' 3>&- &
	local parent=$!
	pids+=("$parent")
	echo "$parent" > "$cgroup/cgroup.procs"
	: > go
	hold take t "$parent" "$cgroup"
	resctrl_until 10 test -e forked
	# Those that came later have it from their parent.
	sort "$cgroup/cgroup.threads" > there
	sort "$RESCTRL/mon_groups/cbpf.t/tasks" > moved
	[ "$(wc -l < there)" = 41 ]
	diff there moved
	release
}

@test "an engine's tasks in another class: the group is made there, also with the last RMID" {
	resctrl_mount rmids=3,closids=2
	own_cgroup
	mkdir "$RESCTRL/gold"
	sleeper
	echo "$child" > "$cgroup/cgroup.procs"
	# Held in the default class; then the runtime gives the container its own.
	hold held t "$cgroup" "$child"
	grep -E '^/ .* moved=[0-9]+ early=1' held
	release
	echo "$child" > "$RESCTRL/gold/tasks"
	hold held t "$cgroup" "$child"
	grep -E '^gold .*/gold/mon_groups/cbpf.t moved=1 early=0' held
	grep -qx "$child" "$RESCTRL/gold/mon_groups/cbpf.t/tasks"
	release
	[ -z "$(resctrl_groups gold)" ]
}
