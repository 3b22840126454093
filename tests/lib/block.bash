# SPDX-License-Identifier: Apache-2.0
# Helpers of the block probe's tests: a loop device and blkio cgroups of their own, and rows by jq.

: "${O:=build}"
case $O in /*) ;; *) O=$PWD/$O ;; esac
drive=$O/tests/lib/drive_block

# The hierarchy that block I/O is charged to: v1 blkio, or v2 where io is enabled.
io_hierarchy()
{
	local dir

	for dir in /sys/fs/cgroup/blkio /sys/fs/cgroup/unified /sys/fs/cgroup; do
		if [ -e "$dir/cgroup.procs" ]; then
			case $dir in
			*/blkio) echo "$dir" && return ;;
			*) grep -qw io "$dir/cgroup.subtree_control" && echo "$dir" && return ;;
			esac
		fi
	done
	return 1
}

# block_setup_file NAME: for a file of tests: a directory DIR, a loop device LOOP ("" where there are
# none), and two cgroups CG and CG2. bats 1.8 has no skip in setup_file: setup() is told why.
block_setup_file()
{
	export BLOCK_CANNOT='' IO_CGROUPS DIR LOOP CG CG2
	[ "$(id -u)" = 0 ] || { BLOCK_CANNOT="needs root" && return; }
	IO_CGROUPS=$(io_hierarchy) || {
		BLOCK_CANNOT="no cgroup hierarchy with the block controller"
		return 0
	}
	DIR=$(mktemp -d "${CBPF_TEST_DIR:-/var/tmp}/cbpf-$1.XXXXXX")
	dd if=/dev/urandom of="$DIR/disk" bs=1M count=64 status=none
	LOOP=$(losetup --find --show --direct-io=on "$DIR/disk") || LOOP=
	CG=$(make_cgroup "cbpf-$1-$$")
	CG2=$(make_cgroup "cbpf-$1-$$-other")
	# fio and its libraries come from the page cache from now on.
	fio --name=warm --ioengine=psync --filename="$DIR/file" --size=16m --rw=write --bs=1m \
		--fsync_on_close=1 --output=/dev/null
	fio --name=warm --ioengine=libaio --filename="$DIR/file" --size=4k --rw=read \
		--output=/dev/null --output-format=json
}

block_teardown_file()
{
	[ -n "${DIR:-}" ] || return 0
	[ -z "$LOOP" ] || losetup -d "$LOOP"
	remove_cgroup "$CG"
	remove_cgroup "$CG2"
	rm -rf "$DIR"
}

block_setup()
{
	[ -z "$BLOCK_CANNOT" ] || skip "$BLOCK_CANNOT"
	JSON=$BATS_TEST_TMPDIR/rows.json
	FIO=$BATS_TEST_TMPDIR/fio.json
}

# counted ARG...: drive_block with ARGs into $JSON, where requests that the kernel did not show to
# the probe when they completed are allowed: they are counted all the same, but not timed.
counted()
{
	"$drive" "$@" >"$JSON" &&
		jq -e '.losses | has("block.flush_missed", "block.rows_exhausted",
			"block.index_failed", "block.name_missing") | not' "$JSON" >/dev/null
}

# whole ARG...: drive_block with ARGs into $JSON, until the probe saw all that it counts. Some
# hosts keep BPF programs from running while certain tasks of theirs are current, which the probe
# notices and tells (block.completion_missed, or requests that stay in flight).
whole()
{
	local try

	for try in {1..12}; do
		rm -f "$FIO" "$FIO".* # ext4 writes a file back at once when it replaces what was there
		"$drive" "$@" >"$JSON" || return
		jq -e '(.losses | del(.["block.start_missing"], .["block.late"])) == {} and .in_flight == 0' "$JSON" \
			>/dev/null && return
		[ -z "${before_retry:-}" ] || $before_retry
	done
	skip "in $try runs this kernel never let the probe see every completion"
}

make_cgroup() # NAME: prints its directory
{
	local dir=$IO_CGROUPS/$1
	mkdir "$dir" && echo "$dir"
}

remove_cgroup() # DIR: its processes are gone, but the kernel may need a moment to see it
{
	local try
	for try in {1..50}; do
		rmdir "$1" 2>/dev/null && return
		[ -d "$1" ] || return 0
		sleep 0.1
	done
	return 1
}

dev_of() # PATH: major:minor of a block device, or of the disk below a file
{
	local major minor dev part
	if [ -b "$1" ]; then
		read -r major minor < <(stat -c '%t %T' "$1")
		echo "$((16#$major)):$((16#$minor))"
		return
	fi
	dev=$(stat -c %d "$1")
	part=$((dev >> 8 & 0xfff)):$((dev & 0xff | dev >> 12 & 0xfff00))
	if [ -e "/sys/dev/block/$part/partition" ]; then
		cat "/sys/dev/block/$part/../dev"
	else
		echo "$part"
	fi
}

id_of() # DIR: the cgroup's id
{
	stat -c %i "$1"
}

# rows FILE FILTER: what FILTER says of each row; see drive_block.c for the fields.
rows()
{
	jq -r ".rows[] | $2" "$1"
}

# row FILE CGROUP_DIR DEV OP FIELD: one number, 0 when there is no such row.
row()
{
	jq -r --argjson id "$(id_of "$2")" --arg dev "$3" --arg op "$4" \
		"[.rows[] | select(.cgroup == \$id and .dev == \$dev and .op == \$op) | $5] | add // 0" \
		"$1"
}

# sum FILE DEV OP FIELD: over all owners.
sum()
{
	jq -r --arg dev "$2" --arg op "$3" \
		"[.rows[] | select(.dev == \$dev and .op == \$op) | $4] | add // 0" "$1"
}

# some FILE: it has anything in it; jq 1.6 has no objection to an empty file.
some()
{
	[ -s "$1" ] || { echo "$1 is empty"; return 1; }
}

# Over all owners: what /proc/diskstats counted for the device meanwhile.
equals_diskstats() # FILE DEV
{
	local file=$1 dev=$2 asked grew
	some "$file" || return
	asked=$(sum "$file" "$dev" flush .asked)
	read -r -a grew < <(jq -r --arg dev "$dev" \
		'[.diskstats_after[$dev], .diskstats_before[$dev]] | transpose | map(.[0] - .[1]) | @tsv' \
		"$file")
	same reads "$(sum "$file" "$dev" read .ios)" "${grew[0]}" &&
		same "bytes read" "$(sum "$file" "$dev" read .bytes)" "${grew[1]}" &&
		same writes $(($(sum "$file" "$dev" write .ios) + asked)) "${grew[2]}" &&
		same "bytes written" "$(sum "$file" "$dev" write .bytes)" "${grew[3]}" &&
		same discards "$(sum "$file" "$dev" discard .ios)" "${grew[4]}" &&
		same "bytes discarded" "$(sum "$file" "$dev" discard .bytes)" "${grew[5]}" &&
		same flushes $(($(sum "$file" "$dev" flush .ios) - asked)) "${grew[6]}" &&
		same "reads merged" "$(sum "$file" "$dev" read .merges)" "${grew[7]}" &&
		same "writes merged" "$(sum "$file" "$dev" write .merges)" "${grew[8]}"
}

# What one sharer of a device has, by its cgroup: .share_ns, .depth_ns, .max_depth
sharer() # FILE CGROUP_DIR DEV FIELD
{
	jq -r --argjson id "$(id_of "$2")" --arg dev "$3" \
		"[.disks[] | select(.dev == \$dev) | .sharers[] | select(.cgroup == \$id) | $4] | add // 0" "$1"
}

# ns that the requests of one cgroup lost to another's on a device
lost() # FILE VICTIM_DIR AGGRESSOR_DIR DEV
{
	jq -r --argjson v "$(id_of "$2")" --argjson a "$(id_of "$3")" --arg dev "$4" '
		[.disks[] | select(.dev == $dev) | .sharers as $s
		 | ($s | map(.cgroup) | index($a)) as $i | select($i != null)
		 | $s[] | select(.cgroup == $v) | .lost_to[$i]] | add // 0' "$1"
}

# Histograms, counters and shares agree with each other.
consistent() # FILE
{
	some "$1" && jq -e '.rows | length > 0' "$1" && jq -e '[.rows[] | .device.count <= .total.count and .queue.count == .device.count] | all' \
		"$1" &&
		# No time in the device is more than all of it.
		jq -e 'if .losses | has("block.start_shared") then true else [.rows[]
			| select(.total.count > 0) | .device.max <= .total.max] | all end' "$1" &&
		# What has bytes has a size.
		jq -e '[.rows[] | select(.op == "read" or .op == "write")
			| .size.count + .missed == .ios and .size.sum <= .bytes] | all' "$1" &&
		# The shares of all owners are the time with anything in the device.
		jq -e '[.disks[] | ([.sharers[].share_ns] | add) as $sum | .busy_ns as $busy
			| ($sum - $busy | fabs) <= 0.001 * $busy + 1000] | all' "$1" &&
		jq -e '[.disks[] | ([.sharers[].depth_ns] | add) == .depth_ns] | all' "$1" &&
		# Every request is in the total, but for those whose start or end was not seen.
		jq -e '([.rows[].ios] | add) - ([.rows[].total.count] | add) ==
			(.losses["block.start_missing"] // 0) +
			(.losses["block.completion_missed"] // 0)' "$1"
}

# same WHAT A B: fails with both values in the output.
same()
{
	[ "$2" = "$3" ] || { echo "$1: $2, expected $3"; return 1; }
}
