#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Warm-up of real runs: a device that is slow at first, a page cache that is cold, and controls that are neither.

bats_require_minimum_version 1.5.0
load ../lib/jq
load ../lib/run

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() { no_own_disk; }

# raise.sh DEVICE LIMIT COMMAND...: the command, after a while with another limit for what it writes.
write_raise() {
	cat > raise.sh <<-'END'
		dev=$1 limit=$2
		shift 2
		number=$((0x$(stat -c %t "$dev"))):$((0x$(stat -c %T "$dev")))
		v1=$(sed -n 's/^[0-9]*:\([^:]*,\)*blkio\(,[^:]*\)*://p' /proc/self/cgroup)
		v2=$(sed -n 's/^0:://p' /proc/self/cgroup)
		(
			sleep 3
			if [ -e "/sys/fs/cgroup/blkio$v1/blkio.throttle.write_bps_device" ]; then
				echo "$number $limit" > "/sys/fs/cgroup/blkio$v1/blkio.throttle.write_bps_device"
			else
				echo "$number wbps=$limit" > "/sys/fs/cgroup$v2/io.max"
			fi
		) &
		"$@"
		wait
	END
}

# writes AT_FIRST THEN MIB: a run that writes with these limits of bytes per second.
writes() {
	write_spec spec.yml <<-END
		name: warm-up
		runtime: native
		interval: 100ms
		collectors: {vfs: auto, block: auto}
		containers:
		  a:
		    working_dir: $PWD
		    io: {device: /dev/$disk, write_bps: $1}
		    command: [sh, raise.sh, /dev/$disk, "$2", dd, if=/dev/zero, of=d/f, bs=32k, count=$(($3 * 32)), oflag=direct, status=none]
	END
	run_spec spec.yml
	[ "$status" = 0 ] || { cat stderr; return 1; }
	jq -c '.targets[0] | .warm_up, .io_limits' report.json
	warm=$(jq -c '[.targets[0].warm_up[] | select(.op == "write")][0]' report.json)
}

has() { jq -e "$1" <<< "$warm"; }

@test "a limit that is raised midway is warm-up, as long as it was low; one that stays is none" {
	own_disk d 256M
	write_raise
	# A busy machine may not get as far as the limit all the time.
	for _ in 1 2 3; do
		writes 1MiB $((16 << 20)) 83
		! has '.throughput.settled == "found"' || break
	done
	has '.throughput.settled == "found"'
	# Without it the rate is the second limit, or somewhat less on a busy machine; with it there is less.
	has '.throughput | .steady_mean_bytes_per_s > 0.7 * 16777216 and .steady_mean_bytes_per_s < 1.1 * 16777216
		and .mean_bytes_per_s < 0.9 * .steady_mean_bytes_per_s'
	# Until then the rate was the first limit.
	rate=$(sqlite3 runs/latest/run.db "SELECT sum(bytes) / (($(jq .throughput.until_ns <<< "$warm") - $(jq .begin_ns <<< "$warm")) / 1e9)
		FROM histogram JOIN tick USING (seq) WHERE layer = 'vfs' AND op = 'write' AND target = $(report '.targets[0].id')
		AND end_ns <= $(jq .throughput.until_ns <<< "$warm")")
	echo "until then $rate"
	jq -en --argjson rate "$rate" '$rate > 700000 and $rate < 6000000'
	"$CBPF" report --store runs > text
	grep -E '^  warm-up   write throughput: first .*, [0-9]+ of [0-9]+ ticks; ' text
	grep -E "^  io limit  $disk write " text
	for _ in 1 2 3; do
		writes 16MiB $((16 << 20)) 83
		! has '.throughput.settled == "none"' || break
	done
	has '.throughput.settled == "none"'
	has '.throughput.mean_bytes_per_s > 0.5 * 16777216 and (.throughput | has("steady_mean_bytes_per_s") | not)'
	"$CBPF" report --store runs > text
	grep -E 'none in write( throughput)?' text
	run ! grep -F 'write throughput: first' text
}

# reads: a run that reads the same file sixteen times.
reads() {
	write_spec spec.yml <<-END
		name: repetitions
		runtime: native
		interval: 20ms
		containers:
		  a:
		    working_dir: $PWD
		    io: {device: /dev/$disk, read_bps: 128MiB}
		    workload: {ior: {binary: cbpf-ior, write: false, read: true, keep: true, file: $PWD/d/f, transfer: 4KiB, block: 384MiB, segments: 1, repetitions: 16}}
	END
	run_spec spec.yml
	[ "$status" = 0 ] || { cat stderr; return 1; }
	bw=$(jq -c '[.targets[0].repetitions[] | select(.path == "results.read.bw_mib_s")][0]' report.json)
	echo "$bw"
}

of() { jq -e "$1" <<< "$bw"; }

@test "repetitions: the first reads a cold page cache; with a warm one none is warm-up" {
	own_disk d 640M
	"$BUILD/cbpf-ior" -a POSIX -w -k -t 256k -b 384m -o "$PWD/d/f" > /dev/null
	for _ in 1 2 3; do
		sync
		echo 3 > /proc/sys/vm/drop_caches
		reads
		! of '.settled == "found"' || break
	done
	of '.settled == "found" and .warm_up >= 1 and .n == 16 and .samples[0] < 160 and .steady_mean > 2 * .samples[0]'
	of '.mean < .steady_mean'
	"$CBPF" report --store runs > text
	grep -E '^  read MiB/s  *16 .* first [1-7]$' text
	grep -E '^    read MiB/s: mean [0-9.]+, [0-9.]+ without the first [1-7]$' text
	cat d/f > /dev/null
	for _ in 1 2 3; do
		reads
		! of '.settled == "none"' || break
	done
	of '.settled == "none" and .n == 16 and (has("steady_mean") | not)'
	# Two such runs: sixteen samples of each.
	"$CBPF" compare --json --single runs/latest "$(ls -d runs/2* | head -n 1)" > out
	jq -c '.samples, .family, (.metrics[] | select(.tests) | {path, values, tests})' out
	jq -e '.samples == "repetitions within one run" and .basis == "single runs"
		and ([.metrics[] | select(.path == "results.read.bw_mib_s")] | length == 1 and all(.[];
			[.sides[].n] == [16, 16] and .tests[1].verdict != "not enough repetitions"))
		and all(.metrics[] | select(.tests); .path | startswith("results."))' out
	"$CBPF" compare --single runs/latest "$(ls -d runs/2* | head -n 1)" | grep -F 'samples: repetitions within one run (16, 16)'
}
