#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Benches that judge end with 1 when what they measure is not as it should be. What they measure is played here: the
# figures are given, and no time is.

load ../lib/bench

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export O=$BATS_TEST_TMPDIR/o CBPF_TEST_DIR=$BATS_TEST_TMPDIR
	mkdir -p "$O/tests/lib"
}

# play NAME: a program of the build, which is standard input.
play() {
	cat > "$O/$1"
	chmod +x "$O/$1"
}

# ends STATUS COMMAND...: its output is in $said.
ends() {
	local status=0
	said=$("${@:2}" 2>&1) || status=$?
	echo "$said"
	[ "$status" = "$1" ]
}

@test "flat is less than so many times, noise is no base, and nothing is not flat" {
	while read -r status few many words; do
		ends "$status" bench_flat "$few" "$many" 2 10
		[[ $said == *"$words" ]]
	done <<-'END'
	0 100 100 1.00 times, flat
	0 100 199 1.99 times, flat
	1 100 200 2.00 times, NOT FLAT
	0 3 19 1.90 times, flat
	0 -50 5 0.50 times, flat
	1 -50 20 2.00 times, NOT FLAT
	1 none 20 NOT FLAT: nothing was measured
	END
	ends 1 bench_flat 100 "" 2 10
}

@test "perf: one that costs more with more cgroups fails it, for any number of events" {
	# 1000 ns, 100 beyond, and for each cgroup with so many EVENTS as many thousandths as EACH says.
	play tests/lib/drive_switch <<-'END'
	#!/bin/sh
	[ $1 = none ] && echo 1000 && exit
	[ $2 = "$EVENTS" ] || EACH=0
	echo $((1100 + $3 * EACH / 1000))
	END
	export ROUNDS=1 EVENTS EACH
	for EVENTS in 1 8; do
		EACH=90
		ends 0 "$ROOT/tests/bench/perf.sh"
		[[ $said != *"NOT FLAT"* ]]
		EACH=110
		ends 1 "$ROOT/tests/bench/perf.sh"
		[ "$(grep -c "$EVENTS events: .*NOT FLAT" <<< "$said")" = 1 ]
		[ "$(grep -c ', flat' <<< "$said")" = 1 ]
	done
}

@test "sink: an export that grows fails it" {
	local tool
	play tests/lib/drive_influxdb <<-'END'
	#!/bin/sh
	echo 5000 2 600
	END
	play tests/lib/drive_feed <<-'END'
	#!/bin/sh
	mkdir -p made/runs/r
	sqlite3 made/runs/r/run.db "CREATE TABLE run(spec); INSERT INTO run VALUES ('')"
	echo "$PWD/made/runs/r"
	END
	# It is looked at five times before it has grown, and ten times after.
	play cbpf <<-'END'
	#!/bin/bash
	looked() {
		until [ -e rss ] && [ "$(wc -l < rss)" -ge "$1" ]; do sleep 0.01; done
	}
	looked 5
	printf -v more '%*s' $((GROWS_MIB << 20)) ''
	looked 15
	END
	# Nothing to send to.
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir bin
	for tool in awk bash cat cut dirname env head mkdir mktemp paste rm sed seq sleep sort sqlite3 taskset wc; do
		ln -s "$(command -v $tool)" bin
	done
	export GROWS_MIB ROUNDS=1 PATH=$PWD/bin
	GROWS_MIB=0
	ends 0 "$ROOT/tests/bench/sink.sh"
	[[ $said == *"times, flat"*"nothing to send to"* ]]
	GROWS_MIB=50
	ends 1 "$ROOT/tests/bench/sink.sh"
	[[ $said == *"NOT FLAT"*"nothing to send to"* ]]
}
