#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What budget-*.bats lets a guest do: runs of loads whose time goes where it is known to go, each
# leaving its report, status and messages in a directory of /out. Runs with busybox sh.
set -u

# run CASE [BACKEND]: standard input is the containers of its spec; by a backend of the vfs probe,
# syscalls unless told, which loads fastest.
run()
{
	echo "$1 at $(cut -d' ' -f1 /proc/uptime)"
	mkdir -p "/out/$1"
	{
		printf 'name: %s\nruntime: native\n' "$1"
		printf 'collectors: {block: true, vfs: {mode: true, backend: %s}, sched: true}\n' \
			"${2:-syscalls}"
		echo containers:
		cat
	} >"/tmp/$1.yml"
	cbpf run --json --quiet --store "/tmp/$1" "/tmp/$1.yml" >"/out/$1/report.json" \
		2>"/out/$1/stderr"
	echo $? >"/out/$1/status"
	cp "/tmp/$1/latest/logs/"* "/out/$1/" 2>/dev/null
	cat "/out/$1/stderr"
}

# XFS is not loaded yet.
run late <<'END'
  late: {command: "modprobe xfs"}
END

mkdir /slow /xfs
mount -t xfs /dev/vdd /xfs
mount -t ext4 /dev/vdc /slow
modprobe sd_mod
modprobe scsi_debug dev_size_mb=16 ndelay=40000000
until [ -b /dev/sda ]; do sleep 0.1; done
dd if=/dev/zero of=/mnt/cold bs=1M count=4 conv=fsync 2>/dev/null
echo 3 >/proc/sys/vm/drop_caches
dd if=/dev/zero of=/mnt/f bs=1M count=8 conv=fsync 2>/dev/null
# What waits. As each of them sleeps most of the time, they are not in each other's way.
#  io_max: 60 reads, 15 in a second; the same where it is bytes and who waits is readahead
#  device: 50 reads of 40 ms
#  append: four that extend one file, of whom three wait, on a disk of 1 MiB in a second
#  journal: waits for the commit of what it appends, before anything of dirty_group is held back, which is on the same
#    file system
#  journal_xfs: the same on XFS
#  dirty_group: may have little memory, which its limit of writing keeps dirty; and writes for longer than the kernel
#    takes to count a group's dirty pages anew, every two seconds
run waits <<'END'
  io_max:
    io: {device: /dev/vda, read_iops: 15}
    command: "dd if=/mnt/f of=/dev/null bs=64k count=60 iflag=direct"
  io_max_buffered:
    io: {device: /dev/vda, read_bps: 512KiB}
    command: "dd if=/mnt/cold of=/dev/null bs=64k"
  device: {command: "dd if=/dev/sda of=/dev/null bs=4k count=50 iflag=direct"}
  append:
    command: "for i in 1 2 3 4; do
      dd if=/dev/zero of=/slow/append bs=64k count=16 oflag=append,direct conv=notrunc &
      done; wait"
  journal:
    command: "i=0; while [ $i -lt 20 ]; do dd if=/dev/zero of=/mnt/synced bs=512 count=1 oflag=append conv=notrunc,fsync; i=$((i + 1)); done"
  journal_xfs:
    command: "i=0; while [ $i -lt 20 ]; do dd if=/dev/zero of=/xfs/synced bs=512 count=1 oflag=append conv=notrunc,fsync; i=$((i + 1)); done"
  dirty_group:
    start: 6s
    memory: 24MiB
    io: {device: /dev/vda, write_bps: 1MiB}
    command: "i=0; while [ $i -lt 16 ]; do
      dd if=/dev/zero of=/mnt/dirty bs=64k count=16 oflag=append conv=notrunc; sleep 0.4; i=$((i + 1)); done"
END

# What copies from memory, with a CPU and with a tenth of one.
run copies <<'END'
  cpu_limit:
    cpus: "0"
    cpu_limit: 0.1
    command: "for i in 1 2 3 4; do dd if=/mnt/f of=/dev/null bs=1M; done"
  cached:
    cpus: "1"
    command: "for i in 1 2 3 4 5 6 7 8; do dd if=/mnt/f of=/dev/null bs=1M; done"
END

run ior <<'END'
  ior:
    workload:
      ior: {file: /mnt/ior, transfer: 64KiB, block: 24MiB, odirect: true, repetitions: 2,
        delay_s: 1, write: true, read: true}
END

# A disk of 1 MiB in a second, and no more than 2 MiB may be dirty. Beside it faults within calls, and
# requests of io_uring; by the backend that sees how long faults take.
mkdir /mnt/faults /mnt/uring
echo 1048576 >/proc/sys/vm/dirty_background_bytes
echo 2097152 >/proc/sys/vm/dirty_bytes
run dirty fentry <<'END'
  dirty: {command: "dd if=/dev/zero of=/slow/dirty bs=64k count=224"}
  faults: {command: "drive_vfs -d /mnt/faults -o /tmp/faults fault_in_calls fault_cold"}
  uring: {command: "drive_vfs -d /mnt/uring -o /tmp/uring uring_one"}
END
exit 0
