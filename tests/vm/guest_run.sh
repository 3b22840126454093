#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What run-*.bats lets a guest do: whole runs on pure cgroup v2, each leaving its report, status and
# messages in a directory of /out. Runs with busybox sh.
set -u
LEAN="--set collectors.vfs=false --set collectors.pagecache=false"

# run CASE: standard input is the spec.
run()
{
	mkdir -p "/out/$1"
	cat >"/tmp/$1.yml"
	# Programs take long to load here: all of them in one run alone.
	# shellcheck disable=SC2086 # words on purpose
	[ "$1" = direct ] || set -- "$1" $LEAN
	name=$1
	shift
	cbpf run --json --quiet "$@" --store "/tmp/$name" "/tmp/$name.yml" >"/out/$name/report.json" \
		2>"/out/$name/stderr"
	keep "$name" $?
}

keep() # CASE STATUS
{
	echo "$2" >"/out/$1/status"
	cp "/tmp/$1/latest/run.db"* /tmp/$1/latest/logs/* "/out/$1/" 2>/dev/null
	left >"/out/$1/left"
	echo "$1: status $2"
	cat "/out/$1/stderr"
	rm -f /mnt/data/*
}

# What a run must not leave: cgroups, processes in them.
left()
{
	find /sys/fs/cgroup -type d -path '*/cbpf/*'
	ps -o args | grep '[s]leep 4713'
}

# wait_for COMMAND...
wait_for()
{
	n=0
	until "$@" >/dev/null 2>&1; do
		n=$((n + 1))
		[ $n -lt 300 ] || { echo "waited in vain for: $*"; return 1; }
		sleep 0.1
	done
}

mkdir -p /mnt/data /data
uname -r >/out/release
cbpf check --format json >/out/check.json
echo $? >/out/check.status

direct()
{
	cat <<-END
	name: direct
	runtime: native
	interval: 100ms
	collectors: {block: true, cgroup: true}
	containers:
	  a:
	    volumes: ["/mnt/data:/data"]
	    workload:
	      ior: {api: POSIX, transfer: 64KiB, block: 16MiB, odirect: true, write: true, read: true}
	END
}

# Once for the file system's own blocks to be read, which are the first target's that needs them.
direct | run warm
direct | run direct

run fsync <<'END'
name: fsync
runtime: native
containers:
  a:
    volumes: ["/mnt/data:/data"]
    workload: {ior: {transfer: 64KiB, block: 16MiB, fsync: true, write: true}}
END

# Nobody waits for these pages but the drain.
run buffered <<'END'
name: buffered
runtime: native
containers:
  a: {command: "dd if=/dev/zero of=/mnt/data/a bs=64k count=128"}
END

# Two targets at once, and beside them a cgroup that is none of the run's.
mkdir /sys/fs/cgroup/other
(
	wait_for test -e /mnt/data/go
	echo 0 >/sys/fs/cgroup/other/cgroup.procs # busybox has no BASHPID; 0 is the writer
	dd if=/dev/zero of=/mnt/other bs=64k count=48 oflag=direct 2>/dev/null
	touch /mnt/data/gone
) &
run two <<'END'
name: two
runtime: native
containers:
  big:
    command: >-
      touch /mnt/data/go;
      cbpf-ior -w -r -t 256k -b 12m --posix.odirect -o /mnt/data/big;
      while [ ! -e /mnt/data/gone ]; do sleep 0.1; done
  small:
    command: "cbpf-ior -w -r -t 4k -b 1m --posix.odirect -o /mnt/data/small"
END
wait

# The same load twice, one of them held back; both tell what limits they see.
# Two that want one CPU, what runs deeper in a cgroup, and one that sleeps.
run tasks <<'END'
name: tasks
runtime: native
collectors: {sched: true, block: false}
containers:
  a: {cpus: "0", command: [sh, -c, 'i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done; grep ^nonvol /proc/$$/status']}
  b: {cpus: "0", command: [sh, -c, 'i=0; while [ $i -lt 400000 ]; do i=$((i + 1)); done']}
  c: {command: [sleep, "0.7"]}
  d:
    command: [sh, -c, 'd=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup); mkdir $d/inner;
      echo 0 >$d/inner/cgroup.procs; i=0; while [ $i -lt 50000 ]; do i=$((i + 1)); done; cat $d/inner/cpu.stat']
END

run limits <<'END'
name: limits
runtime: native
containers:
  held:
    io: {device: /dev/vda, write_bps: 1MiB}
    memory: 64MiB
    cpu_limit: 0.5
    cpus: "0"
    pids: 100
    volumes: ["/mnt/data:/data"]
    workload:
      ior: {transfer: 64KiB, block: 3MiB, odirect: true, write: true, read: false}
  free:
    volumes: ["/mnt/data:/data"]
    workload:
      ior: {transfer: 64KiB, block: 3MiB, odirect: true, write: true, read: false}
  tells:
    io: {device: /dev/vda, write_bps: 1MiB, read_iops: 500}
    memory: 64MiB
    cpu_limit: 0.5
    cpus: "0"
    pids: 100
    command: >-
      cd /sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup) &&
      grep . io.max memory.max cpu.max cpuset.cpus pids.max
  presses:
    memory: 16MiB
    cpu_limit: 0.2
    command: "dd if=/dev/zero of=/mnt/data/presses bs=64k count=640"
END

dd if=/dev/zero of=/mnt/data/cold bs=64k count=128 conv=fsync 2>/dev/null
echo 3 >/proc/sys/vm/drop_caches
run cold <<'END'
name: cold
runtime: native
containers:
  a: {command: "cat /mnt/data/cold > /dev/null"}
END

sleeper()
{
	cat <<-END
	name: $1
	runtime: native
	interval: 50ms
	containers:
	  a: {command: "trap 'exit 7' TERM; touch /tmp/$1.started; sleep 4713 & wait"}
	END
}

# start CASE: a run of the sleeper, once it has begun; its process is in $pid.
start()
{
	mkdir -p "/out/$1"
	sleeper "$1" >"/tmp/$1.yml"
	# shellcheck disable=SC2086 # words on purpose
	cbpf run --json --quiet $LEAN --store "/tmp/$1" "/tmp/$1.yml" >"/out/$1/report.json" \
		2>"/out/$1/stderr" &
	pid=$!
	wait_for test -e "/tmp/$1.started"
	sleep 1 # some ticks
}

start interrupt
kill -INT $pid
wait $pid
keep interrupt $?

start killed
kill -KILL $pid
wait $pid
killed=$?
left >/out/killed/left_before
cbpf clean >/out/killed/clean 2>&1
echo $? >/out/killed/clean.status
sleep 1
keep killed $killed
cbpf list --store /tmp/killed >/out/killed/list 2>&1
exit 0
