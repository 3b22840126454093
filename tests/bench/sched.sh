#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What tracing the scheduler costs: ns per context switch by the kernel's own BPF statistics, in turn
# over the same load in one run: two processes on one CPU that hand each other a line. cbpf counts per target
# time on CPUs, four histograms of waits, and who preempted whom; libbpf-tools' runqlat counts one
# histogram for all, bpftrace's runqlat.bt does. Only the ratios mean anything.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib/bench.bash
. tests/lib/bench.bash
seconds=${SECONDS_EACH:-3}
rounds=${ROUNDS:-5}
runqlat=$(command -v runqlat /usr/sbin/runqlat | head -n 1 || true)
bench_begin

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
per_switch='(map(select(.program | test("switch"))) | map(.runs) | add) as $n
	| if ($n // 0) == 0 then "" else (map(.run_ns) | add) / $n | floor end'

run_cbpf() # TARGET: inside, the load is one; outside, nobody looks at it
{
	local command="taskset -c 0 bash $dir/load $seconds"
	[ "$1" = inside ] || command="sleep $((seconds + 1))"
	cat >"$dir/spec.yml" <<-SPEC
		name: bench
		runtime: native
		collectors: {block: false, sched: true}
		containers: {a: {command: "$command"}}
	SPEC
	if [ "$1" = outside ]; then
		(sleep 1 && taskset -c 0 bash "$dir/load" "$seconds") &
	fi
	"$build/cbpf" run --quiet --json --store "$dir/runs" "$dir/spec.yml" |
		jq -r ".self.probes | map(select(.program | startswith(\"sched\"))) | $per_switch"
	wait
}

with_peer() # COMMAND...
{
	"$@" >/dev/null 2>&1 &
	peer=$!
	sleep 3
	taskset -c 0 bash "$dir/load" "$seconds"
	"$bpftool" -j prog show | jq -r "map(select(.name // \"\" | test(\"sched\"))
		| {program: .name, runs: (.run_cnt // 0), run_ns: (.run_time_ns // 0)}) | $per_switch"
	kill -INT "$peer" 2>/dev/null || true
	wait "$peer" || true
	peer=
}

# The method of bpftrace's runqlat.bt, on tracepoints, which every kernel has.
# shellcheck disable=SC2016 # bpftrace's own variables
bpftrace_program='tracepoint:sched:sched_wakeup, tracepoint:sched:sched_wakeup_new { @q[args->pid] = nsecs; }
	tracepoint:sched:sched_switch {
		if (args->prev_state == 0) { @q[args->prev_pid] = nsecs; }
		$ns = @q[args->next_pid];
		if ($ns) { @us = hist((nsecs - $ns) / 1000); }
		delete(@q[args->next_pid]); }'

order="inside outside"
peers=
[ -z "$runqlat" ] || peers=runqlat
command -v bpftrace >/dev/null && peers="$peers bpftrace"

echo 1 >/proc/sys/kernel/bpf_stats_enabled
for _ in $(seq "$rounds"); do
	for who in $order $peers; do
		case $who in
		runqlat) with_peer "$runqlat" ;;
		bpftrace)
			# shellcheck disable=SC2016 # the other shell's
			with_peer unshare --mount sh -c 'cd /sys/kernel/tracing && [ -e events ] ||
				mount -t tracefs nodev /sys/kernel/tracing
				exec bpftrace -e "$0"' "$bpftrace_program"
			;;
		*) run_cbpf "$who" ;;
		esac >>"$dir/$who"
	done
done

echo "ns per context switch, median of $rounds (median of the ratios to the cheaper of the others)"
ratios "$order" "$peers"
