#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What judges counts of the page cache and of calls where some may be missing: they are missing no more
# than is told.

load ../lib/pagecache
load ../lib/vfs

setup() {
	UNPROVEN=
	. "$BATS_TEST_DIRNAME/../lib/pagecache_cases.sh"
}

# In the midst of a test, ! is no failure.
fails() {
	! "$@"
}

@test "within 1 % where nothing is missing" {
	near a 6100 6144
	fails near a 6000 6144
	fails near a 6300 6144
	MORE=1 fails near a 6300 6144
	fails near a -1 6144
	near a 20 0
	fails near a 25 0
	[ -z "$UNPROVEN" ]
}

@test "fewer by what may be missing, and no more" {
	MISSING=10 EACH=16
	near a $((6144 - 160)) 6144
	fails near a $((6144 - 161)) 6144
	fails near a 6300 6144
	MORE=1 near a 6300 6144
	MORE=1 fails near a 6305 6144
	[ -z "$UNPROVEN" ]
	close_to a 85 100 5
	fails close_to a 84 100 5
	fails close_to a 106 100 5
	[ -z "$UNPROVEN" ]
}

@test "what says nothing is no proof: not even of nothing seen" {
	MISSING=1000 EACH=16
	near accessed 0 6144
	[ "$UNPROVEN" = "accessed 0 of 6144" ]
	close_to faults 3 900 5
	[ "$UNPROVEN" = "accessed 0 of 6144, faults 3 of 900" ]
	UNPROVEN=
	# What is exact is, whatever may have been missed.
	near accessed 6144 6144
	close_to faults 899 900 5
	[ -z "$UNPROVEN" ]
}

@test "a value that is absent is no proof" {
	MISSING=1000 EACH=16
	near accessed -1 6144
	[ -n "$UNPROVEN" ]
}

@test "an event has the pages of a call, or what is read ahead at once" {
	[ "$(pages_each cold_4k)" = 32 ]
	[ "$(pages_each cold_1m)" = 257 ]
	[ "$(pages_each mapped)" = 32 ]
	[ "$(pages_each a)" = 257 ]
}

# calls SEEN LOST [MAY_LOSE]: of 400 reads
calls() {
	cd "$BATS_TEST_TMPDIR" || return
	echo '{"vfs": {}}' >base.json
	echo '{"vfs": {"read": {"calls": 400}, "fsync": {"calls": 0}}}' >own.json
	echo "{\"vfs\": {\"read\": {\"calls\": $1}, \"lost\": {\"read\": $2, \"fsync\": $2}}}" >seen.json
	VFS_MAY_LOSE=${3:-1} vfs_same a own.json seen.json base.json
}

@test "nor are calls that were not seen proven where all of them may be missing" {
	calls 400 0 0
	fails calls 399 0 0
	calls 390 10
	fails calls 389 10
	calls 400 2500
	[ -z "$UNPROVEN" ]
	calls 0 2500
	[ "$UNPROVEN" = "a: read 0 of 400" ]
}
