# SPDX-License-Identifier: Apache-2.0
# Who was in a device, and what they lost to each other: runs whose answer is known, beside what fio
# and /proc/diskstats say. On a loop device of the test's own, so that nobody else is in it.

load ../lib/block.bash

setup_file()
{
	block_setup_file sharing
}

teardown_file()
{
	block_teardown_file
}

setup()
{
	block_setup
	[ -n "$LOOP" ] || skip "no loop devices here"
	DEV=$(dev_of "$LOOP")
}

# fio_on NAME OPTION...: O_DIRECT on the loop device, with its JSON in $FIO.NAME.
fio_on()
{
	local name=$1
	shift
	echo fio --name="$name" --filename="$LOOP" --direct=1 --ioengine=libaio --randrepeat=1 \
		--output="$FIO.$name" --output-format=json "$@"
}

# both COMMAND COMMAND: the first in $CG, the second in $CG2, at once.
both()
{
	cat >"$BATS_TEST_TMPDIR/both" <<-END
		#!/bin/sh
		sh -c 'echo 0 > $CG/cgroup.procs; exec "\$@"' - $1 &
		sh -c 'echo 0 > $CG2/cgroup.procs; exec "\$@"' - $2 &
		wait
	END
	whole sh "$BATS_TEST_TMPDIR/both"
}

# ns that all requests of a cgroup on the device took
time_of() # CGROUP_DIR
{
	jq -r --argjson id "$(id_of "$1")" --arg dev "$DEV" \
		'[.rows[] | select(.cgroup == $id and .dev == $dev) | .total.sum] | add // 0' "$JSON"
}

# part A B LOW HIGH: A / B lies between the two.
part()
{
	awk -v a="$1" -v b="$2" -v low="$3" -v high="$4" 'BEGIN {
		r = b ? a / b : 0
		printf "%.0f of %.0f: %.3f, expected %s to %s\n", a, b, r, low, high
		exit !(r >= low && r <= high)
	}'
}

@test "no more requests are in the device than fio keeps there, and all of their time is its depth" {
	whole -j "$CG" $(fio_on a --rw=randread --bs=4k --size=32m --iodepth=8)
	same "at most" "$(sharer "$JSON" "$CG" "$DEV" .max_depth)" 8
	# Depth over time is what the requests' times in the device add up to.
	part "$(sharer "$JSON" "$CG" "$DEV" .depth_ns)" \
		"$(row "$JSON" "$CG" "$DEV" read .device.sum)" 0.995 1.005
}

@test "busy time: one request at a time makes the device busy for just as long as it takes" {
	local grew
	whole -j "$CG" $(fio_on a --rw=randread --bs=64k --size=64m --iodepth=1 --thinktime=500)
	part "$(jq --arg dev "$DEV" '.disks[] | select(.dev == $dev) | .busy_ns' "$JSON")" \
		"$(row "$JSON" "$CG" "$DEV" read .device.sum)" 0.999 1.001
	# With some always in there, /proc/diskstats sees as much, as far as its clock of some ms can.
	whole -j "$CG" $(fio_on a --rw=randread --bs=64k --size=64m --iodepth=16 --time_based --runtime=2)
	grew=$(jq --arg dev "$DEV" '.diskstats_after[$dev][9] - .diskstats_before[$dev][9]' "$JSON")
	part "$(jq --arg dev "$DEV" '.disks[] | select(.dev == $dev) | .busy_ns' "$JSON")" "$grew" \
		0.75 1.3
}

@test "one alone has all of the device's time, and loses nothing" {
	whole -j "$CG" $(fio_on a --rw=randread --bs=4k --size=16m --iodepth=2)
	part "$(sharer "$JSON" "$CG" "$DEV" .share_ns)" \
		"$(jq --arg dev "$DEV" '.disks[] | select(.dev == $dev) | .busy_ns' "$JSON")" 0.999 1.001
	same "lost" "$(jq -c --argjson id "$(id_of "$CG")" --arg dev "$DEV" '[.disks[]
		| select(.dev == $dev) | .sharers as $s | $s[] | select(.cgroup == $id) | .lost_to
		| to_entries[] | select($s[.key].cgroup != $id) | .value] | add // 0' "$JSON")" 0
}

@test "one request against three: up to three quarters of the victim's time are lost, one back" {
	# Large enough that a request is in the device for longer than it takes to make one.
	both "$(fio_on v --rw=randread --bs=128k --size=64m --iodepth=1 --time_based --runtime=3)" \
		"$(fio_on a --rw=randread --bs=128k --size=64m --iodepth=3 --time_based --runtime=3)"
	# Less than that as far as the two do not always have all of their requests in there, which
	# is up to the CPUs here; a virtual machine's device with a fixed delay has the exact answer.
	part "$(lost "$JSON" "$CG" "$CG2" "$DEV")" "$(time_of "$CG")" 0.25 0.80
	part "$(lost "$JSON" "$CG2" "$CG" "$DEV")" "$(time_of "$CG2")" 0.05 0.40
	# While both are in the device, what one takes from the other is what it loses to it.
	part "$(lost "$JSON" "$CG" "$CG2" "$DEV")" "$(lost "$JSON" "$CG2" "$CG" "$DEV")" 0.8 1.25
	[ "$(sharer "$JSON" "$CG2" "$DEV" .share_ns)" -gt "$(sharer "$JSON" "$CG" "$DEV" .share_ns)" ]
}

@test "a victim at a fixed rate loses nothing while the aggressor is off, and to it alone when on" {
	local victim off on own
	victim=$(fio_on v --rw=randread --bs=4k --size=64m --iodepth=1 --rate_iops=300 \
		--time_based --runtime=2)
	whole -j "$CG" $victim
	off=$(lost "$JSON" "$CG" "$CG2" "$DEV")
	same "lost while it is off" "$off" 0
	own=$(time_of "$CG")

	both "$victim" \
		"$(fio_on a --rw=randwrite --bs=256k --size=64m --iodepth=8 --time_based --runtime=2)"
	on=$(lost "$JSON" "$CG" "$CG2" "$DEV")
	# Eight requests beside one: most of its time, and its time has grown by about as much.
	part "$on" "$(time_of "$CG")" 0.5 0.95
	[ "$(time_of "$CG")" -gt "$own" ]
	# All that it lost to others, the kernel's own flushes included, was that.
	part "$on" "$(jq --argjson id "$(id_of "$CG")" --arg dev "$DEV" '[.disks[]
		| select(.dev == $dev) | .sharers as $s | $s[] | select(.cgroup == $id) | .lost_to
		| to_entries[] | select($s[.key].cgroup != $id) | .value] | add' "$JSON")" 0.95 1
}

@test "sizes: each of fio's is counted exactly" {
	whole -j "$CG" $(fio_on a --rw=randread --bssplit=4k/50:64k/50 --size=16m --iodepth=2)
	same bytes "$(row "$JSON" "$CG" "$DEV" read .size.sum)" \
		"$(jq '.jobs[0].read.io_bytes - .jobs[0].read.total_ios' "$FIO.a")" # each less 1
	same ios "$(row "$JSON" "$CG" "$DEV" read .size.count)" "$(jq '.jobs[0].read.total_ios' "$FIO.a")"
	same largest "$(row "$JSON" "$CG" "$DEV" read .size.max)" 65535
}

@test "order: sequential reads follow each other, random ones do not" {
	local ios
	whole -j "$CG" $(fio_on a --rw=read --bs=4k --size=4m --iodepth=1)
	ios=$(row "$JSON" "$CG" "$DEV" read .ios)
	[ "$(row "$JSON" "$CG" "$DEV" read .consecutive)" -ge $((ios - 1)) ]
	whole -j "$CG" $(fio_on a --rw=randread --bs=4k --size=16m --iodepth=1)
	part "$(row "$JSON" "$CG" "$DEV" read .consecutive)" "$(row "$JSON" "$CG" "$DEV" read .ios)" 0 0.01
	# Half of the jumps are forward.
	part "$(row "$JSON" "$CG" "$DEV" read .forward)" "$(row "$JSON" "$CG" "$DEV" read .ios)" 0.4 0.6
}

@test "CPUs that share a bank lose no count" {
	cat >"$BATS_TEST_TMPDIR/both" <<-END
		#!/bin/sh
		$(fio_on a --rw=randread --bs=4k --size=32m --iodepth=16 --cpus_allowed=0) &
		$(fio_on b --rw=randread --bs=4k --size=32m --iodepth=16 --cpus_allowed=1) &
		wait
	END
	whole -1 -j "$CG" sh "$BATS_TEST_TMPDIR/both"
	same ios "$(row "$JSON" "$CG" "$DEV" read .ios)" \
		"$(jq -s 'map(.jobs[0].read.total_ios) | add' "$FIO.a" "$FIO.b")"
	equals_diskstats "$JSON" "$DEV"
	consistent "$JSON"
}

@test "with the kernel's times every request is counted as well, and depth and shares are absent" {
	# What the kernel does not show when it completes, nothing tells of here.
	for _ in {1..12}; do
		whole -c -j "$CG" $(fio_on a --rw=randrw --bs=4k --size=16m --iodepth=4)
		! equals_diskstats "$JSON" "$DEV" || break
	done
	same times "$(jq -r .times "$JSON")" kernel
	same reads "$(row "$JSON" "$CG" "$DEV" read .ios)" "$(jq '.jobs[0].read.total_ios' "$FIO.a")"
	same writes "$(row "$JSON" "$CG" "$DEV" write .ios)" "$(jq '.jobs[0].write.total_ios' "$FIO.a")"
	equals_diskstats "$JSON" "$DEV"
	same sharers "$(jq '[.disks[].sharers[].depth_ns] | add // 0' "$JSON")" 0
}

@test "200 cgroups of some ms each: none is lost, all are named" {
	local i
	cat >"$BATS_TEST_TMPDIR/churn" <<-END
		i=0
		while [ \$i -lt 200 ]; do
			mkdir $IO_CGROUPS/cbpf-churn-$$-\$i
			sh -c 'echo 0 > $IO_CGROUPS/cbpf-churn-$$-'\$i'/cgroup.procs
				exec dd if=$LOOP of=/dev/null bs=4k count=3 iflag=direct status=none'
			rmdir $IO_CGROUPS/cbpf-churn-$$-\$i
			i=\$((i + 1))
		done
	END
	counted sh "$BATS_TEST_TMPDIR/churn"
	for i in 0 1 99 198 199; do
		same "reads of $i" "$(jq --arg name "cbpf-churn-$$-$i" --arg dev "$DEV" '[.rows[]
			| select(.name == $name and .dev == $dev and .op == "read") | .ios] | add' "$JSON")" 3
	done
	same cgroups "$(jq --arg name "cbpf-churn-$$-" --arg dev "$DEV" '[.rows[]
		| select((.name | startswith($name)) and .dev == $dev and .op == "read" and .ios == 3)
		| .name] | unique | length' "$JSON")" 200
	equals_diskstats "$JSON" "$DEV"
}

# A request can start after its cgroup has been removed, and what the kernel kept of that may then
# lie where it keeps a new cgroup's.
@test "whoever comes after cgroups that were removed under their own requests has its own row" {
	local i robbed limit=blkio.throttle.read_bps_device rate="$DEV 4096"
	[ -e "$IO_CGROUPS/blkio.throttle.read_bps_device" ] || skip "no limits on reads in cgroup v1 here"
	cat >"$BATS_TEST_TMPDIR/reuse" <<-END
		pids=
		for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
			mkdir $CG-old\$i && echo "$rate" >$CG-old\$i/$limit
			sh -c 'echo 0 >\$0/cgroup.procs
				exec dd if=$LOOP of=/dev/null bs=32k count=1 iflag=direct status=none' $CG-old\$i &
			pids="\$pids \$!"
		done
		for pid in \$pids; do # each waits for its read
			for try in \$(seq 200); do
				[ "\$(cut -d' ' -f2,3 /proc/\$pid/stat)" != "(dd) D" ] || break
				sleep 0.05
			done
		done
		for pid in \$pids; do echo \$pid >$IO_CGROUPS/cgroup.procs; done
		for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do rmdir $CG-old\$i; done
		wait
		sleep 0.3
		for i in \$(seq 1 60); do
			mkdir $CG-new\$i
			sh -c 'echo 0 >\$0/cgroup.procs
				exec dd if=$LOOP of=/dev/null bs=4k count=2 iflag=direct status=none' $CG-new\$i
			rmdir $CG-new\$i
		done
	END
	counted sh "$BATS_TEST_TMPDIR/reuse"
	robbed=0
	for i in {1..60}; do
		[ "$(jq --arg name "$(basename "$CG")-new$i" --arg dev "$DEV" '[.rows[]
			| select(.name == $name and .dev == $dev and .op == "read") | .ios] | add' \
			"$JSON")" = 2 ] || robbed=$((robbed + 1))
	done
	same "cgroups whose requests are not their own" $robbed 0
	same "requests of those before" "$(jq --arg name "$(basename "$CG")-old" --arg dev "$DEV" '[.rows[]
		| select((.name | startswith($name)) and .dev == $dev) | .bytes] | add' "$JSON")" \
		$((16 * 32768))
}
