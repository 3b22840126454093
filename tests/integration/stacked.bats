#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Devices on top of others: what they rest upon, and sums that count each byte once.

load ../lib/jq
load ../lib/run

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
	DISK=$(disk_of .) || skip "$PWD is on no block device"
	truncate -s 64M disk.img
}

teardown() {
	[ ! -e mounted ] || umount "$BATS_TEST_TMPDIR/mnt"
	# By its file: the test may have ended before it could write the name down.
	losetup -nO NAME -j "$BATS_TEST_TMPDIR/disk.img" | xargs -r losetup -d
}

attach() {
	LOOP=$(losetup -f --show disk.img) || skip "no loop devices here"
	NAME=${LOOP#/dev/}
}

write_to() { # PATH [BEFORE]: a target that writes 16 MiB there
	cat > spec.yml <<-END
	name: stacked
	runtime: native
	interval: 50ms
	containers:
	  a: {command: "${2:-true}; dd if=/dev/zero of=$1 bs=1M count=16 oflag=direct conv=fsync,notrunc"}
	END
	run_spec spec.yml
	[ "$status" = 0 ]
}

# The loop device is told apart from the disk below it, and the sums are those of disks.
told() {
	jq '{devices: [.devices[] | {name, kind, "label": .label, leaves}],
		block: [.targets[] | {name, block_total}]}' report.json
	jq -e --arg loop "$NAME" --arg disk "$DISK" --arg file "$PWD/disk.img" '
		(.devices[] | select(.name == $loop) | .kind == "loop" and .stacked
			and .label == $file and .leaves == [$disk])
		and (.devices[] | select(.name == $disk) | (has("leaves") or .stacked) | not)
		and (.targets[0].block[$loop].write | .stacked and .bytes >= 16777216)
		and ([.targets[] | .block_total.write.bytes // 0] | add)
			== ([.targets[].block | to_entries[] | select(.key != $loop)
				| .value.write.bytes // 0] | add)
		and ([.targets[].block[$disk].write.bytes // 0] | add) >= 16777216' report.json
	"$CBPF" report --store runs > text
	grep -E "^  $NAME \(stacked on $DISK\) +.*write" text
	grep -E "^  $NAME write \(stacked\) " text
}

@test "a loop device: both levels are told, and bytes are summed once" {
	attach
	write_to "$LOOP"
	told
	# Whatever the loop driver wrote was one time that much, not two.
	# Sums are those of the disk, whoever else writes to it meanwhile.
	jq -e --arg disk "$DISK" '([.targets[] | .block_total.write.bytes // 0] | add) ==
		([.targets[] | .block[$disk].write.bytes // 0] | add)' report.json
}

@test "a file system on a loop device" {
	command -v mkfs.ext4 > /dev/null || skip "no mkfs.ext4"
	attach
	mkfs.ext4 -q "$LOOP"
	mkdir mnt
	mount "$LOOP" mnt
	touch mounted
	write_to "$PWD/mnt/file"
	told
}

@test "a loop device that is set up in the middle of a run" {
	LOOP=$(losetup -f) || skip "no loop devices here"
	NAME=${LOOP#/dev/}
	write_to "$LOOP" "losetup $LOOP $PWD/disk.img"
	told
}

@test "a device on a file in memory is a disk of its own" {
	mkdir mnt
	mount -t tmpfs none mnt
	touch mounted
	mv disk.img mnt/
	LOOP=$(losetup -f --show mnt/disk.img) || skip "no loop devices here"
	NAME=${LOOP#/dev/}
	write_to "$LOOP"
	losetup -d "$LOOP"
	jq -e --arg loop "$NAME" '(.devices[] | select(.name == $loop) | .stacked and .leaves == [])
		and .targets[0].block_total.write.bytes >= 16777216' report.json
}
