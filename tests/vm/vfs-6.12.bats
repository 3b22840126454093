#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Application I/O by each of the vfs probe's backends, on a Debian kernel; the kernel's series is in
# this file's name, and each series is a link to this file. One boot does everything (guest_vfs.sh);
# tests compare what was seen with what the loads know that they did.

load ../lib/jq
load ../lib/run
load ../lib/vfs
load ../lib/vm

setup_file() {
	load ../lib/run
	load ../lib/vm
	local series tool tools=()
	series=$(basename "$BATS_TEST_FILENAME" .bats)
	series=${series#vfs-}
	export VM_OUT=$BATS_FILE_TMPDIR/out NO_BOOT=
	if ! vm_find "$series"; then
		NO_BOOT="no Linux $series to boot: $VM_WHY"
		return
	fi
	command -v fio >/dev/null || { NO_BOOT="no fio: run docker/packages.sh test" && return; }
	VM_MODULES=overlay VM_LIMIT=800
	vm_run "$BATS_TEST_DIRNAME/guest_vfs.sh" "$CBPF" "$BUILD/tests/lib/drive_vfs" \
		"$ROOT/tests/lib/vfs_spec.sh" "$(command -v fio)" >"$BATS_FILE_TMPDIR/said" 2>&1 || {
		echo "the guest ended with $?:"
		cat "$BATS_FILE_TMPDIR/said"
		return 1
	}
}

setup() {
	[ -z "$NO_BOOT" ] || skip "$NO_BOOT"
	cd "$VM_OUT" || return 1
}

BACKENDS="fentry syscalls kprobe"

# went_well BACKEND NAME
went_well() {
	[ "$(cat "$1/$2/status")" = 0 ] || {
		echo "$1 $2: status $(cat "$1/$2/status")"
		cat "$1/$2/stderr"
		return 1
	}
	[ "$(jq -r .backends.vfs "$1/$2/report.json")" = "$1" ] && vfs_consistent "$1/$2/report.json"
}

# group_is NAME: by each backend, all of its cases.
group_is() {
	local backend bad=0
	for backend in $BACKENDS; do
		went_well "$backend" "$1" || { bad=1; continue; }
		vfs_of "$backend/base/report.json" nothing /load/in >"$backend/base.json"
		# shellcheck disable=SC2046 # words on purpose
		vfs_all_same "$backend/$1/report.json" "$backend/$1" "$backend/base.json" \
			$(vfs_cases "$BUILD/tests/lib/drive_vfs" "$1") |
			sed "s/^/$backend: /"
		[ "${PIPESTATUS[0]}" = 0 ] || bad=1
	done
	return $bad
}

@test "every backend loads, and the program itself does always the same" {
	local backend
	[ "$(cat release)" = "$VM_RELEASE" ]
	for backend in $BACKENDS; do
		went_well $backend base
	done
}

@test "reads and writes of every kind" {
	group_is data
}

@test "calls that name a path" {
	group_is names
}

@test "what makes data durable" {
	group_is sync
}

@test "copies within the kernel" {
	group_is copy
}

@test "descriptors: what is no file does not count" {
	group_is fds
}

@test "threads, children, programs executed, and kills in the midst of calls" {
	group_is tasks
}

@test "signals: a call that is restarted is one call" {
	group_is signals
}

@test "io_uring" {
	group_is uring
}

@test "page faults on files" {
	group_is faults
}

# The calls of a mount that succeeded, by path or not.
succeeded() {
	jq '{vfs: .vfs | map_values({calls: (.calls - (.errors // 0))})}' "$1"
}

@test "mounts are told apart, and what is stacked is counted once" {
	local backend place ops bad=0
	echo '{"vfs": {}}' >none.json
	for backend in $BACKENDS; do
		went_well $backend mounts || { bad=1; continue; }
		for place in disk memory stacked; do
			at=$backend/mounts/$place
			case $place in
			disk) fs=ext4 ;;
			memory) fs=tmpfs ;;
			stacked) fs=overlay ;;
			esac
			vfs_mount $backend/mounts/report.json a /$place $fs >$at.json
			vfs_same "$backend $place" $backend/mounts/own/$place.json $at.json none.json \
				open stat rename unlink mkdir truncate || bad=1
			# Where a path led is known once the call has been successful.
			[ $backend != syscalls ] || continue
			succeeded $backend/mounts/own/$place.json >$at.own.good
			succeeded $at.json >$at.good
			vfs_same "$backend $place, successful" $at.own.good $at.good none.json || bad=1
		done
		# And nothing below them.
		jq -e '[.targets[0].vfs_mounts[] | select(.ops.getdents) | .mount | values] | length == 3' \
			$backend/mounts/report.json || bad=1
	done
	return $bad
}

@test "what fio says of its I/O" {
	local backend engine pre bad=0
	echo '{"vfs": {}}' >none.json
	for backend in $BACKENDS; do
		for engine in psync pvsync2 io_uring; do
			at=$backend/fio_$engine
			went_well $backend fio_$engine || { bad=1; continue; }
			pre=
			[ $engine != io_uring ] || pre=uring_
			vfs_fio "$pre" "$at/own/fio.json" >"$at/fio.json"
			vfs_mount "$at/report.json" a /load/in ext4 >"$at/seen.json"
			vfs_same "$backend $engine" "$at/fio.json" "$at/seen.json" none.json \
				fsync open close stat unlink truncate fallocate fault || bad=1
		done
	done
	return $bad
}
