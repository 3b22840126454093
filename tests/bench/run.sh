#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cbpf's own cost in a run of 10 targets at 100 ms: start-up, RSS, share of a core, per sweep.
# The yardstick in the same run is `top -b` looking as often: what a sampling tool costs here.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${O:-build}
case $build in /*) ;; *) build=$root/$build ;; esac
cbpf=$build/cbpf
dir=$(mktemp -d "${TMPDIR:-/tmp}/cbpf-bench-XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"

{
	printf 'name: bench\nruntime: native\ninterval: 100ms\ncontainers:\n'
	for i in 0 1 2 3 4 5 6 7 8 9; do
		printf '  t%d: {command: [sh, -c, "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do dd if=/dev/zero of=f bs=64k count=20 oflag=direct status=none; sleep 1; done"]}\n' $i
	done
} > spec.yml

# CPU ticks (user and system) that a process has used so far.
cpu_ticks() {
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

# Share of a core, in percent, that a process takes in the next 8 seconds.
share() {
	local pid=$1 from to begin end
	begin=$(date +%s%N) from=$(cpu_ticks "$pid")
	sleep 8
	end=$(date +%s%N) to=$(cpu_ticks "$pid")
	awk -v t=$((to - from)) -v hz="$(getconf CLK_TCK)" -v ns=$((end - begin)) \
		'BEGIN { printf "%.2f", t / hz / (ns / 1e9) * 100 }'
}

"$cbpf" run --json --quiet --store runs spec.yml > report.json &
run=$!
top -b -d 0.1 -n 200 > /dev/null &
top=$!
sleep 1.5
share $top > top.share &
measuring=$!
self=$(share $run)
wait $measuring
kill $top
wait $run
jq -r --arg self "$self" --arg top "$(cat top.share)" '
	"start-up to first target   \(.self.startup_s * 1000 | floor) ms",
	"RSS at most                \(.self.rss_max_bytes / 1048576 * 10 | floor / 10) MiB",
	"CPU while running          \($self) % of a core",
	"CPU in all                 \(.self.cpu_s * 1000 | floor) ms in \(.duration_s | floor) s, loading the probes included",
	"top at the same rate       \($top) % of a core; cbpf takes \(($self | tonumber) / ($top | tonumber) * 100 | floor / 100) of that",
	"sweep, mean and max        \(.self.sweep_mean_us | floor) us, \(.self.sweep_max_us | floor) us",
	(.self.probes[] | select(.runs > 0 and .run_ns > 0) |
	 "\(.program): \(.runs) runs, \(.run_ns / .runs | floor) ns each")' report.json
