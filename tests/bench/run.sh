#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cbpf's own cost in a run of 10 targets at 100 ms: start-up, RSS, share of a core, per sweep.
# The yardstick in the same run is `top -b` watching as often: what a sampling tool costs here.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cbpf=${CBPF_BUILD:-$root/build}/cbpf
dir=$(mktemp -d "${TMPDIR:-/tmp}/cbpf-bench-XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"

{
	printf 'name: bench\nruntime: native\ninterval: 100ms\ncontainers:\n'
	for i in 0 1 2 3 4 5 6 7 8 9; do
		printf '  t%d: {command: [sh, -c, "for i in 1 2 3 4 5 6 7 8 9 10; do dd if=/dev/zero of=f bs=64k count=20 oflag=direct status=none; sleep 1; done"]}\n' $i
	done
} > spec.yml

"$cbpf" run --json --quiet --store runs spec.yml > report.json
top -b -d 0.1 -n 100 > /dev/null & top=$!
sleep 9.5
ticks=$(awk '{ print $14 + $15 }' /proc/$top/stat)
wait $top
hz=$(getconf CLK_TCK)
jq -r --argjson top "$ticks" --argjson hz "$hz" '
	(.self.cpu_s / .duration_s * 100) as $self | ($top / $hz / 9.5 * 100) as $other |
	"start-up to first target   \(.self.startup_s * 1000 | floor) ms",
	"RSS at most                \(.self.rss_max_bytes / 1048576 * 10 | floor / 10) MiB",
	"CPU                        \($self * 100 | floor / 100) % of a core",
	"top at the same rate       \($other * 100 | floor / 100) % of a core, ratio \($self / $other * 100 | floor / 100)",
	"sweep, mean and max        \(.self.sweep_mean_us | floor) us, \(.self.sweep_max_us | floor) us",
	(.self.probes[] | select(.runs > 0 and .run_ns > 0) |
	 "\(.program): \(.runs) runs, \(.run_ns / .runs | floor) ns each")' report.json
