#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command line as a whole: help, suggestions, completion, manual pages, documented examples.

bats_require_minimum_version 1.5.0
load ../lib/run

setup() {
	mapfile -t commands < <("$CBPF" help --names)
	cd "$BATS_TEST_TMPDIR" || return 1
}

# A directory that looks like a checkout, with a load that is over in a moment.
sandbox() {
	cp -r "$ROOT/specs" .
	sed -i -e 's/block: [0-9].*/block: 1MiB/' -e 's/repetitions: .*/repetitions: 1/' \
		-e 's/delay_s: .*/delay_s: 0/' specs/quickstart.yml
	ln -s "$BUILD" build
	ln -s "$ROOT/tests" tests
	mkdir bin
	# shellcheck disable=SC2016 # for the shim, not for this shell
	printf '#!/bin/sh\nexec "$@"\n' > bin/sudo
	chmod +x bin/sudo
	PATH=$PWD/bin:$BUILD:$PATH
}

# Run one documented line. A check may find that this host lacks something.
run_line() {
	local status=0
	bash -euo pipefail -c "$1" > out 2> err < /dev/null || status=$?
	case $1 in *'cbpf check'*) [ "$status" != 3 ] || status=0 ;; esac
	[ "$status" = 0 ] || {
		echo "'$1' ended with $status:"
		head -c 2000 out err
		return 1
	}
}

@test "every command has --help, -h and help, all the same, on standard output" {
	[ "${#commands[@]}" -ge 8 ]
	for c in "${commands[@]}"; do
		run --separate-stderr "$CBPF" "$c" --help
		[ "$status" = 0 ]
		[ "${lines[0]%% [*}" = "Usage: cbpf $c" ] || [[ ${lines[0]} == "Usage: cbpf $c"* ]]
		[ -z "$stderr" ]
		[ "$output" = "$("$CBPF" "$c" -h)" ]
		[ "$output" = "$("$CBPF" help "$c")" ]
	done
}

@test "the list of commands names each, and fits the terminal" {
	for columns in 60 80 100; do
		COLUMNS=$columns "$CBPF" --help > out
		for c in "${commands[@]}"; do
			grep -q "^  $c " out
		done
		[ "$(wc -L < out)" -le "$columns" ]
	done
}

@test "unknown commands and flags end with 2 and the nearest name" {
	run --separate-stderr "$CBPF" validat
	[ "$status" = 2 ]
	[ -z "$output" ]
	[[ $stderr == *"unknown command 'validat'; did you mean 'validate'?"* ]]
	for c in "${commands[@]}"; do
		run --separate-stderr "$CBPF" "$c" --hepl
		[ "$status" = 2 ]
		[ -z "$output" ]
		[[ $stderr == "cbpf: $c: unknown option '--hepl'"* ]]
	done
	run --separate-stderr "$CBPF" run --stor /tmp
	[ "$status" = 2 ] # the flag is known (an abbreviation), the spec is missing
	run --separate-stderr "$CBPF" check --formatt json
	[[ $stderr == *"did you mean '--format'?"* ]]
	run --separate-stderr "$CBPF"
	[ "$status" = 2 ]
}

@test "--version tells the version, and a full disk is not success" {
	[[ $("$CBPF" --version) =~ ^cbpf\ [0-9]+\.[0-9]+\.[0-9]+ ]]
	[ -w /dev/full ] || skip "no /dev/full"
	for c in --version --help "help --man"; do
		# shellcheck disable=SC2086 # words on purpose
		run bash -c "'$CBPF' $c > /dev/full"
		[ "$status" = 1 ]
	done
}

@test "bash completion loads, and completes commands, flags and choices" {
	"$CBPF" help --completion bash > completion
	cat > try.sh <<-'END'
	set -eu
	. ./completion
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_cbpf
	printf '%s\n' "${COMPREPLY[@]}"
	END
	[ "$(bash try.sh cbpf val)" = validate ]
	[ "$(bash try.sh cbpf help ch)" = check ]
	bash try.sh cbpf check --f | grep -qx -- --format
	[ "$(bash try.sh cbpf check --format j)" = json ]
	touch some.yml
	bash try.sh cbpf run som | grep -qx some.yml
	mkdir -p cbpf-runs/20260101T000000-x-0000
	bash try.sh cbpf report 2026 | grep -qx 20260101T000000-x-0000
	[ "$(bash try.sh cbpf report la)" = latest ]
}

@test "completion for zsh and fish parses" {
	"$CBPF" help --completion zsh > zsh
	"$CBPF" help --completion fish > fish
	[ -s zsh ]
	[ -s fish ]
	command -v zsh fish > /dev/null || skip "zsh or fish is not installed"
	zsh -n zsh
	fish --no-execute fish
}

@test "every example of every command works as written" {
	need_root
	sandbox
	# Reports and lists want a run to look at.
	"$CBPF" run --quiet specs/quickstart.yml > /dev/null
	for c in "${commands[@]}"; do
		"$CBPF" help "$c" | sed -n '/^Examples:/,$ s/^  //p' > examples
		[ -s examples ]
		while IFS= read -r line; do
			run_line "$line"
		done < examples
	done
}

@test "every shell block of README works as written" {
	need_root
	sandbox
	# The first block is installation: fresh.bats runs it where nothing is installed.
	awk '/^```sh$/ { n++; on = 1; next } /^```$/ { on = 0 } on && n > 1' "$ROOT/README.md" > lines
	[ -s lines ]
	while IFS= read -r line; do
		run_line "$line"
	done < lines
}

@test "README's YAML is a valid spec" {
	awk '/^```yaml$/ { on = 1; next } /^```$/ { on = 0 } on' "$ROOT/README.md" > spec.yml
	[ -s spec.yml ]
	"$CBPF" validate spec.yml
}
