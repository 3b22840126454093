#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The docker runtime's code against a Podman service. Networks other than none and host are
# left out: Podman would change the packet filter of the host for them.

bats_require_minimum_version 1.5.0
load ../lib/docker
load ../lib/podman

setup_file() {
	{ podman_start && podman_busybox; } || [ -n "${CBPF_CANNOT:-}" ]
}

teardown_file() {
	podman_stop
}

setup() {
	skip_if_cannot
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	DRIVE=${O:-$ROOT/build}/tests/lib/drive_runtime
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir run
}

teardown() {
	[ -z "${CBPF_CANNOT:-}" ] || return 0
	[ -z "$(podman_local ps -aq)" ] && [ -z "$(podman_local volume ls -q)" ]
}

spec() {
	printf 'name: test\ncontainers:\n' > spec.yml
	sed 's/^/  /' >> spec.yml
}

drive() {
	"$DRIVE" podman run spec.yml "$PWD/run" "$@" > out 2> notes || { cat notes out; return 1; }
	cat out
}

LIMIT='limit() { cat "$1/$2" 2>/dev/null || cat "$V2_a/$3"; }'

@test "limits, environment, volumes and logs" {
	mkdir mine
	spec <<-END
		a:
		  image: cbpf-test/busybox
		  network_mode: none
		  cpus: "0"
		  cpu_limit: 0.5
		  memory: 64MiB
		  pids: 50
		  env: {GREETING: "hello world"}
		  volumes: ["$PWD/mine:/mine", "scratch:/scratch", "tmpfs:/memory"]
		  command: [sh, -c, "echo \$GREETING; echo bad >&2; echo x > /mine/f; echo x > /scratch/f; grep -c ' /memory tmpfs' /proc/mounts; until [ -e /mine/go ]; do sleep 0.1; done"]
	END
	drive "$LIMIT"'
		limit "$CPUSET_a" cpuset.cpus cpuset.cpus > cpus
		limit "$CPU_a" cpu.cfs_quota_us cpu.max > quota
		limit "$MEMORY_a" memory.limit_in_bytes memory.max > memory
		limit "$PIDS_a" pids.max pids.max > pids
		touch mine/go'
	[ "$(cat cpus)" = 0 ]
	grep -qE '^50000( |$)' quota
	[ "$(cat memory)" = 67108864 ]
	[ "$(cat pids)" = 50 ]
	[ "$(cat mine/f)" = x ]
	[ "$(sort run/logs/a.log | xargs)" = "1 bad hello world" ]
}

@test "a container that ends at once: status, log, cgroups" {
	spec <<-'END'
		a: {image: cbpf-test/busybox, network_mode: none, command: ["true"]}
		b: {image: cbpf-test/busybox, network_mode: none, command: [sh, -c, "echo last words >&2; exit 42"]}
	END
	drive
	grep -qE '^a state=exited exit=0 ids=io(\+default)? order=ok seen=in_time ' out
	grep -q '^b state=exited exit=42 ' out
	[ "$(cat run/logs/b.log)" = "last words" ]
}

@test "readiness by a command, and the end of a container by its time" {
	spec <<-'END'
		a:
		  image: cbpf-test/busybox
		  network_mode: none
		  command: [sh, -c, "trap 'exit 9' TERM; sleep 0.5; touch /tmp/up; while :; do sleep 0.1; done"]
		  ready: {command: [test, -e, /tmp/up]}
		  stop: 4s
		b:
		  image: cbpf-test/busybox
		  network_mode: none
		  depends_on: [a]
		  command: [echo, after]
	END
	drive
	[ "$(cat run/logs/b.log)" = after ]
	grep -q '^a state=exited exit=9 ' out
}

@test "what an image does not have" {
	spec <<-'END'
		a: {image: cbpf-test/busybox, network_mode: none, command: [no-such-program]}
		b: {image: cbpf-test/busybox, network_mode: none, command: ["true"]}
	END
	drive
	grep -q '^a state=failed .*failure=.*no-such-program' out
	grep -q '^b state=exited exit=0 ' out
	spec <<-'END'
		a: {image: cbpf-test/busybox, network_mode: none, workload: {ior: {}}}
	END
	run ! drive
	[[ $output == *"neither ior nor cbpf-ior is in image 'cbpf-test/busybox'"* ]]
	spec <<-'END'
		a: {image: "127.0.0.1:1/no/such:image", network_mode: none}
	END
	run ! drive
	[[ $output == *"image '127.0.0.1:1/no/such:image' is not on this host and could not be pulled (podman pull "* ]]
}

@test "clean removes what a killed run left, and nothing else" {
	spec <<-'END'
		a: {image: cbpf-test/busybox, network_mode: none, volumes: ["data:/v"], command: [sleep, "60"]}
	END
	"$DRIVE" podman run spec.yml "$PWD/run" 'touch a' > out 2>&1 3>&- &
	killed=$!
	wait_until 200 test -e a
	podman_local create --name stranger --network none cbpf-test/busybox true >/dev/null
	kill -KILL $killed
	wait $killed || true
	"$DRIVE" podman clean > cleaned
	[ "$(wc -l < cleaned)" = 2 ]
	grep -q '^removed container cbpf-.*-a of run ' cleaned
	grep -q '^removed volume data of run ' cleaned
	podman_local rm stranger >/dev/null
}

@test "a service that is not there" {
	CONTAINER_HOST=unix://$PWD/none run -1 "$DRIVE" podman clean
	[[ $output == *"cannot reach the Podman engine at unix://$PWD/none: "*"systemctl start podman.socket" ]]
}
