#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The ready specs, smaller: each shows what its comment says that it does. Those that need an engine are
# in specs_docker.bats, and quickstart is in run.bats.

load ../lib/budget
load ../lib/jq
load ../lib/run
load ../lib/findings

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
	disk_of . > /dev/null || skip "$PWD is on no block device"
}

# ready NAME [KEY=VALUE]...: runs it; each run's report is a line of report.json, and all of a matrix
# are in group.json.
ready() {
	local name=$1 set=() setting
	shift
	for setting; do
		set+=(--set "$setting")
	done
	run_spec "$ROOT/specs/$name.yml" "${set[@]}"
	[ "$status" = 0 ]
	"$CBPF" report --store runs --group --json > group.json
	"$CBPF" report --store runs --group
	as_argued "$name"
}

# judge FILTER: it holds of the group; rows(AXIS; VALUE; OP) are operations of the one target.
judge() {
	jq -e "def rows(\$axis; \$value; \$op): .matrix[] | select(.axes[\$axis] == \$value) |
		.targets[0] as \$t | \$t.ops[] | select(.op == \$op) + {hit_ratio: \$t.hit_ratio, pages: \$t.accessed_pages};
		$1" group.json
}

@test "each is told of, with what it takes and how to run it" {
	for f in "$ROOT"/specs/*.yml; do
		name=$(basename "$f")
		grep -q "^| \`$name\` | .* | .* |\$" "$ROOT/specs/README.md"
		sed -n '3,/^name:/p' "$f" | grep -q "^#   sudo .*cbpf run specs/$name\$"
	done
}

@test "each has its findings argued, and a run that is held against that" {
	grep -o '^## [a-z0-9-]*$' "$ROOT/specs/EXPECTED.md" | sed 's/^## //' | sort > argued
	for f in "$ROOT"/specs/*.yml; do
		basename "$f" .yml
	done | sort > there
	diff there argued
	while read -r name; do
		echo "$name"
		grep -qE "^[[:space:]]+(as_argued|ready|.* ready) $name( |\$)" "$ROOT"/tests/integration/*.bats
	done < there
	# And only of rules that there are.
	sed -n 's/^| `\([^`]*\)` | .*/\1/p' "$ROOT/specs/EXPECTED.md" | sort -u | while read -r id; do
		grep -qx "## $id" "$ROOT/specs/FINDINGS.md" || { echo "no rule $id"; exit 1; }
	done
}

@test "direct-vs-buffered: only direct reads come from the device" {
	ready direct-vs-buffered containers.ior.workload.ior.block=16MiB containers.ior.workload.ior.repetitions=1
	[ "$(jq '.matrix | length' group.json)" = 4 ]
	judge '[rows("odirect"; "true"; "read")] | length == 2 and all(.device_bytes >= 16777216)'
	judge '[rows("odirect"; "false"; "read")] | length == 2 and all(.device_bytes < 4194304)'
	# What is read through the cache is the data in one case and the program in the other.
	judge '[rows("odirect"; "true"; "read")] | all(.pages * 4096 < .vfs_bytes / 2)'
	judge '[rows("odirect"; "false"; "read")] | all(.pages * 4096 > .vfs_bytes / 2 and .hit_ratio > 0.9)'
}

@test "cache-ladder: what does not fit into memory is read from the device" {
	ready cache-ladder 'matrix.transfer=[64KiB, 1MiB]' 'matrix.block=[16MiB, 128MiB]'
	judge '[rows("block"; "16MiB"; "read")] | length == 2 and all(.hit_ratio > 0.9 and .device_bytes < 4194304)'
	judge '[rows("block"; "128MiB"; "read")] | length == 2 and all(.hit_ratio < 0.5 and .device_bytes > 67108864)'
}

@test "writeback: the data reaches the device after the writer is gone, and is not the flusher's" {
	own_disk runs 256M
	ready writeback containers.writer.workload.ior.block=64MiB containers.flusher.start=3s
	[ -z "$(find runs -size +32M)" ]
	sqlite3 runs/latest/run.db "SELECT t.name, sum(h.bytes) FROM histogram h JOIN target t ON t.id = h.target
		JOIN device d ON d.dev = h.device JOIN tick k ON k.seq = h.seq
		WHERE h.layer = 'block_total' AND h.op = 'write' AND d.name = '$disk'
		AND k.begin_ns > (SELECT end_ns FROM target WHERE name = 'writer') GROUP BY t.name" > late
	cat late
	no_own_disk
	late_of() { awk -F '|' -v name="$1" '$1 == name { n = $2 } END { print n + 0 }' late; }
	# All of it, by its owner or by nobody.
	[ $(($(late_of writer) + $(late_of 'unattributed (writeback)'))) -ge $((64 << 20)) ]
	[ "$(late_of flusher)" -lt $((4 << 20)) ]
}

@test "writeback: nothing is left of a run that is interrupted when the data is written" {
	status=0
	"$CBPF" run --store runs --quiet --set containers.writer.workload.ior.block=64MiB --set containers.flusher.start=100s \
		"$ROOT/specs/writeback.yml" > out 2>&1 &
	run_pid=$!
	for ((i = 0; i < 300; i++)); do
		[ -z "$(find runs -size +65535k 2>/dev/null)" ] || break
		sleep 0.1
	done
	[ -n "$(find runs -size +65535k)" ]
	kill -INT $run_pid
	wait $run_pid || status=$?
	cat out
	[ "$status" = 130 ]
	ls -R runs
	[ -z "$(find runs -size +32M)" ]
	[ ! -e runs/latest/volumes ]
}

@test "throttled: calls wait in the queue with a limit of I/O, and for a CPU with a quota" {
	CBPF_DEVICE=$PWD ready throttled containers.ior.workload.ior.block=16MiB
	jq -c 'select(.axes.limit == "io")' report.json > io.json
	jq -c 'select(.axes.limit == "cpu")' report.json > cpu.json
	largest io.json ior queue
	# The device's own time is as much as it takes, with a quota or without.
	largest cpu.json ior runq device
	jq -e '.targets[0].cgroup.cpu_throttled_ns > 0' cpu.json
	jq -s -e '.[] | select(.axes.limit == "none") | (.targets[0].cgroup.cpu_throttled_ns // 0) == 0' report.json
	judge '[rows("limit"; "io"; ("write", "read"))] | length == 2 and all(.bw_mib_s.mean < 25)'
}

@test "io500-ior: every phase moves what it is to move, checked, and leaves no file" {
	IO500_DIR=$PWD IO500_TRANSFERS=4 ready io500-ior
	jq -s -c '[.[] | .axes.phase as $p | .targets[0].results[] | [$p, .op, .bytes, .tasks]]' report.json > moved
	cat moved
	easy=$((2 * 4 * 2 << 20)) hard=$((2 * 4 * 47008))
	jq -e "sort == ([[\"easy-write\", \"write\", $easy, 2], [\"hard-write\", \"write\", $hard, 2],
		[\"easy-read\", \"read\", $easy, 2], [\"hard-read\", \"read\", $hard, 2],
		[\"rnd4k-read\", \"read\", $easy, 2]] | sort)" moved
	[ -z "$(find . -name 'cbpf-io500*')" ]
	# From memory, as nobody has asked for anything else.
	judge 'first(rows("phase"; "easy-read"; "read")) | .device_bytes < 4194304'
	# Small ones are seen as such.
	judge 'first(rows("phase"; "rnd4k-read"; "read")) | .vfs_ns.count > 4000'
}

@test "noisy-neighbour: the victim's requests lose time to the neighbour's" {
	ready noisy-neighbour repeat=1 containers.victim.workload.ior.block=8MiB containers.neighbour.start=0s \
		containers.neighbour.workload.ior.block=64MiB containers.neighbour.workload.ior.repetitions=8
	# Buffered writes may be nobody's.
	jq -e '[.interference[] | select(.victim == "victim"
		and (.aggressor == "neighbour" or .aggressor == "unattributed (writeback)")) | .ns] | add > 0' report.json
}
