#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Bandwidth of cbpf-ior as a ratio to a plain pwrite/pread loop of the same shape, measured in turns
# (A B B A ...) in one run; prints the median of the pairs' ratios. Nothing is asserted.
# usage: ior_vs_loop.sh [DIR] [ROUNDS]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
ior=${CBPF_BUILD:-$here/../../build}/cbpf-ior
rounds=${2:-10}
dir=$(mktemp -d "${1:-/dev/shm}/cbpf-bench-XXXXXX")
trap 'rm -rf "$dir"' EXIT INT TERM
${CC:-cc} -O2 -D_GNU_SOURCE -o "$dir/loop" "$here/plain_loop.c"

loop() {
	rm -f "$dir/f"
	lw=$("$dir/loop" w "$dir/f" "$1" "$2")
	lr=$("$dir/loop" r "$dir/f" "$1" "$2")
}
bundled() {
	rm -f "$dir/f"
	"$ior" -w -r -t "$1" -b $(($1 * $2)) -o "$dir/f" \
		-O summaryFile="$dir/s",summaryFormat=CSV
}

# one TRANSFER COUNT: a line "write-ratio read-ratio" per round, each side first in turn.
one() {
	i=0
	while [ $i -lt "$rounds" ]; do
		if [ $((i % 2)) = 0 ]; then
			loop "$@" && bundled "$@"
		else
			bundled "$@" && loop "$@"
		fi
		awk -F, -v lw="$lw" -v lr="$lr" '/^write/ { w = $2 } /^read/ { r = $2 }
			END { printf "%.4f %.4f\n", w / lw, r / lr }' "$dir/s"
		i=$((i + 1))
	done
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

printf '%-10s %12s %12s   (cbpf-ior / plain loop, median of %s)\n' transfer write read "$rounds"
for shape in "4096 65536" "65536 8192" "1048576 512" "8388608 64"; do
	set -- $shape
	one "$1" "$2" > "$dir/ratios"
	printf '%-10s %12s %12s\n' "$1" "$(cut -d' ' -f1 "$dir/ratios" | median)" \
		"$(cut -d' ' -f2 "$dir/ratios" | median)"
done
