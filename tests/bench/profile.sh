#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What sampling stacks costs: ns per sample by the kernel's own BPF statistics, in turn over the same load in one
# run: reads of a cached file on one CPU, 997 times a second on each. cbpf counts stacks of kernel and user space by
# target and process; bpftrace counts both stacks by name. Only the ratio means anything. And what it takes in
# all, sampled and named, in CPU time of the profiler beside that of perf record and perf script.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib/bench.bash
. tests/lib/bench.bash
seconds=${SECONDS_EACH:-5}
rounds=${ROUNDS:-5}
hz=997
collectors="block: false, sched: false, vfs: false, pagecache: false, perf: false, cgroup: false"
bench_begin

dd if=/dev/zero of="$dir/read" bs=1M count=16 status=none
cat >"$dir/load" <<LOAD
end=\$((SECONDS + $seconds))
while [ "\$SECONDS" -lt "\$end" ]; do
	dd if=$dir/read of=/dev/null bs=4k status=none
done
LOAD

# Of [{program, runs, run_ns}]: what the one that samples took, for each.
per_sample='map(select(.program | test("sample|^997$"))) | (map(.runs) | add) as $n
	| if ($n // 0) == 0 then "" else (map(.run_ns) | add) / $n | floor end'

cost_of_cbpf()
{
	bench_cbpf "$collectors, profile: {mode: true, frequency: $hz}" "taskset -c 0 bash $dir/load"
	jq -r ".self.probes | $per_sample" "$dir/report.json"
}

# shellcheck disable=SC2016 # bpftrace's own variables
peer_command() # sets command
{
	command=("${bench_bpftrace[@]}" "profile:hz:$hz /pid/ { @[kstack, ustack, comm] = count(); }")
}

peers=
! command -v bpftrace >/dev/null || peers=bpftrace
bench_costs "bash $dir/load" "$per_sample" "$rounds" cbpf "$peers"
echo "ns per sample, median of $rounds (median of the ratios)"
ratios cbpf "$peers"

# In ms of CPU for a minute: what sampling adds and nothing else, by a run without it.
cbpf_ms() # COLLECTORS
{
	bench_cbpf "$1" "taskset -c 0 bash $dir/load"
	jq ".self.cpu_s * 1000 + ([.self.probes[].run_ns] | add // 0) / 1e6 | floor" "$dir/report.json"
}

# user and sys of a command, in ms
times_of()
{
	local TIMEFORMAT='%U %S'
	{ time "$@" >/dev/null 2>&1; } 2>&1 | awk '{ print int(($1 + $2) * 1000) }'
}

command -v perf >/dev/null || { echo "no perf to compare with"; exit 0; }
for _ in $(seq "$rounds"); do
	without=$(cbpf_ms "$collectors")
	echo $(($(cbpf_ms "$collectors, profile: {mode: true, frequency: $hz}") - without)) >>"$dir/cbpf_all"
	perf record -q -a -g -F $hz -e cpu-clock -o "$dir/data" -- taskset -c 0 bash "$dir/load" \
		>/dev/null 2>&1
	# The recorder's own time is too little to tell from its child's: what it wrote has to be read.
	times_of perf script -i "$dir/data" >>"$dir/perf_script"
	rm -f "$dir/data"
done
echo "ms of CPU for $seconds s at $hz Hz, median of $rounds: all of cbpf's sampling, naming and storing; perf script alone"
ratios cbpf_all perf_script
