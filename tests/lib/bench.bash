# SPDX-License-Identifier: Apache-2.0
# What benches against other tools print. Each round's figure of each tool is a line of $dir/TOOL.

median()
{
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# ratios OURS PEERS: a line for each, with its ratio to the cheaper of the peers. A machine is not as
# fast in every minute, so ratios are taken within a round.
ratios()
{
	local who
	# shellcheck disable=SC2086 # words on purpose
	(cd "$dir" && paste $2) | awk '{
		best = 0
		for (i = 1; i <= NF; i++)
			if ($i && (!best || $i < best))
				best = $i
		print best }' >"$dir/best"
	for who in $1 $2; do
		printf '  %-16s %6d  %s\n' "$who" "$(median <"$dir/$who")" \
			"$(paste "$dir/$who" "$dir/best" | awk '$2 { printf "%.2f\n", $1 / $2 }' | median)"
	done
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

# bench_peer LOAD FILTER COMMAND...: the statistics of all programs, through jq, after LOAD has run
# beside COMMAND.
bench_peer()
{
	local load=$1 filter=$2
	shift 2
	"$@" >/dev/null 2>&1 &
	peer=$!
	sleep 3
	# shellcheck disable=SC2086 # words on purpose
	taskset -c 0 $load >/dev/null
	"$bpftool" -j prog show | jq -r "map({program: (.name // \"\"), runs: (.run_cnt // 0),
		run_ns: (.run_time_ns // 0)}) | $filter"
	kill -INT "$peer" 2>/dev/null || true
	wait "$peer" || true
	peer=
}

# bench_bpftrace PROGRAM, as a command of bench_peer. In a mount namespace of its own: the file system
# need not be mounted.
# shellcheck disable=SC2016 # the other shell's
bench_bpftrace=(unshare --mount sh -c 'cd /sys/kernel/tracing && [ -e events ] ||
	mount -t tracefs nodev /sys/kernel/tracing
	exec bpftrace -e "$0"')
