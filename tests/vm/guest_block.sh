#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# In a guest with pure cgroup v2: whose request is it? Bytes against io.stat and /proc/diskstats.
# Its output is TAP.
# shellcheck shell=bash
[ -n "${BASH_VERSION:-}" ] || exec bash "$0"

[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd # for bash's <(...)
# shellcheck source=tests/lib/block.bash
O=/ . /usr/bin/block.bash
drive=/usr/bin/drive_block
JSON=/tmp/rows.json
size=$((4 << 20))
tests=0 failures=0

# check WHAT COMMAND [ARG]...: one test; what the command printed is shown when it fails.
check()
{
	local what=$1
	shift
	tests=$((tests + 1))
	if "$@" >/tmp/check.out 2>&1; then
		echo "ok $tests $what"
	else
		echo "not ok $tests $what"
		sed 's/^/# /' /tmp/check.out
		failures=$((failures + 1))
	fi
}

new_cgroup() # NAME: prints its directory
{
	mkdir "/sys/fs/cgroup/$1" && echo "/sys/fs/cgroup/$1"
}

# io_stat DIR DEV FIELD: 0 when there is nothing
io_stat()
{
	awk -v dev="$2" -v want="$3" '$1 == dev {
		for (i = 2; i <= NF; i++) {
			split($i, kv, "=")
			if (kv[1] == want)
				n = kv[2]
		}
	} END { printf "%.0f\n", n }' "$1/io.stat"
}

probe() # OPTION... COMMAND: rows of what it did in JSON
{
	"$drive" "$@" >"$JSON" && [ "$(jq .status "$JSON")" = 0 ]
}

adds_up()
{
	equals_diskstats "$JSON" "$disk" && consistent "$JSON" &&
		same "lost" "$(jq -c '.losses | del(.["block.late"])' "$JSON")" '{}' &&
		same "in flight" "$(jq .in_flight "$JSON")" 0
}

# What is charged to a cgroup for the command is what io.stat of that cgroup says.
charged() # DIR OP IO.STAT-FIELD
{
	local row stat
	row=$(row "$JSON" "$1" "$disk" "$2" .bytes)
	stat=$(io_stat "$1" "$disk" "$3")
	same "$2 bytes beside io.stat" "$row" "$stat"
}

exactly() # DIR OP BYTES
{
	same "$2 bytes" "$(row "$JSON" "$1" "$disk" "$2" .bytes)" "$3"
}

no_longer_than() # NS: nothing took as long as the machine is up, or longer than the test
{
	jq -e --argjson max "$1" '[.rows[] | .queue.max, .device.max, .total.max] | max < $max' "$JSON"
}

one_backend()
{
	local backend=$1 a b c

	a=$(new_cgroup "$backend-a")
	b=$(new_cgroup "$backend-b")
	c=$(new_cgroup "$backend-c")
	check "$backend: loads and attaches" "$drive" -b "$backend" true

	dd if=/dev/zero of=/mnt/direct bs=64k count=64 oflag=direct conv=fsync 2>/dev/null
	sync
	check "$backend: O_DIRECT writes run" probe -b "$backend" -j "$a" \
		dd if=/dev/zero of=/mnt/direct bs=64k count=64 oflag=direct conv=notrunc
	check "$backend: O_DIRECT writes are their cgroup's, to the byte" exactly "$a" write $size
	check "$backend: and as io.stat says" charged "$a" write wbytes
	check "$backend: and add up to /proc/diskstats" adds_up
	check "$backend: the owner's name is known" same name \
		"$(rows "$JSON" "select(.cgroup == $(id_of "$a")) | .name" | sort -u)" "$backend-a"

	check "$backend: O_DIRECT reads run" probe -b "$backend" -j "$a" \
		dd if=/mnt/direct of=/dev/null bs=64k count=64 iflag=direct
	check "$backend: O_DIRECT reads are their cgroup's, to the byte" exactly "$a" read $size
	check "$backend: and add up to /proc/diskstats" adds_up

	check "$backend: buffered writes with fsync run" probe -b "$backend" -j "$b" \
		dd if=/dev/zero of="/mnt/fsync-$backend" bs=64k count=64 conv=fsync
	check "$backend: buffered writes with fsync are as io.stat says" charged "$b" write wbytes
	check "$backend: they are all there" \
		test "$(row "$JSON" "$b" "$disk" write .bytes)" -ge $size
	check "$backend: and add up to /proc/diskstats, the journal included" adds_up
	check "$backend: the journal's flushes are somebody's" \
		test "$(sum "$JSON" "$disk" flush .ios)" -gt 0

	check "$backend: the journal itself is metadata, and nobody's" test "$(jq --arg dev "$disk" \
		'[.rows[] | select(.dev == $dev and .op == "write" and .why == "metadata") | .bytes]
		| add // 0' "$JSON")" -gt 0

	# Writeback by a kernel thread, after the writer has gone.
	check "$backend: writeback after the writer's end runs" probe -b "$backend" bash -c \
		"(echo \$BASHPID >$c/cgroup.procs && exec dd if=/dev/zero of=/mnt/late-$backend bs=64k count=64)
		sync"
	check "$backend: it is charged to who dirtied the pages" exactly "$c" write $size
	check "$backend: as io.stat says" charged "$c" write wbytes
	check "$backend: and adds up to /proc/diskstats" adds_up
	rm -f /mnt/fsync-* /mnt/late-*
	sync
}

for controller in io memory; do
	echo +$controller >/sys/fs/cgroup/cgroup.subtree_control
done
disk=$(dev_of /dev/vda)
queue=/sys/block/vda/queue
IO_CGROUPS=$(io_hierarchy)
check "the hierarchy is v2" same hierarchy "$IO_CGROUPS" /sys/fs/cgroup
one_backend tp_btf
one_backend raw_tp

root=$(new_cgroup rest)
for scheduler in none mq-deadline; do
	echo $scheduler >$queue/scheduler
	check "scheduler $scheduler: a mixed load adds up" probe -j "$root" bash -c '
		for i in 1 2 3; do
			dd if=/dev/zero of=/mnt/m$i bs=4k count=200 conv=fsync &
			dd if=/mnt/direct of=/dev/null bs=16k iflag=direct &
		done
		wait
		rm /mnt/m*; sync; fstrim /mnt'
	check "scheduler $scheduler: to /proc/diskstats" adds_up
	check "scheduler $scheduler: and took no longer than it did" no_longer_than 60000000000
done

# Without statistics the kernel keeps no start time: ours must do, and zero must not become uptime.
echo 0 >$queue/iostats
check "without iostats it still runs" probe -j "$root" \
	dd if=/dev/zero of=/mnt/direct bs=64k count=64 oflag=direct conv=notrunc,fsync
check "without iostats: every write is there" \
	test "$(row "$JSON" "$root" "$disk" write .bytes)" -ge $size
check "without iostats: times are no uptimes" no_longer_than 60000000000
check "without iostats: writes are all timed" jq -e \
	'[.rows[] | select(.op == "write") | .device.count == .ios] | all' "$JSON"
echo 1 >$queue/iostats

# A write cache that is said to be safe: flushes never reach the device.
echo "write through" >$queue/write_cache
check "write through: fsync runs" probe -j "$root" \
	dd if=/dev/zero of=/mnt/direct bs=64k count=64 conv=notrunc,fsync
check "write through: adds up" adds_up
echo "write back" >$queue/write_cache

# A disk with a bad spot: errors are counted, once per request.
bad=/dev/sda
modprobe sd_mod
if modprobe scsi_debug opts=2 dev_size_mb=16 && sleep 2 && [ -b $bad ]; then
	bad_dev=$(dev_of $bad)
	"$drive" -j "$root" dd if="$bad" of=/dev/null bs=4k skip=582 count=2 iflag=direct \
		>"$JSON" 2>/dev/null
	check "a medium error is an error of its owner" \
		test "$(row "$JSON" "$root" "$bad_dev" read .errors)" -ge 1
	check "errors are no more than requests" jq -e '[.rows[] | .errors <= .ios] | all' "$JSON"
	check "nothing is left in flight" same "in flight" "$(jq .in_flight "$JSON")" 0
else
	check "a disk with a medium error" false
fi
echo "1..$tests"
exit $((failures > 0))
