#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What watching the page cache costs, in turn over the same load in one run: preads of 4 KiB that are
# all hits. First ns per pread by the kernel's own BPF statistics: of cbpf when the reader is a target
# and when it is not, of a program that does nothing on the same tracepoint, and of what others do,
# where it works: bpftrace counts per cgroup on the same tracepoint, libbpf-tools' cachestat counts
# calls of functions. Then the loss of throughput, with each
# of them and without, by the reader's own clock. BACKEND is cbpf's (the first that loads).
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib/bench.bash
. tests/lib/bench.bash
calls=${CALLS:-1000000}
rounds=${ROUNDS:-5}
backend=${BACKEND:-auto}
bench_begin
load="$build/tests/lib/drive_pagecache $dir/file again:4096:$calls"
dd if=/dev/zero of="$dir/file" bs=64k count=16 conv=fsync status=none
bench_empty mm_filemap_get_pages
collectors="block: false, sched: false, vfs: false, cgroup: false, pagecache: {mode: true, backend: $backend}"

# Of [{program, runs, run_ns}]: what all that run for a read took, for each of them.
# shellcheck disable=SC2016 # jq's own
per_read='map(select(.program | test("get_pages|on_read|on_empty|filemap|accessed")))
	| (map(.runs) | max // 0) as $n
	| if $n < '$((calls / 2))' then "" else (map(.run_ns) | add) / $n | floor end'

cost_of_cbpf() # inside, the reader is a target; outside, nobody looks at it
{
	if [ "$1" = outside ]; then
		# shellcheck disable=SC2086 # words on purpose
		(sleep 1 && taskset -c 0 $load >/dev/null) &
		bench_cbpf "$collectors" "sleep 4"
		wait
	else
		bench_cbpf "$collectors" "$load"
	fi
	jq -r ".self.probes | $per_read" "$dir/report.json"
}

bpftrace_program='tracepoint:filemap:mm_filemap_get_pages {
	@pages[cgroup] = sum(args->last_index - args->index + 1); }'

peer_command() # WHO: sets command
{
	case $1 in
	empty) command=("$build/tests/lib/drive_bpf" "$dir/empty.o") ;;
	bpftrace) command=("${bench_bpftrace[@]}" "$bpftrace_program") ;;
	cachestat) command=(cachestat 1) ;;
	esac
}

peers=
! command -v bpftrace >/dev/null || peers=bpftrace
! bench_works cachestat 1 || peers="$peers cachestat"

bench_costs "$load" "$per_read" "$rounds" "inside outside" "empty $peers"
echo "ns per pread, median of $rounds (median of the ratios to a program that does nothing)"
ratios "inside outside" empty
if [ -n "$peers" ]; then
	echo "ns per pread (median of the ratios to the cheaper of the others)"
	ratios inside "$peers"
fi
bench_reads "$collectors" "$rounds" "$peers"

# Faults of a mapped file that is in the cache: each maps 16 pages.
maps=${MAPS:-200}
mib=8
dd if=/dev/zero of="$dir/mapped" bs=1M count=$mib conv=fsync status=none
load="$build/tests/lib/drive_pagecache $dir/mapped$(yes ' map' | head -n "$maps" | tr -d '\n')"
bench_empty page_fault_user mm_filemap_map_pages
# shellcheck disable=SC2016 # jq's own
per_fault='map(select(.program | test("on_map_pages|on_fault|on_user_fault|on_empty|filemap"))
	| .run_ns) | add / '$((maps * mib * 16))' | floor'
bpftrace_program='tracepoint:filemap:mm_filemap_map_pages { @mapped[cgroup] = count(); }
	tracepoint:filemap:mm_filemap_fault { @fetched[cgroup] = count(); }'
cost_of_cbpf()
{
	bench_cbpf "$collectors" "$load"
	jq -r ".self.probes | $per_fault" "$dir/report.json"
}

rm -f "$dir/empty"
bench_costs "$load" "$per_fault" "$rounds" fault "empty ${peers:+bpftrace}"
echo "ns per fault of a mapped file, median of $rounds (median of the ratios to programs that do nothing)"
ratios fault empty
if [ -n "$peers" ]; then
	echo "ns per fault (median of the ratios to bpftrace, which counts)"
	ratios fault bpftrace
fi
