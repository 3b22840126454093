#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cbpf in a container of its own records another one: with all rights, and with as few as it takes.

bats_require_minimum_version 1.5.0
load ../lib/jq
load ../lib/run
load ../lib/docker
load ../lib/podman
load ../lib/record

setup_file() {
	{ docker_start && docker_busybox && docker_cbpf; } || [ -n "${CBPF_CANNOT:-}" ]
	export DOCKER_DIR DOCKER_PID DOCKER_HOST
	[ -z "${CBPF_CANNOT:-}" ] || return 0
	# Podman knows capabilities that older Docker engines do not, and is content with those of this root.
	if podman_start; then
		docker save cbpf-test/cbpf | podman_local load >/dev/null
	else
		export NO_PODMAN=$CBPF_CANNOT
		unset CBPF_CANNOT
	fi
}

teardown_file() {
	podman_stop
	docker_stop
}

setup() {
	skip_if_cannot
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir runs
	# As docker/README.md says.
	host=(--pid host --cgroupns host -v /sys/fs/cgroup:/sys/fs/cgroup:ro
		-v "${DOCKER_HOST#unix://}:/var/run/docker.sock" -v "$PWD/runs:/runs")
}

teardown() {
	[ -z "${CBPF_CANNOT:-}" ] || return 0
	docker ps -aq | xargs -r docker rm -f >/dev/null
	no_own_disk
}

# sidecar ENGINE RIGHTS...: beside a load that begins when it does.
sidecar() {
	start_load victim
	"$1" run --rm --user 0 --network none "${host[@]}" "${@:2}" cbpf-test/cbpf \
		record --store /runs --container victim --duration 60s --json --quiet > report.json 2> stderr 3>&- &
	pid=$!
	wait_until 600 is_recording || { cat stderr; return 1; }
	touch data/go
	wait $pid
	load_was_recorded victim
}

@test "what needs no rights is done by a user without any" {
	[ "$(docker run --rm --network none --entrypoint id cbpf-test/cbpf -u)" = 64000 ]
	docker run --rm --network none --read-only --cap-drop ALL cbpf-test/cbpf help | grep -q record
	run -3 docker run --rm --network none cbpf-test/cbpf record --cgroup / --duration 1s
	echo "$output"
	[[ $output == *"cannot load the block probe"*"CAP_BPF"* ]]
}

@test "privileged, by Docker" {
	docker run --rm --privileged --network none cbpf-test/busybox true ||
		skip "this host's root has not all capabilities, so that Docker starts nothing privileged; Podman does, below"
	sidecar docker --privileged
}

@test "privileged, by Podman" {
	[ -z "${NO_PODMAN:-}" ] || skip "$NO_PODMAN"
	sidecar podman_local --privileged
}

@test "CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE are enough" {
	[ -z "${NO_PODMAN:-}" ] || skip "$NO_PODMAN"
	sidecar podman_local --cap-drop ALL --cap-add CAP_BPF --cap-add CAP_PERFMON --cap-add CAP_SYS_PTRACE \
		--security-opt seccomp=unconfined
	jq -e '[.losses[].what] | index("network") == null' report.json
}

@test "without CAP_SYS_PTRACE only the network's counters are lost" {
	[ -z "${NO_PODMAN:-}" ] || skip "$NO_PODMAN"
	sidecar podman_local --cap-drop ALL --cap-add CAP_BPF --cap-add CAP_PERFMON \
		--security-opt seccomp=unconfined
	jq -e '.losses[] | select(.what == "network")' report.json
	jq -e '.targets[] | select(.name == "victim") | .cgroup.net_rx_bytes == null' report.json
}

@test "with either of the others missing it says so and begins nothing" {
	[ -z "${NO_PODMAN:-}" ] || skip "$NO_PODMAN"
	for cap in CAP_BPF CAP_PERFMON; do
		run -3 podman_local run --rm --user 0 --network none "${host[@]}" --cap-drop ALL --cap-add "$cap" \
			--security-opt seccomp=unconfined cbpf-test/cbpf record --store /runs --cgroup / --duration 1s
		echo "$cap: $output"
		[[ $output == *"cannot load the block probe"* ]]
	done
}

@test "CAP_SYS_ADMIN stands for both where the engine knows them not" {
	sidecar docker --cap-drop ALL --cap-add SYS_ADMIN --cap-add SYS_PTRACE
}

@test "without the host's cgroups it says what to give it" {
	docker run -d --name idle --network none cbpf-test/busybox sleep 61
	run -3 docker run --rm --user 0 --network none --cap-drop ALL --cap-add SYS_ADMIN \
		-v "${DOCKER_HOST#unix://}:/var/run/docker.sock" cbpf-test/cbpf record --container idle --duration 1s
	echo "$output"
	[[ $output == *"needs --pid host, --cgroupns host and /sys/fs/cgroup"* ]]
}
