#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The kernel's numbers cut to the phases of IOR: with pauses between them they are the tool's own, to the byte.

load ../lib/jq
load ../lib/run

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir scratch
}

# ior KEYS [LINE...]: a spec with this workload and further lines of its container, run.
ior() {
	local keys=$1
	shift
	{
		printf 'name: phases\nruntime: native\ncollectors: {block: true, vfs: true}\n'
		printf 'containers:\n  a:\n    workload: {ior: {binary: cbpf-ior, %s}}\n' "$keys"
		printf '    %s\n' "$@"
	} >spec.yml
	run_spec spec.yml
	[ "$status" = 0 ]
	report '.targets[0].phases[] | [.op, .iteration, .tool.bytes, .app, .cut] | @json'
}

# What was seen of each phase is what the tool moved, up to what lies in the ticks at its ends.
within='all(.targets[0].phases[]; (.tool.bytes - .app.bytes | fabs) <= .cut.edge_app_bytes)'

@test "phases apart from each other have the bytes of the tool, to the byte" {
	ior 'transfer: 64KiB, block: 16MiB, ranks: 2, file_per_process: true, repetitions: 2, delay_s: 1' \
		"volumes: ['tmpfs:$PWD/scratch']"
	jq -e '.targets[0].phases | length == 4 and all(.[];
		.bounds == "tool" and .tool.bytes == 33554432 and .app.mount.bytes == 33554432
		and .app.mount.fs == "tmpfs" and .cut.shared_ticks == 0 and .cut.ticks >= .cut.edge_ticks)
		and ([.[] | [.op, .iteration]] == [["write", 0], ["read", 0], ["write", 1], ["read", 1]])' report.json
	# Each has its own calls, as many as there were, with their latency.
	jq -e 'all(.targets[0].phases[]; .vfs[.op] | .calls >= 512 and .errors == 0
		and .latency_ns.count == .calls and .latency_ns.p50 <= .latency_ns.p99)' report.json
	# What programs read when they start may be in the tick of the first write.
	jq -e '.targets[0].phases[2] | .op == "write" and (.vfs.read.bytes // 0) < 1048576' report.json
	# They end before the next begins, and none has more than the run.
	jq -e '.targets[0].phases as $p | all(range(1; $p | length); $p[. - 1].end_ns < $p[.].begin_ns)' report.json
	jq -e '.targets[0] | ([.phases[].vfs.write.calls // 0] | add) <= .vfs.write.calls' report.json
	jq -e 'all(.targets[0].phases[]; .cpu.usage_ns > 0)' report.json
}

@test "what devices moved is in the phase that moved it" {
	ior 'transfer: 256KiB, block: 16MiB, odirect: true, repetitions: 2, delay_s: 1' "working_dir: $PWD/scratch"
	jq -e "$within" report.json
	# A request that the kernel did not show the end of is counted later, and has no time.
	jq -e '([.losses[] | select(.what == "block.completion_missed").count] | add // 0) as $missed
		| def moved($op): [.block[][$op].bytes // 0] | add;
		all(.targets[0].phases[]; .op as $op | moved($op) + $missed * 262144 >= .tool.bytes
			and ([.block[][$op].device_ns.count // 0] | add) + $missed >= 64)
		and all(.targets[0].phases[] | select(.op == "read"); moved("write") < 1048576)' report.json
	"$CBPF" report --store runs latest > text
	grep -E '^  phase +MiB/s +moved +seen' text
	grep -E '^  write 1 +[0-9.]+ +16.0 MiB +16.0 MiB' text
}

@test "phases one after the other share ticks, and what is not sure is told" {
	ior 'transfer: 64KiB, block: 4MiB, ranks: 2, file_per_process: true, repetitions: 8' \
		"volumes: ['tmpfs:$PWD/scratch']"
	jq -e "$within" report.json
	# Whatever the cut, no byte is in two phases, and none is lost between them.
	jq -e '.targets[0].phases as $p | all("read", "write"; . as $op
		| ([$p[] | select(.op == $op) | .app.mount.bytes] | add) as $sum
		| ($sum - 8 * 8388608) | fabs <= 8)' report.json
}

@test "reads of cached pages hit in their phase" {
	ior 'transfer: 64KiB, block: 16MiB, delay_s: 1' "working_dir: $PWD/scratch"
	jq -e '.targets[0] | .pagecache.hit_ratio == null
		or (.phases[] | select(.op == "read") | .pagecache.hit_ratio > 0.99 and .pagecache.accessed_pages >= 4096)' \
		report.json
}

@test "after a stonewall what wears out is told apart" {
	ior 'transfer: 64KiB, block: 1GiB, ranks: 2, file_per_process: true, stonewall_s: 1, wear_out: true, read: false, write: true' \
		"volumes: ['tmpfs:$PWD/scratch']"
	jq -e "$within" report.json
	jq -e '.targets[0].phases[0] | .tool.stonewall_s > 0 and .tool.stonewall_s + .tool.wear_out_s >= .tool.transfer_s - 0.001
		and .wear_out.begin_ns > .begin_ns and .wear_out.begin_ns <= .end_ns + 1000000
		and .wear_out.app_bytes >= 0 and .wear_out.app_bytes < .app.bytes' report.json
	"$CBPF" report --store runs latest > text
	grep -F 'until the stonewall' text
}
