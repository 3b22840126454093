# SPDX-License-Identifier: Apache-2.0
# Compares what a vfs probe saw with what drive_vfs issued.

# shellcheck source=tests/lib/vfs_spec.sh
. "$(dirname "${BASH_SOURCE[0]}")/vfs_spec.sh"

# What a counter of a report differs in from the load's own. A seen one has the program's own I/O
# in it, which is that of a run of `nothing`, the base.
VFS_JQ='
def of($v; $op; $field): $v[$op][$field] // 0;
def grown($seen; $base; $op; $field): of($seen; $op; $field) - of($base; $op; $field);
def errnos($v; $op): $v[$op].errnos // {};
# Lines; none where all is the same. What the report tells as lost may be missing, and no more.
def differences($own; $seen; $base; $ops):
	$ops[] as $op
	| ((of($own; $op; "calls_max") | select(. > 0)) // of($own; $op; "calls")) as $most
	| ($most - of($own; $op; "calls")) as $unsure
	| ($seen.lost[$op] // 0) as $lost
	| (
		(("calls", "bytes", "errors") as $field
		| grown($seen; $base; $op; $field) as $got
		| of($own; $op; $field) as $want
		| (if $field == "calls" then $most
		   elif $field == "errors" then $want + $unsure
		   elif $unsure > 0 then of($own; $op; "bytes_max")
		   else $want end) as $up_to
		# Of what was missed, some may be what the base has.
		| (if $field == "bytes" and $lost > 0 then -of($base; $op; "bytes") else $want - $lost end) as $least
		| select($got < $least or $got > $up_to)
		| "\($op).\($field): issued \($want)" +
			(if $up_to > $want then " to \($up_to)" else "" end) + ", seen \($got)"),
		((errnos($own; $op) + errnos($seen; $op) + errnos($base; $op) | keys[]) as $e
		| ((errnos($seen; $op)[$e] // 0) - (errnos($base; $op)[$e] // 0)) as $got
		| (errnos($own; $op)[$e] // 0) as $want
		| select($got < $want - $lost or $got > $want + $unsure)
		| "\($op).\($e): issued \($want), seen \($got)"));
# Lines: of what calls are missing, where all of them may be.
def unproven($own; $seen; $base; $ops):
	$ops[] as $op
	| of($own; $op; "calls") as $want | grown($seen; $base; $op; "calls") as $got
	| select($got < $want and ($seen.lost[$op] // 0) >= $want)
	| "\($op) \($got) of \($want)";
def all_ops: ["read", "write", "fsync", "open", "close", "stat", "getdents", "rename", "unlink",
	"mkdir", "truncate", "fallocate", "copy", "fault", "uring_read", "uring_write",
	"uring_other"];
# Of each op, how many calls may be missing of a report: what it tells as lost, where $may is 1.
def told_as_lost($may):
	def told(f): [.losses[] | select(.what | f).count] | add // 0;
	(told(. == "vfs.returns" or . == "vfs.task" or (test("^vfs.*missed$") and (test("fault") | not))) * $may) as $calls
	| (told(test("^vfs.fault.*missed$")) * $may) as $faults
	| all_ops | map({key: ., value: (if . == "fault" then $calls + $faults else $calls end)}) | from_entries;
'

# vfs_same WHAT OWN SEEN BASE [WITHOUT_OP...]: files that hold {"vfs": {...}}; prints how they differ.
# Where as many calls as there were may be missing, and some are, nothing is proven: that is told in UNPROVEN.
vfs_same() {
	local what=$1 own=$2 seen=$3 base=$4 judge said
	shift 4
	for file in "$own" "$seen" "$base"; do
		command jq -e '.vfs | type == "object"' "$file" >/dev/null ||
			{ echo "$what: $file holds no counts"; return 1; }
	done
	for judge in differences unproven; do
		said=$(command jq -nr --slurpfile own "$own" --slurpfile seen "$seen" --slurpfile base "$base" \
			"$VFS_JQ $judge"'($own[0].vfs; $seen[0].vfs; $base[0].vfs; all_ops - $ARGS.positional)' \
			--args "$@") || return
		[ $judge = differences ] || break
		[ -z "$said" ] || { sed "s/^/$what: /" <<<"$said"; return 1; }
		[ "${VFS_MAY_LOSE:-0}" = 1 ] || return 0
	done
	[ -z "$said" ] || UNPROVEN+="${UNPROVEN:+, }$what: ${said//$'\n'/, }"
}

# vfs_proven: skips a test whose vfs_same proved nothing.
vfs_proven() {
	[ -z "${UNPROVEN:-}" ] || skip "the kernel missed too many events to judge: $UNPROVEN"
}

# vfs_of REPORT TARGET MOUNT: what the report has of a target, as vfs_same takes it. Faults are those
# on MOUNT alone: a program's own pages are of a file, too, and how many it touches varies. What is told
# as lost is that of the one case that provokes it: all others have to be exact. But on PREEMPT_RT, where
# tasks are preempted within programs and the kernel does not call these for others meanwhile: VFS_MAY_LOSE=1
# allows every case what is told as that.
vfs_of() {
	command jq --arg name "$2" --arg mount "$3" --argjson may "${VFS_MAY_LOSE:-0}" "$VFS_JQ"'
		([.losses[] | {key: .what, value: .count}] | from_entries) as $losses
		| ({fault_threads: {fault: $losses["vfs.fault_files"]},
			uring_silent: {uring_write: $losses["vfs.io_uring_unseen"]},
			uring_overflow: {uring_read: $losses["vfs.io_uring_unseen"]},
			crowd: {copy: $losses["vfs.returns"]}}[$name] // {}) as $provoked
		| (told_as_lost($may) | with_entries(.value += ($provoked[.key] // 0))) as $lost
		| .targets[] | select(.name == $name) | {vfs: ((.vfs // {}) + {fault: ([.vfs_mounts[]? | select(.mount == $mount)
			| .ops.fault | values] | first // {})} + {lost: $lost})}' "$1"
}

# vfs_mount REPORT TARGET MOUNT FS: the same of one mount alone.
vfs_mount() {
	command jq --arg name "$2" --arg mount "$3" --arg fs "$4" --argjson may "${VFS_MAY_LOSE:-0}" "$VFS_JQ"'
		told_as_lost($may) as $lost
		| .targets[] | select(.name == $name)
		| {vfs: (([.vfs_mounts[]? | select(.mount == $mount and .fs == $fs) | .ops]
			| first // {}) + {lost: $lost})}' "$1"
}

# vfs_fs PATH: the type of the file system that it is on, as the kernel names it.
vfs_fs() {
	findmnt -n -o FSTYPE -T "$1" | tail -n 1
}

# vfs_lost REPORT WHAT: how many of it.
vfs_lost() {
	command jq --arg what "$2" '[.losses[] | select(.what == $what).count] | add // 0' "$1"
}

# vfs_may_lose REPORT: how many calls may be missing of it, in all.
vfs_may_lose() {
	command jq --argjson may "${VFS_MAY_LOSE:-0}" "$VFS_JQ"' told_as_lost($may).read' "$1"
}

# vfs_consistent REPORT: what a report says of calls agrees with itself, and none was lost, but for
# the times of faults where only their begin is told, and what is told with its count. Ends are missed by
# kretprobes alone, and by programs that were preempted (VFS_MAY_LOSE).
vfs_consistent() {
	local said
	said=$(command jq -r --argjson may "${VFS_MAY_LOSE:-0}" '
		def sum(f): [f // 0] | add // 0;
		.backends.vfs as $backend
		| any(.targets[]; .name == "libaio") as $aio
		| (.losses[] | select(.what | startswith("vfs") and . != "vfs.fault_times"
			and ($may == 0 or (. != "vfs.task" and . != "vfs.returns" and (endswith(".missed") | not)))
			and (. != "vfs.returns" or $backend != "kprobe") and (. != "vfs.aio" or ($aio | not))
			and . != "vfs.fault_files" and . != "vfs.io_uring_unseen" and . != "vfs.files") | "lost: \(.what) \(.count)"),
		(.targets[] | select(.vfs) | .name as $name | .vfs_mounts as $mounts
		| .vfs | to_entries[] | .key as $op | .value as $v
		| ($mounts // [] | map(.ops[$op] | values)) as $parts
		| (
			(select($op != "fault" and ($v.latency_ns.count // 0) != $v.calls)
				| "latency_ns.count \($v.latency_ns.count)"),
			(select(($v.size_bytes.sum // 0) != ($v.bytes // 0))
				| "size_bytes.sum \($v.size_bytes.sum)"),
			(select(($v.size_bytes.count // 0) > $v.calls - ($v.errors // 0))
				| "size_bytes.count \($v.size_bytes.count)"),
			(select(([$v.errnos[]?] | add // 0) != ($v.errors // 0)) | "errnos"),
			(select(([$parts[].calls] | add) != $v.calls)
				| "all mounts have \([$parts[].calls] | add) calls"),
			(select(([$parts[] | .bytes // 0] | add) != ($v.bytes // 0))
				| "all mounts have \([$parts[].bytes] | add) bytes"),
			(select(([$parts[] | .errors // 0] | add) != ($v.errors // 0))
				| "all mounts have \([$parts[].errors] | add) errors")
		) | "\($name) \($op): \(.), of \($v | del(.latency_ns, .size_bytes) | tojson)")' "$1") ||
		return
	[ -z "$said" ] || { echo "$said"; return 1; }
}

# vfs_adds_up OWN SEEN OP: what was lost is what was not seen.
vfs_adds_up() {
	command jq -en --slurpfile own "$1" --slurpfile seen "$2" --arg op "$3" '
		($seen[0].vfs[$op].calls // 0) + ($seen[0].vfs.lost[$op] // 0) == $own[0].vfs[$op].calls' \
		>/dev/null ||
		{ echo "$3: lost $(command jq -c .vfs.lost "$2") of $(command jq -c ".vfs[\"$3\"]" "$1")"; return 1; }
}

# vfs_overflowed OWN SEEN: some requests were lost, and none is taken for another. Each reads 1000 bytes.
vfs_overflowed() {
	vfs_adds_up "$1" "$2" uring_read || return
	command jq -e '.vfs | .lost.uring_read > 0 and .uring_read.bytes == .uring_read.calls * 1000' "$2" \
		>/dev/null || { command jq -c .vfs.uring_read "$2"; return 1; }
}

# vfs_all_same REPORT OWN_DIR MOUNT BASE CASE...: each case's target has what the case issued; see
# vfs_spec, whose DIR/own and DIR/in these are.
vfs_all_same() {
	local report=$1 own=$2 mount=$3 base=$4 case bad=0
	shift 4
	for case; do
		vfs_of "$report" "$case" "$mount" >"$report.$case" &&
			vfs_same "$case" "$own/$case.json" "$report.$case" "$base" || bad=1
		# Where more may be lost, not all of that was this case's.
		[ "$case" != uring_silent ] || [ "${VFS_MAY_LOSE:-0}" = 1 ] ||
			vfs_adds_up "$own/$case.json" "$report.$case" uring_write || bad=1
		[ "$case" != uring_overflow ] || [ "${VFS_MAY_LOSE:-0}" = 1 ] ||
			vfs_overflowed "$own/$case.json" "$report.$case" || bad=1
		command jq -r --arg case "$case" \
			'.skipped | select(. != "") | "# \($case) was without: \(.)"' "$own/$case.json"
	done
	return $bad
}

# vfs_fio PREFIX FIO_JSON: what fio says of its I/O, as vfs_same takes it; PREFIX uring_ or nothing.
vfs_fio() {
	command jq --arg pre "$1" '.jobs[0] | {vfs: {
		"\($pre)read": {calls: .read.total_ios, bytes: .read.io_bytes},
		"\($pre)write": {calls: .write.total_ios, bytes: .write.io_bytes}}}' "$2"
}
