#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What rules conclude of real runs: each is provoked, with the right numbers, and has a control that does
# not provoke it.

bats_require_minimum_version 1.5.0
load ../lib/jq
load ../lib/run
load ../lib/findings

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "reads from memory, and writes that are not on the device yet" {
	ior "transfer: 256KiB, block: 512MiB, segments: 1"
	finds "cache-reads a"
	finds "not-persisted a"
	is cache-reads .application_read_bytes $((512 << 20))
	jq -e '[.findings[] | select(.id == "not-persisted")][0].evidence
		| .written_bytes == 536870912 and .dirty_bytes > 53687091 and .dirty_bytes <= 600000000' report.json
	# The rows that prove it are there.
	sqlite3 -readonly runs/latest/run.db ".param set ?1 0" "$(of cache-reads .rows)" > rows
	[ -s rows ]
	# And the database has it for itself.
	[ "$(sqlite3 -readonly runs/latest/run.db "SELECT count(*) FROM finding WHERE id = 'cache-reads'")" = 1 ]
	ior "transfer: 256KiB, block: 256MiB, segments: 1, odirect: true"
	silent cache-reads
	silent not-persisted
	ior "transfer: 256KiB, block: 256MiB, segments: 1, fsync: true, read: false, write: true"
	silent not-persisted
}

@test "a file in memory" {
	local file=/dev/shm/cbpf-findings.$$
	ior "transfer: 256KiB, block: 16MiB, segments: 1, file: $file"
	rm -f "$file"*
	finds "tmpfs a"
	silent cache-reads
	ior "transfer: 256KiB, block: 16MiB, segments: 1, odirect: true"
	silent tmpfs
}

@test "syncing each write, in small and odd pieces" {
	ior "transfer: 4KiB, block: 8MiB, segments: 1, fsync_per_write: true, read: false, write: true"
	finds "fsync-bound a"
	finds "small-io a"
	[ "$(of small-io .small | cut -d. -f1)" -ge 2048 ]
	silent misaligned
	ior "transfer: 47008, block: 47008, segments: 100, read: false, write: true"
	finds "misaligned a"
	is misaligned .transfer_bytes 47008
	ior "transfer: 1MiB, block: 64MiB, segments: 1, odirect: true, read: false, write: true"
	silent fsync-bound
	silent small-io
}

@test "repetitions: too few, too short, and a time limit" {
	ior "transfer: 1MiB, block: 8MiB, segments: 1, odirect: true, stonewall_s: 5"
	finds "too-short a"
	finds "few-reps a"
	finds "stonewall a"
	ior "transfer: 64KiB, block: 4GiB, segments: 1, odirect: true, stonewall_s: 2, wear_out: false, read: false,
	     write: true" "" "findings: {few-reps.repetitions: 1, too-short.seconds: 0.5}"
	silent too-short
	silent few-reps
	finds "stonewall a"
	ior "transfer: 64KiB, block: 64MiB, segments: 1, odirect: true, stonewall_s: 1, wear_out: true, read: false,
	     write: true"
	silent stonewall
}

@test "ranks that read what others wrote, on the same host" {
	local load="ranks: 2, transfer: 256KiB, block: 8MiB, segments: 1"
	ior "$load, reorder: true"
	finds "reorder-noop a"
	ior "$load"
	silent reorder-noop
	# Without the page cache there is nothing to avoid: by the older name of the option, too.
	ior "$load, reorder: true, options: [-O, useO_DIRECT=1]"
	silent reorder-noop
	# Nor with nothing in it.
	ior "$load, reorder: true" "before: {sync: true, drop_caches: true}"
	silent reorder-noop
}

# What IOR printed of two tests, 3 and 2 repetitions long: test 0 is 10 times as fast as test 1.
@test "tests of a script are no repetitions, nor is what a library moves from memory" {
	cat > spec.yml <<-END
	name: script
	runtime: native
	containers:
	  a: {command: [cat, $ROOT/tests/data/ior/script.txt]}
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	report '.findings[] | select(.id == "few-reps").evidence
		| "\(.op): \(.repetitions) of \(if .test then "test \(.test)" else "\(.tests) tests" end)"' > told
	# Of test 1 there are too few; those of test 0's reads vary, by the deviation of what IOR printed.
	diff told - <<-END
	write: 2 of 1 tests
	read: 3 of test 0
	read: 2 of 1 tests
	END
	awk '$1 == "read" && NF > 9 { print $2 }' "$ROOT/tests/data/ior/script.txt" | head -n 3 > bw
	report '[.findings[] | select(.id == "few-reps").evidence.deviation_ratio | numbers][0]' > ratio
	awk '{ n++; sum += $1; squares += $1 * $1 }
		END { getline told < "ratio"; mean = sum / n; is = sqrt((squares - n * mean * mean) / (n - 1)) / mean
			print told, is; exit !(told - is < 1e-6 && is - told < 1e-6) }' bw
	# It said that it read 128 MiB, and has not called for them here: devices say nothing of that.
	report '[.findings[] | select(.id == "cache-reads")] | length' | grep -qx 0
	report '[.not_judged[] | select(.id == "cache-reads").missing] | join("\n")' | grep 'of 128 MiB'
}

@test "more ranks than CPUs" {
	ior "transfer: 4KiB, block: 32MiB, segments: 1, ranks: 4, file_per_process: true" 'cpus: "0"'
	finds "oversubscribed a"
	is oversubscribed .tasks 4
	ior "transfer: 256KiB, block: 16MiB, segments: 1, odirect: true"
	silent oversubscribed
}

@test "a neighbour on the device, and nobody" {
	local load="dd if=/dev/zero of=f bs=1M count=400 oflag=direct status=none"
	cat > spec.yml <<-END
	name: findings
	runtime: native
	interval: 50ms
	drain: 1s
	containers:
	  a: {command: [sh, -c, "$load"]}
	  b: {command: [sh, -c, "$load"]}
	END
	# Where the kernel keeps a completion from the probe it is not judged.
	for _ in 1 2 3; do
		run_spec spec.yml
		report '.findings[] | .id + " " + (.target // "run")' > found
		! finds "noisy-neighbour a" || break
	done
	finds "noisy-neighbour a"
	finds "noisy-neighbour b"
	jq -e '[.findings[] | select(.id == "noisy-neighbour" and .target == "a")][0].evidence
		| .most == "b" and .others_ratio > 0.2 and .others_ratio < 0.8' report.json
	# One after the other they are no neighbours.
	sed -i -e 's/bs=1M count=400/bs=64k count=200/' -e '/  b: /s/{/{start: 5s, /' spec.yml
	run_spec spec.yml
	jq -e '[.targets[] | select(.name == "a" or .name == "b").block | to_entries[].value.write.ios // 0]
		| length >= 2 and all(. >= 100)' report.json
	jq -e '[.findings[] | select(.id == "noisy-neighbour" and (.evidence.most == "a" or .evidence.most == "b"))] == []' report.json
	# On a disk of its own; others may use that of the machine.
	own_disk alone 512M
	ior "transfer: 1MiB, block: 128MiB, segments: 1, odirect: true, file: $PWD/alone/f"
	[ "$(report "[.findings[] | select(.id == \"noisy-neighbour\" and .evidence.device == \"$disk\")] | length")" = 0 ]
	no_own_disk
}

@test "what nobody looked at is not judged, and said so" {
	ior "transfer: 256KiB, block: 16MiB, segments: 1" "" "collectors: {block: false, vfs: false, sched: false}"
	for rule in cache-reads small-io dirty-throttled noisy-neighbour; do
		run ! grep "^$rule " found
		jq -e --arg r $rule 'any(.not_judged[]; .id == $r and .target == "a" and .missing != "")' report.json
	done
	"$CBPF" report --store runs --findings-only > text
	grep -q 'not judged for want of' text
	"$CBPF" report --store runs --findings-only --json | jq -e 'keys == ["findings", "id", "not_judged"]'
}

@test "thresholds that there are not" {
	printf 'name: x\nruntime: native\nfindings: {cache-reads.rate: 1}\ncontainers: {a: {command: "true"}}\n' > spec.yml
	run_spec spec.yml
	[ "$status" = 2 ]
	grep -F "no rule has a threshold 'cache-reads.rate'" stderr
}
