#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What targets did with the page cache, on a Debian kernel with pure cgroup v2 and by every backend that
# it has; the kernel's series is in this file's name, and each series is a link to this file. One boot
# runs all loads (guest_pagecache.sh).

load ../lib/jq
load ../lib/run
load ../lib/vm
load ../lib/pagecache

setup_file() {
	load ../lib/run
	load ../lib/vm
	local series dir=$BATS_FILE_TMPDIR
	series=$(basename "$BATS_TEST_FILENAME" .bats)
	series=${series#pagecache-}
	export VM_OUT=$dir/out NO_BOOT=
	if ! vm_find "$series"; then
		NO_BOOT="no Linux $series to boot: $VM_WHY"
		return
	fi
	command -v mkfs.xfs >/dev/null || {
		NO_BOOT="no mkfs.xfs: run docker/packages.sh test"
		return
	}
	. "$BATS_TEST_DIRNAME/../lib/pagecache_cases.sh"
	mkdir -p "$dir/root"
	truncate -s 320M "$dir/xfs" # the smallest that mkfs.xfs takes
	printf 'dummy\n0 0\nd--755 0 0\nf ---644 0 0 %s\n$\n' "$dir/f" >"$dir/proto"
	dd if=/dev/zero of="$dir/f" bs=1M count="$MIB" status=none
	mkfs.xfs -q -p "$dir/proto" "$dir/xfs"
	truncate -s "${MIB}M" "$dir/device"
	VM_ARGS+=(-drive "file=$dir/xfs,if=virtio,format=raw,cache=unsafe"
		-drive "file=$dir/device,if=virtio,format=raw,cache=unsafe")
	VM_MODULES="xfs overlay"
	VM_DISK=1024 VM_MEMORY=1536 VM_LIMIT=1200
	vm_run "$BATS_TEST_DIRNAME/guest_pagecache.sh" "$CBPF" "$BUILD/tests/lib/drive_pagecache" \
		"$BATS_TEST_DIRNAME/../lib/pagecache_cases.sh" >"$dir/said" 2>&1 || {
		echo "the guest ended with $?:"
		cat "$dir/said"
		return 1
	}
}

setup() {
	[ -z "$NO_BOOT" ] || skip "$NO_BOOT"
	. "$BATS_TEST_DIRNAME/../lib/pagecache_cases.sh"
	cd "$VM_OUT" || return 1
	mapfile -t backends <backends
	# Programs are preempted there, above all those of fentry.
	case $VM_RELEASE in *-rt-*) PAGECACHE_MAY_MISS=1 ;; esac
}

# of CASE FIELD: of a run with one target
of() {
	said "$1" a "$2"
}

@test "every run went well, by the backend that was asked for, and lost nothing" {
	local dir
	for dir in all_* xfs_* mapxfs_* mapsxfs_* device_* alone overlay small; do
		[ "$(cat "$dir/status")" = 0 ] || { cat "$dir/stderr"; false; }
		# Of many reads at once not all ends are seen by kprobes.
		jq -e --argjson may "${PAGECACHE_MAY_MISS:-0}" '.backends.pagecache as $by
			| [.losses[].what | select(startswith("pagecache") and . != "pagecache.returns")
			| select($may == 0 or ((. != "pagecache.huge_faults" or $by != "tp_btf") and . != "pagecache.task" and
				(endswith(".missed") | not)))] | length == 0' \
			"$dir/report.json" >/dev/null || { jq -c .losses "$dir/report.json"; false; }
		case $dir in
		all_*) [ "$(jq -r .backends.pagecache "$dir/report.json")" = "${dir#all_}" ] ;;
		esac
	done
}

@test "the backends that this kernel must have are there, the first of them by itself" {
	case $VM_RELEASE in
	6.1.*) [ "${backends[*]}" = "fentry kprobe" ] ;;
	*) [ "${backends[*]}" = "tp_btf fentry kprobe" ] ;;
	esac
	case $VM_RELEASE in
	6.1.*-rt-*) [ "$(jq -r .backends.pagecache alone/report.json)" = kprobe ] ;;
	*) [ "$(jq -r .backends.pagecache alone/report.json)" = "${backends[0]}" ] ;;
	esac
}

# by BACKEND CHECK: of the runs that it has watched.
by() {
	grep -qx "$1" backends || skip "this kernel has no backend $1"
	MISSING=0 UNPROVEN=
	! may_miss "all_$1/report.json" || MISSING=$(told_missing "all_$1/report.json")
	"$2" "$1"
	[ -z "$UNPROVEN" ] || skip "the kernel missed $MISSING events, too many to judge: $UNPROVEN"
}

ratios() {
	mapfile -t names < <(cases | grep -v '^mapped' | cut -d'|' -f1)
	all_reads_are_true "all_$1" "${names[@]}"
}

shared() {
	shared_reads_are_true "all_$1"
}

mapped() {
	all_faults_are_true "all_$1"
}

ahead() {
	readahead_is_true "all_$1"
}

others() {
	other_uses_are_true "all_$1"
}

large() {
	all_reads_are_true "xfs_$1" a
	all_reads_are_true "device_$1" a
	faults_are_true "mapxfs_$1" a "all_$1"
	faults_are_true "mapsxfs_$1" a "all_$1"
}

@test "tp_btf: pages read, pages missed and the hit ratio are the truth" {
	by tp_btf ratios
}

@test "tp_btf: two tasks and two targets that read the same cold file: each page is one miss" {
	by tp_btf shared
}

@test "tp_btf: what is read ahead is counted, and used when it is read" {
	by tp_btf ahead
}

@test "tp_btf: faults of mapped files, those that missed and their hit ratio are the truth" {
	by tp_btf mapped
}

@test "tp_btf: mapped files, direct I/O, writes and what is dropped are no reads" {
	by tp_btf others
}

@test "tp_btf: large folios, and the device itself" {
	by tp_btf large
}

@test "fentry: pages read, pages missed and the hit ratio are the truth" {
	by fentry ratios
}

@test "fentry: two tasks and two targets that read the same cold file: each page is one miss" {
	by fentry shared
}

@test "fentry: what is read ahead is counted, and used when it is read" {
	by fentry ahead
}

@test "fentry: faults of mapped files, those that missed and their hit ratio are the truth" {
	by fentry mapped
}

@test "fentry: mapped files, direct I/O, writes and what is dropped are no reads" {
	by fentry others
}

@test "fentry: large folios, and the device itself" {
	by fentry large
}

@test "kprobe: pages read, pages missed and the hit ratio are the truth" {
	by kprobe ratios
}

@test "kprobe: two tasks and two targets that read the same cold file: each page is one miss" {
	by kprobe shared
}

@test "kprobe: what is read ahead is counted, and used when it is read" {
	by kprobe ahead
}

@test "kprobe: faults of mapped files, those that missed and their hit ratio are the truth" {
	by kprobe mapped
}

@test "kprobe: mapped files, direct I/O, writes and what is dropped are no reads" {
	by kprobe others
}

@test "kprobe: large folios, and the device itself" {
	by kprobe large
}

@test "without readahead nothing is read ahead" {
	reads_are_true alone a
	near "read ahead" "$(of alone readahead_pages)" 0 0
}

@test "what overlay shows is one read" {
	near accessed "$(of overlay accessed_pages)" $((2 * PAGES))
	near missed "$(of overlay missed_pages)" "$PAGES"
}

@test "a file larger than its memory is fetched again, and evicted" {
	near accessed "$(of small accessed_pages)" $((2 * PAGES))
	[ "$(of small missed_pages)" -gt $((PAGES * 3 / 2)) ]
	[ "$(of small missed_pages)" -le $((PAGES * 2)) ]
	[ "$(of small evicted_pages)" -gt "$PAGES" ]
}
