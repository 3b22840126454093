#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What counting events per cgroup costs: CPU time per context switch of two tasks in different cgroups that
# hand each other a byte on one CPU, beyond what it takes with nobody looking; for 1 and 8 software events
# and 1 to 1000 cgroups, by cbpf's one event per CPU that BPF charges to targets, and by events that are open for
# each cgroup, which the kernel switches. In turn, in one run; only the ratios mean anything.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib/bench.bash
. tests/lib/bench.bash
build=${O:-build}
drive=$build/tests/lib/drive_switch
rounds=${ROUNDS:-5}
switches=${SWITCHES:-200000}
groups=${GROUPS_EACH:-1 10 100 1000}

dir=$(mktemp -d "${CBPF_TEST_DIR:-/var/tmp}/cbpf-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT

for _ in $(seq "$rounds"); do
	for events in 1 8; do
		for n in $groups; do
			none=$($drive none "$events" "$n" "$switches")
			for who in bpf cgroup; do
				with=$($drive $who "$events" "$n" "$switches")
				echo $((with - none)) >>"$dir/$who.$events.$n"
			done
			echo "$none" >>"$dir/none"
		done
	done
done

echo "ns of CPU per context switch, with nobody looking: $(median <"$dir/none"); and beyond, median of $rounds"
printf '  %-7s %8s %10s %10s\n' events cgroups 'cbpf (bpf)' 'per cgroup'
for events in 1 8; do
	for n in $groups; do
		printf '  %-7s %8d %10d %10d\n' "$events" "$n" "$(median <"$dir/bpf.$events.$n")" \
			"$(median <"$dir/cgroup.$events.$n")"
	done
done
# Flat: with the most cgroups not twice what it is with the fewest, of which less than a fiftieth of a switch is noise.
floor=$(($(median <"$dir/none") / 50 + 1))
verdict=0
for events in 1 8; do
	read -r first _ <<<"$groups"
	last=${groups##* }
	printf '  %d events: %d cgroups beside %d: ' "$events" "$last" "$first"
	bench_flat "$(median <"$dir/bpf.$events.$first")" "$(median <"$dir/bpf.$events.$last")" 2 "$floor" || verdict=1
done
exit $verdict
