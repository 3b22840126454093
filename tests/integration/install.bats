#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# make install and uninstall, the package script, and the test runner itself.

bats_require_minimum_version 1.5.0
load ../lib/run

setup() {
	cd "$ROOT" || return 1
	unset MAKEFLAGS MAKELEVEL
}

packages() {
	CBPF_OS_RELEASE=$BATS_TEST_TMPDIR/os-release docker/packages.sh "$@"
}

@test "make install puts everything below DESTDIR and PREFIX, make uninstall takes it away" {
	dest=$BATS_TEST_TMPDIR/dest
	make -s install O="$BUILD" DESTDIR="$dest" PREFIX=/opt/cbpf
	"$dest/opt/cbpf/bin/cbpf" --version
	[ -x "$dest/opt/cbpf/bin/cbpf-ior" ]
	[ -s "$dest/opt/cbpf/share/man/man1/cbpf-run.1" ]
	[ -s "$dest/opt/cbpf/share/bash-completion/completions/cbpf" ]
	"$dest/opt/cbpf/bin/cbpf" validate "$dest/opt/cbpf/share/cbpf/specs/quickstart.yml"
	[ -s "$dest/opt/cbpf/share/cbpf/specs/cbpf.schema.json" ]
	make -s uninstall O="$BUILD" DESTDIR="$dest" PREFIX=/opt/cbpf
	[ -z "$(find "$dest" -type f)" ]
}

@test "a second make does nothing, and make is quiet" {
	run make O="$BUILD"
	[ "$status" = 0 ]
	[[ $output == *"Nothing to be done"* ]]
}

@test "the package script names what is missing per distribution, without touching anything" {
	echo 'ID=ubuntu' > "$BATS_TEST_TMPDIR/os-release"
	run packages --dry-run build
	[ "$status" = 0 ]
	printf 'ID=linuxmint\nID_LIKE="ubuntu debian"\n' > "$BATS_TEST_TMPDIR/os-release"
	run packages --dry-run run test bench
	[ "$status" = 0 ]
}

@test "where there is no apt it names the packages and ends with 3" {
	echo 'ID=arch' > "$BATS_TEST_TMPDIR/os-release"
	run packages build
	[ "$status" = 3 ]
	[[ $output == *libbpf-dev* ]]
}

@test "an unknown set ends with 2" {
	run docker/packages.sh --dry-run everything
	[ "$status" = 2 ]
	run docker/packages.sh
	[ "$status" = 2 ]
}

# Each row: what a file does, and the line that the runner must end with.
runner() {
	local file=$BATS_TEST_TMPDIR/case.sh
	printf '#!/bin/sh\n%s\n' "$1" > "$file"
	chmod +x "$file"
	run env CBPF_TEST_LIMIT=2 tests/run.sh "$file"
	echo "$output"
	[ "${lines[-1]}" = "$2" ]
}

@test "the test runner counts what really happened" {
	runner 'exit 0' '1 passed, 0 failed, 0 skipped'
	[ "$status" = 0 ]
	runner 'exit 1' '0 passed, 1 failed, 0 skipped'
	[ "$status" = 1 ]
	runner 'echo no moon; exit 77' '0 passed, 0 failed, 1 skipped'
	[ "$status" = 1 ] # nothing ran: no success
	[[ $output == *"no moon"* ]]
	runner 'echo 1..3; echo ok 1 a; echo ok 2 b' '2 passed, 1 failed, 0 skipped'
	[ "$status" = 1 ] # planned but missing
	runner 'echo 1..1; echo ok 1 a; kill -SEGV $$' '1 passed, 1 failed, 0 skipped'
	runner 'echo 1..2; echo ok 1 a; echo "ok 2 b # skip no sun"' '1 passed, 0 failed, 1 skipped'
	[ "$status" = 0 ]
	[[ $output == *"no sun"* ]]
	runner 'echo 1..2; echo ok 1 a; echo not ok 2 b' '1 passed, 1 failed, 0 skipped'
	runner 'sleep 60' '0 passed, 1 failed, 0 skipped'
	[[ $output == *"longer than 2 s"* ]]
}

@test "a file that fails once is tried again where that is asked for, and told of all the same" {
	local file=$BATS_TEST_TMPDIR/once.bats
	printf '@test "%s" {\n%s\n}\n' well : 'not at first' '[ -e "$BEEN" ] || ! touch "$BEEN"' \
		never '[ -z "${NEVER:-}" ]' >"$file"
	export BEEN=$BATS_TEST_TMPDIR/been
	CBPF_SECOND_TRIES=1 run tests/run.sh "$file"
	echo "$output"
	[ "$status" = 0 ]
	[ "${lines[-1]}" = "3 passed, 0 failed, 0 skipped" ]
	[[ $output == *"AGAIN "*"failed, and tried again:"*"not ok 2 not at first"* ]]
	rm "$BEEN"
	run tests/run.sh "$file"
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "2 passed, 1 failed, 0 skipped" ]
	rm "$BEEN"
	NEVER=1 CBPF_SECOND_TRIES=1 run tests/run.sh "$file"
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "2 passed, 1 failed, 0 skipped" ]
	# So many files, and no more.
	rm "$BEEN"
	sed 's/BEEN/BEEN2/g' "$file" >"$BATS_TEST_TMPDIR/twice.bats"
	BEEN2=$BATS_TEST_TMPDIR/been2 CBPF_SECOND_TRIES=1 run tests/run.sh "$file" "$BATS_TEST_TMPDIR/twice.bats"
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "5 passed, 1 failed, 0 skipped" ]
}
