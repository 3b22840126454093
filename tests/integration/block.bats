# SPDX-License-Identifier: Apache-2.0
# The block probe beside two other sources of truth: what fio says that it did, and /proc/diskstats.

load ../lib/jq
load ../lib/block.bash

setup_file()
{
	block_setup_file block
}

teardown_file()
{
	block_teardown_file
}

setup()
{
	block_setup
}

teardown()
{
	[ -z "${spinners:-}" ] || kill "${spinners[@]}" 2>/dev/null || true
}

need_loop()
{
	[ -n "$LOOP" ] || skip "no loop devices here"
}

# fio_on FILE OPTION...: O_DIRECT, 4 KiB, one at a time, with its JSON in $FIO.
fio_on()
{
	local file=$1
	shift
	echo fio --name=job --filename="$file" --size=16m --bs=4k --direct=1 --ioengine=psync \
		--randrepeat=1 --output="$FIO" --output-format=json "$@"
}

fio_says() # FIELD of job 0
{
	jq -r ".jobs[0].$1" "$FIO"
}

direct_matches_fio() # BACKEND DIRECTION
{
	local dev op=$2 command target=${LOOP:-$DIR/file}
	dev=$(dev_of "$target")
	command=$(fio_on "$target" --rw="rand$op")
	whole -b "$1" -j "$CG" $command
	same backend "$(jq -r .backend "$JSON")" "$1"
	same status "$(jq .status "$JSON")" 0
	same ios "$(row "$JSON" "$CG" "$dev" "$op" .ios)" "$(fio_says "$op.total_ios")"
	same bytes "$(row "$JSON" "$CG" "$dev" "$op" .bytes)" "$(fio_says "$op.io_bytes")"
	same errors "$(row "$JSON" "$CG" "$dev" "$op" .errors)" 0
	consistent "$JSON"
}

@test "tp_btf: O_DIRECT writes are fio's, to the byte" {
	direct_matches_fio tp_btf write
}

@test "tp_btf: O_DIRECT reads are fio's, to the byte" {
	direct_matches_fio tp_btf read
}

@test "raw_tp: O_DIRECT writes are fio's, to the byte" {
	direct_matches_fio raw_tp write
}

@test "raw_tp: O_DIRECT reads are fio's, to the byte" {
	direct_matches_fio raw_tp read
}

@test "an owner's id is the inode number of its directory, and its name is known" {
	local dev
	dev=$(dev_of "$DIR/file")
	whole -j "$CG" $(fio_on "$DIR/file" --rw=write)
	run rows "$JSON" "select(.cgroup == $(id_of "$CG") and .dev == \"$dev\" and .op == \"write\") | .name"
	same name "$output" "$(basename "$CG")"
}

@test "two cgroups at once: each one's bytes are its own" {
	local dev target=${LOOP:-$DIR/file}
	dev=$(dev_of "$target")
	cat >"$BATS_TEST_TMPDIR/both" <<-END
		#!/bin/sh
		sh -c 'echo 0 > $CG/cgroup.procs; exec "\$@"' - \
			$(fio_on "$target" --rw=randwrite --size=8m --iodepth=8 --ioengine=libaio) &
		sh -c 'echo 0 > $CG2/cgroup.procs; exec "\$@"' - \
			$(FIO=$FIO.2 fio_on "$target" --rw=randread --offset=8m --size=8m --loops=2) &
		wait
	END
	whole sh "$BATS_TEST_TMPDIR/both"
	same "bytes of the first" "$(row "$JSON" "$CG" "$dev" write .bytes)" \
		"$(jq '.jobs[0].write.io_bytes' "$FIO")"
	same "bytes of the second" "$(row "$JSON" "$CG2" "$dev" read .bytes)" \
		"$(jq '.jobs[0].read.io_bytes' "$FIO.2")"
	same "ios of the second" "$(row "$JSON" "$CG2" "$dev" read .ios)" \
		"$(jq '.jobs[0].read.total_ios' "$FIO.2")"
	same "reads of the first" "$(row "$JSON" "$CG" "$dev" read .bytes)" 0
	same "writes of the second" "$(row "$JSON" "$CG2" "$dev" write .bytes)" 0
}

# A file system's whole life: journal, metadata, buffered and direct I/O, flushes, discards.
file_system_life()
{
	cat <<-END
		set -e
		wipefs -qa $LOOP
		mkfs.$1 -q $LOOP
		mkdir -p $DIR/mnt
		mount $LOOP $DIR/mnt
		dd if=/dev/urandom of=$DIR/mnt/a bs=64k count=128 conv=fsync
		dd if=/dev/zero of=$DIR/mnt/b bs=4k count=256 oflag=sync
		dd if=/dev/zero of=$DIR/mnt/c bs=256k count=16 oflag=direct
		dd if=$DIR/mnt/a of=/dev/null iflag=nocache count=0
		dd if=$DIR/mnt/a of=/dev/null bs=1M
		rm $DIR/mnt/b
		sync -f $DIR/mnt
		fstrim $DIR/mnt
		umount $DIR/mnt
	END
}

sum_equals_diskstats() # BACKEND FILESYSTEM
{
	local dev
	need_loop
	command -v "mkfs.$2" >/dev/null || skip "mkfs.$2 is not installed"
	dev=$(dev_of "$LOOP")
	file_system_life "$2" >"$BATS_TEST_TMPDIR/life"
	# A mount of its own, which no container started meanwhile can hold.
	whole -b "$1" -j "$CG" unshare --mount sh "$BATS_TEST_TMPDIR/life"
	same status "$(jq .status "$JSON")" 0
	[ "$(sum "$JSON" "$dev" write .bytes)" -gt 13000000 ]
	[ "$(sum "$JSON" "$dev" flush .ios)" -gt 0 ]
	equals_diskstats "$JSON" "$dev"
	consistent "$JSON"
}

@test "tp_btf: a journalling ext4's life adds up to /proc/diskstats, request by request" {
	sum_equals_diskstats tp_btf ext4
}

@test "raw_tp: a journalling ext4's life adds up to /proc/diskstats, request by request" {
	sum_equals_diskstats raw_tp ext4
}

@test "tp_btf: xfs, with its FUA log writes, adds up too" {
	need_loop
	truncate -s 320M "$DIR/disk" && losetup -c "$LOOP" # the smallest that mkfs.xfs takes
	sum_equals_diskstats tp_btf xfs
}

@test "buffered writes and fsync: every byte is there, whoever is charged" {
	local dev size=$((8 << 20))
	need_loop
	dev=$(dev_of "$LOOP")
	whole -j "$CG" dd if=/dev/zero of="$LOOP" bs=64k count=128 conv=fsync
	same bytes "$(sum "$JSON" "$dev" write .bytes)" $size
	equals_diskstats "$JSON" "$dev"
}

@test "a buffered read of what is not cached is charged to the reader" {
	local dev size=$((16 << 20)) got
	dev=$(dev_of "$DIR/file")
	before_retry=forget
	forget() { dd if="$DIR/file" iflag=nocache count=0 status=none; }
	forget
	whole -j "$CG" dd if="$DIR/file" of=/dev/null bs=64k
	got=$(row "$JSON" "$CG" "$dev" read .bytes)
	echo "read $got bytes"
	# And where they are on the disk, and what of the program is not cached either.
	[ "$got" -ge $size ]
	[ "$got" -le $((size + (1 << 20))) ]
	before_retry=
	for _ in 1 2 3 4 5; do # the machine may have put out of its cache what was in there
		whole -j "$CG" dd if="$DIR/file" of=/dev/null bs=64k
		got=$(row "$JSON" "$CG" "$dev" read .bytes)
		echo "read $got bytes of what is cached"
		[ "$got" -gt $((1 << 20)) ] || break
	done
	[ "$got" -le $((1 << 20)) ]
}

@test "each fsync is a flush of its owner, and the device's own flushes are apart" {
	local dev
	need_loop
	dev=$(dev_of "$LOOP")
	whole -j "$CG" $(fio_on "$LOOP" --rw=write --size=256k --fsync=1)
	same "flushes asked for" "$(row "$JSON" "$CG" "$dev" flush .asked)" \
		"$(fio_says sync.total_ios)"
	same "timed" "$(row "$JSON" "$CG" "$dev" flush .total.count)" "$(fio_says sync.total_ios)"
	same "never issued" "$(row "$JSON" "$CG" "$dev" flush .device.count)" 0
	same "writes" "$(row "$JSON" "$CG" "$dev" write .ios)" "$(fio_says write.total_ios)"
	run rows "$JSON" "select(.dev == \"$dev\" and .op == \"flush\" and .cgroup == 0) | .device.count"
	[ "$output" -gt 0 ]
}

@test "discards have their own row, with their bytes" {
	local dev
	need_loop
	dev=$(dev_of "$LOOP")
	whole -j "$CG" blkdiscard -f -o 0 -l 8M "$LOOP"
	[ "$(jq .status "$JSON")" = 0 ] || skip "this loop device cannot discard"
	same bytes "$(row "$JSON" "$CG" "$dev" discard .bytes)" $((8 << 20))
}

@test "a stacked device: the same bytes appear at both levels, for the same owner" {
	local upper lower moved below
	need_loop
	[ "$(cat "/sys/block/${LOOP#/dev/}/loop/dio")" = 1 ] || skip "loop has no direct I/O here"
	upper=$(dev_of "$LOOP")
	lower=$(dev_of "$DIR/disk")
	fio_on "$LOOP" --rw=write --bs=64k >"$BATS_TEST_TMPDIR/cmd"
	sh "$BATS_TEST_TMPDIR/cmd" # allocate the blocks below
	whole -j "$CG" sh "$BATS_TEST_TMPDIR/cmd"
	moved=$(fio_says write.io_bytes)
	below=$(row "$JSON" "$CG" "$lower" write .bytes)
	same "upper bytes" "$(row "$JSON" "$CG" "$upper" write .bytes)" "$moved"
	same "lower bytes" "$below" "$moved"
}

@test "requests under way at attach are counted and told, not timed" {
	local pid
	$(fio_on "$DIR/file" --rw=randread --ioengine=libaio --iodepth=64 --time_based --runtime=3) &
	pid=$!
	sleep 0.5
	"$drive" sleep 1 >"$JSON"
	wait $pid
	[ "$(jq '[.rows[].ios] | add' "$JSON")" -gt 0 ]
	consistent "$JSON"
}

@test "what is too large for the device is cut, and each cut is counted" {
	need_loop
	queue=/sys/block/${LOOP#/dev/}/queue
	before=$(cat "$queue/max_sectors_kb")
	echo 64 >"$queue/max_sectors_kb"
	status=0
	whole -j "$CG" dd if="$LOOP" of=/dev/null bs=1M count=4 iflag=direct || status=$?
	echo "$before" >"$queue/max_sectors_kb"
	[ "$status" = 0 ]
	dev=$(dev_of "$LOOP")
	# Four calls of 1 MiB, each one bio, in requests of 64 KiB.
	same requests "$(row "$JSON" "$CG" "$dev" read .ios)" 64
	same splits "$(row "$JSON" "$CG" "$dev" read .splits)" 60
	equals_diskstats "$JSON" "$dev"
}

@test "requests are all forgotten when done" {
	whole -j "$CG" $(fio_on "$DIR/file" --rw=randrw --ioengine=libaio --iodepth=32)
	same "in flight" "$(jq .in_flight "$JSON")" 0
}

within() # WHAT OURS FIO: 10 % or 10 us
{
	awk -v what="$1" -v a="$2" -v b="$3" 'BEGIN {
		d = a > b ? a - b : b - a
		printf "%s: %d ns, fio %d ns\n", what, a, b
		exit !(d <= 0.1 * b || d <= 10000)
	}'
}

# A file in one piece, so that each read of half a MiB is one request. (A MiB can be 256 segments,
# which is more than virtio takes at once.)
lay_out()
{
	rm -f "$1"
	fallocate -l 16M "$1"
	dd if=/dev/zero of="$1" bs=1M count=16 oflag=direct conv=notrunc,fsync status=none
}

@test "device time has the percentiles of fio's completion latency (one at a time, O_DIRECT)" {
	local file=$DIR/contiguous dev compared=0 p50=0 p99=0
	lay_out "$file"
	dev=$(dev_of "$file")
	fio_on "$file" --rw=randread --bs=512k --loops=32 --percentile_list=50:99 \
		>"$BATS_TEST_TMPDIR/cmd"
	# fio's time ends when it runs again. So it goes before everybody else, and no CPU sleeps
	# deeply; even so a virtual machine's neighbours may disturb a run, and only ever make fio's
	# time the longer one: each percentile has to agree once.
	for _ in $(seq "$(nproc)"); do
		chrt --idle 0 timeout 120 sh -c 'while :; do :; done' 3>&- &
		spinners+=($!)
	done
	for _ in {1..40}; do
		whole -j "$CG" chrt --fifo 10 sh "$BATS_TEST_TMPDIR/cmd"
		if [ "$(row "$JSON" "$CG" "$dev" read .ios)" != "$(fio_says read.total_ios)" ]; then
			mv "$file" "$file.$RANDOM" # let it lie elsewhere
			lay_out "$file"
			continue
		fi
		within p50 "$(row "$JSON" "$CG" "$dev" read .device.p50)" \
			"$(fio_says 'read.clat_ns.percentile["50.000000"]')" && p50=1
		within p99 "$(row "$JSON" "$CG" "$dev" read .device.p99)" \
			"$(fio_says 'read.clat_ns.percentile["99.000000"]')" && p99=1
		[ $((p50 + p99)) = 2 ] && return 0
		compared=$((compared + 1))
		[ $compared -lt 15 ] || break
	done
	[ $compared -gt 0 ] || skip "the disk is too fragmented for one request per read"
	return 1
}

@test "the probe tells its own cost and leaves nothing behind" {
	local before after
	before=$(ls /sys/fs/bpf 2>/dev/null | wc -l)
	"$drive" -j "$CG" $(fio_on "$DIR/file" --rw=randread) >"$JSON"
	run jq -e '[.costs[] | select(.program == "block.on_complete") | .runs > 0 and .run_ns > 0] | all' \
		"$JSON"
	[ "$status" = 0 ]
	after=$(ls /sys/fs/bpf 2>/dev/null | wc -l)
	same "pinned objects" "$after" "$before"
}

@test "without root it says what is missing, in one line" {
	chmod 755 "$BATS_TEST_TMPDIR" 2>/dev/null || true
	run setpriv --reuid 65534 --clear-groups "$drive" true
	[ "$status" = 1 ]
	same lines "$(echo "$output" | wc -l)" 1
	[[ $output == *CAP_BPF* ]]
}
