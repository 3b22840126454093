# SPDX-License-Identifier: Apache-2.0
# Compares what a vfs probe saw with what drive_vfs issued.

# What a counter of a report differs in from the load's own. A seen one has the program's own I/O
# in it, which is that of a run of `nothing`, the base.
VFS_JQ='
def of($v; $op; $field): $v[$op][$field] // 0;
def grown($seen; $base; $op; $field): of($seen; $op; $field) - of($base; $op; $field);
def errnos($v; $op): $v[$op].errnos // {};
# Lines; none where all is the same.
def differences($own; $seen; $base; $ops):
	$ops[] as $op
	| ((of($own; $op; "calls_max") | select(. > 0)) // of($own; $op; "calls")) as $most
	| ($most - of($own; $op; "calls")) as $unsure
	| (
		(("calls", "bytes", "errors") as $field
		| grown($seen; $base; $op; $field) as $got
		| of($own; $op; $field) as $want
		| (if $field == "calls" then $most
		   elif $field == "errors" then $want + $unsure
		   elif $unsure > 0 then of($own; $op; "bytes_max")
		   else $want end) as $up_to
		| select($got < $want or $got > $up_to)
		| "\($op).\($field): issued \($want)" +
			(if $up_to > $want then " to \($up_to)" else "" end) + ", seen \($got)"),
		((errnos($own; $op) + errnos($seen; $op) + errnos($base; $op) | keys[]) as $e
		| ((errnos($seen; $op)[$e] // 0) - (errnos($base; $op)[$e] // 0)) as $got
		| (errnos($own; $op)[$e] // 0) as $want
		| select($got < $want or $got > $want + $unsure)
		| "\($op).\($e): issued \($want), seen \($got)"));
def all_ops: ["read", "write", "fsync", "open", "close", "stat", "getdents", "rename", "unlink",
	"mkdir", "truncate", "fallocate", "copy", "fault", "uring_read", "uring_write",
	"uring_other"];
'

# vfs_same WHAT OWN SEEN BASE [WITHOUT_OP...]: files that hold {"vfs": {...}}; prints how they differ.
vfs_same() {
	local what=$1 own=$2 seen=$3 base=$4 said
	shift 4
	for file in "$own" "$seen" "$base"; do
		command jq -e '.vfs | type == "object"' "$file" >/dev/null ||
			{ echo "$what: $file holds no counts"; return 1; }
	done
	said=$(command jq -nr --slurpfile own "$own" --slurpfile seen "$seen" --slurpfile base "$base" \
		"$VFS_JQ"' differences($own[0].vfs; $seen[0].vfs; $base[0].vfs; all_ops - $ARGS.positional)' \
		--args "$@") || return
	[ -z "$said" ] || { sed "s/^/$what: /" <<<"$said"; return 1; }
}
