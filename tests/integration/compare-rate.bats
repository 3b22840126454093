#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cbpf compare of runs whose difference is known: the limit of a device.

load ../lib/jq
load ../lib/run

bats_require_minimum_version 1.5.0

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
}

fails() { # STATUS COMMAND...
	local want=$1 got=0
	shift
	"$@" >out 2>err || got=$?
	[ "$got" = "$want" ] || { echo "exit $got: $*"; cat err; return 1; }
}

# rate DIR BPS: eight runs that write with so much bandwidth at most.
rate() {
	cat >rate.yml <<-END
	name: rate
	runtime: native
	repeat: 8
	containers:
	  w:
	    io: {device: ., write_bps: $2}
	    workload: {ior: {file: $PWD/data, block: 64MiB, transfer: 64KiB, odirect: true, read: false}}
	END
	"$CBPF" run --quiet --store "$1" rate.yml >/dev/null 2>err || { cat err; return 1; }
}

@test "a device that is made a tenth slower is found, with the right size and direction" {
	rate before 40MiB
	rate after 36MiB
	rate again 40MiB
	"$CBPF" compare --json --metric 'w.results.*' before after >out
	jq -c '.metrics[] | {path, values, tests}' out
	jq -e '[.metrics[] | select(.path == "results.write.bw_mib_s")] | length == 1 and
		all(.[]; .tests[1].verdict == "differs" and .tests[1].cliffs_delta < -0.8 and
			.change_pct[1] < -7 and .change_pct[1] > -13 and
			.tests[1].change_ci_pct[0] < .change_pct[1] and
			.tests[1].change_ci_pct[1] > .change_pct[1])' out
	jq -e '.warnings | any(.path == "containers.w.io.write_bps")' out
	fails 4 "$CBPF" compare --fail-if 'w.results.write.bw_mib_s < -5%' before after
	fails 0 "$CBPF" compare --fail-if 'w.results.write.bw_mib_s < -5%' before again
	fails 0 "$CBPF" compare --fail-if 'w.results.write.bw_mib_s < -5%' after before
}
