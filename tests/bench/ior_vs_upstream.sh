#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Bandwidth of cbpf-ior as a ratio to upstream's ior with the same options, measured in turns (A B B A ...) in
# one run; prints the median of the pairs' ratios and, as the noise that there is, that of upstream's to itself.
# usage: ior_vs_upstream.sh [DIR] [ROUNDS]; CBPF_UPSTREAM_IOR names an ior that is not on PATH
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${CBPF_BUILD:-$here/../../build}
upstream=${CBPF_UPSTREAM_IOR:-$(command -v ior || true)}
rounds=${2:-10}
[ -n "$upstream" ] || { echo "no ior of upstream's here (CBPF_UPSTREAM_IOR=/path/to/ior)"; exit 77; }
dir=$(mktemp -d "${1:-/dev/shm}/cbpf-bench-XXXXXX")
trap 'rm -rf "$dir"' EXIT INT TERM

# run PROGRAM OPTIONS...: "WRITE READ" in MiB/s
run() {
	rm -f "$dir"/f*
	mpirun --allow-run-as-root --oversubscribe --bind-to none --mca btl_vader_single_copy_mechanism none \
		-np 2 "$@" -w -r -o "$dir/f" -O summaryFile="$dir/s",summaryFormat=JSON >/dev/null
	"$build/cbpf" parse "$dir/s" | awk '$1 == "write" { w = $4 } $1 == "read" { r = $4 } END { print w, r }'
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

printf '%-34s %8s %8s %8s %8s   (median of %s)\n' options write noise read noise "$rounds"
# shellcheck disable=SC2086 # options are words
for options in '-t 4k -b 32m' '-t 64k -b 128m -F' '-t 1m -b 256m -F' '-t 1m -b 256m' '-t 4k -b 16m -z'; do
	: > "$dir/ratios"
	i=0
	while [ $i -lt "$rounds" ]; do
		if [ $((i % 2)) = 0 ]; then
			a=$(run "$upstream" $options) b=$(run "$build/cbpf-ior" $options) c=$(run "$upstream" $options)
		else
			c=$(run "$upstream" $options) b=$(run "$build/cbpf-ior" $options) a=$(run "$upstream" $options)
		fi
		echo "$a $b $c" | awk '{ printf "%.4f %.4f %.4f %.4f\n", $3 / $1, $5 / $1, $4 / $2, $6 / $2 }' >> "$dir/ratios"
		i=$((i + 1))
	done
	printf '%-34s %8s %8s %8s %8s\n' "$options" "$(cut -d' ' -f1 "$dir/ratios" | median)" \
		"$(cut -d' ' -f2 "$dir/ratios" | median)" "$(cut -d' ' -f3 "$dir/ratios" | median)" \
		"$(cut -d' ' -f4 "$dir/ratios" | median)"
done
