#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What runs already is recorded, and goes on as if nobody had looked.

bats_require_minimum_version 1.5.0
load ../lib/jq
load ../lib/run
load ../lib/docker
load ../lib/record

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
}

teardown() {
	[ -z "${CBPF_CANNOT:-}" ] || return 0
	docker ps -aq | xargs -r docker rm -f >/dev/null
	no_own_disk
	[ -z "$(left_cgroups)" ]
}

# record [ARGS]: as run_spec does.
record() {
	status=0
	"$CBPF" record --store runs --json --quiet "$@" > report.json 2> stderr || status=$?
	echo "# exit $status"
	cat stderr
}

@test "a container until it ends: its bytes, its status, and no failure of the run" {
	start_load victim
	"$CBPF" record --store runs --json --quiet --container victim > report.json 2> stderr 3>&- &
	pid=$!
	wait_until 300 is_recording
	touch data/go
	wait $pid
	load_was_recorded victim
	# What was not recorded is another cgroup's.
	jq -e '.runtime == "attach" and .host.engine.name == "Docker"' report.json
	[ ! -e runs/latest/logs/victim.log ]
}

@test "containers by label, by id and by project, each once and by its name" {
	for n in aa ab ac ad; do
		docker run -d --name "$n" --network none --label "role=${n/a[ab]/x}" \
			--label "com.docker.compose.project=p-$n" cbpf-test/busybox sleep 61
	done
	docker stop -t 0 ab
	record --label role=x --container "$(docker inspect -f '{{.Id}}' ad)" --compose-project p-ac --duration 300ms
	[ "$status" = 0 ]
	jq -e '[.targets[] | select(.kind == "container") | .state] == ["running", "running", "running"]' report.json
	jq -e '[.targets[] | select(.kind == "container") | .name][1:] == ["aa", "ac"]' report.json
	# They have not noticed.
	[ "$(docker ps --format '{{.Names}}' | sort | xargs)" = "aa ac ad" ]
}

@test "what a cgroup counted before is not the recording's" {
	docker run -d --name busy --network none cbpf-test/busybox sh -c \
		'timeout 2 sh -c "while :; do :; done"; echo over; sleep 61'
	wait_until 300 sh -c 'docker logs busy | grep -q over'
	record --container busy --duration 1s
	[ "$status" = 0 ]
	report '.targets[] | select(.name == "busy") | .cgroup.cpu_usage_ns'
	# It has burnt two seconds, and none since.
	jq -e '.targets[] | select(.name == "busy") | .cgroup.cpu_usage_ns < 500000000' report.json
}

@test "a cgroup by its path" {
	docker run -d --name one --network none cbpf-test/busybox sleep 61
	record --cgroup "/docker/$(docker inspect -f '{{.Id}}' one)" --duration 300ms
	[ "$status" = 0 ]
	jq -e '.targets[0] | .state == "running" and (.cgroup_path | contains("/docker/")) and .image == null' report.json
	jq -e '.host.engine == null' report.json
}

@test "a command, in the working directory, beside a container that goes on" {
	docker run -d --name one --network none cbpf-test/busybox sleep 61
	own_disk data 256M
	record --container one -- dd if=/dev/zero of=data/y bs=1M count=8 oflag=direct
	[ "$status" = 0 ]
	jq -e --arg d "$disk" '.targets[] | select(.name == "dd") | .exit_code == 0 and .block[$d].write.bytes == 8388608' report.json
	jq -e '.targets[] | select(.name == "one") | .state == "running"' report.json
	grep -q '8388608 bytes' runs/latest/logs/dd.log
	record -- sh -c 'echo $HOME ${HOME} "$(pwd)"; exit 7'
	[ "$status" = 1 ]
	grep -qF "$HOME $HOME $PWD" runs/latest/logs/sh.log
	jq -e '.targets[0].exit_code == 7' report.json
}

@test "Ctrl-C is how a recording ends, and ends nothing else" {
	docker run -d --name one --network none cbpf-test/busybox sleep 61
	for signal in INT TERM; do
		"$CBPF" record --store runs --json --quiet --container one > report.json 2> stderr 3>&- &
		pid=$!
		wait_until 300 is_recording
		kill -$signal $pid
		wait $pid
		[ "$(report .status)" = ok ]
		jq -e '.targets[0].state == "running" and .targets[0].exit_code == null' report.json
		[ "$(docker ps --format '{{.Names}}')" = one ]
		rm -r runs
	done
	# With a command there is something to interrupt.
	"$CBPF" record --store runs --json --quiet --container one -- sleep 61 > report.json 2> stderr 3>&- &
	pid=$!
	wait_until 300 is_recording
	kill -INT $pid
	status=0
	wait $pid || status=$?
	[ "$status" = 130 ]
	[ "$(report .status)" = interrupted ]
}

@test "what is not there is named" {
	docker create --name still --network none cbpf-test/busybox true
	while IFS='|' read -r want args words; do
		echo "$args"
		# shellcheck disable=SC2086 # words on purpose
		record $args --duration 1s
		[ "$status" = "$want" ]
		grep -F -e "$words" stderr
	done <<-'END'
	3|--container nobody|container nobody: inspecting container 'nobody': No such container: nobody
	3|--container still|container 'still' is not running
	3|--cgroup /nowhere|there is no cgroup '/nowhere'
	2|--cgroup nowhere|--cgroup nowhere: expected a path that begins with /
	2|--label a=b|no running container has the label 'a=b'
	2||nothing to record
	2|--set x=1 --cgroup /|unknown key 'x'
	END
	DOCKER_HOST=unix://$PWD/none.sock CONTAINER_HOST=unix://$PWD/neither.sock record --container x
	[ "$status" = 3 ]
	grep -F none.sock stderr
	grep -F neither.sock stderr
}

@test "a stored recording is a spec that can be run again" {
	docker run -d --name one --network none cbpf-test/busybox sleep 61
	record --container one --duration 300ms --name again
	run_spec runs/latest/spec.yml
	[ "$status" = 0 ]
	jq -e '.name == "again" and .targets[0].state == "running"' report.json
}
