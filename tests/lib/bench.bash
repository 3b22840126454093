# SPDX-License-Identifier: Apache-2.0
# What benches against other tools print. Each round's figure of each tool is a line of $dir/TOOL.

median()
{
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# ratios OURS PEERS: a line for each, with its ratio to the cheaper of the peers, and of ours whether that is
# less. A machine is not as fast in every minute, so ratios are taken within a round.
ratios()
{
	local who ratio verdict
	[ -n "$2" ] || { echo "  nothing to compare with works here"; return; }
	# shellcheck disable=SC2086 # words on purpose
	(cd "$dir" && paste $2) | awk '{
		best = 0
		for (i = 1; i <= NF; i++)
			if ($i && (!best || $i < best))
				best = $i
		print best }' >"$dir/best"
	for who in $1 $2; do
		ratio=$(paste "$dir/$who" "$dir/best" | awk '$2 { printf "%.2f\n", $1 / $2 }' | median)
		verdict=
		[[ $2 == empty || $2 == *nobody || " $2 " == *" $who "* ]] ||
			verdict=$(awk -v r="$ratio" 'BEGIN { print r < 1 ? "cheaper" : "NOT CHEAPER" }')
		printf '  %-16s %6d  %s  %s\n' "$who" "$(median <"$dir/$who")" "$ratio" "$verdict"
	done
}

# bench_flat FEW MANY LIMIT FLOOR: the verdict in words; fails when what it costs with many is LIMIT times what it costs
# with few, or more. Less than FLOOR is taken for that: a ratio to what is lost in noise means nothing.
bench_flat()
{
	awk -v few="$1" -v many="$2" -v limit="$3" -v floor="$4" 'BEGIN {
		if (few !~ /^-?[0-9]+$/ || many !~ /^-?[0-9]+$/) {
			print "NOT FLAT: nothing was measured"
			exit 1
		}
		if (few < floor)
			few = floor
		printf "%.2f times, %s\n", many / few, many < limit * few ? "flat" : "NOT FLAT"
		exit many >= limit * few }'
}

# bench_begin: for what measures by the kernel's BPF statistics: $build, $bpftool, and $dir, which
# is gone at the end, as are the statistics and $peer if it still runs.
bench_begin()
{
	build=${O:-build}
	case $build in /*) ;; *) build=$PWD/$build ;; esac
	bpftool=$(find /usr/lib/linux-tools /usr/sbin -maxdepth 2 -name bpftool 2>/dev/null | head -n 1)
	command -v jq >/dev/null || { echo "bench: needs jq" >&2; exit 77; }
	dir=$(mktemp -d "${CBPF_TEST_DIR:-/var/tmp}/cbpf-bench.XXXXXX")
	PATH=$PATH:/usr/sbin # of libbpf-tools
	stats=$(cat /proc/sys/kernel/bpf_stats_enabled)
	peer=
	trap bench_end EXIT
}

bench_end()
{
	[ -z "$peer" ] || kill "$peer" 2>/dev/null || true
	echo "$stats" >/proc/sys/kernel/bpf_stats_enabled
	rm -rf "$dir"
}

# bench_empty HOOK...: $dir/empty.o, with a program that does nothing on each.
bench_empty()
{
	local hook
	{
		echo '#include <linux/bpf.h>'
		for hook; do
			echo "__attribute__((section(\"tp_btf/$hook\"), used)) int on_empty_$hook(void *ctx)"
			echo '{ return 0; }'
		done
		echo 'char LICENSE[] __attribute__((section("license"), used)) = "GPL";'
	} >"$dir/empty.bpf.c"
	clang -g -O2 -target bpf -I"/usr/include/$(uname -m)-linux-gnu" -c "$dir/empty.bpf.c" \
		-o "$dir/empty.o"
}

# bench_cbpf COLLECTORS COMMAND: the report goes to report.json, the target's output to a.log
bench_cbpf()
{
	cat >"$dir/spec.yml" <<-SPEC
		name: bench
		runtime: native
		collectors: {$1}
		containers: {a: {cpus: "0", command: "$2"}}
	SPEC
	"$build/cbpf" run --quiet --json --store "$dir/runs" "$dir/spec.yml" >"$dir/report.json"
	cp "$dir/runs/latest/logs/a.log" "$dir/a.log"
}

# bench_beside LOAD COMMAND...: LOAD's words, while COMMAND runs; then what the function bench_then has
# to say, if there is one.
bench_beside()
{
	local load=$1
	shift
	"$@" >/dev/null 2>&1 &
	peer=$!
	sleep 3
	# shellcheck disable=SC2086 # words on purpose
	taskset -c 0 $load
	${bench_then:-true}
	kill -INT "$peer" 2>/dev/null || true
	wait "$peer" || true
	peer=
}

bench_programs()
{
	"$bpftool" -j prog show | jq -r "map({program: (.name // \"\"), runs: (.run_cnt // 0),
		run_ns: (.run_time_ns // 0)}) | $bench_filter" >"$dir/figure"
}

# bench_costs LOAD FILTER ROUNDS OURS PEERS: a figure for each in each round, in turn: of the statistics
# of programs, through jq; of cbpf by cost_of_cbpf WHO, of others while $command of peer_command WHO runs.
bench_costs()
{
	local load=$1 bench_filter=$2 bench_then=bench_programs who
	echo 1 >/proc/sys/kernel/bpf_stats_enabled
	for _ in $(seq "$3"); do
		for who in $4; do
			cost_of_cbpf "$who" >>"$dir/$who"
		done
		for who in $5; do
			peer_command "$who"
			bench_beside "$load" "${command[@]}" >/dev/null
			cat "$dir/figure" >>"$dir/$who"
		done
	done
	# The statistics themselves take time with every run of a program.
	echo "$stats" >/proc/sys/kernel/bpf_stats_enabled
}

# bench_reads COLLECTORS ROUNDS PEERS: what a pread of 4 KiB that is a hit takes, by the reader's own
# clock: with nobody looking, as cbpf's target, and beside each of the others.
bench_reads()
{
	local drive=$build/tests/lib/drive_pagecache n=500000 who bench_then='' load
	dd if=/dev/zero of="$dir/read" bs=64k count=16 conv=fsync status=none
	load="$drive $dir/read again:4096:$n"
	for _ in $(seq "$2"); do
		# shellcheck disable=SC2086 # words on purpose
		taskset -c 0 $load >"$dir/said_nobody"
		bench_cbpf "$1" "$load"
		mv "$dir/a.log" "$dir/said_cbpf"
		for who in $3; do
			peer_command "$who"
			bench_beside "$load" "${command[@]}" >"$dir/said_$who"
		done
		for who in nobody cbpf $3; do
			jq --argjson n $n '.ns / $n | floor' "$dir/said_$who" >>"$dir/reads_$who"
		done
	done
	echo "ns of a pread of 4 KiB itself, median of $2 (median of the ratios to the one that nobody looks at)"
	# shellcheck disable=SC2086 # words on purpose
	ratios "$(printf 'reads_%s ' cbpf $3)" reads_nobody
}

# bench_works COMMAND...: one that fails to load measures nothing.
bench_works()
{
	command -v "$1" >/dev/null || return 1
	{ timeout -s INT 4 "$@" >/dev/null 2>"$dir/said" || [ $? = 124 ]; } && [ ! -s "$dir/said" ] && return
	echo "$1 does not work on this kernel" >&2
	return 1
}

# bench_bpftrace PROGRAM, as the command of a peer. In a mount namespace of its own: the file system
# need not be mounted.
# shellcheck disable=SC2016 # the other shell's
bench_bpftrace=(unshare --mount sh -c 'cd /sys/kernel/tracing && [ -e events ] ||
	mount -t tracefs nodev /sys/kernel/tracing
	exec bpftrace -e "$0"')
