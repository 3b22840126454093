#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The main job with native targets: numbers against IOR and the kernel's own counters.

load ../lib/run
load ../lib/findings

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	no_own_disk
}

ior_spec() {
	cat > spec.yml <<-END
	name: exact
	runtime: native
	interval: 50ms
	containers:
	  a:
	    workload:
	      ior: {api: POSIX, transfer: 64KiB, block: 16MiB, segments: 2, ranks: ${1:-1},
	            repetitions: 2, file_per_process: true, odirect: true, write: true, read: true}
	END
}

quickstart_is_exact() {
	local op moved seen
	for op in write read; do
		moved=$(report "[.targets[].results[] | select(.op == \"$op\") | .bytes] | add")
		seen=$(report "[.targets[] | select(.kind == \"container\")
			| .block[\"$disk\"].$op.bytes // 0] | add")
		[ "$moved" -gt 0 ] && bytes_are $op "$moved" "$seen" || return 1
	done
}

@test "quickstart ends 0 and its bytes equal IOR's, to the byte" {
	own_disk runs 1G
	run_exact quickstart_is_exact "$ROOT/specs/quickstart.yml" --set containers.ior.workload.ior.delay_s=0
	as_argued quickstart
}

# 2 repetitions x 2 segments x 16 MiB.
one_rank_is_exact() {
	local op
	for op in write read; do
		bytes_are $op $((2 * 2 * 16 << 20)) \
			"$(report ".targets[0].block[\"$disk\"].$op.bytes")" || return 1
	done
}

@test "with one rank and no launcher, bytes and requests are IOR's own" {
	ior_spec 1
	own_disk runs 256M
	run_exact one_rank_is_exact spec.yml
	for op in write read; do
		# In transfers of 64 KiB.
		ios=$(report ".targets[0].block[\"$disk\"].$op.ios")
		[ "$ios" = $((2 * 2 * 256)) ]
		# All of them are timed, but for completions that the kernel did not show.
		timed=$(report ".targets[0].block[\"$disk\"].$op.total_ns.count")
		missed=$(report '[.losses[] | select(.what == "block.completion_missed") | .count] | add // 0')
		[ "$timed" -le "$ios" ]
		[ $((timed + missed)) -ge "$ios" ]
	done
}

@test "the sum over owners equals /proc/diskstats, or the residual is named" {
	ior_spec 2
	sync # what others write just when it begins is on one side only
	run_spec spec.yml
	[ "$status" = 0 ]
	disk=$(disk_of .)
	report ".devices[] | select(.name == \"$disk\")"
	report ".devices[] | select(.name == \"$disk\") | (.write, .read)
		| (.residual_bytes | fabs) <= .kernel_bytes * 0.001" | grep -qx true
	! report ".devices[] | select(.name == \"$disk\") | (.write, .read)
		| (.residual_bytes | fabs) <= .kernel_bytes * 0.001" | grep -qx false
}

@test "buffered writes and fsync: everything that reached the disk has a row" {
	cat > spec.yml <<-END
	runtime: native
	name: buffered
	containers:
	  a:
	    workload:
	      ior: {transfer: 64KiB, block: 32MiB, fsync: true, write: true, keep: false}
	END
	sync
	run_spec spec.yml
	[ "$status" = 0 ]
	disk=$(disk_of .)
	seen=$(report "[.targets[].block[\"$disk\"].write.bytes // 0] | add")
	[ "$seen" -ge $((32 << 20)) ]
	report ".devices[] | select(.name == \"$disk\") | .write
		| (.residual_bytes | fabs) <= .kernel_bytes * 0.001" | grep -qx true
}

two_are_exact() {
	local op
	for op in write read; do
		bytes_are $op $((48 << 20)) \
			"$(report ".targets[] | select(.name == \"big\").block[\"$disk\"].$op.bytes")" &&
			bytes_are $op $((4 << 20)) \
				"$(report ".targets[] | select(.name == \"small\").block[\"$disk\"].$op.bytes")" ||
			return 1
	done
}

@test "two targets at once: each has its own bytes" {
	cat > spec.yml <<-END
	runtime: native
	name: two
	containers:
	  big:
	    workload: {ior: {transfer: 256KiB, block: 48MiB, odirect: true, write: true, read: true}}
	  small:
	    workload: {ior: {transfer: 4KiB, block: 4MiB, odirect: true, write: true, read: true}}
	END
	own_disk runs 256M
	run_exact two_are_exact spec.yml
}

@test "ticks, samples and histograms are in the database and agree with the report" {
	ior_spec 1
	run_spec spec.yml
	[ "$status" = 0 ]
	db=$(echo runs/latest/run.db)
	[ "$(sqlite3 "$db" 'pragma integrity_check')" = ok ]
	[ "$(sqlite3 "$db" 'pragma user_version')" -ge 1 ]
	[ "$(sqlite3 "$db" 'select count(*) from tick')" = "$(report .self.ticks)" ]
	disk=$(disk_of .)
	[ "$(sqlite3 "$db" "select sum(h.bytes) from histogram h join target t on t.id = h.target
		where t.name = 'a' and h.layer = 'block_total' and h.op = 'write'")" = \
		"$(report ".targets[0].block[\"$disk\"].write.bytes")" ]
	# due <= begin <= end for every tick, and due times are a multiple of the interval apart.
	[ "$(sqlite3 "$db" 'select count(*) from tick where due_ns > begin_ns or begin_ns > end_ns')" = 0 ]
}

@test "CPU time of the target agrees with its own rusage" {
	cat > burn.sh <<-'END'
	#!/bin/bash
	# A second of its own time, however long that takes; field 14 is user time in hundredths.
	while read -ra stat < /proc/$$/stat && [ "${stat[13]}" -lt 100 ]; do
		for ((n = 0; n < 10000; n++)); do :; done
	done
	times
	END
	cat > spec.yml <<-END
	runtime: native
	name: burn
	containers:
	  a: {command: [bash, $PWD/burn.sh]}
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	# First line of times: user and system of the shell, as 0m1.234s 0m0.010s.
	own=$(awk 'NR == 1 { for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); s += t[1] * 60 + t[2] } print s }' \
		runs/latest/logs/a.log)
	seen=$(report '.targets[0].cgroup.cpu_usage_ns / 1e9')
	echo "own $own, cgroup $seen"
	awk -v a="$own" -v b="$seen" 'BEGIN { d = a - b; if (d < 0) d = -d; exit !(a > 0.5 && d < 0.05 * a + 0.05) }'
}

@test "a threshold that does not hold ends with 4 and says so" {
	ior_spec 1
	cat >> spec.yml <<-END
	expect:
	  - a.block.write.ios == 1
	  - a.block.write.bytes > 1MiB
	END
	run_spec spec.yml
	[ "$status" = 4 ]
	"$CBPF" report --store runs latest > text
	grep -F 'a.block.write.ios == 1' text
	ior_spec 1
	printf 'expect: ["a.block.write.bytes > 1MiB"]\n' >> spec.yml
	run_spec spec.yml
	[ "$status" = 0 ]
}

@test "verdicts of all runs are JUnit XML for who asks" {
	printf 'name: verdicts\nruntime: native\nrepeat: 2\ncontainers: {a: {command: "exit 3"}}\nexpect: [%s]\n' \
		'a.exit_code == 3, "a.exit_code < 3"' > spec.yml
	status=0
	"$CBPF" run --quiet --store runs --junit verdicts.xml spec.yml > text || status=$?
	[ "$status" = 1 ]
	/usr/bin/python3 - <<-'END'
	import xml.etree.ElementTree as tree
	suites = list(tree.parse("verdicts.xml").getroot())
	assert len(suites) == 2, len(suites)
	for suite in suites:
	    assert suite.attrib["tests"] == "3" and suite.attrib["failures"] == "2", suite.attrib
	    run, held, missed = suite
	    assert run[0].attrib["message"] == "failed" and len(held) == 0
	    assert missed.attrib["name"] == "a.exit_code < 3" and missed[0].attrib["message"] == "it was 3"
	END
	status=0
	"$CBPF" run --quiet --store runs --junit nowhere/x.xml spec.yml > text 2> stderr || status=$?
	[ "$status" = 1 ]
	grep -F 'writing nowhere/x.xml' stderr
}

@test "repeat makes a run of its own for each repetition, in one group" {
	printf 'name: twice\nruntime: native\nrepeat: 2\ncontainers: {a: {command: ["true"]}}\n' > spec.yml
	run_spec spec.yml
	[ "$status" = 0 ]
	[ "$(wc -l < report.json)" = 2 ]
	[ "$(find runs -mindepth 1 -maxdepth 1 -type d | wc -l)" = 2 ]
	[ "$(for d in runs/2*; do sqlite3 "$d/run.db" 'select "group" from run'; done | sort -u | wc -l)" = 1 ]
}

@test "nothing is left behind: no process, no cgroup, no file of the workload" {
	ior_spec 2
	run_spec spec.yml
	[ "$status" = 0 ]
	[ -z "$(left_running)" ]
	[ -z "$(left_cgroups)" ]
	[ ! -e runs/latest/work/a ]
}

@test "what a target keeps stays, though another's name begins the same" {
	mkdir data
	cat > spec.yml <<-END
	runtime: native
	name: kept
	containers:
	  a: {volumes: ["$PWD/data:/mnt"], workload: {ior: {write: true, block: 1m, file_per_process: true}}}
	  ab: {volumes: ["$PWD/data:/mnt"], workload: {ior: {write: true, block: 1m, keep: true}}}
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	[ "$(ls data)" = "cbpf-ior.$(report .id).ab" ]
}

@test "of a target that is stopped no file stays, of no rank and of no repetition" {
	mkdir data
	for options in '' '"-m",'; do
		cat > spec.yml <<-END
		runtime: native
		name: stopped
		containers:
		  a: {volumes: ["$PWD/data:/mnt"], stop: 3s, workload: {ior: {write: true, block: 1g, transfer: 4k,
		      file_per_process: true, options: [$options "-O", "interIODelay=10000"]}}}
		END
		"$CBPF" run --quiet --store runs spec.yml > out 2>&1 &
		for _ in $(seq 100); do
			[ -z "$(ls data)" ] || break
			sleep 0.1
		done
		[[ "$(ls data)" == cbpf-ior.*.00000000${options:+.0} ]]
		wait $! || true
		[ -z "$(ls data)" ]
	done
}

@test "report and list read the run without root" {
	ior_spec 1
	run_spec spec.yml
	[ "$status" = 0 ]
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_SUITE_TMPDIR" "$BATS_FILE_TMPDIR" runs runs/2*
	id=$(report .id)
	cp "$CBPF" ./cbpf-copy
	setpriv --reuid 65534 --regid 65534 --clear-groups ./cbpf-copy report --store runs --json "$id" > again.json
	diff <(jq -S 'del(.database)' again.json) <(jq -S 'del(.database)' report.json)
	setpriv --reuid 65534 --regid 65534 --clear-groups ./cbpf-copy list --store runs | grep -F "$id"
}

@test "what the host is is kept with the run, as other tools tell it" {
	local disk
	printf 'name: x\nruntime: native\ncontainers: {a: {command: "true"}}\n' > spec.yml
	run_spec spec.yml
	[ "$status" = 0 ]
	[ "$(report .host.kernel)" = "$(uname -r)" ]
	[ "$(report .host.engine)" = null ]
	[ "$(report .host.cpu.threads)" = "$(lscpu -p=CPU | grep -vc '^#')" ]
	[ "$(report .host.cpu.cores)" = "$(lscpu -p=CORE,SOCKET | grep -v '^#' | sort -u | wc -l)" ]
	[ "$(report '.host.nodes | length')" = "$(lscpu -p=NODE | grep -v '^#' | sort -u | wc -l)" ]
	[ "$(report .host.memory.total_bytes)" = "$(free -b | awk '/^Mem/ { print $2 }')" ]
	[ "$(report .host.memory.swappiness)" = "$(sysctl -n vm.swappiness)" ]
	lsblk -dbno NAME,SIZE | awk '$2' | sort > disks
	report '.host.disks[] | "\(.name) \(.size_bytes)"' | sort | diff - <(awk '{ print $1, $2 }' disks)
	disk=$(awk 'NR == 1 { print $1 }' disks)
	[ "$(report "[.host.disks[] | select(.name == \"$disk\")][0].scheduler // \"none\"")" = \
		"$(lsblk -dno SCHED "/dev/$disk" | sed 's/^$/none/' | tr -d ' ')" ]
	[ "$(report '.host.mounts[] | select(.point == "/").type')" = "$(findmnt -no FSTYPE /)" ]
}
