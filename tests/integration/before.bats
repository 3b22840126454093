#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is done to the host before a target, or before each phase of IOR, on a disk of the test's own.

load ../lib/jq
load ../lib/run

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
	truncate -s 256M disk.img
	LOOP=$(losetup -f --show disk.img) || skip "no loop devices here"
	mkfs.ext4 -q "$LOOP"
	mkdir mnt
	mount "$LOOP" mnt
}

teardown() {
	if mountpoint -q "$BATS_TEST_TMPDIR/mnt"; then umount "$BATS_TEST_TMPDIR/mnt"; fi
	losetup -nO NAME -j "$BATS_TEST_TMPDIR/disk.img" | xargs -r losetup -d
}

# ior BEFORE KEYS [LINE...]: a spec with this workload on that disk, run.
ior() {
	local before=$1 keys=$2
	shift 2
	{
		printf 'name: before\nruntime: native\ncollectors: {block: true, vfs: true}\ncontainers:\n  a:\n'
		[ -z "$before" ] || printf '    before: {%s}\n' "$before"
		printf '    working_dir: %s/mnt\n    workload: {ior: {binary: cbpf-ior, %s}}\n' "$PWD" "$keys"
		printf '    %s\n' "$@"
	} >spec.yml
	run_spec spec.yml
}

events='[.events[] | select(.what == "before" and .target == "a") | .text]'
on_disk='([.targets[0].phases[] | select(.op == "read") | [.block[]?.read.bytes // 0] | add] | add // 0)'

@test "caches are dropped before each phase: reads come from the disk" {
	keys='transfer: 256KiB, block: 8MiB, ranks: 2, file_per_process: true, repetitions: 2'
	ior 'sync: true, drop_caches: true, settle: 10s' "$keys"
	[ "$status" = 0 ]
	jq -e "$on_disk >= 2 * 16777216" report.json
	jq -e '.targets[0].results | [.[] | [.op, .iteration, .bytes]] == [["write", 0, 16777216], ["read", 0, 16777216],
		["write", 1, 16777216], ["read", 1, 16777216]]' report.json
	# Four phases with three things each, in order, and each before the phase that it is for.
	jq -e "$events"' | length == 12 and (map(split(":")[0]) | unique) == ["read 0", "read 1", "write 0", "write 1"]
		and (.[0] | startswith("write 0: sync:")) and (.[1] | startswith("write 0: drop_caches:"))
		and (.[2] | startswith("write 0: settle: ")) and (.[3] | startswith("read 0: sync:"))' report.json
	jq -e '[.events[] | select(.what == "before")] as $e | .targets[0].phases as $p
		| all(range(4); $e[. * 3 + 2].mono_ns <= $p[.].begin_ns)
		and all(range(3); $e[(. + 1) * 3].mono_ns >= $p[.].end_ns)' report.json
	# What each phase printed and summed up is kept, and nothing of the test's files.
	[ "$(ls runs/latest/results)" = "$(printf 'a.%d.json\n' 0 1 2 3)" ]
	[ ! -e runs/latest/work ]
	[ "$(ls mnt)" = lost+found ]
	# Without, they are cached.
	ior '' "$keys"
	[ "$status" = 0 ]
	jq -e "$on_disk < 16777216 and ($events == [])" report.json
}

@test "free blocks are discarded" {
	ior 'trim: true' 'transfer: 256KiB, block: 4MiB'
	[ "$status" = 0 ]
	jq -e "$events"' | length == 2 and all(.[]; test("(write|read) 0: trim: .* of free blocks were discarded"))' report.json
	jq -e '[.targets[] | .block[] | .discard.bytes // 0] | add > 100000000' report.json
}

@test "the governor is told, whatever it is, and not changed" {
	governors() { cat /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor 2>&1 || :; }
	was=$(governors)
	ior 'governor: no-such-one' 'transfer: 256KiB, block: 1MiB, write: true'
	[ "$status" = 0 ]
	[ "$(governors)" = "$was" ]
	jq -e "$events"' | length == 1 and (.[0] | startswith("write 0: governor: "))' report.json
	jq -e '.losses[] | select(.what == "before") | .reason | startswith("a: write 0: governor: ")' report.json
}

@test "data that was written in one invocation is verified in another, and a stonewall is kept" {
	ior 'sync: true' 'transfer: 64KiB, block: 4MiB, ranks: 2, write: true, verify_read: true, repetitions: 2'
	[ "$status" = 0 ]
	jq -e '.targets[0].results | length == 4 and all(.[]; .status == "ok")' report.json
	ior 'sync: true' 'transfer: 4KiB, block: 64MiB, ranks: 2, file_per_process: true, stonewall_s: 1, wear_out: true, options: ["-O", "interIODelay=1000"]'
	[ "$status" = 0 ]
	jq -e '.targets[0].results | length == 2 and .[0].bytes < 134217728 and .[1].bytes <= .[0].bytes
		and .[1].bytes > 0' report.json
}

@test "what each rank did is there, by its phase" {
	ior 'sync: true' 'transfer: 64KiB, block: 1MiB, ranks: 2, repetitions: 2, rank_details: true'
	[ "$status" = 0 ]
	jq -e '.targets[0].rank_results | length == 8 and (map([.op, .iteration, .rank]) | unique | length) == 8
		and all(.[]; .bytes == 1048576 and .total_s > 0 and (has("command") | not))' report.json
	jq -e '.targets[0].results | length == 4 and all(.[]; has("rank") | not)' report.json
	jq -e '.targets[0].application.write.bytes == 4194304' report.json
	# The same, of all phases in one invocation.
	ior '' 'transfer: 64KiB, block: 1MiB, ranks: 2, repetitions: 2, rank_details: true'
	[ "$status" = 0 ]
	jq -e '.targets[0].rank_results | length == 8 and (map([.op, .iteration, .rank]) | unique | length) == 8' report.json
	[ "$(ls runs/latest/results)" = "$(printf '%s\n' a.json a.ranks.csv)" ]
}

@test "a phase that fails ends it, and what it said is told" {
	ior 'sync: true' 'transfer: 1MiB, block: 512MiB'
	[ "$status" = 1 ]
	jq -e '.status == "failed" and (.targets[0].results[0].status == "failed")' report.json
	jq -e "$events"' | length == 1' report.json
}

@test "it can be stopped before it begins, and at its time" {
	ior 'sync: true, settle: 10s' 'transfer: 256KiB, block: 1MiB, repetitions: 1000' 'stop: 2s'
	[ "$status" = 0 ]
	jq -e '.status == "ok" and .targets[0].state == "stopped"' report.json
	[ "$(ls mnt)" = lost+found ]
}

@test "a command is prepared for once, before it starts" {
	printf '%s\n' 'name: before' 'runtime: native' 'collectors: {vfs: true}' 'containers:' \
		'  a: {command: "sleep 0.2", before: {sync: true, settle: 5s}}' >spec.yml
	run_spec spec.yml
	[ "$status" = 0 ]
	jq -e "$events"' | length == 2 and (.[0] | startswith("sync: ")) and (.[1] | startswith("settle: "))' report.json
	jq -e '([.events[] | select(.what == "before") | .mono_ns] | max) <= .targets[0].start_ns' report.json
}

@test "what this host cannot do is refused with a reason, before anything runs" {
	mkdir tmp
	mount -t tmpfs cbpf-test tmp
	printf '%s\n' 'name: before' 'runtime: native' 'containers:' \
		"  a: {command: 'touch $PWD/ran', working_dir: $PWD/tmp, before: {trim: true}}" >spec.yml
	run_spec spec.yml
	umount tmp
	[ "$status" = 3 ]
	grep -F 'trim' stderr
	grep -F "$PWD/tmp" stderr
	[ ! -e ran ]
}

@test "what makes no sense is told when the spec is read" {
	printf '%s\n' 'runtime: native' 'containers:' '  a: {command: [x], before: {sync: false}}' \
		'  b:' '    before: {drop_caches: true}' '    workload: {ior: {options: [-w], delay_s: 1}}' >spec.yml
	status=0; "$CBPF" validate spec.yml > out 2>&1 || status=$?
	[ "$status" = 2 ]
	grep -F 'before: nothing is asked for' out
	grep -F 'drop_caches leaves dirty pages in the cache' out
	grep -F -- '-w cannot be among the options' out
	grep -F 'delay_s is of no use' out
}
