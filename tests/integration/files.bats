#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The files that targets use most: beside what was read and written, and with more files than places.

load ../lib/jq
load ../lib/run

DRIVE=$BUILD/tests/lib/drive_files

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
	dd if=/dev/urandom of=big bs=64k count=64 status=none
	dd if=/dev/urandom of=small bs=4k count=10 status=none
}

teardown() {
	no_own_disk
}

# run_files PLACES COMMAND: of a target called a.
run_files() {
	cat > spec.yml <<-END
	name: files
	runtime: native
	collectors: {block: false, sched: true, pagecache: false, vfs: {mode: true, files: $1}}
	containers:
	  a: {command: [sh, -c, '$2']}
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	report '.targets[0].files // [] | map([.path, .reads, .writes, .others, .missed])'
}

# file NAME FILTER: of what is told of one.
file() {
	report ".targets[0].files[] | select(.path == \"$PWD/$1\") | $2"
}

@test "each file has its own reads and writes, to the byte" {
	run_files 1024 "cd $PWD; dd if=big of=copy bs=64k status=none; dd if=small of=/dev/null bs=4k status=none;
		dd if=small of=/dev/null bs=4k status=none"
	# dd reads until there is nothing.
	[ "$(file big '"\(.reads) \(.read_bytes) \(.writes) \(.missed)"')" = "65 4194304 0 0" ]
	[ "$(file copy '"\(.writes) \(.write_bytes) \(.reads) \(.missed)"')" = "64 4194304 0 0" ]
	[ "$(file small '"\(.reads) \(.read_bytes)"')" = "22 81920" ]
	[ "$(file copy .fs)" = "$(findmnt -n -o FSTYPE -T . | tail -n 1)" ]
	[ "$(file big .inode)" = "$(stat -c %i big)" ]
	file big '.read_ns > 0 and .others >= 2' | grep -qx true
	# Places enough for all that it used.
	[ "$(report '[.losses[] | select(.what == "vfs.files")] | length')" = 0 ]
	report '.targets[0].files_total | .read_bytes_ratio > 0.99 and .write_bytes_ratio > 0.99' |
		grep -qx true
	[ "$(file copy '.flags | join(" ")')" = wronly ]
	[ "$(file big '.flags | join(" ")')" = rdonly ]
}

@test "past the page cache or not" {
	run_files 1024 "cd $PWD; dd if=big of=/dev/null bs=64k iflag=direct status=none;
		dd if=small of=/dev/null bs=4k status=none"
	[ "$(file big '"\(.direct) \(.reads)"')" = "65 65" ]
	[ "$(file small .direct)" = 0 ]
	[ "$(file big '.flags | join(" ")')" = "rdonly direct" ]
}

@test "many more files than places: the one that is used most is there, and what may be missing is told" {
	mkdir many
	run_files 64 "cd $PWD; i=0; while [ \$i -lt 600 ]; do echo \$i > many/\$i; i=\$((i + 1)); done;
		dd if=big of=/dev/null bs=4k status=none; i=0; while [ \$i -lt 600 ]; do read x < many/\$i; i=\$((i + 1)); done"
	report '.targets[0].files | length > 0 and length <= 20' | grep -qx true
	[ "$(sqlite3 runs/latest/run.db 'select count(*) <= 64 from file')" = 1 ]
	# 1025 reads, all but as many as are told to be missing.
	file big '.reads + .missed >= 1025 and .reads <= 1025 and .reads > 900' | grep -qx true
	[ "$(report '.targets[0].files | max_by(.reads).path')" = "$PWD/big" ]
	# 64 places, and 602 files or more that had one.
	report '.losses[] | select(.what == "vfs.files").count >= 602 - 64' | grep -qx true
	report '.targets[0].files_total | .files <= 64 and .read_bytes_ratio > 0.9 and .writes_ratio < 1' |
		grep -qx true
}

# rows FILTER: how many of the database's files.
rows() {
	sqlite3 runs/latest/run.db "select count(*) from file where $1"
}

@test "tasks that open the same file at once: it is one file, and what is not counted is told" {
	"$DRIVE" make 1000
	run_files 16384 "cd $PWD; $DRIVE shared 8 1000"
	[ "$(rows "path like '%/shared.%'")" = 1000 ]
	# Opened, read and closed once by each.
	[ "$(rows "path like '%/shared.%' and (reads > 8 or others > 16)")" = 0 ]
	[ "$(rows "path like '%/shared.%' and reads + others + missed < 24")" = 0 ]
}

@test "a file that a task keeps open is found again after its place was taken" {
	dd if=/dev/zero of=held bs=4k count=1 status=none
	run_files 64 "cd $PWD; $DRIVE held 3000 50000"
	file held '.reads + .missed >= 50001 and .reads <= 50001 and .reads > 45000 and .missed > 0' | grep -qx true
}

@test "a number of an inode that is given out again is another file" {
	own_disk disk 64M
	run_files 1024 "cd $PWD/disk; $DRIVE again 50"
	no_own_disk
	[ "$(rows "path like '%/disk/again.%'")" = 50 ]
	[ "$(rows "path like '%/disk/again.%' and (writes != 1 or missed != 0)")" = 0 ]
	[ "$(sqlite3 runs/latest/run.db "select count(distinct inode) < 50 from file where path like '%/again.%'")" = 1 ]
}

@test "a copy reads one file and writes the other" {
	dd if=/dev/urandom of=from bs=30000 count=1 status=none
	run_files 1024 "cd $PWD; $DRIVE copy 30000"
	[ "$(file from '"\(.reads) \(.read_bytes) \(.writes) \(.write_bytes)"')" = "3 64096 0 0" ]
	[ "$(file to '"\(.writes) \(.write_bytes) \(.reads) \(.read_bytes)"')" = "3 64096 0 0" ]
	file from '.read_ns > 0' | grep -qx true
}

@test "flags by name, of every time that a file was opened" {
	run_files 1024 "cd $PWD; $DRIVE flags"
	# What made it is not kept by the kernel.
	[ "$(file made '.flags | join(" ")')" = wronly ]
	[ "$(file appended '.flags | join(" ")')" = "wronly append" ]
	[ "$(file synced '.flags | join(" ")')" = "wronly sync" ]
	[ "$(file dsynced '.flags | join(" ")')" = "rdwr nonblock dsync" ]
	[ "$(file both '.flags | join(" ")')" = "rdonly wronly noatime" ]
	[ "$(file later '.flags | join(" ")')" = "wronly append" ]
	[ "$(report '.targets[0].files[] | select(.flags | index("tmpfile")) | "\(.writes) \(.flags | join(" "))"')" = \
		"1 rdwr tmpfile" ]
}

@test "names of any length are whole, and a path that is not shows it" {
	local long deep
	long=$(printf 'n%.0s' $(seq 255))
	deep=$long/$(printf 'd%.0s' $(seq 255))/$(printf 'e%.0s' $(seq 255))
	mkdir -p short "$deep"
	run_files 1024 "cd $PWD; cp big short/$long; cp big $deep/${long}"
	[ "$(file "short/$long" .writes)" -gt 0 ]
	report '.targets[0].files[].path' | grep -x "\.\.\./.*/$long"
}

@test "without places for files there are none, and it costs nothing" {
	run_files 0 "cat $PWD/small > /dev/null"
	[ "$(report '.targets[0].files')" = null ]
	report '.targets[0].vfs.read.calls > 0' | grep -qx true
}

@test "two targets have the same file each for themselves" {
	cat > spec.yml <<-END
	name: files
	runtime: native
	collectors: {block: false, pagecache: false, vfs: {mode: true, files: 512}}
	containers:
	  a: {command: "dd if=$PWD/big of=/dev/null bs=64k status=none"}
	  b: {command: "dd if=$PWD/big of=/dev/null bs=1M status=none"}
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	[ "$(report '[.targets[] | select(.files) | .files[] | select(.path | endswith("/big")) | .reads] | sort | map(tostring) | join(" ")')" = "5 65" ]
}
