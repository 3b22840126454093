#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What rules conclude of caches: a class that may use a part, and monitoring ids that have run out, on a
# resctrl that a FUSE file system plays. Each has a control that does not provoke it.

load ../lib/jq
load ../lib/run
load ../lib/findings
load ../lib/resctrl

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	resctrl_umount
}

# run_in CLASS: two sleepers, watched with nothing else, and what is told of them.
run_in() {
	cat > spec.yml <<-END
	name: r
	runtime: native
	interval: 50ms
	collectors: {rdt: {mode: auto, root: $RESCTRL}, block: false, vfs: off, sched: off, pagecache: off, perf: off}
	containers:
	  a: {command: [sleep, "0.5"]}
	  b: {command: [sleep, "0.5"]}
	END
	RESCTRL=$RESCTRL bash -c 'echo $BASHPID > "$RESCTRL/$1/tasks"
		exec "$0" run --store runs --json --quiet spec.yml > report.json' "$CBPF" "$1"
	report '.findings[] | .id + " " + (.target // "run")' | sort -u > found
	cat found
}

@test "a class with a part of the cache, and one with all of it" {
	resctrl_mount closids=3
	mkdir "$RESCTRL/gold"
	printf 'L3:0=3;1=ff\n' > "$RESCTRL/gold/schemata"
	run_in gold
	# The least of its domains: 2 of 20 ways, as the files have it.
	tr -d ' ' < "$RESCTRL/gold/schemata" | grep -qx 'L3:0=3;1=ff'
	[ "$(cat "$RESCTRL/info/L3/cbm_mask")" = fffff ]
	finds "llc a"
	finds "llc b"
	is llc .ratio 0.1
	silent rmid
	run_in .
	silent llc
}

@test "monitoring ids that are too few, and enough of them" {
	resctrl_mount rmids=2
	run_in .
	finds "rmid run"
	# Whom that hit, and how many ids there are.
	report '.findings[] | select(.id == "rmid").text' > text
	cat text
	[ "$(wc -l < text)" = 1 ]
	grep -F "b: not measured: no RMID of $(cat "$RESCTRL/info/L3_MON/num_rmids") is left" text
	[ "$(report '[.targets[] | select(.rdt) | .name] | tojson')" = '["a"]' ]
	# Its part of the cache is not known.
	[ "$(report '[.not_judged[] | select(.id == "llc").target] | tojson')" = '["b"]' ]
	resctrl_umount
	rmdir "$RESCTRL"
	resctrl_mount rmids=8
	run_in .
	silent rmid
	silent llc
}
