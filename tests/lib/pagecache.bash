# SPDX-License-Identifier: Apache-2.0
# What a report says of the page cache beside the truth that tests/lib/drive_pagecache.c tells. All of
# a run's directory DIR: report.json, and logs of targets as NAME.log.

# said DIR NAME FIELD: -1 where it is absent
said() {
	jq -r --arg name "$2" "[.targets[] | select(.name == \$name).pagecache.$3][0] // -1" \
		"$1/report.json"
}

# truth DIR NAME FIELD
truth() {
	jq -r ".$3" "$1/$2.log"
}

# may_miss REPORT: may things be missing of what it says? Where programs are preempted (PREEMPT_RT) the kernel does
# not run some of them, nor remember some tasks, which is told; only where PAGECACHE_MAY_MISS=1 says that this is known.
may_miss() {
	[ "${PAGECACHE_MAY_MISS:-0}" = 1 ] && [ "$(told_missing "$1")" -gt 0 ]
}

# told_missing REPORT: how often that was
told_missing() {
	jq '[.losses[] | select(.what | test("^pagecache.*(missed|task)$")).count] | add // 0' "$1"
}

# What may be missing is so many events, MISSING of told_missing, of EACH pages or faults at most. As
# many as are wanted prove nothing: that is told in UNPROVEN, for a test to be skipped with.

# pages_each NAME: of a call of that case, and no fewer than are read ahead at once; of what is no case,
# as of a call of 1 MiB
pages_each() {
	{ cases | grep "^$1|" || echo read:1048576; } | grep -oE '(read|some|send|write|direct):[0-9]+' |
		awk -F: 'BEGIN { most = 32 } { n = int(($2 + 4095) / 4096) + 1; if (n > most) most = n } END { print most }'
}

# near WHAT SEEN WANTED [LITTLE]: within 1 %, or as little as starting a program makes; or fewer by what may
# be missing. MORE=1: or more, as the end of one that is missing may stay to be the next one's
near() {
	local status=0
	awk -v what="$1" -v seen="$2" -v wanted="$3" -v little="${4:-24}" \
		-v most="$((${MISSING:-0} * ${EACH:-256}))" -v more="${MORE:-0}" 'BEGIN {
		off = seen > wanted ? seen - wanted : wanted - seen
		if (seen >= 0 && (off <= wanted / 100 || (!wanted && off <= little)))
			exit 0
		if (most && (more || seen < wanted) && (seen > 0 ? off : wanted) <= most)
			exit seen >= 0 && most < wanted ? 0 : 3
		print what ": " seen ", not " wanted (most ? (more ? " more or" : "") " less " most " that may be missing" : "")
		exit 1 }' || status=$?
	[ $status != 3 ] || UNPROVEN+="${UNPROVEN:+, }$1 $2 of $3"
	[ $status != 1 ]
}

# close_to WHAT SEEN WANTED MOST: no more than that apart, or fewer by what may be missing
close_to() {
	[ $(($2 - $3)) -gt "$4" ] || [ $(($3 - $2)) -gt $(($4 + ${MISSING:-0})) ] || {
		[ $(($3 - $2)) -le "$4" ] || [ "${MISSING:-0}" -lt "$3" ] || UNPROVEN+="${UNPROVEN:+, }$1 $2 of $3"
		return 0
	}
	echo "$1: $2, not $3"
	return 1
}

# reads_are_true DIR NAME: accessed and missed within 1 % of the truth, the ratio within a point
reads_are_true() {
	local accessed missed
	local EACH
	EACH=$(pages_each "$2")
	accessed=$(truth "$1" "$2" accessed)
	missed=$(truth "$1" "$2" missed)
	near "$2: accessed" "$(said "$1" "$2" accessed_pages)" "$accessed" || return 1
	near "$2: missed" "$(said "$1" "$2" missed_pages)" "$missed" || return 1
	[ "$accessed" != 0 ] || return 0
	awk -v name="$2" -v said="$(said "$1" "$2" hit_ratio)" -v all="$accessed" -v missed="$missed" \
		-v missing="${MISSING:-0}" 'BEGIN {
			off = said - (all - missed) / all
			if ((off < 0.01 && off > -0.01) || (missing && said < 0)) # it is not told then
				exit 0
			print name ": hit ratio " said ", not " (all - missed) / all
			exit 1 }'
}

# all_reads_are_true DIR NAME...
all_reads_are_true() {
	local dir=$1 name wrong=0
	shift
	for name; do
		reads_are_true "$dir" "$name" || {
			wrong=1
			cat "$dir/$name.log"
			jq -c --arg name "$name" '.targets[] | select(.name == $name).pagecache' \
				"$dir/report.json"
		}
	done
	return $wrong
}

# faults_are_true DIR NAME [BASE_DIR]: as reads_are_true. Starting a program makes faults, too, all of
# them hits, and some more or less with where its libraries are: as many as the target of that name. None
# where programs are in memory.
faults_are_true() {
	local faults missed started all
	faults=$(truth "$1" "$2" faults)
	missed=$(truth "$1" "$2" missed_faults)
	started=$(said "${3:-$1}" only_started faults)
	[ "$started" -ge 0 ] || { echo "nothing was only started"; return 1; }
	close_to "$2: faults" $(($(said "$1" "$2" faults) - started)) "$faults" \
		$((SPREAD + faults / 100)) || return 1
	EACH=16 MORE=1 near "$2: faults that missed" "$(said "$1" "$2" missed_faults)" "$missed" || return 1
	# What was missed is missing of both.
	all=$(said "$1" "$2" faults)
	[ "${MISSING:-0}" = 0 ] || all=$((faults + started))
	awk -v name="$2" -v ratio="$(said "$1" "$2" fault_hit_ratio)" -v all="$all" \
		-v missed="$missed" -v missing="${MISSING:-0}" 'BEGIN {
			wanted = (all - missed) / all
			if ((ratio - wanted < 0.01 && wanted - ratio < 0.01) || (missing && ratio < 0))
				exit 0
			print name ": hit ratio of faults " ratio ", not " wanted
			exit 1 }'
}

# all_faults_are_true DIR [WITHOUT_CASE]
all_faults_are_true() {
	local name wrong=0
	for name in $(cases | sed -n 's/^\(mapped[a-z_]*\)|.*/\1/p'); do
		[ "$name" != mapped_then_read ] && [ "$name" != "${2:-}" ] || continue
		faults_are_true "$1" "$name" || {
			wrong=1
			cat "$1/$name.log"
			jq -c --arg name "$name" '.targets[] | select(.name == $name).pagecache' \
				"$1/report.json"
		}
	done
	return $wrong
}

# One page of a file is one miss, whoever of several fetches it.
shared_reads_are_true() {
	near "both: accessed" $(($(said "$1" left accessed_pages) + $(said "$1" right accessed_pages))) \
		$((2 * PAGES)) &&
		near "both: missed" \
			$(($(said "$1" left missed_pages) + $(said "$1" right missed_pages))) "$PAGES" &&
		near "pair: accessed" "$(said "$1" pair accessed_pages)" $((2 * PAGES)) &&
		near "pair: missed" "$(said "$1" pair missed_pages)" "$PAGES"
}

# What is no read of the cache is told as what it is.
other_uses_are_true() {
	near "mapped: accessed" "$(said "$1" mapped accessed_pages)" 0 &&
		near "mapped: added by faults" "$(said "$1" mapped fault_added_pages)" "$PAGES" &&
		[ "$(said "$1" mapped faults)" -gt 0 ] &&
		near "direct: accessed" "$(said "$1" direct accessed_pages)" 0 &&
		near "direct: added" "$(said "$1" direct added_pages)" 0 &&
		near "written: accessed" "$(said "$1" written accessed_pages)" 0 &&
		near "written: missed" "$(said "$1" written missed_pages)" 0 0 &&
		near "written: added" "$(said "$1" written added_pages)" $((PAGES / 2)) &&
		near "written: dirtied" "$(said "$1" written dirtied_pages)" $((PAGES / 2)) &&
		near "written: written back" "$(said "$1" written written_pages)" $((PAGES / 2)) &&
		# What others of this machine drop before it is read is fetched and dropped again.
		near "dropped: evicted" "$(said "$1" dropped evicted_pages)" \
			$((PAGES + $(said "$1" dropped readahead_wasted_pages))) &&
		near "dropped: not evicted before" "$(said "$1" cold_64k evicted_pages)" 0
}

# What reading ahead fetches is what is there at the end; what is read of it is used.
readahead_is_true() {
	local name
	for name in cold_4k cold_64k cold_1m some_4k some_64k ahead; do
		near "$name: added to be read" "$(said "$1" $name read_added_pages)" \
			"$(truth "$1" $name resident)" || return 1
	done
	near "cold_4k: read ahead" "$(said "$1" cold_4k readahead_pages)" "$PAGES" &&
		near "cold_4k: used" "$(said "$1" cold_4k readahead_used_pages)" "$PAGES" &&
		near "ahead: used" "$(said "$1" ahead readahead_used_pages)" "$PAGES" &&
		# A read that was missed makes its page one that was read ahead.
		near "some_alone: read ahead" "$(said "$1" some_alone readahead_pages)" 0 \
			"${MISSING:-0}" &&
		# None, but of what the kernel had dropped again before it was read.
		near "warm_4k: read ahead" "$(said "$1" warm_4k readahead_pages)" "$(truth "$1" warm_4k missed)" 0 &&
		# What is not used is not counted as such.
		[ "$(said "$1" some_4k readahead_used_pages)" -lt "$(said "$1" some_4k readahead_pages)" ]
}
