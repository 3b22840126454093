#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What perf-*.bats lets a guest do: tasks whose events are known, by each backend, and a run. It judges
# nothing: what drive_perf says of each try is in /out/BACKEND_CASE, the runs in /out/run and /out/profile.
uname -r >/out/release
# Before any controller is enabled Linux 6.1 has no events of cgroups below the root.
echo +pids >/sys/fs/cgroup/cgroup.subtree_control
# Each time that the first event of a task is opened, the first or second program listens to switches, or
# the last has gone, the kernel patches its code, which the emulator may run by halves: here, not each time.
drive_perf hold &
for i in one two; do
	mkdir /sys/kernel/tracing/instances/$i
	echo 1 >/sys/kernel/tracing/instances/$i/events/sched/sched_switch/enable
done
cbpf check --format json perf perf.bpf perf.cgroup pmu >/out/check.json
for backend in bpf cgroup; do
	for case in blocked sum running short moved; do
		# What is counted is right in each try, and time between two readings in one of several.
		case $case in
		blocked | sum) tries="1 2" ;;
		moved) tries="1 2 3 4 5 6 7 8 9 10 11 12" ;; # it has the most readings
		*) tries="1 2 3 4 5" ;;
		esac
		for try in $tries; do
			drive_perf $backend $case >>/out/${backend}_$case 2>&1 ||
				echo "exit $?" >>/out/${backend}_$case
		done
		echo "$backend $case at $(cut -d' ' -f1 /proc/uptime)"
		cat /out/${backend}_$case
	done
done
cat >/tmp/run.yml <<'END'
name: perf
runtime: native
collectors: {block: false, sched: true, perf: true}
containers:
  works: {command: "i=0; while [ $i -lt 120000 ]; do i=$((i + 1)); done"}
  sleeps: {command: "for i in 1 2 3 4 5; do sleep 0.1; done"}
END
for try in 1 2 3; do
	mkdir /out/run$try
	cbpf run --json --quiet --store /tmp/runs /tmp/run.yml >/out/run$try/report.json 2>/out/run$try/stderr
	echo $? >/out/run$try/status
done
mkdir /out/profile
cat >/tmp/profile.yml <<'END'
name: profile
runtime: native
collectors: {block: false, vfs: false, pagecache: false, perf: false, sched: true, profile: {mode: true, frequency: 99}}
containers:
  a: {command: [drive_profile, split, "4", /out/profile/own.json]}
  b: {command: [drive_profile, short, "20"]}
END
cbpf run --json --quiet --store /tmp/runs /tmp/profile.yml >/out/profile/report.json 2>/out/profile/stderr
echo $? >/out/profile/status
exit 0
