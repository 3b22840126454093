#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Whole runs on a Debian kernel with pure cgroup v2; the kernel's series is in this file's name, and
# each series is a link to this file. One boot does everything (guest_run.sh); tests read its results.

load ../lib/jq
load ../lib/run
load ../lib/vm

setup_file() {
	load ../lib/run
	load ../lib/vm
	local series plugins
	series=$(basename "$BATS_TEST_FILENAME" .bats)
	series=${series#run-}
	export VM_OUT=$BATS_FILE_TMPDIR/out NO_BOOT=
	VM_LIMIT=560
	if ! vm_find "$series"; then
		NO_BOOT="no Linux $series to boot: $VM_WHY"
		return
	fi
	mapfile -t plugins < <(vm_openmpi)
	vm_run "$BATS_TEST_DIRNAME/guest_run.sh" "$CBPF" "$BUILD/cbpf-ior" "${plugins[@]}" \
		>"$BATS_FILE_TMPDIR/said" 2>&1 || {
		echo "the guest ended with $?:"
		cat "$BATS_FILE_TMPDIR/said"
		return 1
	}
}

setup() {
	[ -z "$NO_BOOT" ] || skip "$NO_BOOT"
	cd "$VM_OUT" || return 1
}

# holds CASE FILTER: jq's answer to a question about a report is yes.
holds() {
	jq -e "def of(\$n): .targets[] | select(.name == \$n);
		def vda(\$n; \$op): of(\$n).block.vda[\$op] // {ios: 0, bytes: 0};
		def moved(\$n; \$op): [of(\$n).results[] | select(.op == \$op) | .bytes] | add;
		$2" "$1/report.json" >/dev/null || {
		echo "$1: does not hold: $2"
		cat "$1/status" "$1/stderr"
		jq -c 'del(.. | .buckets?) | .status, .losses, (.targets[] | [.name, .block, .cgroup]),
			.devices' "$1/report.json"
		return 1
	}
}

# moved CASE TARGET BYTES IOS: as many were written and read, to the byte.
moved() {
	holds "$1" "[vda(\"$2\"; \"write\", \"read\") | .bytes == $3 and .ios == $4] | all"
}

# went_well CASE: nothing failed, nothing was said, nothing is left.
went_well() {
	[ "$(cat "$1/status")" = 0 ] && [ ! -s "$1/stderr" ] && [ ! -s "$1/left" ] || {
		echo "$1: status $(cat "$1/status"); said:"
		cat "$1/stderr"
		echo "left:"
		cat "$1/left"
		tail -n 20 "$1"/*.log
		return 1
	}
	holds "$1" '.status == "ok"'
}

@test "check knows what this kernel can" {
	[ "$(cat check.status)" = 0 ]
	release=$(cat release)
	[ "$release" = "$VM_RELEASE" ]
	jq -r '.[] | "\(.id) \(.status) \(.why)"' check.json
	is() { jq -e --arg id "$1" --arg s "$2" 'any(.[]; .id == $id and .status == $s)' check.json; }
	jq -e --arg r "$release" '.[] | select(.id == "kernel") | .why | contains($r)' check.json
	for id in btf lockdown tracefs bpffs memlock sched bpf.tp_btf bpf.raw_tracepoint bpf.tracepoint \
		bpf.fentry bpf.kprobe bpf.ringbuf bpf.mmap pagecache pagecache.fentry pagecache.kprobe \
		block block.tp_btf block.raw_tp cgroup \
		cgroup-owner cgroup.cpu cgroup.cpuset cgroup.memory cgroup.pids cgroup-create \
		pressure ior; do
		is $id yes
	done
	for id in pmu resctrl docker podman; do
		is $id no
	done
	is mpirun degraded
	jq -e '.[] | select(.id == "cgroup") | .why | test("^version 2 on /sys/fs/cgroup$")' check.json
	jq -e 'all(.[]; (.why | length) > 0)' check.json
}

@test "direct I/O: bytes and requests are IOR's own, and the backend is named" {
	went_well direct
	# 16 MiB in transfers of 64 KiB.
	moved direct a 16777216 256
	for op in write read; do
		holds direct "moved(\"a\"; \"$op\") == 16777216"
		holds direct "vda(\"a\"; \"$op\") | .total_ns.count == .ios"
		holds direct "vda(\"a\"; \"$op\").device_ns | .count == 256 and .p50 > 0 and .max >= .p99"
	done
	holds direct '.backends.block == "tp_btf"'
}

@test "the sum over owners is what /proc/diskstats counted, to the byte" {
	for run in direct fsync buffered cold two limits; do
		holds $run '[.devices[] | select(.name == "vda") | .read, .write | values
			| .kernel_bytes > 0 and .residual_bytes == 0] | length > 0 and all'
		holds $run '.devices[] | select(.name == "vda") | . as $d
			| all("read", "write"; . as $op
				| ([$d.owners[][$op].bytes // 0] | add) == ($d[$op].bytes // 0))'
	done
}

@test "io.stat of the target's cgroup equals its block rows" {
	for run in direct fsync buffered cold two limits; do
		holds $run 'all(.targets[] | select(.kind == "container");
			.cgroup.io_write_bytes == (.block.vda.write.bytes // 0)
			and .cgroup.io_read_bytes == (.block.vda.read.bytes // 0))'
		holds $run 'all(.targets[] | select(.kind == "container") | .io_check // {} | .[];
			.residual_bytes == 0)'
	done
	holds direct 'of("a").io_check | .write.cgroup_bytes == 16777216 and has("read")'
	[ "$(sqlite3 direct/run.db "select max(s.io_write_bytes) from sample s
		join target t on t.id = s.target where t.name = 'a'")" = 16777216 ]
}

@test "buffered writes belong to who dirtied the pages: with fsync, and when only the drain waits" {
	went_well fsync
	holds fsync 'vda("a"; "write").bytes == 16777216 and moved("a"; "write") == 16777216'
	went_well buffered
	holds buffered 'vda("a"; "write").bytes == 8388608'
	# The journal's and the file system's own writes are the host's, and little.
	for run in fsync buffered; do
		holds $run '[.targets[] | select(.name == "host" or .name == "unattributed")
			| .block.vda.write.bytes // 0] | add < 1048576'
	done
}

@test "what reading ahead fetches belongs to who reads" {
	went_well cold
	# Besides the data a block or two that say where it is.
	holds cold 'vda("a"; "read").bytes | . >= 8388608 and . < 8388608 + 65536'
	holds cold '[.targets[] | select(.name != "a") | .block.vda.read.bytes // 0] | add == 0'
}

@test "two targets at once and a stranger: each has its own bytes" {
	went_well two
	moved two big 12582912 48
	moved two small 1048576 256
	holds two 'of("/other") | .kind == "cgroup" and .block.vda.write.bytes == 3145728'
}

@test "limits are where the kernel reads them" {
	went_well limits
	grep -E '^io.max:[0-9]+:[0-9]+ rbps=max wbps=1048576 riops=500 wiops=max$' limits/tells.log
	grep -x 'memory.max:67108864' limits/tells.log
	grep -x 'cpu.max:50000 100000' limits/tells.log
	grep -x 'cpuset.cpus:0' limits/tells.log
	grep -x 'pids.max:100' limits/tells.log
	holds limits 'of("tells").cgroup.memory_limit_bytes == 67108864'
	holds limits 'of("free").cgroup.memory_limit_bytes == null'
}

@test "limits hold: less bandwidth beside an unlimited twin, throttled CPU, reclaimed memory" {
	# 1 MiB/s; a guest that stands still for a while only makes both slower.
	holds limits 'of("held").results[0].bw_mib_s < 1.5 and of("held").results[0].bw_mib_s < of("free").results[0].bw_mib_s'
	holds limits 'vda("held"; "write").bytes == 3145728 and vda("free"; "write").bytes == 3145728'
	holds limits 'of("held").cgroup.io_some_ns > of("free").cgroup.io_some_ns'
	holds limits 'of("presses").cgroup | .cpu_nr_throttled > 0 and .memory_events_max > 0
		and .memory_max_bytes <= 16777216 and .memory_limit_bytes == 16777216'
	# Pages that reclaim wrote are the target's as well.
	holds limits 'vda("presses"; "write").bytes == 41943040'
	holds limits 'of("free").cgroup.cpu_nr_throttled == 0'
}

@test "what else a cgroup tells: where it may run, limits, faults and reclaim" {
	holds limits 'of("tells").cgroup | .cpuset_cpus_list == "0" and .cpuset_cpus_max == 1
		and .cpuset_mems_list == "0" and .cpu_limit_cores == 0.5 and .pids_limit == 100 and .memory_pgfault > 0'
	holds limits 'of("free").cgroup | .cpuset_cpus_list == "0-1" and .cpu_limit_cores == null'
	holds limits 'of("presses").cgroup | .memory_pgscan >= .memory_pgsteal and .memory_pgsteal > 0
		and has("memory_refault_file")'
	holds limits '[.losses[].what] | index("memory.stat") == null'
}

@test "the scheduler's times: a quota shows as waiting for a CPU, direct I/O as waiting for I/O" {
	holds direct '.backends.sched == "tp_btf"'
	# The kernel's own count leaves out what interrupts took, in which a guest may stand still: of two runs one has little.
	local ratio='of("a") | .sched.oncpu_ns / .cgroup.cpu_usage_ns | . > 0.8 and . < 1.5'
	holds warm "$ratio" || holds direct "$ratio"
	holds direct 'of("a").sched.io_wait_ns.count > 100'
	holds limits 'of("presses").sched | .runq_sum_ns > .oncpu_ns and .preempted_by["(nobody)"] > 0'
}

@test "who wants one CPU waits for the other, as often as the task itself counts, and is told of it" {
	local own
	went_well tasks
	own=$(sed -n 's/^nonvoluntary_ctxt_switches:[^0-9]*//p' tasks/a.log)
	echo "the task: $own"
	[ "$own" -gt 0 ]
	# And those of grep, which has few.
	holds tasks "of(\"a\").sched.preempted | . >= $own - 3 and . <= $own * 1.1 + 20"
	holds tasks 'of("a", "b").sched | ([.preempted_by[]] | add) == .preempted'
	holds tasks 'of("a").sched.preempted_by.b > 0 and of("b").sched.preempted_by.a > 0'
	holds tasks 'of("a").sched | .runq_sum_ns > .oncpu_ns / 2'
}

@test "sleeping is no wait for a CPU, and what runs deeper in a cgroup is its target's" {
	# The timer of a sleep runs already while the task goes off the CPU.
	holds tasks 'of("c").sched | .sleep_sum_ns > 6.5e8 and .other_wait_ns.max > 6.5e8
		and .io_wait_sum_ns + .lock_wait_sum_ns < 3e8'
	inner=$(sed -n 's/^usage_usec //p' tasks/d.log)
	[ "$inner" -gt 10000 ]
	holds tasks "of(\"d\").sched.oncpu_ns > $inner * 900"
}

@test "pressure of each target is recorded" {
	for kind in cpu memory io; do
		holds direct "of(\"a\").cgroup | .${kind}_some_ns >= .${kind}_full_ns"
	done
	holds direct 'of("a").cgroup.io_some_ns > 0'
	holds limits 'of("presses").cgroup.memory_some_ns > 0'
}

@test "Ctrl-C stops the workload, stores the run as interrupted and leaves nothing" {
	[ "$(cat interrupt/status)" = 130 ]
	holds interrupt '.status == "interrupted" and of("a").exit_code == 7'
	[ ! -s interrupt/left ]
}

@test "after SIGKILL every committed tick is there, and clean leaves no cgroup and no process" {
	grep '/cbpf/' killed/left_before
	grep 'sleep 4713' killed/left_before
	[ "$(cat killed/clean.status)" = 0 ]
	grep 'removed cgroup /cbpf/.*killed' killed/clean
	[ ! -s killed/left ]
	grep -E -e '-killed-[0-9a-f]+ +killed ' killed/list
	[ "$(sqlite3 killed/run.db 'pragma integrity_check')" = ok ]
	[ "$(sqlite3 killed/run.db 'select count(*) from tick')" -gt 0 ]
}
