#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The block probe beside the truth, on a Debian kernel with pure cgroup v2; the backend and the
# kernel's series are in this file's name, and the others are links to it. One boot runs all loads
# (guest_truth.sh) for both backends; tests compare what the probe said with what was injected,
# io.stat, diskstats, tracefs and fio.

load ../lib/jq
load ../lib/block
load ../lib/vm
load ../lib/guest_rows

setup_file()
{
	load ../lib/vm
	load ../lib/guest_rows
	local tool tools=() dir=$BATS_FILE_TMPDIR
	guest_rows_find "$BATS_TEST_FILENAME"
	[ -z "$NO_BOOT" ] || return 0
	for tool in mkfs.xfs dd stat fio dmsetup losetup blkdiscard blkzone; do
		tools+=("$(command -v $tool)") && continue
		NO_BOOT="no $tool: run docker/packages.sh test"
		return
	done
	unset 'tools[0]' # of this side
	truncate -s 64M "$dir/virtio" "$dir/nvme"
	truncate -s 320M "$dir/xfs" # the smallest that mkfs.xfs takes
	mkfs.xfs -q "$dir/xfs"
	for tool in xfs virtio; do
		VM_ARGS+=(-drive "file=$dir/$tool,if=virtio,format=raw,cache=unsafe")
	done
	VM_ARGS+=(-drive "file=$dir/nvme,if=none,id=nvme,format=raw,cache=unsafe"
		-device nvme,serial=truth,drive=nvme)
	VM_MODULES="nvme sd_mod scsi_debug configfs null_blk loop xfs mq-deadline
		dm-mod dm-multipath dm-round-robin md-mod raid0"
	VM_LIMIT=400
	guest_rows_boot truth "$BATS_TEST_DIRNAME/guest_truth.sh" "${tools[@]}"
}

setup()
{
	guest_rows_setup
	JSON=all.json
	some "$JSON"
	same backend "$(jq -r .backend "$JSON")" "$BACKEND"
}

# Words of a load that could not be, or that failed.
need() # CASE
{
	[ ! -e "skipped/$1" ] || skip "$(cat "skipped/$1")"
	[ ! -e "said/$1" ] || cat "said/$1"
}

# hits CASE DEVICE EVENT: how often tracefs saw it in the meantime
hits()
{
	local major minor file before
	IFS=: read -r major minor <"dev/$2"
	for file in before after; do
		awk -v dev=$((major << 20 | minor)) -v event="block_rq_$3" '
			/^# trigger info/ { at++ }
			$1 == "{" && $2 == "dev:" && $3 == dev { n[at] = $6 }
			END { split("block_rq_requeue block_rq_complete block_rq_error", name, " ")
				for (i in name)
					if (name[i] == event)
						print n[i] + 0 }' "hits/$1.$file"
	done | { read -r before && read -r after && echo $((after - before)); }
}

fio_says() # CASE FIELD
{
	jq -r "[.jobs[] | .$2] | add" "fio/$1"
}

# The injected latency is a lower bound; above it there is the histogram's error and a guest's delay.
latency() # CASE DEVICE OP NS
{
	local n p50 sum
	n=$(of "$1" "$2" "$3" .device.count)
	p50=$(of "$1" "$2" "$3" .device.p50)
	sum=$(of "$1" "$2" "$3" .device.sum)
	echo "$1: $n took $p50 ns in the median and $sum ns in all, $4 ns was injected"
	[ "$sum" -ge $((n * $4)) ] && [ "$p50" -ge $(($4 - $4 / 32)) ] && [ "$p50" -le $(($4 * 2)) ]
}

@test "every load ran, and ended as it had to" {
	local file name
	for file in status/*; do
		name=${file#status/}
		case $name in
		bad | torn) same "status of $name" "$(cat "$file")" 1 ;;
		aggressor) ;; # is stopped
		passthrough) ;; # not each fio can
		*) same "status of $name" "$(sort -u "$file")" 0 || { cat "said/$name"; false; } ;;
		esac
	done
}

@test "nothing is lost and nothing is left in flight" {
	same losses "$(jq -c '.losses | del(.["block.late"])' all.json)" '{}'
	same "in flight" "$(jq .in_flight all.json)" 0
	consistent all.json
}

@test "the sum over owners is what /proc/diskstats counted, on every device" {
	local file
	for file in dev/*; do
		case ${file#dev/} in
		# The journal of the first never rests; for md and dm see below; for zones too.
		vda | linear | raid | paths | zoned) continue ;;
		esac
		equals_diskstats all.json "$(cat "$file")" || { echo "on $file"; false; }
	done
}

# CGROUP DEVICE READ WRITTEN DISCARDED of the rows, and the same of io.stat; nothing where all are 0.
bytes_by_rows()
{
	jq -r '[.rows[] | select(.name != "")] | group_by([.name, .dev])[]
		| [.[0].name, .[0].dev] + [("read", "write", "discard") as $op
			| map(select(.op == $op) | .bytes) | add // 0]
		| select(.[2:] != [0, 0, 0]) | join(" ")' all.json
}

bytes_by_io_stat()
{
	awk '{
		split("", v)
		for (i = 2; i <= NF; i++) {
			split($i, kv, "=")
			v[kv[1]] = kv[2]
		}
		if (v["rbytes"] + v["wbytes"] + v["dbytes"])
			print substr(FILENAME, 8), $1, v["rbytes"] + 0, v["wbytes"] + 0, v["dbytes"] + 0
	}' iostat/*
}

@test "io.stat of each cgroup equals its rows, on every device that has requests" {
	# Those of the other attachments, and devices that pass bios on.
	local others='^(early|late|pressure|paths|victim|aggressor|learning) ' bios
	bios=" ($(cat dev/linear)|$(cat dev/raid)) "
	diff <(bytes_by_rows | sort) <(bytes_by_io_stat | grep -vE "$others|$bios" | sort)
	[ "$(bytes_by_rows | wc -l)" -gt 20 ]
}

@test "two cgroups dirty one file: each has what io.stat says, together all of it" {
	local first second
	first=$(of first vda write .bytes)
	second=$(of second vda write .bytes)
	same first "$first" "$(io_stat first vda wbytes)"
	same second "$second" "$(io_stat second vda wbytes)"
	same both $((first + second)) 16777216
	[ "$first" -ge 8388608 ] # the inode is its own
}

@test "writeback after the writer's end is the writer's" {
	is gone vda write .bytes 4194304
	same io.stat "$(io_stat gone vda wbytes)" 4194304
}

@test "loop over ext4: the same bytes on both levels, for the same owner" {
	alone loop_direct loop_direct write 2097152
	is loop_direct vda write .bytes 2097152
	is loop_direct vda write .ios "$(of loop_direct loop_direct write .ios)"
}

@test "loop over ext4, buffered: writeback of the file below is whose io.stat says" {
	local root
	alone loop_buffered loop_buffered write 2097152
	# The first to dirty the inode is a kernel thread: on most kernels the root owns it.
	is loop_buffered vda write .bytes "$(io_stat loop_buffered vda wbytes)"
	root=$(of "" vda write .bytes)
	[ $(($(of loop_buffered vda write .bytes) + root)) -ge 2097152 ]
}

@test "dm-linear: rows on the leaf alone" {
	no_rows linear
	alone linear under_linear write 2097152
	alone linear under_linear read 524288
	same io.stat "$(io_stat linear linear wbytes)" 2097152
}

@test "md-raid0: rows on the leaves alone, half on each" {
	need raid
	no_rows raid
	alone raid under_raid_a write 1048576
	alone raid under_raid_b write 1048576
	same io.stat "$(io_stat raid raid wbytes)" 2097152
}

@test "dm-multipath: the same requests on both levels, each counted once" {
	need paths
	JSON=paths.json
	same losses "$(jq -c '.losses | del(.["block.late"])' paths.json)" '{}'
	alone paths under_paths write 2097152
	alone paths under_paths read 524288
	alone paths paths write 2097152
	alone paths paths read 524288
	is paths paths write .ios 32
	equals_diskstats paths.json "$(cat dev/paths)"
	equals_diskstats paths.json "$(cat dev/under_paths)"
}

@test "scsi_debug: the time on the device is the injected one, and follows it" {
	is scsi_40ms scsi read .ios 20
	is scsi_120ms scsi read .ios 8
	latency scsi_40ms scsi read 40000000
	latency scsi_120ms scsi read 120000000
}

@test "null_blk: the time on the device is the injected one, and follows it" {
	is null_40ms slow write .ios 20
	is null_120ms slower write .ios 8
	latency null_40ms slow write 40000000
	latency null_120ms slower write 120000000
}

@test "a device that serves all at once has no queue; one that serves one by one has" {
	local wide narrow
	is wide wide read .ios 32
	is narrow narrow read .ios 32
	latency wide wide read 40000000
	latency narrow narrow read 40000000
	wide=$(of wide wide read .queue.p50)
	narrow=$(of narrow narrow read .queue.p50)
	echo "queued for $wide ns and $narrow ns"
	[ "$wide" -lt 40000000 ]
	# Three others are before each, but for what its reader needs to come back.
	[ "$narrow" -ge 80000000 ] && [ "$narrow" -le 240000000 ]
}

@test "a medium error is one error of a read, and no other's" {
	need medium
	is medium scsi read .errors 2
	same "errors, status 7" "$(hits medium scsi error) $(of medium scsi read '.status["7"]')" "2 2"
	same "errors that dd saw" "$(grep -c '^dd: error reading' said/medium)" 2
	is medium scsi write .ios 0
}

@test "a write error is one error of a write, and the good ones are none" {
	need bad
	is bad bad write .errors 1
	same "errors, status 10" "$(hits bad bad error) $(of bad bad write '.status["10"]')" "1 1"
	is bad bad write .ios 9
	is bad bad write .bytes $((9 * 4096))
}

@test "a busy host: each request is counted once, with the times that it came back" {
	need busy
	is busy scsi read .ios 32
	is busy scsi read .bytes 131072
	is busy scsi read .errors 0
	is busy scsi read .requeues "$(hits busy scsi requeue)"
	[ "$(hits busy scsi requeue)" -ge 8 ] # injected
}

@test "a failing transport: what is tried again is counted once and is no error" {
	need transport
	is transport scsi write .ios 32
	is transport scsi write .bytes 131072
	is transport scsi write .errors 0
	is transport scsi write .requeues "$(hits transport scsi requeue)"
	[ "$(hits transport scsi requeue)" -ge 8 ]
}

@test "partial completions: one request, its bytes once, times from first start to last end" {
	local requeues; need short
	is short scsi read .ios 16
	is short scsi read .bytes 1048576
	is short scsi read .errors 0
	requeues=$(hits short scsi requeue)
	is short scsi read .requeues "$requeues"
	[ "$requeues" -ge 8 ]
	same completions "$(hits short scsi complete)" $((16 + requeues))
	is short scsi read .partial "$requeues"
	is short scsi read .total.count 16
}

@test "a good part and then an error: one request, one error, all of its bytes" {
	need torn
	is torn scsi read .ios 1
	is torn scsi read .bytes 65536
	is torn scsi read .errors 1
	is torn scsi read .requeues "$(hits torn scsi requeue)"
	same "errors seen by tracefs" "$(hits torn scsi error)" 1
}

@test "a timeout: the time on the device is the last try's, the total holds it all" {
	need timeout
	is timeout scsi read .ios 8
	is timeout scsi read .errors 0
	is timeout scsi read .requeues "$(hits timeout scsi requeue)"
	[ "$(hits timeout scsi requeue)" -ge 1 ]
	[ "$(of timeout scsi read .total.max)" -ge 1000000000 ]
	# Each time that it was tried again a second was over, and none of these is the device's.
	[ $(($(of timeout scsi read .total.sum) - $(of timeout scsi read .device.sum))) -ge \
		$(($(hits timeout scsi requeue) * 900000000)) ]
}

@test "FUA: one write each; an fsync each; a flush each" {
	is fua fua write .ios 16
	is fua fua write .bytes 65536
	is fua fua flush .asked 16
	same "flushes of the device" "$(all_of fua flush .ios)" $((16 + 16))
}

@test "FUA on a device without it: the flush after each is not the write again" {
	is no_fua virtio write .ios 16
	is no_fua virtio write .bytes 65536
	is no_fua virtio write .device.count 16
	is no_fua virtio flush .asked 16
	same "flushes of the device" "$(all_of virtio flush '(.ios - .asked)')" 32
}

@test "xfs: its log's writes with PREFLUSH and FUA are one write each" {
	need xfs
	[ "$(of xfs xfs write .bytes)" -ge $((8 * 16384)) ]
	[ "$(all_of xfs flush .ios)" -ge 8 ]
	same "writes timed" "$(all_of xfs write .total.count)" "$(all_of xfs write .ios)"
	same "writes issued" "$(all_of xfs write .device.count)" "$(all_of xfs write .ios)"
}

@test "discards are discards, to the byte, by three drivers" {
	alone discard memory discard 3145728
	alone discard virtio discard 1048576
	alone unmap scsi discard 1048576
	is unmap scsi discard .ios 1
}

@test "write-zeroes are writes, to the byte, by two drivers" {
	is zeroes virtio write .bytes 1048576
	is write_same scsi write .bytes 1048576
	is write_same scsi write .ios 1
}

@test "zone management is in a row of its own" {
	need zones
	is zones zoned write .ios 4
	is zones zoned write .bytes 65536
	is zones zoned other .ios 6 # finish, open, close and three resets
	is zones zoned other .bytes 0
	is zones zoned read .bytes "$(io_stat zones zoned rbytes)"
	# Diskstats takes each for a read or a write by its number.
	same "requests of the disk" "$(all_of zoned "read" .ios) + 4 + 6" "$(jq -r --arg dev "$(cat dev/zoned)" \
		'(.diskstats_after[$dev] as $a | .diskstats_before[$dev] as $b
		| $a[0] + $a[2] - $b[0] - $b[2] - 10) | "\(.) + 4 + 6"' all.json)"
}

@test "io_uring: requests and bytes are fio's" {
	local op
	for op in read write; do
		is uring nvme $op .ios "$(fio_says uring $op.total_ios)"
		is uring nvme $op .bytes "$(fio_says uring $op.io_bytes)"
	done
}

@test "io_uring that polls: requests and bytes are fio's" {
	need polled
	is polled polled read .ios "$(fio_says polled read.total_ios)"
	is polled polled read .bytes "$(fio_says polled read.io_bytes)"
	is polled polled read .device.count 256
}

@test "NVMe passthrough is in a row of its own, and in no other" {
	local total bytes
	grep -q 'engine io_uring_cmd not loadable' said/passthrough && skip "fio has no io_uring_cmd"
	need passthrough
	same status "$(cat status/passthrough)" 0
	total=$(($(fio_says passthrough read.total_ios) + $(fio_says passthrough write.total_ios)))
	bytes=$(($(fio_says passthrough read.io_bytes) + $(fio_says passthrough write.io_bytes)))
	[ "$bytes" = 2097152 ]
	is passthrough nvme read .ios 0
	is passthrough nvme write .ios 0
	same "requests passed through" "$(all_of nvme other .ios)" "$total"
	same "bytes passed through" "$(all_of nvme other .bytes)" "$bytes"
}

@test "attached in mid-flight: what was under way is counted, untimed, and told" {
	need midflight
	JSON=midflight.json
	is early held write .ios 8
	is early held write .bytes 32768
	is early held write .total.count 0
	same "losses" "$(jq -c '.losses | del(.["block.late"])' midflight.json)" '{"block.start_missing":8}'
	consistent midflight.json
	# They came to the disk below only later.
	is early under_hold write .ios 8
	is early under_hold write .total.count 8
}

@test "detached in mid-flight: what is under way is told, and not counted" {
	need midflight
	JSON=midflight.json
	same "in flight" "$(jq .in_flight midflight.json)" 8
	is late held read .ios 0
	same "fio read" "$(fio_says late read.total_ios)" 8
}

@test "thousands in flight at once: each is counted and timed, and none is left" {
	local dev
	JSON=pressure.json
	echo "at most $(cat ../pressure.most) were in flight"
	[ "$(cat ../pressure.most)" -ge 4096 ]
	same "bytes" "$(jq '[.rows[] | select(.name == "pressure") | .bytes] | add' pressure.json)" \
		"$(fio_says pressure read.io_bytes)"
	for dev in many_a many_b; do
		equals_diskstats pressure.json "$(cat dev/$dev)"
	done
	same "in flight" "$(jq .in_flight pressure.json)" 0
	consistent pressure.json
	same losses "$(jq -c '.losses | del(.["block.late"])' pressure.json)" '{}'
}

# Between two numbers, as a part of another.
part() # A B LOW HIGH
{
	awk -v a="$1" -v b="$2" -v low="$3" -v high="$4" 'BEGIN {
		printf "%.0f of %.0f: %.3f, expected %s to %s\n", a, b, b ? a / b : 0, low, high
		exit !(b && a / b >= low && a / b <= high) }'
}

@test "one request against three that take 40 ms each: three quarters of its time are theirs" {
	local took
	JSON=sharing.json
	took=$(of victim wide read .total.sum)
	lost() # VICTIM AGGRESSOR
	{
		jq -r --arg v "$1" --arg a "$2" --arg dev "$(cat dev/wide)" '
			([.rows[] | {key: .name, value: .cgroup}] | from_entries) as $id
			| .disks[] | select(.dev == $dev) | .sharers as $s
			| ($s | map(.cgroup) | index($id[$a])) as $i
			| $s[] | select(.cgroup == $id[$v]) | .lost_to[$i]' "$JSON"
	}
	# Never more; less as far as a slow guest lets the device wait for the aggressor's next one. The
	# rest is its own, so that together they are all of it.
	part "$(lost victim aggressor)" "$took" 0.50 0.76
	part "$(lost victim victim)" "$took" 0.24 0.50
	part $(($(lost victim aggressor) + $(lost victim victim))) "$took" 0.98 1.02
	# What one takes the other loses.
	part "$(lost aggressor victim)" "$(lost victim aggressor)" 0.95 1.05
	# The device was never without a request of the aggressor's; all shares are that time, but for
	# what was told late because the other CPU of a slow guest stood still.
	part "$(jq --arg dev "$(cat dev/wide)" '.disks[] | select(.dev == $dev) | .depth_ns' "$JSON")" \
		"$(jq --arg dev "$(cat dev/wide)" '[.rows[] | select(.dev == $dev) | .device.sum] | add' "$JSON")" \
		0.99 1.01
	same "at most" "$(jq --arg dev "$(cat dev/wide)" '.disks[] | select(.dev == $dev) | .max_depth' "$JSON")" 4
	consistent "$JSON"
}

@test "the kernel's times are used when they prove right, and not one request is lost by that" {
	JSON=learning.json
	echo "times: $(jq -r .times "$JSON")"
	# Linux 6.1 reads the clock for each request; later ones for each batch of them.
	[[ $VM_RELEASE != 6.1.* ]] || same times "$(jq -r .times "$JSON")" kernel
	same ios "$(of learning memory read .ios)" "$(fio_says "learning_$BACKEND" read.total_ios)"
	equals_diskstats "$JSON" "$(cat dev/memory)"
	same losses "$(jq -c '.losses | del(.["block.late"])' "$JSON")" '{}'
}
