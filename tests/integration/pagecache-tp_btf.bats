#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What targets did with the page cache, beside mincore() and the sizes of files. One run has all loads
# at once (tests/lib/pagecache_cases.sh), by the backend that is in this file's name; the others are links to it.

load ../lib/jq
load ../lib/run
load ../lib/pagecache

setup_file() {
	load ../lib/run
	. "$BATS_TEST_DIRNAME/../lib/pagecache_cases.sh"
	[ "$(id -u)" = 0 ] || return 0
	find_backend pagecache
	[ -z "$NO_BACKEND" ] || return 0
	mkdir "$BATS_FILE_TMPDIR/files"
	cd "$BATS_FILE_TMPDIR" || return 1
	make_files "$PWD/files"
	before "$PWD/files" "$BUILD/tests/lib/drive_pagecache"
	spec "$PWD/files" "$BUILD/tests/lib/drive_pagecache" "$BACKEND" >spec.yml
	"$CBPF" run --store runs --json --quiet spec.yml >report.json 2>stderr || {
		cat stderr
		return 1
	}
	cp runs/latest/logs/*.log .
	rm -r files
}

setup() {
	need_root
	[ -z "$NO_BACKEND" ] || skip "$NO_BACKEND"
	. "$BATS_TEST_DIRNAME/../lib/pagecache_cases.sh"
	ALL=$BATS_FILE_TMPDIR
	DRIVE=$BUILD/tests/lib/drive_pagecache
	cd "$BATS_TEST_TMPDIR" || return 1
}

# one ACTIONS [TARGET OPTION]: a run of one target, with a file "f" here
one() {
	printf 'name: one\nruntime: native\ncollectors: {block: false, pagecache: true}\ncontainers:
  a: {command: "%s"%s}\n' "$1" "${2:+, $2}" > spec.yml
	run_spec spec.yml
	[ "$status" = 0 ]
	cp runs/latest/logs/a.log .
	jq -c '.targets[0].pagecache' report.json
}

# Are faults told by tracepoints, where functions cannot be used?
by_tracepoints() {
	[ "$(jq '[.losses[] | select(.what == "pagecache.huge_faults")] | length' "$ALL/report.json")" = 1 ]
}

@test "the backend is named, nothing is lost, and the probe tells what it costs" {
	jq -e --arg backend "$BACKEND" '.backends.pagecache == $backend' "$ALL/report.json"
	[ "$(jq '[.losses[] | select(.what | startswith("pagecache")) | select(.what != "pagecache.huge_faults")]
		| length' "$ALL/report.json")" = 0 ]
	if "$CBPF" check --format json bpf.fentry | grep -q '"status": "yes"'; then
		! by_tracepoints || return 1
	fi
	jq -e '[.self.probes[] | select(.program == "pagecache.on_add") | .runs > 0] | all' \
		"$ALL/report.json"
}

@test "pages read, pages missed and the hit ratio are the truth, with all loads at once" {
	mapfile -t names < <(cases | grep -v '^mapped' | cut -d'|' -f1)
	all_reads_are_true "$ALL" "${names[@]}"
}

@test "two tasks and two targets that read the same cold file: each page is one miss" {
	shared_reads_are_true "$ALL"
}

@test "what is read ahead is counted, and used when it is read" {
	readahead_is_true "$ALL"
}

@test "faults of mapped files, those that missed and their hit ratio are the truth" {
	local without=
	# Tracepoints are not told of huge pages.
	! by_tracepoints || without=mapped_huge
	all_faults_are_true "$ALL" $without
}

@test "mapped files, direct I/O, writes and what is dropped are no reads" {
	other_uses_are_true "$ALL"
}

@test "a target that only maps files has a ratio of its faults, and none of reads to speak of" {
	dd if=/dev/zero of=f bs=1M count=4 conv=fsync status=none
	"$DRIVE" f cold
	one "$DRIVE $PWD/f map"
	[ "$(report .targets[0].pagecache.fault_added_pages)" -ge 1024 ]
	[ "$(report .targets[0].pagecache.missed_pages)" = 0 ]
	report '.targets[0].pagecache | .missed_faults > 30 and .missed_faults < .faults
		and (.fault_hit_ratio * .faults - (.faults - .missed_faults) | fabs < 0.001)' | grep -qx true
}

@test "a file larger than its memory is fetched again, and evicted" {
	dd if=/dev/zero of=f bs=1M count=64 conv=fsync status=none
	"$DRIVE" f cold
	one "$DRIVE $PWD/f read:65536 read:65536" "memory: 24MiB"
	accessed=$(report .targets[0].pagecache.accessed_pages)
	[ "$accessed" -ge 32768 ]
	[ "$accessed" -lt 33000 ]
	report '.targets[0].pagecache | .missed_pages > 28000 and .missed_pages <= 32768
		and .evicted_pages > 20000 and .hit_ratio < 0.15' | grep -qx true
	# What was fetched was read, or is there, or has gone.
	report '.targets[0].pagecache | (.read_added_pages - .missed_pages - .readahead_wasted_pages)
		| . >= 0 and . < 8192' | grep -qx true
}

@test "the last page of a file and a read beyond its end count once; holes are fetched" {
	truncate -s $((64 * 4096 + 1)) f
	one "for i in 1 2 3 4 5; do $DRIVE $PWD/f read:1048576; done"
	start=$(report .targets[0].pagecache.accessed_pages)
	[ "$start" -ge $((5 * 65)) ]
	[ "$start" -lt $((5 * 65 + 130)) ]
	[ "$(report .targets[0].pagecache.missed_pages)" = 65 ]
}

@test "many files that are fetched long before they are read are remembered" {
	# Where a page is remembered goes by its inode's address: one time in six, five meet and four have room. So each
	# try has files of its own, and leaves them, or the next ones were in the same places.
	for try in 1 2 3 4 5 6; do
		mkdir many$try
		(cd many$try && seq 2500 | xargs truncate -s 4K)
		for f in many$try/*; do
			"$DRIVE" "$f" cold
		done
		one "for f in $PWD/many$try/*; do $DRIVE \$f willneed; done; cat $PWD/many$try/* > /dev/null"
		lost=$(jq '[.losses[] | select(.what == "pagecache.pages").count] | add // 0' report.json)
		missed=$(report .targets[0].pagecache.missed_pages)
		echo "$missed missed, $lost lost"
		[ $((missed + lost)) -ge 2500 ]
		[ $((missed + lost)) -lt 3500 ]
		[ "$lost" != 0 ] || return 0
	done
	return 1
}

@test "files in memory have no page cache of theirs" {
	local dir
	dir=$(mktemp -d -p /dev/shm)
	dd if=/dev/zero of="$dir/f" bs=1M count=8 status=none
	one "cat $dir/f $dir/f > /dev/null"
	rm -r "$dir"
	[ "$(report .targets[0].pagecache.missed_pages)" = 0 ]
	[ "$(report .targets[0].pagecache.accessed_pages)" -lt 100 ]
}

@test "the text report has a line for it, and other targets' reads are their own" {
	dd if=/dev/zero of=f bs=1M count=8 conv=fsync status=none
	"$DRIVE" f cold
	one "$DRIVE $PWD/f read:4096; $DRIVE $PWD/f read:4096"
	"$CBPF" report runs/latest | tee text
	grep -E '^  cache +[0-9]+ pages read, (49|50)(\.[0-9])? % hits, ' text
}
