#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The block probe with pure cgroup v2 (the host may be hybrid): whose request is it, and bytes against
# io.stat and /proc/diskstats. The backend and the kernel's series are in this file's name, and the
# others are links to it. One boot (guest_block.sh) is for both backends.

load ../lib/jq
load ../lib/block
load ../lib/vm
load ../lib/guest_rows

setup_file()
{
	load ../lib/vm
	load ../lib/guest_rows
	guest_rows_find "$BATS_TEST_FILENAME"
	[ -n "$NO_BOOT" ] || VM_MODULES="scsi_debug sd_mod mq-deadline" VM_LIMIT=400 \
		guest_rows_boot block "$BATS_TEST_DIRNAME/guest_block.sh"
}

setup()
{
	guest_rows_setup
	JSON=all.json
	some "$JSON"
	same backend "$(jq -r .backend "$JSON")" "$BACKEND"
}

# What is charged to the case's cgroup is what io.stat of that cgroup says.
charged() # CASE OP IO.STAT-FIELD
{
	same "$2 bytes beside io.stat" "$(of "$1" vda "$2" .bytes)" "$(io_stat "$1" vda "$3")"
}

no_longer_than() # NS: nothing took as long as the machine is up, or longer than the test
{
	jq -e --argjson max "$1" '[.rows[] | .queue.max, .device.max, .total.max] | max < $max' "$JSON"
}

@test "every command ended as it had to" {
	for file in status/*; do
		case $file in
		*/medium) same "$file" "$(cat "$file")" 1 ;;
		*) same "$file" "$(sort -u "$file")" 0 || { cat "said/${file#*/}"; false; } ;;
		esac
	done
}

@test "nothing is lost, nothing is left in flight, and times and counts agree" {
	no_losses
	same "in flight" "$(jq .in_flight "$JSON")" 0
	consistent "$JSON"
}

@test "the sum over owners is what /proc/diskstats counted, the journal included" {
	equals_diskstats "$JSON" "$(cat dev/vda)"
}

@test "O_DIRECT is its cgroup's, to the byte, and as io.stat says; the owner's name is known" {
	is direct vda write .bytes 4194304
	is direct vda read .bytes 4194304
	charged direct write wbytes
}

@test "buffered writes with fsync are as io.stat says, and the journal's flushes are somebody's" {
	charged fsync write wbytes
	[ "$(of fsync vda write .bytes)" -ge 4194304 ]
	[ "$(all_of vda flush .ios)" -gt 0 ]
}

@test "the journal itself is metadata, and nobody's" {
	[ "$(rows "$JSON" 'select(.op == "write" and .why == "metadata") | .bytes')" -gt 0 ]
}

@test "writeback after the writer's end is charged to who dirtied the pages" {
	is late vda write .bytes 4194304
	charged late write wbytes
}

@test "a mixed load under each I/O scheduler took no longer than it did" {
	[ "$(of mixed vda read .bytes)" = $((2 * 3 * 4194304)) ]
	[ "$(of mixed vda write .bytes)" -ge $((2 * 3 * 200 * 4096)) ]
	no_longer_than 60000000000
}

@test "a device that needs no flushes: every write is there" {
	charged through write wbytes
	[ "$(of through vda write .bytes)" -ge 4194304 ]
}

@test "without iostats every write is there, timed, and times are no uptimes" {
	JSON=no_iostats.json
	[ "$(of no_iostats vda write .bytes)" -ge 4194304 ]
	no_longer_than 60000000000
	jq -e '[.rows[] | select(.op == "write") | .device.count == .ios] | all' "$JSON"
	no_losses
}

@test "a medium error is an error of its owner, once per request" {
	[ "$(of medium scsi read .errors)" -ge 1 ]
	jq -e '[.rows[] | .errors <= .ios] | all' "$JSON"
}
