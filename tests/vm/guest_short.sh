#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What short-*.bats lets a guest do: in one boot a little of everything that depends on the kernel. It
# judges nothing; besides what guest_block.sh leaves there is what cbpf said: check.json, run/.
# shellcheck shell=bash
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
. /usr/bin/guest.bash

load_all()
{
	in_cgroup direct dd if=/dev/zero of=/mnt/direct bs=64k count=64 oflag=direct conv=notrunc
	in_cgroup direct dd if=/mnt/direct of=/dev/null bs=64k count=64 iflag=direct
	in_cgroup fsync dd if=/dev/zero of=/mnt/fsync bs=64k count=64 conv=fsync
	# Completions in the task's own context, and beside them some in an interrupt's.
	in_cgroup task bash -c '
		dd if=/dev/memory of=/dev/null bs=4k count=4000 iflag=direct &
		dd if=/dev/timer of=/dev/null bs=4k count=1000 iflag=direct &
		wait'
	sync
}

guest_again "$@" && exit
guest_layout iostat status said run
for controller in io memory cpu; do
	echo +$controller >/sys/fs/cgroup/cgroup.subtree_control
done
modprobe configfs && mount -t configfs configfs /sys/kernel/config
modprobe null_blk nr_devices=0
null_device memory memory_backed=1
null_device timer irqmode=2 completion_nsec=20000
null_device slow irqmode=2 completion_nsec=20000000
name_device vda /dev/vda
dd if=/dev/zero of=/mnt/direct bs=64k count=64 oflag=direct conv=fsync 2>/dev/null
sync
probe all
for dir in /sys/fs/cgroup/*/; do
	cp "$dir/io.stat" "/out/iostat/$(basename "$dir")"
done

echo "check at $(cut -d' ' -f1 /proc/uptime)"
cbpf check --format json btf tracefs bpffs sched bpf block cgroup cgroup-owner >/out/run/check.json
echo $? >/out/run/check.status
echo "run at $(cut -d' ' -f1 /proc/uptime)"
cat >/tmp/short.yml <<'END'
name: short
runtime: native
interval: 100ms
collectors: {block: true, cgroup: true, sched: true}
containers:
  waits:
    command: >-
      dd if=/mnt/direct of=/dev/null bs=16k count=256 iflag=direct &&
      dd if=/dev/slow of=/dev/null bs=4k count=20 iflag=direct
  works:
    cpu_limit: 0.2
    command: "i=0; while [ $i -lt 6000 ]; do i=$((i + 1)); done"
  sleeps:
    command: "sleep 2"
END
cbpf run --json --quiet --store /tmp/short /tmp/short.yml >/out/run/report.json 2>/out/run/stderr
echo $? >/out/run/status
echo "done at $(cut -d' ' -f1 /proc/uptime)"
exit 0
