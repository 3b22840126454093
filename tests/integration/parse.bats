#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cbpf parse as a user calls it: JSON by the contract, exit status by what was found.

load ../lib/jq

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	CBPF=${CBPF_BUILD:-$ROOT/build}/cbpf
	DATA=$ROOT/tests/data/ior
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "text and JSON of one tool come out in the same shape" {
	for f in text-write-read-fpp.txt summary.json; do
		"$CBPF" parse --json "$DATA/$f" | jq -e '.tool == "ior" and .status == "ok"
			and (.version | startswith("4.1.0")) and (.results | length) > 3
			and (.results[0] | .op == "write" and .iteration == 0 and .bw_mib_s > 0
			     and .iops > 0 and .bytes > 0)'
	done
}

@test "what was not printed is absent, never zero" {
	"$CBPF" parse --json "$DATA/text-verbose.txt" |
		jq -e '.results[2] | .op == "remove" and (has("bw_mib_s") | not) and (has("bytes") | not)'
}

@test "corrupt data and cut output exit with 1, an unknown file with 2" {
	status=0; "$CBPF" parse --json "$DATA/text-incorrect-data.txt" > out || status=$?
	[ "$status" = 1 ]
	jq -e '.status == "corrupt"' out
	status=0; head -c 1800 "$DATA/text-write-read-fpp.txt" | "$CBPF" parse --json - > out || status=$?
	[ "$status" = 1 ]
	jq -e '.status == "failed" and (.message | length) > 0' out
	status=0; "$CBPF" parse "$ROOT/README.md" 2> err || status=$?
	[ "$status" = 2 ]
	status=0; "$CBPF" parse no-such-file 2> err || status=$?
	[ "$status" = 2 ]
	grep -F no-such-file err
}
