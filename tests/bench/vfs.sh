#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What watching file system calls costs, in turn over the same load in one run: preads of 4 KiB that
# are all hits. First ns per pread by the kernel's own BPF statistics: of cbpf when the reader is a
# target, with its scheduler probe and files told apart, and when it is not a target; of programs that
# do nothing at every system call; and of what others do, where it works: bpftrace has a histogram per
# cgroup, libbpf-tools' syscount sums latencies per system call, vfsstat counts. Then the loss of throughput,
# with each of them and without, by the reader's own clock; and by its own clock what a system call takes that
# is no I/O, which the backend syscalls slows down for every program there is. BACKEND is cbpf's (syscalls).
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
bench_empty sys_enter sys_exit

# Of [{program, runs, run_ns}]: what all that run for a call took, for each of them.
# shellcheck disable=SC2016 # jq's own
per_call='map(select(.program | test("enter|exit|vfs_read|read64|on_call|on_return")))
	| (map(.runs) | max // 0) as $n
	| if $n < '$((calls / 2))' then "" else (map(.run_ns) | add) / $n | floor end'

collectors() # SCHED FILES
{
	echo "block: false, sched: $1, vfs: {mode: true, backend: $backend, files: $2}, cgroup: false, pagecache: false"
}

cost_of_cbpf() # inside, the reader is a target; outside, nobody looks at it
{
	case $1 in
	outside)
		# shellcheck disable=SC2086 # words on purpose
		(sleep 1 && taskset -c 0 $load >/dev/null) &
		bench_cbpf "$(collectors false 0)" "sleep 4"
		wait
		;;
	inside) bench_cbpf "$(collectors false 0)" "$load" ;;
	with_sched) bench_cbpf "$(collectors true 0)" "$load" ;;
	with_files) bench_cbpf "$(collectors true 1024)" "$load" ;;
	esac
	jq -r ".self.probes | $per_call" "$dir/report.json"
}

bpftrace_program='tracepoint:syscalls:sys_enter_pread64 { @at[tid] = nsecs; }
	tracepoint:syscalls:sys_exit_pread64 /@at[tid]/ {
		@ns[cgroup] = hist(nsecs - @at[tid]); @bytes[cgroup] = sum(args->ret); delete(@at[tid]); }'

peer_command() # WHO: sets command
{
	case $1 in
	empty) command=("$build/tests/lib/drive_bpf" "$dir/empty.o") ;;
	bpftrace) command=("${bench_bpftrace[@]}" "$bpftrace_program") ;;
	syscount) command=(syscount -L) ;;
	vfsstat) command=(vfsstat 1) ;;
	esac
}

peers=
! command -v bpftrace >/dev/null || peers=bpftrace
! bench_works syscount -L || peers="$peers syscount"
! bench_works vfsstat 1 || peers="$peers vfsstat"

bench_costs "$load" "$per_call" "$rounds" "inside with_sched with_files outside" "empty $peers"
echo "ns per pread, median of $rounds (median of the ratios to programs that do nothing)"
ratios "inside with_sched with_files outside" empty
if [ -n "$peers" ]; then
	echo "ns per pread (median of the ratios to the cheaper of the others)"
	ratios "inside with_sched" "$peers"
fi
no_io_round() # inside: of a target; outside: of nobody's; empty: beside programs that do nothing
{
	local load="$build/tests/lib/drive_pagecache $dir/file calls:$calls"
	# shellcheck disable=SC2086 # words on purpose
	taskset -c 0 $load >"$dir/no_io_nobody.said"
	bench_cbpf "$(collectors false 0)" "$load"
	mv "$dir/a.log" "$dir/no_io_inside.said"
	# shellcheck disable=SC2086 # words on purpose
	(sleep 1 && taskset -c 0 $load >"$dir/no_io_outside.said") &
	bench_cbpf "$(collectors false 0)" "sleep 4"
	wait $!
	peer_command empty
	bench_beside "$load" "${command[@]}" >"$dir/no_io_empty.said"
	for who in nobody inside outside empty; do
		jq --argjson n "$calls" '.ns / $n | floor' "$dir/no_io_$who.said" >>"$dir/no_io_$who"
	done
}

for _ in $(seq "$rounds"); do
	no_io_round
done
echo "ns of a system call that is no I/O, median of $rounds (median of the ratios to the one that nobody looks at)"
ratios "no_io_inside no_io_outside no_io_empty" no_io_nobody
bench_reads "$(collectors false 0)" "$rounds" "$peers"
