#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Statistics against those of SciPy, on random values: a test for each function.

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	BUILD=${O:-$ROOT/build}
	DRIVE=$BUILD/tests/lib/drive_stat
	[ -x "$DRIVE" ] || make -s -C "$ROOT" drivers
	/usr/bin/python3 -c 'import scipy' 2>/dev/null || skip "python3-scipy is not installed"
}

same() { # NAME
	run /usr/bin/python3 "$ROOT/tests/lib/stat_reference.py" "$DRIVE" "$1"
	echo "$output"
	[ "$status" = 0 ]
	[[ "$output" = "$1: "*" the same" ]]
}

@test "mean, median, deviation and Student's interval" { same describe; }
@test "outliers by the median absolute deviation" { same outliers; }
@test "Student's t: its distribution" { same student; }
@test "Student's t: its quantiles" { same student_quantile; }
@test "Mann-Whitney U: exact, with ties and without" { same rank; }
@test "Mann-Whitney U: the normal approximation" { same rank_normal; }
@test "Hedges' g" { same hedges; }
@test "Holm's correction" { same holm; }
@test "bootstrap interval of a difference" { same bootstrap; }
@test "Kolmogorov-Smirnov and Wasserstein of histograms" { same distance; }
@test "warm-up by MSER" { same warm_up; }
@test "warm-up of repetitions: MSER, and a rise" { same repeated; }
@test "change points" { same changes; }

@test "what the reference says otherwise is told" {
	printf '#!/bin/sh\nwhile read -r _; do echo 1 2 3 4; done\n' >"$BATS_TEST_TMPDIR/wrong"
	chmod +x "$BATS_TEST_TMPDIR/wrong"
	run /usr/bin/python3 "$ROOT/tests/lib/stat_reference.py" "$BATS_TEST_TMPDIR/wrong" rank
	[ "$status" = 1 ]
	[[ "$output" = *"want "* ]]
}
