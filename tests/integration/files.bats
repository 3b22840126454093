#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The files that targets use most: beside what was read and written, and with more files than places.

load ../lib/jq
load ../lib/run

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
	dd if=/dev/urandom of=big bs=64k count=64 status=none
	dd if=/dev/urandom of=small bs=4k count=10 status=none
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
	# As open(2) was given them: copy was made for writing (1), created (0100) and cut (01000).
	[ $(($(file copy .flags) & 3)) = 1 ]
	[ $(($(file big .flags) & 3)) = 0 ]
}

@test "past the page cache or not" {
	run_files 1024 "cd $PWD; dd if=big of=/dev/null bs=64k iflag=direct status=none;
		dd if=small of=/dev/null bs=4k status=none"
	[ "$(file big '"\(.direct) \(.reads)"')" = "65 65" ]
	[ "$(file small .direct)" = 0 ]
	[ $(($(file big .flags) & 040000)) != 0 ]
}

@test "many more files than places: the one that is used most is there, and what may be missing is told" {
	mkdir many
	run_files 64 "cd $PWD; i=0; while [ \$i -lt 600 ]; do echo \$i > many/\$i; i=\$((i + 1)); done;
		dd if=big of=/dev/null bs=4k status=none; i=0; while [ \$i -lt 600 ]; do read x < many/\$i; i=\$((i + 1)); done"
	report '.targets[0].files | length > 0 and length <= 20' | grep -qx true
	[ "$(sqlite3 runs/latest/run.db 'select count(*) <= 64 from file')" = 1 ]
	# 1025 reads, all but as many as are told to be missing.
	file big '.reads + .missed >= 1025 and .reads <= 1025 and .reads > 900' | grep -qx true
	[ "$(report '.targets[0].files[0].path')" = "$PWD/big" ]
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
