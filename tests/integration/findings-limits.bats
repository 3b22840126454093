#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What rules conclude of real runs that are held back from outside: by limits, memory, and a full disk. Each
# is provoked, with the right numbers, and has a control that does not provoke it.

bats_require_minimum_version 1.5.0
load ../lib/jq
load ../lib/run
load ../lib/findings

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() { no_own_disk; }

@test "a limit that is reached, and one that is far away" {
	own_disk d 256M
	# A busy machine may not get even this far.
	for _ in 1 2 3; do
		ior "transfer: 256KiB, block: 24MiB, segments: 1, odirect: true, read: false, write: true, file: $PWD/d/f" \
			"io: {device: /dev/$disk, write_bps: 8MiB}"
		jq -c '.targets[0].io_limits' report.json
		! finds "io-throttled a" || break
	done
	finds "io-throttled a"
	is io-throttled .limit $((8 << 20))
	report "[.findings[] | select(.id == \"io-throttled\")][0].evidence
		| .reached > 8388608 * 0.95 and .reached < 8388608 * 1.05 and .device == \"$disk\"" | grep -qx true
	silent limit-idle
	ior "transfer: 256KiB, block: 24MiB, segments: 1, odirect: true, read: false, write: true, file: $PWD/d/f" \
		"io: {device: /dev/$disk, write_bps: 100GiB}"
	silent io-throttled
	silent limit-idle
	[ "$(report '.targets[0].io_limits[0].write_bps')" = $((100 << 30)) ]
}

@test "a limit that buffered writes do not know, on cgroup v1" {
	[ -e /sys/fs/cgroup/blkio ] || skip "block I/O is not charged to cgroup v1 here"
	own_disk d 256M
	ior "transfer: 256KiB, block: 64MiB, segments: 1, read: false, write: true, file: $PWD/d/f" \
		"io: {device: /dev/$disk, write_bps: 8MiB}"
	finds "limit-idle a"
	# And what it says itself.
	of limit-idle '.written_bytes >= 67108864 and .written_bytes < 67200000' | grep -qx true
	silent io-throttled
}

@test "a disk that is nearly full, and one that is not" {
	own_disk d 128M
	fallocate -l $(($(stat -f -c '%a * %S' d) - (2 << 20))) d/ballast
	ior "transfer: 64KiB, block: 256KiB, segments: 1, file: $PWD/d/f"
	finds "disk-full a"
	jq -e --arg at "$PWD/d" '[.findings[] | select(.id == "disk-full")][0].evidence
		| .mount == $at and .free_bytes < 4194304 and .used_bytes > 60000000' report.json || {
		jq -c .filesystems report.json
		false
	}
	rm d/ballast
	ior "transfer: 64KiB, block: 256KiB, segments: 1, file: $PWD/d/f"
	silent disk-full
}

@test "a quota of CPU time, and more of it than is used" {
	ior "transfer: 4KiB, block: 256MiB, segments: 1" "cpu_limit: 0.2"
	finds "cpu-throttled a"
	of cpu-throttled '.nr_throttled > 3 and .throttled_s > 0.1' | grep -qx true
	# The kernel's own count, of the same cgroup.
	is cpu-throttled .nr_throttled "$(sqlite3 -readonly runs/latest/run.db \
		'SELECT max(cpu_nr_throttled) FROM sample WHERE target = 0')"
	ior "transfer: 256KiB, block: 16MiB, segments: 1, odirect: true" "cpu_limit: 2"
	silent cpu-throttled
}

@test "writers that are paused for dirty pages, and those that write to the device" {
	own_disk d 768M
	ior "transfer: 1MiB, block: 400MiB, segments: 1, read: false, write: true, file: $PWD/d/f" \
		"memory: 48MiB"
	if grep -q '^memory-reclaim ' found; then
		of memory-reclaim '.limit_hits > 0 and .pressure_some_ratio > 0.1' | grep -qx true
	fi
	# Of that disk alone there may be few dirty pages.
	local bdi failed=0
	bdi=/sys/class/bdi/$(cat "/sys/block/$disk/dev")
	if [ -e "$bdi/strict_limit" ]; then
		echo 1 > "$bdi/strict_limit"
		echo 1 > "$bdi/max_ratio"
		ior "transfer: 1MiB, block: 600MiB, segments: 1, read: false, write: true, file: $PWD/d/f" || failed=1
		echo 100 > "$bdi/max_ratio" # a loop device keeps what it was told
		echo 0 > "$bdi/strict_limit"
		[ "$failed" = 0 ]
		finds "dirty-throttled a"
		of dirty-throttled ".paused_s > 0.1 * .writing_s and .paused_s <= .writing_s" | grep -qx true
	fi
	ior "transfer: 1MiB, block: 64MiB, segments: 1, odirect: true, read: false, write: true, file: $PWD/d/f"
	silent dirty-throttled
}
