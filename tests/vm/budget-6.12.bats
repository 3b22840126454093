#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Where the time of calls goes, for loads of which that is known, on a Debian kernel with pure cgroup
# v2; the kernel's series is in this file's name, and each series is a link to this file. One boot
# runs all loads (guest_budget.sh).

load ../lib/jq
load ../lib/run
load ../lib/vm
load ../lib/budget

setup_file() {
	load ../lib/run
	load ../lib/vm
	local series plugins dir=$BATS_FILE_TMPDIR
	series=$(basename "$BATS_TEST_FILENAME" .bats)
	series=${series#budget-}
	export VM_OUT=$dir/out NO_BOOT=
	if ! vm_find "$series"; then
		NO_BOOT="no Linux $series to boot: $VM_WHY"
		return
	fi
	# Without a journal, for whose commits writers would wait.
	command -v mkfs.xfs >/dev/null || {
		NO_BOOT="no mkfs.xfs: run docker/packages.sh test"
		return
	}
	truncate -s 64M "$dir/slow"
	mkfs.ext4 -q -F -O ^has_journal -E lazy_itable_init=0 "$dir/slow"
	VM_ARGS+=(-drive "file=$dir/slow,if=virtio,format=raw,cache=unsafe,throttling.bps-write=1048576")
	truncate -s 320M "$dir/xfs" # the smallest that mkfs.xfs takes
	mkfs.xfs -q "$dir/xfs"
	VM_ARGS+=(-drive "file=$dir/xfs,if=virtio,format=raw,cache=unsafe")
	VM_MODULES="sd_mod scsi_debug xfs"
	VM_LIMIT=560
	mapfile -t plugins < <(vm_openmpi)
	vm_run "$BATS_TEST_DIRNAME/guest_budget.sh" "$CBPF" "$BUILD/cbpf-ior" \
		"$BUILD/tests/lib/drive_vfs" "$(command -v dd)" "${plugins[@]}" >"$dir/said" 2>&1 || {
		echo "the guest ended with $?:"
		cat "$dir/said"
		return 1
	}
}

setup() {
	[ -z "$NO_BOOT" ] || skip "$NO_BOOT"
	cd "$VM_OUT" || return 1
}

# most RUN TARGET PART
most() {
	largest "$1/report.json" "$2" "$3"
}

@test "every run went well, and its parts add up to the time of its calls" {
	local dir bad=0
	[ "$(find . -name report.json | wc -l)" = 5 ]
	for dir in */; do
		[ "$(cat "$dir/status")" = 0 ] && [ ! -s "$dir/stderr" ] || {
			echo "$dir: status $(cat "$dir/status"); said:"
			cat "$dir"/stderr "$dir"/*.log
			bad=1
		}
	done
	budgets ./*/report.json || bad=1
	[ $bad = 0 ]
}

@test "faults within calls are in the time of those, and requests of io_uring in no time" {
	jq -e 'def sum(f): [.vfs | to_entries[] | select(f) | .value.latency_ns.sum // 0] | add;
		def all: sum(.key | startswith("uring_") | not);
		[.targets[] | select(.budget)] | map({key: .name, value: .}) | from_entries |
		def in_calls: .budget.total_ns - .budget.return_ns;
		(.faults | .vfs.fault.latency_ns.sum > 0 and in_calls < all and
			in_calls > sum(.key | startswith("uring_") or . == "fault" | not)) and
		(.uring | .vfs | has("uring_read") or has("uring_write"))' dirty/report.json
	jq -e '.losses | any(.what == "budget.io_uring" and (.reason | startswith("uring: ")))' \
		dirty/report.json
}

@test "what io.max holds back waits in the queue" {
	most waits io_max queue
	most waits io_max_buffered queue
}

@test "reads of a slow device wait for the device" {
	most waits device device
}

@test "a CPU quota is time waiting for a CPU" {
	most copies cpu_limit runq
}

@test "reads of cached pages take CPU time" {
	most copies cached cpu
}

@test "few pages that may be dirty are dirty throttling" {
	most dirty dirty throttle
}

@test "few pages of a group that may be dirty are dirty throttling" {
	most waits dirty_group throttle
}

@test "who appends where others do waits for the lock of the file" {
	most waits append lock
	jq -e '.targets[] | select(.name == "append").budget |
		.inode_lock_ns > .lock_ns / 2' waits/report.json
}

@test "who syncs what it appends waits for the journal" {
	jq -e '.targets[] | select(.name == "journal") |
		.budget.journal_ns > 0 and .budget.other_ns < .budget.journal_ns and
		.sched.journal_sum_ns >= .budget.journal_ns' waits/report.json || {
		jq -c '.targets[] | select(.name == "journal") |
			(.budget | del(.timeline)), (.sched | map_values(numbers))' waits/report.json
		return 1
	}
}

@test "so does who does it on XFS" {
	jq -e '.targets[] | select(.name == "journal_xfs") | .budget.journal_ns > 0 and
		.budget.other_ns < .budget.journal_ns' waits/report.json || {
		jq -c '.targets[] | select(.name == "journal_xfs") | .budget | del(.timeline)' waits/report.json
		return 1
	}
	jq -e '.losses | all(.what != "sched.journal")' waits/report.json
}

@test "a file system whose module is loaded later has journal waits that are not seen" {
	jq -e '.losses | any(.what == "sched.journal" and (.reason | startswith("where xfs ")))' late/report.json
}

@test "phases of IOR have the bytes that it moved, and no more than their own time" {
	jq -e '[.targets[0].budget.phases[].op] == ["write", "read", "write", "read"]' ior/report.json
	phases ior/report.json ior 1
}
