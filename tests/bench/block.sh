#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What tracing block I/O costs. Two figures, each in turn (A B A B) over the same load in one run:
# ns per completed request by the kernel's own BPF statistics, and the IOPS that are lost end to
# end. cbpf counts by owner, device and operation, four histograms, order, depth, shares and
# interference; libbpf-tools' biolatency and bpftrace count one histogram for all. Only the ratios
# mean anything: how long it takes to read a clock differs by several times between machines, and
# an empty program is mostly that.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib/block.bash
. tests/lib/block.bash
# shellcheck source=tests/lib/bench.bash
. tests/lib/bench.bash

seconds=${SECONDS_EACH:-2}
rounds=${ROUNDS:-5}
bpftool=$(ls /usr/lib/linux-tools/*/bpftool /usr/sbin/bpftool 2>/dev/null | head -n 1)
biolatency=$(command -v biolatency biolatency-libbpf /usr/sbin/biolatency | head -n 1 || true)
for need in fio jq; do
	command -v $need >/dev/null || { echo "bench: needs $need" >&2; exit 77; }
done

dir=$(mktemp -d "${CBPF_TEST_DIR:-/var/tmp}/cbpf-bench.XXXXXX")
stats=$(cat /proc/sys/kernel/bpf_stats_enabled)
IO_CGROUPS=$(io_hierarchy)
CG=$(make_cgroup "cbpf-bench-$$")
peer=
cleanup()
{
	[ -z "$peer" ] || kill "$peer" 2>/dev/null || true
	echo "$stats" >/proc/sys/kernel/bpf_stats_enabled
	remove_cgroup "$CG" || true
	rm -rf "$dir"
}
trap cleanup EXIT

fio --name=bench --filename="$dir/file" --size=128m --rw=write --bs=1m --direct=1 --output=/dev/null
load="fio --name=bench --filename=$dir/file --size=128m --rw=randread --bs=4k --direct=1
	--ioengine=libaio --iodepth=16 --runtime=$seconds --time_based --output=$dir/fio.json
	--output-format=json"

in_cgroup() # the load, as a container would run it
{
	sh -c "echo 0 >$CG/cgroup.procs; exec $(echo $load)"
}

# "ns-per-request requests" from [{program, runs, run_ns}], by the program of completions.
per_request='(map(select(.program | test("comple"))) | map(.runs) | add) as $n
	| if ($n // 0) == 0 then "0 0" else "\((map(.run_ns) | add) / $n | floor) \($n)" end'

run_cbpf() # OPTION...
{
	local time=$seconds
	[ "$*" != -l ] || time=$((4 * seconds))
	# shellcheck disable=SC2086 # words on purpose
	"$drive" -j "$CG" "$@" ${load/--runtime=$seconds/--runtime=$time} 2>/dev/null |
		jq -r "(.costs_since_learned // .costs) | $per_request"
}

# with_peer FILTER COMMAND...: cost of the programs that FILTER names while COMMAND traces
with_peer()
{
	local filter=$1
	shift
	"$@" >/dev/null 2>&1 &
	peer=$!
	sleep 3
	in_cgroup
	"$bpftool" -j prog show | jq -r "map(select(.name // \"\" | test(\"$filter\"))
		| {program: .name, runs: (.run_cnt // 0), run_ns: (.run_time_ns // 0)}) | $per_request"
	kill -INT "$peer" 2>/dev/null || true
	wait "$peer" || true
	peer=
}

# The method of bpftrace's biolatency.bt, on tracepoints, which every kernel has.
# shellcheck disable=SC2016 # bpftrace's own variables
bpftrace_program='tracepoint:block:block_rq_issue { @s[args->dev, args->sector] = nsecs; }
	tracepoint:block:block_rq_complete /@s[args->dev, args->sector]/ {
		@us = hist((nsecs - @s[args->dev, args->sector]) / 1000);
		delete(@s[args->dev, args->sector]); }'

iops()
{
	jq '.jobs[0].read.iops | floor' "$dir/fio.json"
}

# What a run does unless told otherwise comes first: it times starts itself until it has learned, within
# a second or two, that the kernel's time of start is right here. It is counted from then on, if it does,
# and its load is longer; before, it costs what exact does.
declare -A options=(
	[default]="-l" [exact]="" [without-sizes]="-w sizes" [without-order]="-w sectors" [without-shares]="-w shares"
	[latency-only]="-w sizes -w sectors -w shares" [one-bank]="-1"
	[kernel-times]="-c" [raw_tp]="-b raw_tp" [empty-programs]="-w anything"
)
order="default exact without-sizes without-order without-shares latency-only one-bank kernel-times
	raw_tp empty-programs"
peers="${biolatency:+biolatency}"
command -v bpftrace >/dev/null && peers="$peers bpftrace"

echo 1 >/proc/sys/kernel/bpf_stats_enabled
for _ in $(seq "$rounds"); do
	for who in ${order%% *} $peers ${order#* }; do # the first beside its peers
		case $who in
		biolatency) result=$(with_peer '^block_rq_' "$biolatency" -D) ;;
		bpftrace)
			# shellcheck disable=SC2016 # the other shell's
			result=$(with_peer '^block_rq_' unshare --mount sh -c \
				'cd /sys/kernel/tracing && [ -e events ] ||
					mount -t tracefs nodev /sys/kernel/tracing
				exec bpftrace -e "$0"' "$bpftrace_program")
			;;
		*)
			# shellcheck disable=SC2086 # words on purpose
			result=$(run_cbpf ${options[$who]})
			;;
		esac
		echo "${result%% *}" >>"$dir/$who"
	done
done

echo "ns per completed request, median of $rounds (median of the ratios to the cheaper of the others)"
ratios "$order" "$peers"
exact=$(median <"$dir/exact")
echo "what each part of the exact mode adds"
for part in sizes order shares; do
	echo "  $part $((exact - $(median <"$dir/without-$part"))) ns"
done
echo "  CPUs counting in one bank $(($(median <"$dir/one-bank") - exact)) ns"

echo 0 >/proc/sys/kernel/bpf_stats_enabled
for _ in $(seq "$rounds"); do
	in_cgroup && iops >>"$dir/iops.none"
	run_cbpf -l >/dev/null && iops >>"$dir/iops.cbpf"
	if [ -n "$biolatency" ]; then
		with_peer '^block_rq_' "$biolatency" -D >/dev/null
		iops >>"$dir/iops.biolatency"
	fi
done
echo "IOPS end to end, median of $rounds"
none=$(median <"$dir/iops.none")
for who in none cbpf ${biolatency:+biolatency}; do
	awk -v who="$who" -v n="$(median <"$dir/iops.$who")" -v none="$none" 'BEGIN {
		printf "  %-16s %7d  %+.1f %%\n", who, n, (n / none - 1) * 100 }'
done
