#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What tracing costs per completed request, in ns by the kernel's own BPF statistics: cbpf (owner,
# device, operation, three histograms) beside libbpf-tools' biolatency (one histogram), in turn
# over the same load. Only the ratio means anything.
set -eu
cd "$(dirname "$0")/../.."

O=${O:-build}
seconds=${SECONDS_EACH:-3}
rounds=${ROUNDS:-3}
bpftool=$(ls /usr/lib/linux-tools/*/bpftool /usr/sbin/bpftool 2>/dev/null | head -n 1)
biolatency=$(command -v biolatency biolatency-libbpf /usr/sbin/biolatency | head -n 1 || true)
for need in fio jq; do
	command -v $need >/dev/null || { echo "bench: needs $need" >&2; exit 77; }
done

dir=$(mktemp -d "${CBPF_TEST_DIR:-/var/tmp}/cbpf-bench.XXXXXX")
stats=$(cat /proc/sys/kernel/bpf_stats_enabled)
peer=
cleanup()
{
	[ -z "$peer" ] || kill "$peer" 2>/dev/null || true
	echo "$stats" >/proc/sys/kernel/bpf_stats_enabled
	rm -rf "$dir"
}
trap cleanup EXIT
echo 1 >/proc/sys/kernel/bpf_stats_enabled

load=(fio --name=bench --filename="$dir/file" --size=128m --rw=randread --bs=4k --direct=1
	--ioengine=libaio --iodepth=16 --output=/dev/null)
"${load[@]}" --rw=write --bs=1m >/dev/null # lay out the file
load+=(--runtime="$seconds" --time_based)

# Prints "ns-per-request requests" from [{runs, run_ns}], the completion program being named.
per_request='(map(select(.program | test("comple"))) | map(.runs) | add) as $n
	| "\((map(.run_ns) | add) / $n | floor) \($n)"'

run_cbpf()
{
	"$O/tests/lib/drive_block" -b "$1" "${load[@]}" 2>/dev/null | jq -r ".costs | $per_request"
}

run_biolatency()
{
	"$biolatency" -D >/dev/null 2>&1 &
	peer=$!
	sleep 1.5
	"${load[@]}" >/dev/null
	"$bpftool" -j prog show | jq -r "map(select(.name // \"\" | startswith(\"block_rq_\"))
		| {program: .name, runs: (.run_cnt // 0), run_ns: (.run_time_ns // 0)}) | $per_request"
	kill -INT "$peer"
	wait "$peer" || true
	peer=
}

median()
{
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

for round in $(seq "$rounds"); do
	for who in tp_btf raw_tp ${biolatency:+biolatency}; do
		if [ "$who" = biolatency ]; then
			result=$(run_biolatency)
		else
			result=$(run_cbpf "$who")
		fi
		read -r ns n <<<"$result"
		printf '  round %d  %-10s %6d ns per request  (%d requests)\n' "$round" "$who" "$ns" "$n"
		echo "$ns" >>"$dir/$who"
	done
done
for who in tp_btf raw_tp; do
	ours=$(median <"$dir/$who")
	if [ -n "$biolatency" ]; then
		theirs=$(median <"$dir/biolatency")
		awk -v a="$ours" -v b="$theirs" -v who="$who" 'BEGIN {
			printf "cbpf %s: %d ns, biolatency: %d ns, ratio %.2f\n", who, a, b, a / b }'
	else
		echo "cbpf $who: $ours ns (biolatency is not installed: apt-get install libbpf-tools)"
	fi
done
