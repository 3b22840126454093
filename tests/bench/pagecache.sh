#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What watching the page cache costs, in turn over the same load in one run: preads of 4 KiB that are
# all hits. First ns per pread by the kernel's own BPF statistics: of cbpf when the reader is a target
# and when it is not, of a program that does nothing on the same tracepoint, and of what others do,
# where it works: bpftrace counts per cgroup on the same tracepoint, libbpf-tools' cachestat counts
# calls of functions. Then the loss of throughput, with and without, by the reader's own clock.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib/bench.bash
. tests/lib/bench.bash
calls=${CALLS:-1000000}
rounds=${ROUNDS:-5}
cachestat=$(command -v cachestat /usr/sbin/cachestat | head -n 1 || true)
bench_begin
drive=$build/tests/lib/drive_pagecache
dd if=/dev/zero of="$dir/file" bs=64k count=16 conv=fsync status=none

bench_empty mm_filemap_get_pages

# Of [{program, runs, run_ns}]: what all that run for a read took, for each of them.
# shellcheck disable=SC2016 # jq's own
per_read='map(select(.program | test("get_pages|on_read|on_empty|filemap|accessed")))
	| (map(.runs) | max // 0) as $n
	| if $n < '$((calls / 2))' then "" else (map(.run_ns) | add) / $n | floor end'

run_cbpf() # PAGECACHE COMMAND
{
	bench_cbpf "block: false, sched: false, vfs: false, cgroup: false, pagecache: $1" "$2"
}

cost_of_cbpf() # inside, the reader is a target; outside, nobody looks at it
{
	if [ "$1" = outside ]; then
		(sleep 1 && taskset -c 0 "$drive" "$dir/file" "again:4096:$calls" >/dev/null) &
		run_cbpf true "sleep 4"
		wait
	else
		run_cbpf true "$drive $dir/file again:4096:$calls"
	fi
	jq -r ".self.probes | $per_read" "$dir/report.json"
}

with_peer() # COMMAND...
{
	bench_peer "$drive $dir/file again:4096:$calls" "$per_read" "$@"
}

bpftrace_program='tracepoint:filemap:mm_filemap_get_pages {
	@pages[cgroup] = sum(args->last_index - args->index + 1); }'

peers=empty
command -v bpftrace >/dev/null && peers="$peers bpftrace"
# One that fails to load measures nothing.
[ -z "$cachestat" ] || { timeout 5 "$cachestat" 1 2 >/dev/null 2>&1 && peers="$peers cachestat"; } ||
	echo "cachestat does not work on this kernel"

echo 1 >/proc/sys/kernel/bpf_stats_enabled
for _ in $(seq "$rounds"); do
	for who in inside outside $peers; do
		case $who in
		empty) with_peer "$build/tests/lib/drive_bpf" "$dir/empty.o" ;;
		bpftrace) with_peer "${bench_bpftrace[@]}" "$bpftrace_program" ;;
		cachestat) with_peer "$cachestat" 1 ;;
		*) cost_of_cbpf "$who" ;;
		esac >>"$dir/$who"
	done
done
# The statistics themselves take time with every run of a program.
echo "$stats" >/proc/sys/kernel/bpf_stats_enabled
for _ in $(seq "$rounds"); do
	for who in false true; do
		run_cbpf $who "$drive $dir/file again:4096:$calls"
		jq --argjson n "$calls" '.ns / $n | floor' "$dir/a.log" >>"$dir/reads_$who"
	done
done

echo "ns per pread, median of $rounds (median of the ratios to a program that does nothing)"
ratios "inside outside" empty
others=${peers#empty}
if [ -n "$others" ]; then
	echo "ns per pread (median of the ratios to the cheaper of the others)"
	ratios inside "$others"
fi
echo "ns of a pread of 4 KiB itself (median of the ratios to the one without)"
ratios reads_true reads_false
