#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What tracing the scheduler costs: ns per context switch by the kernel's own BPF statistics, in turn
# over the same load in one run: two processes on one CPU that hand each other a line. cbpf counts per target
# time on CPUs, four histograms of waits, and who preempted whom; libbpf-tools' runqlat counts one
# histogram for all, bpftrace's runqlat.bt does; and programs that do nothing are the floor. Only the
# ratios mean anything.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib/bench.bash
. tests/lib/bench.bash
seconds=${SECONDS_EACH:-3}
rounds=${ROUNDS:-5}
bench_begin
bench_empty sched_switch sched_wakeup

cat >"$dir/load" <<'LOAD'
dir=$(mktemp -d)
mkfifo "$dir/there" "$dir/back"
while read -r _; do echo; done <"$dir/there" >"$dir/back" &
exec 3>"$dir/there" 4<"$dir/back"
rm -r "$dir"
end=$((SECONDS + $1))
while [ "$SECONDS" -lt "$end" ]; do
	echo >&3
	read -r _ <&4
done
LOAD

# Of [{program, runs, run_ns}]: what all of them took, for each switch.
per_switch='map(select(.program | test("sched|^on_"))) |
	(map(select(.program | test("switch"))) | map(.runs) | add) as $n
	| if ($n // 0) == 0 then "" else (map(.run_ns) | add) / $n | floor end'

cost_of_cbpf() # inside, the load is a target; outside, nobody looks at it
{
	local collectors="block: false, vfs: false, pagecache: false, cgroup: false, sched: true"
	if [ "$1" = outside ]; then
		(sleep 1 && taskset -c 0 bash "$dir/load" "$seconds") &
		bench_cbpf "$collectors" "sleep $((seconds + 1))"
		wait
	else
		bench_cbpf "$collectors" "taskset -c 0 bash $dir/load $seconds"
	fi
	jq -r ".self.probes | $per_switch" "$dir/report.json"
}

# The method of bpftrace's runqlat.bt, on tracepoints, which every kernel has.
# shellcheck disable=SC2016 # bpftrace's own variables
bpftrace_program='tracepoint:sched:sched_wakeup, tracepoint:sched:sched_wakeup_new { @q[args->pid] = nsecs; }
	tracepoint:sched:sched_switch {
		if (args->prev_state == 0) { @q[args->prev_pid] = nsecs; }
		$ns = @q[args->next_pid];
		if ($ns) { @us = hist((nsecs - $ns) / 1000); }
		delete(@q[args->next_pid]); }'

peer_command() # WHO: sets command
{
	case $1 in
	empty) command=("$build/tests/lib/drive_bpf" "$dir/empty.o") ;;
	bpftrace) command=("${bench_bpftrace[@]}" "$bpftrace_program") ;;
	runqlat) command=(runqlat) ;;
	esac
}

peers=
! bench_works runqlat 1 || peers=runqlat
! command -v bpftrace >/dev/null || peers="$peers bpftrace"

bench_costs "bash $dir/load $seconds" "$per_switch" "$rounds" "inside outside" "empty $peers"
echo "ns per context switch, median of $rounds (median of the ratios to programs that do nothing)"
ratios "inside outside" empty
echo "ns per context switch (median of the ratios to the cheaper of the others)"
ratios "inside outside" "$peers"
bench_reads "block: false, vfs: false, pagecache: false, cgroup: false, sched: true" "$rounds" "$peers"
