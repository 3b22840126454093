#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is kept of tests by kernel and backend, and which kernel a name stands for.

load ../lib/matrix
load ../lib/vm

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "a line for each test: backend by the test's name, the file's, or none" {
	printf '1..3\nok 1 raw_tp: a sum\nnot ok 2 fentry\n# (why)\nok 3 - a # skip no such disk\n' >tap
	matrix_lines 6.1.0 tests/vm/run-6.1-rt.bats <tap >lines
	diff lines - <<-END
	6.1.0	raw_tp	vm/run.bats	a sum	ok
	6.1.0	-	vm/run.bats	fentry	failed
	6.1.0	-	vm/run.bats	a	skipped no such disk
	END
	printf '1..1\nok 1 it loads # skip\n' | matrix_lines k tests/vm/truth-tp_btf-6.12.bats >lines
	diff lines - <<<"k	tp_btf	vm/truth-tp_btf.bats	it loads	skipped"
}

@test "which code it was is kept with each result, and told of each kernel" {
	printf '1..1\nok 1 a\n' | matrix_lines 6.1 vm/x.bats "2026-01-31 abc1234+" >lines
	diff lines - <<<"6.1	-	vm/x.bats	a	ok	2026-01-31 abc1234+"
	printf '1..1\nok 1 b\n' | matrix_lines 6.1 vm/y.bats "2025-12-31 9876543" >>lines
	printf '1..1\nok 1 b\n' | matrix_lines 6.2 vm/y.bats >>lines
	matrix_table lines >table
	diff table - <<-END
	6.1	-	2	0	0	2025-12-31 to 2026-01-31
	6.2	-	1	0	0	?
	END
	"$BATS_TEST_DIRNAME/../matrix.sh" "$PWD/lines" | sed -n '/^## Which/,$p' | grep '^ *-' >codes
	diff codes - <<-END
	- 2026-01-31 abc1234+
	  - 6.1: vm/x.bats
	- 2025-12-31 9876543
	  - 6.1: vm/y.bats
	- not known
	  - 6.2: vm/y.bats
	END
	cd "$BATS_TEST_DIRNAME" || return 1
	matrix_code | grep -qE '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9a-f]+[+]?$'
}

@test "what was planned and did not run has failed" {
	printf '1..3\nok 1 a\n' | matrix_lines k tests/integration/x.bats >lines
	diff lines - <<-END
	k	-	integration/x.bats	a	ok
	k	-	integration/x.bats	test 2 of 3, which did not run	failed
	k	-	integration/x.bats	test 3 of 3, which did not run	failed
	END
}

@test "newer results replace those of the same kernel and file, and are counted" {
	printf '%s\t-\tf\tt\tok\n' 6.12 6.2 >old
	printf '6.12\traw_tp\tf\tt\tfailed\n6.12\traw_tp\tf\tu\tskipped why\n' >new
	matrix_merge new old
	matrix_table old >table
	diff table - <<-END
	6.2	-	1	0	0	?
	6.12	raw_tp	0	1	1	?
	END
}

@test "of the packages, the newest of a series and flavour, and no unsigned one" {
	printf 'linux-image-%s\n' 6.1.0-9-amd64 6.1.0-10-amd64 6.1.0-11-rt-amd64 6.1.0-12-amd64-unsigned \
		6.12.9+bpo-amd64 6.12.17+deb12-amd64 6.12.18+deb12-cloud-amd64 6.12-cloud-amd64 \
		6.12.19+deb12-cloud-amd64-dbg >names
	[ "$(vm_newest 6.1 <names)" = linux-image-6.1.0-10-amd64 ]
	[ "$(vm_newest 6.1-rt <names)" = linux-image-6.1.0-11-rt-amd64 ]
	[ "$(vm_newest 6.12 <names)" = linux-image-6.12.17+deb12-amd64 ]
	[ "$(vm_newest 6.12-cloud <names)" = linux-image-6.12.18+deb12-cloud-amd64 ]
	[ -z "$(vm_newest 6.12-rt <names)" ]
	[ "$(vm_series tests/vm/truth-raw_tp-6.12-rt.bats)" = 6.12-rt ]
	[ "$(vm_series tests/vm/run-6.1.bats)" = 6.1 ]
}

# A stand-in for QEMU, whose guest hangs in so many boots as HANGS says, in the way that HOW says.
hanging_qemu() {
	mkdir bin
	cat >bin/qemu-system-x86_64 <<-'END'
	#!/bin/sh
	for a; do case $a in
	file:*/console) console=${a#file:} ;;
	file:*/lives) lives=${a#file:} ;;
	esac; done
	echo boot >>"$BOOTS"
	if [ "$(wc -l <"$BOOTS")" -le "$HANGS" ]; then
		echo "watchdog: BUG: soft lockup - CPU#0 stuck for ${HOW}s! [sh:7]" >"$console"
		echo >"$lives"
		exec sleep 60
	fi
	for i in 1 2 3 4 5; do echo >>"$lives"; sleep 0.5; done
	echo "watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [sh:7]" >"$console"
	exit 3
	END
	chmod 755 bin/*
	vm_initramfs() { :; }
	export PATH=$PWD/bin:$PATH BOOTS=$PWD/boots TMPDIR=$PWD VM_KERNEL=none VM_RELEASE=none VM_OUT=$PWD/out
}

# boots HOW HANGS STATUS BOOTS
boots() {
	: >"$BOOTS"
	HOW=$1 HANGS=$2 run vm_run /dev/null
	echo "$output"
	[ "$status" = "$3" ]
	[ "$(wc -l <"$BOOTS")" = "$4" ]
	[ "$2" = 0 ] || [[ $output == *"hung; again"*"CPU#0 stuck for ${1}s"* ]]
}

@test "a guest whose CPU hung is stopped and booted again, and its words are kept" {
	hanging_qemu
	boots 119 0 3 1
	boots 119 1 3 2
	boots 119 2 3 3
	boots 119 3 125 3
}

@test "so is one that does not say any more that it lives" {
	hanging_qemu
	export VM_SILENCE=3
	boots 0 0 3 1
	boots 0 1 3 2
}
