#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What watching file system calls costs, in turn over the same load in one run: preads of 4 KiB that
# are all hits. First ns per pread by the kernel's own BPF statistics: of cbpf when the reader is a
# target, with its scheduler probe and files told apart, and when it is not a target; of programs that
# do nothing at every system call; and of what others do, where it works: bpftrace has a histogram per
# cgroup, libbpf-tools' syscount sums latencies per system call, vfsstat counts. Then the loss of throughput,
# with and without, by the reader's own clock.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib/bench.bash
. tests/lib/bench.bash
calls=${CALLS:-1000000}
rounds=${ROUNDS:-5}
bench_begin
drive=$build/tests/lib/drive_pagecache
dd if=/dev/zero of="$dir/file" bs=64k count=16 conv=fsync status=none

bench_empty sys_enter sys_exit

# Of [{program, runs, run_ns}]: what all that run for a call took, for each of them.
# shellcheck disable=SC2016 # jq's own
per_call='map(select(.program | test("enter|exit|vfs_read")))
	| (map(.runs) | max // 0) as $n
	| if $n < '$((calls / 2))' then "" else (map(.run_ns) | add) / $n | floor end'

run_cbpf() # SCHED VFS COMMAND
{
	bench_cbpf "block: false, sched: $1, vfs: $2, cgroup: false, pagecache: false" "$3"
}

cost_of_cbpf() # inside, the reader is a target; outside, nobody looks at it
{
	case $1 in
	outside)
		(sleep 1 && taskset -c 0 "$drive" "$dir/file" "again:4096:$calls" >/dev/null) &
		run_cbpf false true "sleep 4"
		wait
		;;
	inside) run_cbpf false true "$drive $dir/file again:4096:$calls" ;;
	with_sched) run_cbpf true true "$drive $dir/file again:4096:$calls" ;;
	with_files) run_cbpf true "{mode: true, files: 1024}" "$drive $dir/file again:4096:$calls" ;;
	esac
	jq -r ".self.probes | $per_call" "$dir/report.json"
}

with_peer() # COMMAND...
{
	bench_peer "$drive $dir/file again:4096:$calls" "$per_call" "$@"
}

bpftrace_program='tracepoint:syscalls:sys_enter_pread64 { @at[tid] = nsecs; }
	tracepoint:syscalls:sys_exit_pread64 /@at[tid]/ {
		@ns[cgroup] = hist(nsecs - @at[tid]); @bytes[cgroup] = sum(args->ret); delete(@at[tid]); }'

peers=
command -v bpftrace >/dev/null && peers="$peers bpftrace"
# One that fails to load measures nothing.
for tool in syscount vfsstat; do
	path=$(command -v $tool "/usr/sbin/$tool" | head -n 1 || true)
	[ -n "$path" ] || continue
	{ timeout -s INT 4 "$path" 1 >/dev/null 2>"$dir/said" || [ $? = 124 ]; } && [ ! -s "$dir/said" ] &&
		peers="$peers $tool" || echo "$tool does not work on this kernel"
done

echo 1 >/proc/sys/kernel/bpf_stats_enabled
for _ in $(seq "$rounds"); do
	for who in inside with_sched with_files outside empty $peers; do
		case $who in
		empty) with_peer "$build/tests/lib/drive_bpf" "$dir/empty.o" ;;
		bpftrace) with_peer "${bench_bpftrace[@]}" "$bpftrace_program" ;;
		syscount) with_peer syscount -L ;;
		vfsstat) with_peer vfsstat 1 ;;
		*) cost_of_cbpf "$who" ;;
		esac >>"$dir/$who"
	done
done
# The statistics themselves take time with every run of a program.
echo "$stats" >/proc/sys/kernel/bpf_stats_enabled
for _ in $(seq "$rounds"); do
	for who in false true; do
		run_cbpf false $who "$drive $dir/file again:4096:$calls"
		jq --argjson n "$calls" '.ns / $n | floor' "$dir/a.log" >>"$dir/reads_$who"
	done
done

echo "ns per pread, median of $rounds (median of the ratios to programs that do nothing)"
ratios "inside with_sched with_files outside" empty
if [ -n "$peers" ]; then
	echo "ns per pread (median of the ratios to the cheaper of the others)"
	ratios "inside with_sched" "$peers"
fi
echo "ns of a pread of 4 KiB itself (median of the ratios to the one without)"
ratios reads_true reads_false
