#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a sweep over the files of 1, 10 and 100 idle cgroups takes, and in the same run what opening, reading and
# closing them does, as most tools have it. Only the ratio means anything elsewhere.
set -eu
cd "$(dirname "$0")/../.."
drive=${O:-build}/tests/lib/drive_cgroup

for n in 1 10 100; do
	read -r ours plain files values < <("$drive" $n ${SWEEPS:-200})
	awk -v n=$n -v ours="$ours" -v plain="$plain" -v files="$files" -v values="$values" 'BEGIN {
		printf "%3d cgroups: %8.1f us a sweep, %5.1f us for each of them, %d files and %d values each; " \
			"opening them anew takes %.1f times that\n", n, ours, ours / n, files / n, values / n, plain / ours
	}'
done
