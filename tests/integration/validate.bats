#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cbpf validate as a user calls it, and the schema beside a validator that is none of ours.

load ../lib/jq

bats_require_minimum_version 1.5.0

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	CBPF=${CBPF_BUILD:-$ROOT/build}/cbpf
	DATA=$ROOT/tests/data/spec
	cd "$ROOT" || return 1
	unset CBPF_IOR_IMAGE CBPF_TEST_UNSET
}

# What wants the independent validator.
need_python() {
	/usr/bin/python3 -c 'import jsonschema, yaml
jsonschema.Draft202012Validator' 2> /dev/null ||
		skip "python3-jsonschema (4.0 or later) and python3-yaml are not installed"
}

by_schema() {
	/usr/bin/python3 tests/lib/schema_validate.py specs/cbpf.schema.json "$1"
}

@test "every spec of specs/ is valid, and one line says what it is" {
	for f in specs/*.yml; do
		run --separate-stderr "$CBPF" validate "$f"
		[ "$status" = 0 ]
		[ "${#lines[@]}" = 1 ]
		[[ "$output" == "$f: valid: "*" container"* ]]
		[ -z "$stderr" ]
	done
}

@test "every error of a file is told at once on stderr, and the status is 2" {
	run --separate-stderr "$CBPF" validate tests/data/spec/bad/keys.yml
	[ "$status" = 2 ]
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" = 3 ]
	[ "${stderr_lines[0]}" = \
		"tests/data/spec/bad/keys.yml:3:1: unknown key 'intervall'; did you mean 'interval'?" ]
}

@test "JSON holds the same, with positions as numbers" {
	run --separate-stderr "$CBPF" validate --format json "$DATA/bad/keys.yml"
	[ "$status" = 2 ]
	[ -z "$stderr" ]
	jq -e --arg f "$DATA/bad/keys.yml" '.file == $f and .valid == false and (.errors | length) == 3
		and (.errors[0] == {line: 3, col: 1, severity: "error",
			message: "unknown key '\''intervall'\''; did you mean '\''interval'\''?"})' <<< "$output"
}

@test "JSON of a valid file has no errors, JSON of all bad files has some" {
	"$CBPF" validate --format json specs/quickstart.yml | jq -e '.valid and .errors == []'
	for f in "$DATA"/bad/*.yml; do
		run --separate-stderr "$CBPF" validate --format json "$f"
		[ "$status" = 2 ]
		jq -e '.valid == false and (.errors | length) > 0
			and all(.errors[]; .line > 0 and .col > 0 and (.message | length) > 0)' <<< "$output"
	done
}

@test "a warning leaves a spec valid" {
	cat > "$BATS_TEST_TMPDIR/warn.yml" <<- 'END'
		runtime: native
		containers: {a: {workload: {ior: {odirect: true, transfer: 47008, block: 47008}}}}
	END
	run --separate-stderr "$CBPF" validate "$BATS_TEST_TMPDIR/warn.yml"
	[ "$status" = 0 ]
	[[ "$stderr" == *":2:44: warning: ior: odirect "* ]]
	"$CBPF" validate --format json "$BATS_TEST_TMPDIR/warn.yml" |
		jq -e '.valid and (.errors | length) == 1 and .errors[0].severity == "warning"'
}

@test "--set changes a value, and a wrong one is told by its key" {
	run "$CBPF" validate --set interval=50ms --set containers.ior.workload.ior.block=1m \
		specs/quickstart.yml
	[ "$status" = 0 ]
	run --separate-stderr "$CBPF" validate --set containers.ior.workload.ior.blok=1m \
		specs/quickstart.yml
	[ "$status" = 2 ]
	[ "$stderr" = "--set containers.ior.workload.ior.blok: unknown key 'blok'; did you mean 'block'?" ]
	run --separate-stderr "$CBPF" validate --format json --set interval=1ms specs/quickstart.yml
	[ "$status" = 2 ]
	jq -e '.errors == [{line: null, col: null, severity: "error",
		message: "--set interval: interval: expected 10ms to 60s"}]' <<< "$output"
}

@test "variables come from the environment" {
	CBPF_TEST_UNSET=wrong run --separate-stderr "$CBPF" validate "$DATA/good/variables.yml"
	[ "$status" = 2 ]
	[[ "${stderr_lines[0]}" == *"runtime: expected one of docker, podman, native, attach, got 'wrong'" ]]
}

@test "no file, two files and an unknown file are refused" {
	for args in "" "specs/quickstart.yml specs/quickstart.yml" "no-such.yml" "--schema x.yml"; do
		# shellcheck disable=SC2086
		run --separate-stderr "$CBPF" validate $args
		[ "$status" = 2 ]
		[ -z "$output" ]
		[ -n "$stderr" ]
	done
}

@test "--schema and --reference print what is committed" {
	"$CBPF" validate --schema | cmp - specs/cbpf.schema.json
	sed -n '/^<!-- reference begins/,/^<!-- reference ends/{/^<!--/!p}' specs/README.md |
		cmp - <("$CBPF" validate --reference)
}

@test "an independent validator accepts every valid spec" {
	need_python
	for f in specs/*.yml "$DATA"/good/*.yml; do
		by_schema "$f"
	done
}

@test "an independent validator refuses what a schema can refuse" {
	need_python
	n=0
	for f in $(grep -l '^# schema: refuses' "$DATA"/bad/*.yml); do
		run by_schema "$f"
		[ "$status" = 1 ]
		run "$CBPF" validate "$f"
		[ "$status" = 2 ]
		n=$((n + 1))
	done
	[ "$n" -ge 5 ]
}

@test "each wrong value alone is refused by both" {
	need_python
	n=0
	while read -r where line; do
		{
			echo "runtime: native"
			[ "$where" = top ] && echo "$line"
			echo "containers:"
			echo "  a:"
			if [ "$where" = ior ]; then
				echo "    workload: {ior: {$line}}"
			else
				echo "    command: [x]"
				[ "$where" = container ] && echo "    $line"
			fi
		} > "$BATS_TEST_TMPDIR/one.yml"
		run "$CBPF" validate "$BATS_TEST_TMPDIR/one.yml"
		[ "$status" = 2 ] || { echo "valid for cbpf: $line"; return 1; }
		run by_schema "$BATS_TEST_TMPDIR/one.yml"
		[ "$status" = 1 ] || { echo "valid for the schema: $line"; return 1; }
		n=$((n + 1))
	done < "$DATA/wrong-values.txt"
	[ "$n" -ge 25 ]
}
