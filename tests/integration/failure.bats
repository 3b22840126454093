#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What goes wrong: one clear message, the documented exit status, and nothing left that
# `cbpf clean` does not remove.

load ../lib/run

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	[ -z "$(left_running)" ]
}

sleeper() {
	cat > spec.yml <<-END
	name: sleeper
	runtime: native
	interval: 20ms
	containers:
	  a: {command: [sh, -c, "trap 'exit 7' TERM; sleep 61 & wait"]}
	END
}

# Wait until a run in ./runs has stored at least ten ticks.
wait_ticks() {
	for _ in $(seq 300); do
		n=$(sqlite3 -readonly runs/latest/run.db 'select count(*) from tick' 2>/dev/null) || n=0
		[ "${n:-0}" -ge 10 ] && return 0
		sleep 0.05
	done
	return 1
}

@test "an invalid spec ends with 2, with every error at its place, and makes no run" {
	printf 'name: x\nruntime: native\nintervall: 5ms\ncontainers: {a: {comand: [true]}}\n' > spec.yml
	run_spec spec.yml
	[ "$status" = 2 ]
	grep -F 'spec.yml:3:1: ' stderr | grep -F interval
	grep -F 'spec.yml:4:' stderr | grep -F command
	[ ! -e runs ]
}

@test "a spec that is not there ends with 2" {
	run_spec nowhere.yml
	[ "$status" = 2 ]
	grep -F nowhere.yml stderr
}

@test "a program that does not exist ends with 1 and names it" {
	printf 'name: x\nruntime: native\ncontainers: {a: {command: [/no/such/program]}}\n' > spec.yml
	run_spec spec.yml
	[ "$status" = 1 ]
	grep -F /no/such/program stderr report.json
	[ "$(report .status)" = failed ]
}

@test "a target that dies at once ends with 1; its status and its words are kept" {
	printf 'name: x\nruntime: native\ncontainers: {a: {command: [sh, -c, "echo last words; exit 9"]}}\n' > spec.yml
	run_spec spec.yml
	[ "$status" = 1 ]
	[ "$(report '.targets[0].exit_code')" = 9 ]
	grep -F 'last words' runs/latest/logs/a.log
}

@test "corrupt data fails the run" {
	cat > fake-ior <<-'END'
	#!/bin/sh
	echo 'IOR-4.1.0+dev: MPI Coordinated Test of Parallel I/O'
	echo 'WARNING: Incorrect data on read (1 errors found).'
	END
	chmod +x fake-ior
	printf 'name: x\nruntime: native\ncontainers: {a: {workload: {ior: {binary: %s/fake-ior}}}}\n' "$PWD" > spec.yml
	run_spec spec.yml
	[ "$status" = 1 ]
	[ "$(report .status)" = failed ]
	grep -i corrupt stderr
	# Also of one that does not live to its end.
	echo 'exec sleep 60' >> fake-ior
	run_spec spec.yml --set containers.a.stop=500ms
	[ "$status" = 1 ]
	grep -i corrupt stderr
}

@test "an unwritable store ends with a clear message before anything starts" {
	sleeper
	: > file
	status=0
	"$CBPF" run --quiet --store file/runs spec.yml > out 2> stderr || status=$?
	[ "$status" = 3 ]
	grep -F file/runs stderr
	[ "$(wc -l < stderr)" -le 3 ]
}

@test "a full disk ends the run with 1, says so, and keeps what was committed" {
	sleeper
	export CBPF
	unshare -m sh -c '
		mkdir small && mount -t tmpfs -o size=1536k none small || exit 77
		"$CBPF" run --quiet --set interval=10ms --store small/runs spec.yml > out 2> stderr
		echo $? > status
		cp -r small/runs kept
	'
	[ "$(cat status)" = 1 ]
	grep -iE 'full|space' stderr
	[ "$(sqlite3 kept/2*/run.db 'pragma integrity_check')" = ok ]
	[ "$(sqlite3 kept/2*/run.db 'select count(*) from tick')" -gt 0 ]
	[ -z "$(left_cgroups)" ]
}

@test "without root it ends with 3 and says what to do" {
	sleeper
	cp "$CBPF" ./cbpf-copy
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_SUITE_TMPDIR" "$BATS_FILE_TMPDIR"
	mkdir runs && chmod 777 runs
	status=0
	setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all \
		./cbpf-copy run --quiet --store runs spec.yml > out 2> stderr || status=$?
	[ "$status" = 3 ]
	grep -iE 'root|CAP_' stderr
	grep -F sudo stderr
}

@test "without BTF it ends with 3 and says so" {
	sleeper
	export CBPF
	unshare -m sh -c '
		mount -t tmpfs none /sys/kernel/btf || exit 77
		"$CBPF" run --quiet --store runs spec.yml > out 2> stderr
		echo $? > status
	'
	[ "$(cat status)" = 3 ]
	grep -F BTF stderr
}

@test "Ctrl-C once stops the workload, stores the run as interrupted and exits 130" {
	sleeper
	"$CBPF" run --quiet --json --store runs spec.yml > report.json 2> stderr &
	pid=$!
	wait_ticks
	kill -INT $pid
	status=0
	wait $pid || status=$?
	[ "$status" = 130 ]
	[ "$(report .status)" = interrupted ]
	[ "$(report '.targets[0].exit_code')" = 7 ]
	[ -z "$(left_cgroups)" ]
}

@test "Ctrl-C twice ends at once although the workload ignores SIGTERM" {
	printf 'name: deaf\nruntime: native\ninterval: 20ms\ncontainers: {a: {stop_grace: 50s, command: [sh, -c, "trap : TERM INT; while :; do sleep 1; done"]}}\n' > spec.yml
	"$CBPF" run --quiet --json --store runs spec.yml > report.json 2> stderr &
	pid=$!
	wait_ticks
	kill -INT $pid
	sleep 0.5
	kill -0 $pid
	kill -INT $pid
	status=0
	timeout 20 tail --pid=$pid -f /dev/null
	wait $pid || status=$?
	[ "$status" = 130 ]
	[ "$(report .status)" = interrupted ]
	[ -z "$(left_cgroups)" ]
}

@test "SIGKILL of cbpf: every committed tick is readable and clean removes the rest" {
	sleeper
	"$CBPF" run --quiet --store runs spec.yml > out 2> stderr &
	pid=$!
	wait_ticks
	seen=$(sqlite3 -readonly runs/latest/run.db 'select count(*) from tick')
	kill -KILL $pid
	wait $pid || true
	[ "$(sqlite3 runs/latest/run.db 'pragma integrity_check')" = ok ]
	[ "$(sqlite3 runs/latest/run.db 'select count(*) from tick')" -ge "$seen" ]
	"$CBPF" list --store runs | grep -F killed
	"$CBPF" report --store runs latest > text
	"$CBPF" clean
	[ -z "$(left_running)" ]
	[ -z "$(left_cgroups)" ]
}

@test "a second run beside a first one is not cleaned away" {
	sleeper
	"$CBPF" run --quiet --json --store runs spec.yml > report.json 2> stderr &
	pid=$!
	wait_ticks
	"$CBPF" clean
	kill -0 $pid
	[ -n "$(left_running)" ]
	kill -INT $pid
	wait $pid || true
	[ "$(report '.targets[0].exit_code')" = 7 ]
}

@test "duration ends a run that does not end by itself; that is no failure" {
	sleeper
	run_spec spec.yml --set duration=1s
	[ "$status" = 0 ]
	[ "$(report '.losses[] | select(.what == "duration") | .count')" = 1 ]
	[ -z "$(left_cgroups)" ]
}

@test "a collector that this host cannot have: auto is a loss, true is refused with 3" {
	printf 'name: x\nruntime: native\ncollectors: {rdt: {mode: true, root: /nonexistent}}\ncontainers: {a: {command: ["true"]}}\n' > spec.yml
	run_spec spec.yml
	[ "$status" = 3 ]
	grep -F rdt stderr
	sed -i 's/mode: true/mode: auto/' spec.yml
	run_spec spec.yml
	[ "$status" = 0 ]
	report '.losses[] | .what' | grep -F rdt
}

@test "Ctrl-C while an engine does not answer ends with 130, without waiting for it" {
	printf 'name: x\nruntime: docker\ncontainers: {a: {image: i}}\n' > spec.yml
	python3 -c 'import socket, time
s = socket.socket(socket.AF_UNIX)
s.bind("silent.sock")
s.listen(5)
c = s.accept() # kept, or it would be closed
open("asked", "w").close()
time.sleep(60)' 3>&- &
	silent=$!
	for _ in $(seq 100); do [ -S silent.sock ] && break; sleep 0.05; done
	DOCKER_HOST=unix://$PWD/silent.sock "$CBPF" run --store runs spec.yml > out 2> stderr 3>&- &
	run=$!
	for _ in $(seq 100); do [ -e asked ] && break; sleep 0.05; done
	kill -INT $run
	status=0
	wait $run || status=$?
	kill $silent
	[ "$status" = 130 ]
	grep interrupted stderr
	if grep 'in time' stderr; then return 1; fi
	[ ! -e runs ]
}

@test "a run that could not begin tells why in its report" {
	printf 'name: x\nruntime: native\ncontainers: {a: {command: [true], user: no-such-user}}\n' > spec.yml
	run_spec spec.yml
	[ "$status" = 3 ]
	"$CBPF" report --store runs > text
	grep -F failed text
	tr -s ' \n' ' ' < text | grep -F 'could not begin: container a: the user "no-such-user" does not exist'
}
