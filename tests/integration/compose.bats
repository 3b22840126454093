#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The cluster of docker/compose.yml by make's targets, with a real Compose on a real engine.

bats_require_minimum_version 1.5.0
load ../lib/jq
load ../lib/run
load ../lib/docker

setup_file() {
	command -v docker-compose >/dev/null || docker compose version >/dev/null 2>&1 ||
		cannot "no Compose: apt-get install docker-compose" || return 0
	{ docker_start && debian_tree; } || [ -n "${CBPF_CANNOT:-}" ]
	[ -n "${CBPF_CANNOT:-}" ] || docker image inspect cbpf-test/trusting >/dev/null 2>&1 ||
		docker import "$TREE" cbpf-test/trusting >/dev/null
	export DOCKER_DIR DOCKER_PID DOCKER_HOST
	# The image is built of what Compose is told, on a base that needs no registry.
	export CBPF_IOR_IMAGE=cbpf-test/cluster CBPF_BASE=cbpf-test/trusting CBPF_BUILD_NETWORK=host
	export DOCKER_BUILDKIT=0 CLUSTER=cbpf-test
}

teardown_file() {
	docker_stop
}

setup() {
	skip_if_cannot
}

target() {
	make -s --no-print-directory -C "$ROOT" CLUSTER="$CLUSTER" "$@" 3>&-
}

@test "it is built, comes up, runs IOR over its nodes, and goes" {
	target cluster-build
	target cluster-up
	target cluster-status > "$BATS_TEST_TMPDIR/status"
	cat "$BATS_TEST_TMPDIR/status"
	[ "$(grep -c 'healthy' "$BATS_TEST_TMPDIR/status")" = 5 ]
	for node in controller:10 server1:11 server2:12 client1:21 client2:22; do
		id=$(docker ps -q --filter "label=com.docker.compose.service=${node%:*}")
		[ "$(docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$id")" = "172.21.0.${node#*:}" ]
	done

	target cluster-test-ior > "$BATS_TEST_TMPDIR/ior"
	"$CBPF" parse --json "$BATS_TEST_TMPDIR/ior" > "$BATS_TEST_TMPDIR/ior.json"
	jq -e '.status == "ok" and (.results | map([.op, .bytes]) == [["write", 16777216], ["read", 16777216]])' \
		"$BATS_TEST_TMPDIR/ior.json"
	grep -q '^nodes  *: 2$' "$BATS_TEST_TMPDIR/ior"
	target cluster-logs > "$BATS_TEST_TMPDIR/logs"
	grep -q 'client1.*Accepted publickey for root' "$BATS_TEST_TMPDIR/logs"
	run ! grep -q 'PRIVATE KEY' "$BATS_TEST_TMPDIR/logs"
	echo 'hostname' | target cluster-shell COMPOSE_EXEC=-T > "$BATS_TEST_TMPDIR/shell"
	grep -q '^controller' "$BATS_TEST_TMPDIR/shell"

	# Up again is no other cluster: its keys stay as long as it does.
	target cluster-up
	target cluster-test-ior > "$BATS_TEST_TMPDIR/ior"

	# Data stays, containers, networks and keys do not.
	target cluster-down
	[ -z "$(docker ps -aq)" ]
	[ -z "$(docker network ls -q --filter label=com.docker.compose.project=cbpf-test)" ]
	docker volume ls -q > "$BATS_TEST_TMPDIR/volumes"
	grep -q 'cbpf-test_client1' "$BATS_TEST_TMPDIR/volumes"
	run ! grep 'ssh' "$BATS_TEST_TMPDIR/volumes"

	# Clean is what it made, and nothing else.
	docker volume create stranger
	target cluster-clean
	[ "$(docker volume ls -q)" = stranger ]
	docker volume rm stranger
	run ! docker image inspect cbpf-test/cluster
	docker image inspect cbpf-test/trusting > /dev/null
}

@test "the project is recorded while IOR runs in it" {
	target cluster-build
	target cluster-up
	cd "$BATS_TEST_TMPDIR"
	"$CBPF" record --store runs --json --quiet --compose-project "$CLUSTER" -- \
		make -s -C "$ROOT" CLUSTER="$CLUSTER" cluster-test-ior > report.json 3>&-
	"$CBPF" parse runs/latest/logs/make.log | grep -q write
	for op in write read; do
		for node in client1 client2; do
			seen=$(report "[.targets[] | select(.name | test(\"$node\")) | .vfs_mounts[] |
				select(.mount == \"/shared/data\") | .ops.$op.bytes // 0] | add")
			echo "$node $op $seen"
			[ "$seen" = $((8 << 20)) ]
		done
	done
	jq -e '[.targets[] | select(.kind == "container" and .state == "running")] | length == 5' report.json
	target cluster-clean
}

@test "an ior of the user's own is put in, and one that is not there is told" {
	mkdir "$BATS_TEST_TMPDIR/own"
	cd "$BATS_TEST_TMPDIR/own"
	printf '#!/bin/sh\necho "my own ior"\n' > ior
	printf '#!/bin/sh\necho "my own mdtest"\n' > mdtest
	chmod +x ior mdtest
	printf 'FROM cbpf-test/trusting\nCOPY ior mdtest /opt/mine/\nUSER 1000\n' > Dockerfile
	docker build --quiet --network none -t cbpf-test/own .
	CBPF_OWN_IOR_IMAGE=cbpf-test/own CBPF_OWN_IOR_PATH=/opt/mine/ior target cluster-build
	[ "$(docker run --rm --network none cbpf-test/cluster ior)" = "my own ior" ]
	# What comes with it from the same sources is taken along.
	[ "$(docker run --rm --network none cbpf-test/cluster mdtest)" = "my own mdtest" ]
	run ! env CBPF_OWN_IOR_IMAGE=cbpf-test/own make -s -C "$ROOT" CLUSTER="$CLUSTER" cluster-build
	[[ $output == *"no ior on PATH in cbpf-test/own: say where with IOR_PATH"* ]]
	docker rmi -f cbpf-test/own cbpf-test/cluster
}
