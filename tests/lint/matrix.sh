#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is said of kernels is what the results say: specs/KERNELS.md is made from tests/data/matrix.tsv.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0
awk -F '\t' 'NF < 5 || NF > 6 || (NF == 6 && $6 !~ /^[0-9]+-[0-9]+-[0-9]+ [0-9a-f]+[+]?$/) || $5 !~ /^(ok|failed|skipped( .*)?)$/ {
	print FILENAME ":" FNR ": not KERNEL, BACKEND, FILE, TEST, ok|failed|skipped REASON, CODE"; bad = 1
} END { exit bad }' tests/data/matrix.tsv || bad=1
# Every file that looks at kernels has been seen on one at least.
. tests/lib/matrix.bash
for file in tests/vm/*.bats tests/integration/{block,sched,vfs-syscalls,pagecache-tp_btf,budget,files}.bats; do
	file=$(matrix_file "$file")
	grep -qF "	$file	" tests/data/matrix.tsv || {
		echo "tests/data/matrix.tsv: nothing is said of $file"
		bad=1
	}
done
LC_ALL=C sort -c tests/data/matrix.tsv || bad=1
tests/matrix.sh tests/data/matrix.tsv | diff specs/KERNELS.md - || {
	echo "specs/KERNELS.md is not what tests/matrix.sh makes of tests/data/matrix.tsv; to write both"
	echo "again: sudo make check-matrix && make matrix"
	bad=1
}
exit $bad
