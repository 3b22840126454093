#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The ready specs that need an engine, smaller: each shows what its comment says that it does.

load ../lib/docker
load ../lib/jq
load ../lib/run
load ../lib/findings

setup_file() {
	{ docker_start && docker_ior; } || [ -n "${CBPF_CANNOT:-}" ]
	export DOCKER_DIR DOCKER_PID DOCKER_HOST CBPF_IOR_IMAGE=cbpf-test/ior
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
	[ -z "$(docker ps -aq)" ]
	[ -z "$(docker volume ls -q)" ]
}

@test "two-containers: each one's bytes are its own" {
	run_spec "$ROOT/specs/two-containers.yml" --set containers.writer.workload.ior.block=16MiB \
		--set containers.writer.workload.ior.repetitions=1 --set containers.reader.workload.ior.block=2MiB
	[ "$status" = 0 ]
	as_argued two-containers
	jq -e '[.targets[] | select(.name == "writer" or .name == "reader")
		| {name, write: .block_total.write.bytes, moved: .application.write.bytes}]
		| length == 2 and all(.write >= .moved and .write < .moved + 4194304)' report.json
}

@test "storage-places: only what is on no disk makes no request to one" {
	run_spec "$ROOT/specs/storage-places.yml" --set repeat=1 --set containers.ior.workload.ior.block=16MiB
	[ "$status" = 0 ]
	as_argued storage-places
	"$CBPF" report --store runs --group
	# Where its data went, as the kernel has it.
	jq -s -c '[.[] | {place: .axes.place, written: (.targets[0].block_total.write.bytes // 0),
		fs: [.targets[0].vfs_mounts[] | select((.ops.write.bytes // 0) >= 16777216) | .fs]}]' report.json > places
	cat places
	jq -e 'map(.place) == ["overlay", "volume", "tmpfs"] and all(.fs | length == 1)' places
	jq -e '.[0].fs == ["overlay"] and .[2].fs == ["tmpfs"] and .[1].fs != .[0].fs and .[1].fs != .[2].fs' places
	jq -e '.[0].written >= 16777216 and .[1].written >= 16777216 and .[2].written < 1048576' places
}

@test "io500-mdtest: each phase makes its files, looks at them and leaves none" {
	mkdir image
	cp "$ROOT/tests/lib/like_mdtest.sh" image/mdtest
	printf 'FROM cbpf-test/ior\nCOPY mdtest /usr/local/bin/\n' > image/Dockerfile
	DOCKER_BUILDKIT=0 docker build --quiet --network none -t cbpf-test/mdtest image
	CBPF_MDTEST_IMAGE=cbpf-test/mdtest MDTEST_FILES=20 MDTEST_RANKS=2 run_spec "$ROOT/specs/io500-mdtest.yml"
	docker rmi -f cbpf-test/mdtest
	[ "$status" = 0 ]
	as_argued io500-mdtest
	"$CBPF" report --store runs --group
	jq -s -c '[.[] | .targets[0] as $t | {phase: .axes.phase, ops: [$t.results[] | select(.iops > 0) | .op],
		tools: ([$t.results[] | [.tool, .tasks]] | unique), written: ([$t.vfs_mounts[]
		| select(.mount == "/scratch") | .ops.write.bytes // 0] | add // 0),
		opened: ([$t.vfs_mounts[] | select(.mount == "/scratch") | .ops.open.calls // 0] | add // 0)}]' report.json > phases
	cat phases
	# Two ranks with 20 files each, opened to make and to read them; of 3901 bytes if it is hard.
	jq -e 'map(.phase) == ["easy", "hard"] and all(.tools == [["mdtest", 2]] and (.ops | contains(["file creation",
		"file stat", "file read", "file removal"])) and .opened >= 80)' phases
	jq -e '.[0].written == 0 and .[1].written == 40 * 3901' phases
}

@test "every ready spec is run by a test" {
	for f in "$ROOT"/specs/*.yml; do
		name=$(basename "$f" .yml)
		echo "$name"
		grep -qE "(ready|run_spec|run_exact) (.*[ /])?$name(\.yml)?[ \"]|(ready|cp) (.*/)?$name(\.yml\" spec.yml)?$" \
			"$ROOT"/tests/integration/*.bats
	done
}
