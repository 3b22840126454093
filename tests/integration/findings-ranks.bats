#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What rules conclude of the ranks and repetitions of real runs, and of their data. Each is provoked, with the
# numbers that another source has of the same run, and has a control that does not provoke it.

bats_require_minimum_version 1.5.0
load ../lib/jq
load ../lib/run
load ../lib/findings

setup() {
	need_root
	command -v mpirun >/dev/null || skip "no mpirun here"
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	[ -z "$raising" ] || kill "$raising" 2>/dev/null || true
	no_own_disk
}

# slow_rank MS OTHER_MS: a program that is IOR, whose rank 1 waits so long after each call, and the others.
slow_rank() {
	cat > slow <<-END
	#!/bin/sh
	delay=$2
	[ "\$OMPI_COMM_WORLD_RANK" != 1 ] || delay=$1
	exec $BUILD/cbpf-ior "\$@" -O interIODelay=\$((delay * 1000))
	END
	chmod +x slow
}

# What IOR says in its own file of its ranks, in order: of the column "bytes", or "runtime-with-openclose".
ranks_of() { # OPERATION COLUMN
	awk -F, -v op="$1" -v column="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i; next }
		$1 == op { print $at }' runs/latest/results/a.ranks.csv | sort -n
}

@test "a rank that is slow, one that stops early, and all alike" {
	local load="ranks: 2, rank_details: true, transfer: 64KiB, segments: 1, read: false, write: true,
	     file_per_process: true, keep: true, binary: $PWD/slow, file: $PWD/f"
	slow_rank 20 1
	ior "$load, block: 2MiB"
	finds "straggler a"
	silent imbalance
	# 32 times 20 ms at least, and what each rank's own file says.
	of straggler '.op == "write" and .most >= 0.6 and .most - .least > 0.1' | grep -qx true
	is straggler .least "$(ranks_of write runtime-with-openclose | head -n 1)"
	is straggler .most "$(ranks_of write runtime-with-openclose | tail -n 1)"
	# Until their time is up: as many bytes as the files have.
	rm f.*
	ior "$load, block: 512MiB, stonewall_s: 1"
	finds "imbalance a"
	silent straggler
	is imbalance .most "$(stat -c %s f.* | sort -n | tail -n 1)"
	is imbalance .least "$(stat -c %s f.* | sort -n | head -n 1)"
	slow_rank 50 50
	rm f.*
	ior "$load, block: 1MiB"
	cat runs/latest/results/a.ranks.csv
	silent imbalance
	silent straggler
}

# written CGROUP: bytes, to $dev
written() {
	if [ -e "$1/blkio.throttle.io_service_bytes" ]; then
		sed -n "s/^$dev Write //p" "$1/blkio.throttle.io_service_bytes"
	else
		sed -n "s/^$dev .*wbytes=\([0-9]*\).*/\1/p" "$1/io.stat"
	fi
}

# Raises the limit of what a container may write to $disk, which is 4 MiB/s at first: to twice of it when a
# repetition has been written, which is 4 MiB.
raise_limit() {
	local dev dir bytes rate limit=4194304
	dev=$(cat "/sys/block/$disk/dev")
	while sleep 0.02; do
		for dir in $(left_cgroups | grep '/a$'); do
			bytes=$(written "$dir") && [ -n "$bytes" ] || continue
			rate=$((4194304 << (bytes / 4194304)))
			[ "$rate" != "$limit" ] || continue
			limit=$rate
			if [ -e "$dir/blkio.throttle.write_bps_device" ]; then
				echo "$dev $rate" > "$dir/blkio.throttle.write_bps_device"
			else
				echo "$dev wbps=$rate" > "$dir/io.max"
			fi
		done
	done
}

@test "repetitions that are faster and faster, and that are not" {
	local load
	own_disk d 64M
	load="transfer: 64KiB, block: 4MiB, segments: 1, odirect: true, read: false, write: true,
	     file: $PWD/d/f"
	raise_limit 3>&- 2>/dev/null &
	raising=$!
	ior "repetitions: 3, $load" "io: {device: /dev/$disk, write_bps: 4MiB}"
	kill "$raising"
	raising=
	finds "warming a"
	of warming '.op == "write" and .repetitions == 3 and .first_mib_s < 8' | grep -qx true
	# Each was faster: the last is the best of all, by IOR's own sum.
	report '[.findings[] | select(.id == "warming")][0].evidence
		| "\(.first_mib_s * 100 | round) \(.last_mib_s * 100 | round)"' > told
	jq -r '.summary[0] | "\(.bwMinMIB * 100 | round) \(.bwMaxMIB * 100 | round)"' runs/latest/results/a.json > own
	diff told own
	ior "repetitions: 3, $load" "io: {device: /dev/$disk, write_bps: 8MiB}"
	silent warming
}

@test "ranks that lock a file against each other, and that write to it at once" {
	local load
	own_disk d 128M
	load="ranks: 4, rank_details: true, transfer: 256KiB, block: 8MiB, segments: 1, odirect: true, read: false,
	     write: true, file: $PWD/d/f, keep: true"
	# It grows with each write.
	ior "$load"
	finds "shared-file a"
	# Who waits is neither writing nor run: the rest is what the device had of it, by the block layer's count.
	# A call of 256 KiB may be several requests at once, and lasts as long as the longest of them.
	# And no more was waited and written than the ranks took by their own clocks.
	report '([.targets[0].block[].write | values | .total_ns.sum / ([.ios / 128, 1] | max)] | max / 1e9) as $device
		| [.findings[] | select(.id == "shared-file")][0].evidence
		| "\(.inode_lock_s) of \(.writing_s), \($device) in the device",
		  .inode_lock_s > 0.3 * .writing_s and .inode_lock_s + 0.5 * $device < .writing_s' > sums
	cat sums
	grep -qx true sums
	report '[.findings[] | select(.id == "shared-file")][0].evidence.writing_s' > writing
	ranks_of write runtime-with-openclose | awk '{ sum += $1 } END { getline told < "writing"; print told, sum; exit !(told <= sum) }'
	# All of it is there already: ext4 lets those overwrite it at once.
	ior "$load, options: [-E]"
	silent shared-file
}

@test "data that is not what was written, and that is" {
	local load="transfer: 64KiB, block: 1MiB, segments: 1, keep: true, file: $PWD/f, options: [-E, -G, 7]"
	ior "$load, read: false, write: true"
	silent corruption
	ior "$load, read: true, verify_read: true"
	silent corruption
	# One byte in the fourth and in the tenth transfer.
	cp f as-written
	for at in 200000 600000; do
		printf '\125' | dd of=f bs=1 seek=$at conv=notrunc status=none
	done
	[ "$(cmp -l f as-written | wc -l)" = 2 ]
	ior "$load, read: true, verify_read: true" || true
	report '.findings[] | .id + " " + (.target // "run")' > found
	cat found
	finds "corruption a"
	of corruption '.message | contains("2 transfers with wrong data")' | grep -qx true
	[ "$status" = 1 ]
}
