#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Application I/O by one of the vfs probe's backends, on a Debian kernel: the backend and the kernel's
# series are in this file's name, and the others are links to it. One boot does everything
# (guest_vfs.sh); tests compare what was seen with what the loads know that they did.

load ../lib/jq
load ../lib/run
load ../lib/vfs
load ../lib/vm

setup_file() {
	load ../lib/run
	load ../lib/vm
	local name=${BATS_TEST_FILENAME##*/vfs-}
	export VM_OUT=$BATS_FILE_TMPDIR/out NO_BOOT= BACKEND=${name%%-*}
	vm_find "$(vm_series "$BATS_TEST_FILENAME")" || {
		NO_BOOT="no kernel to boot: $VM_WHY"
		return 0
	}
	command -v fio >/dev/null || { NO_BOOT="no fio: run docker/packages.sh test" && return; }
	VM_MODULES=overlay VM_LIMIT=1300 VM_APPEND=vfs_backend=$BACKEND
	vm_run "$BATS_TEST_DIRNAME/guest_vfs.sh" "$CBPF" "$BUILD/tests/lib/drive_vfs" \
		"$BUILD/tests/lib/drive_files" "$ROOT/tests/lib/vfs_spec.sh" "$(command -v fio)" >"$BATS_FILE_TMPDIR/said" 2>&1 || {
		echo "the guest ended with $?:"
		cat "$BATS_FILE_TMPDIR/said"
		return 1
	}
}

setup() {
	[ -z "$NO_BOOT" ] || skip "$NO_BOOT"
	cd "$VM_OUT" || return 1
	case $VM_RELEASE in
	*-rt-*) export VFS_MAY_LOSE=1 ;;
	esac
}

# went_well NAME
went_well() {
	[ -e "$1/status" ] || { echo "$1 was not tried"; return 1; }
	[ "$(cat "$1/status")" = 0 ] || {
		echo "$1: status $(cat "$1/status"): $(head -c 1000 "$1/stderr")"
		return 1
	}
	[ "$(jq -r .backends.vfs "$1/report.json")" = "$BACKEND" ]
}

# group_is RUN NAME: all of its cases.
group_is() {
	went_well cases && went_well "$1" || return 1
	vfs_of cases/report.json nothing /load/in >base.json
	# shellcheck disable=SC2046 # words on purpose
	vfs_all_same "$1/report.json" "$1/own" /load/in base.json \
		$(vfs_cases "$BUILD/tests/lib/drive_vfs" "$2") || return 1
	vfs_proven
}

@test "every run went well, agrees with itself, and lost nothing" {
	local run bad=0
	[ "$(cat release)" = "$VM_RELEASE" ]
	for run in cases crowd mounts apart told fio; do
		went_well $run && vfs_consistent $run/report.json || bad=1
	done
	return $bad
}

@test "reads and writes of every kind" {
	group_is cases data
}

@test "calls that name a path" {
	group_is cases names
}

@test "what makes data durable" {
	group_is cases sync
}

@test "copies within the kernel" {
	group_is cases copy
}

@test "descriptors: what is no file does not count" {
	group_is cases fds
}

@test "threads, children, programs executed, and kills in the midst of calls, beside a stranger" {
	group_is cases tasks
}

@test "many tasks in one call at once: each is counted, or told to be missing" {
	local own seen lost
	group_is crowd crowd
	own=$(jq .vfs.copy.calls crowd/own/crowd.json)
	seen=$(jq '[.targets[0].vfs_mounts[].ops.copy.calls | values] | add // 0' crowd/report.json)
	lost=$(vfs_lost crowd/report.json vfs.returns)
	echo "issued $own, seen $seen, lost $lost, may be missing $(vfs_may_lose crowd/report.json)"
	[ $((seen + lost)) = "$own" ] ||
		{ [ $((seen + lost)) -lt "$own" ] && [ $((seen + $(vfs_may_lose crowd/report.json))) -ge "$own" ]; }
}

@test "signals: a call that is restarted is one call" {
	group_is cases signals
}

@test "io_uring" {
	group_is cases uring
}

@test "io_uring with more completions than there is room for" {
	group_is crowd overflow
}

# Does the kernel let programs attach to its functions? Those of Debian do.
has_fentry() {
	grep -q '^CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y' "$VM_KERNEL/boot/config-$VM_RELEASE"
}

# Functions, by fentry or kprobes, tell the mounts of paths and when a fault ends.
has_functions() {
	[ "$BACKEND" != syscalls ] || has_fentry
}

@test "page faults on files, and how long they took" {
	group_is cases faults
	! has_functions || [ "$(vfs_lost cases/report.json vfs.fault_times)" = 0 ]
}

@test "a page fault that a signal broke off is none, nor is another taken for it" {
	went_well cases
	has_functions || skip "this backend counts it when it begins"
	jq -e '[.targets[] | select(.name == "fault_left") | .vfs_mounts[]
		| select(.mount == "(not mounted)").ops.fault.calls | values] | add // 0 == 0' \
		cases/report.json
}

# The calls of a mount that succeeded, by path or not.
succeeded() {
	jq '{vfs: (.vfs | (del(.lost) | map_values({calls: (.calls - (.errors // 0))})) + {lost})}' "$1"
}

@test "mounts are told apart, and what is stacked is counted once" {
	local place fs bad=0
	went_well mounts
	echo '{"vfs": {}}' >none.json
	for place in disk memory stacked; do
		case $place in
		disk) fs=ext4 ;;
		memory) fs=tmpfs ;;
		stacked) fs=overlay ;;
		esac
		vfs_mount mounts/report.json a /$place $fs >$place.json
		vfs_same $place mounts/own/$place.json $place.json none.json \
			open stat rename unlink mkdir truncate || bad=1
		# Where a path led is known once the call has been successful.
		has_functions || continue
		succeeded mounts/own/$place.json >$place.own.good
		succeeded $place.json >$place.good
		vfs_same "$place, successful" $place.own.good $place.good none.json || bad=1
	done
	# And nothing below them.
	jq -e '[.targets[0].vfs_mounts[] | select(.ops.getdents) | .mount | values] | length == 3' \
		mounts/report.json
	[ $bad = 0 ]
	vfs_proven
}

@test "what fio says of its I/O" {
	local engine pre bad=0
	went_well fio
	echo '{"vfs": {}}' >none.json
	for engine in psync pvsync2 sync io_uring; do
		pre=
		[ $engine != io_uring ] || pre=uring_
		vfs_fio "$pre" fio/own/$engine.json >$engine.json
		vfs_mount fio/report.json $engine /load/in ext4 >$engine.seen
		vfs_same $engine $engine.json $engine.seen none.json \
			fsync open close stat unlink truncate fallocate fault || bad=1
	done
	[ $bad = 0 ]
	vfs_proven
}

@test "requests of Linux AIO are not followed, and told as that" {
	went_well fio
	local told want
	told=$(vfs_lost fio/report.json vfs.aio)
	want=$(jq '.jobs[0] | .read.total_ios + .write.total_ios' fio/own/libaio.json)
	echo "told $told, fio $want, may be missing $(vfs_may_lose fio/report.json)"
	[ "$told" -le "$want" ] && [ "$told" -ge $((want - $(vfs_may_lose fio/report.json))) ]
}

@test "a file system that is full" {
	went_well mounts
	jq -e '.vfs | .write.errnos.ENOSPC > 0 and .fallocate.errnos.ENOSPC > 0' mounts/own/small.json
	vfs_mount mounts/report.json small /small tmpfs >small.json
	echo '{"vfs": {}}' >none.json
	vfs_same small mounts/own/small.json small.json none.json open unlink
	vfs_proven
}

@test "what runs deeper in a target's cgroup is its own" {
	went_well mounts
	vfs_mount mounts/report.json deeper /deeper ext4 >deeper.json
	echo '{"vfs": {}}' >none.json
	vfs_same deeper mounts/own/deeper.json deeper.json none.json \
		open stat rename unlink mkdir truncate
	vfs_proven
}

# file RUN TARGET NAME FILTER: of what is told of a file.
file() {
	jq -r ".targets[] | select(.name == \"$2\") | .files[]? | select(.path | endswith(\"/in/$3\")) | $4" \
		"$1/report.json"
}

@test "files are told apart, with fewer places than files" {
	went_well apart
	went_well told
	file apart held held '.reads <= 5001 and .reads + .missed >= 5001 and .missed > 0' | grep -qx true
	# 301 files, and 64 places.
	[ "$(vfs_lost apart/report.json vfs.files)" -ge $((301 - 64)) ]
	[ "$(vfs_lost told/report.json vfs.files)" = 0 ]
	[ "$(file told copy from '"\(.reads) \(.read_bytes)"')" = "3 64096" ]
	[ "$(file told copy to '"\(.writes) \(.write_bytes)"')" = "3 64096" ]
	[ "$(file told flags synced '.flags | join(" ")')" = "wronly sync" ]
}
