#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What it takes to get the statistics of 1, 10 and 100 containers: by a sweep of cbpf over their cgroups' files, and by
# asking their Docker engine for each (/containers/ID/stats, one shot, by one connection), in the same run. Only the
# ratio means anything elsewhere. The engine is a private one.
set -eu
cd "$(dirname "$0")/../.."
build=${O:-build}
BATS_TEST_DIRNAME=$PWD/tests/bench # where the library looks for the rest of the tests
# shellcheck source=tests/lib/docker.bash
. tests/lib/docker.bash

set +e # the library minds for itself
docker_start && docker_busybox
set -e
[ -z "${CBPF_CANNOT:-}" ] || { echo "not compared with the Docker engine: $CBPF_CANNOT"; exit 0; }
dir=$(mktemp -d "${CBPF_TEST_DIR:-/var/tmp}/cbpf-bench.XXXXXX")
trap 'docker_stop; rm -rf "$dir"' EXIT

containers_are() # N: that many run
{
	[ "$(docker ps -q | wc -l)" = "$1" ]
}

# us for one answer of each container
ask_engine()
{
	local urls=() id began took
	for id in $(docker ps -q --no-trunc); do
		urls+=("http://engine/containers/$id/stats?stream=false&one-shot=true")
	done
	began=$EPOCHREALTIME
	curl -sf --unix-socket "${DOCKER_HOST#unix://}" "${urls[@]}" >"$dir/answers"
	took=$EPOCHREALTIME
	[ "$(grep -o '"cpu_stats"' "$dir/answers" | wc -l)" = "${#urls[@]}" ] || return 1
	awk -v a="$began" -v b="$took" 'BEGIN { print int((b - a) * 1e6) }'
}

for n in ${CONTAINERS:-1 10 100}; do
	{
		printf 'name: bench\nruntime: docker\nduration: 600s\n'
		printf 'collectors: {block: false, vfs: false, pagecache: false, sched: false, perf: false, rdt: false}\n'
		printf 'containers:\n'
		for i in $(seq "$n"); do
			printf '  c%d: {image: cbpf-test/busybox, network_mode: none, command: [sleep, "600"]}\n' "$i"
		done
	} >"$dir/spec.yml"
	"$build/cbpf" run --quiet --json --store "$dir/runs" "$dir/spec.yml" >"$dir/report.json" 2>"$dir/stderr" &
	run=$!
	wait_until 3000 containers_are "$n" || { cat "$dir/stderr"; exit 1; }
	for _ in 1 2 3; do
		ask_engine
	done | sort -n | sed -n 2p >"$dir/engine"
	sleep 3
	kill -INT $run
	wait $run || true
	jq -r .self.sweep_mean_us "$dir/report.json" | awk -v n="$n" -v engine="$(cat "$dir/engine")" '{
		printf "%3d containers: a sweep takes %8.0f us, the engine %8.0f us, %.0f times that\n", n, $1, engine, engine / $1
	}'
done
