#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Sinks that write files: they hold up no run, and a file has each row once, whatever ended its writer.

bats_require_minimum_version 1.5.0
load ../lib/jq
load ../lib/run
load ../lib/sinks

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR"
	PATH=$BUILD:$PATH
	pids=()
}

teardown() {
	for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
	[ ! -d disk ] || fsfreeze -u disk 2>/dev/null || true
	no_own_disk
	[ -z "$(left_running)" ]
}

# in_background: run it, and wait until it has some ticks.
in_background() {
	rm -f runs/latest
	cbpf run --store runs --json --quiet spec.yml > report.json 2> err 3>&- &
	pid=$!
	pids+=("$pid")
	await_ticks 10
}

# each_once FILE: all rows of the run, and each once; those of "all.jsonl".
each_once() {
	as_file
	sort "$1" > a
	sort all.jsonl > b
	cmp a b
}

@test "a pipe that nobody reads costs a run its patience, and export sends all of it later" {
	mkfifo fifo
	spec "jsonl: {path: fifo, flush_timeout: 500ms}"
	run_it 0
	grep -q "sink jsonl lacks .*cbpf export" err
	jq -e '.status == "ok" and any(.losses[]; .what == "sink.jsonl.behind")' report.json
	export_it 1 --timeout 300ms
	grep -q '^cbpf: export to jsonl: .*fifo: it has taken nothing for 0.3 s' err
	cat fifo > read &
	export_it 0
	wait $!
	each_once read
}

@test "an interrupt ends a run whose pipe nobody reads" {
	mkfifo fifo
	spec "jsonl: {path: fifo, flush_timeout: 1s}, line: {path: fifo, flush_timeout: 1s}" 100
	in_background
	kill -INT "$pid"
	ends_in 30
	jq -e '.status == "interrupted"' report.json
	# Two interrupts do not wait at all.
	spec "jsonl: {path: fifo, flush_timeout: 1h}" 100
	in_background
	kill -INT "$pid"
	await_stored
	kill -INT "$pid"
	ends_in 30
	jq -e '.status == "interrupted"' report.json
	# Nor does an export.
	cbpf export --store runs latest 2> err 3>&- &
	pid=$!
	# Until it catches SIGINT, which the shell has it ignore.
	for _ in $(seq 100); do
		! grep -q '^SigCgt:.*[2367abef]$' "/proc/$pid/status" || break
		sleep 0.1
	done
	sleep 0.5
	kill -INT "$pid"
	got=0
	wait "$pid" || got=$?
	[ "$got" = 130 ]
}

@test "a disk that hangs holds up neither a run nor its end" {
	own_disk disk 64m
	spec "jsonl: {path: disk/points.jsonl, flush_timeout: 1s}, line: {path: disk/points.line, flush_timeout: 1s},
	  csv: {path: disk/tables, flush_timeout: 1s}" 4
	in_background
	fsfreeze -f disk
	before=$(ticks)
	await_ticks $((before + 20)) # it goes on
	ends_in 60
	grep -q 'sink jsonl lacks' err
	jq -e '.status == "ok" and ([.losses[].what | select(startswith("sink"))] | sort)
		== ["sink.csv.behind", "sink.jsonl.behind", "sink.line.behind"]' report.json
	# Nothing of it is left, but what hangs in the kernel.
	export_it 1 --timeout 300ms
	fsfreeze -u disk
	flock disk/points.jsonl true
	flock disk/points.line true
	export_it 0
	each_once disk/points.jsonl
	[ "$(cbpf report --store runs --json latest | jq -c '[.losses[].what | select(startswith("sink"))]')" = '[]' ]
	# A text may go over several lines; each point ends in its time.
	[ "$(grep -cE ' [0-9]{19}$' disk/points.line)" = "$(wc -l < all.jsonl)" ]
	id=$(jq -r .id report.json)
	[ "$(($(wc -l < "disk/tables/$id/tick.csv") - 1))" = "$(ticks)" ]
	[ -z "$(find disk -name '*.part')" ]
}

@test "a run that was killed at any time, and then exported, is in its file once" {
	for try in 1 2 3 4 5 6; do
		spec "jsonl: points.jsonl, line: {path: points.line, histograms: true}" 60
		in_background
		sleep "0.$((try * 17 % 10))"
		kill -KILL "$pid"
		wait "$pid" || true
		cbpf clean --store runs > clean.out 2>&1 || cbpf clean > clean.out 2>&1
		# Who was writing them may still have to end that.
		flock points.jsonl true
		flock points.line true
		export_it 0
		id=$(sqlite3 -readonly runs/latest/run.db 'select id from run')
		as_file
		sort all.jsonl > b
		jq -c --arg id "$id" 'select(.tags.benchmark_id == $id)' points.jsonl | jq -cS . | sort > a
		jq -cS . all.jsonl | sort > b
		cmp a b
		grep -E "benchmark_id=${id}[, ].* [0-9]{19}\$" points.line | sort > a
		[ -s a ]
		[ -z "$(uniq -d a)" ]
	done
}

@test "an export that was killed at any time, and then done again, wrote each row once" {
	spec "" 3
	run_it 0
	as_file
	mv all.jsonl want
	for try in $(seq 20); do
		to=(--sink jsonl --set sinks.jsonl.path="$PWD/points.jsonl")
		cbpf export --quiet --store runs latest "${to[@]}" &
		pid=$!
		sleep "0.0$((try * 7 % 10))"
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" || true
		# Its end may be told of by the process that wrote for it a little later.
		for _ in $(seq 50); do
			got=0
			cbpf export --quiet --store runs latest "${to[@]}" 2> err || got=$?
			[ "$got" = 0 ] && break
			grep -q 'has locked it' err
			sleep 0.1
		done
		cmp points.jsonl want
		# The same, as if its cursor had not been kept.
		sqlite3 runs/latest/run.db "UPDATE cursor SET seq = seq / 2, done = 0, position = 0"
		export_it 0 --quiet "${to[@]}"
		rm points.jsonl
	done
}

@test "what goes to standard output gets there" {
	spec "" 1
	run_it 0
	as_file
	cbpf export --quiet --store runs latest --sink jsonl --set sinks.jsonl.path=/dev/stdout | cat > piped
	cmp piped all.jsonl
	cbpf export --quiet --store runs latest --sink jsonl --set sinks.jsonl.path=/dev/stdout > written
	cmp written all.jsonl
}
