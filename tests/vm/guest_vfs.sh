#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What vfs-*.bats lets a guest do by one backend of the vfs probe: groups of cases of drive_vfs, one
# target for each case; mounts; files told apart; and fio. Runs with busybox sh.
# shellcheck shell=dash
set -u
VFS_OTHERS="block: false, sched: false, pagecache: false"
# shellcheck source=tests/lib/vfs_spec.sh
. /usr/bin/vfs_spec.sh

DRIVE=/usr/bin/drive_vfs
IN=/load/in

backend=$(sed -n 's/.*vfs_backend=\([a-z]*\).*/\1/p' /proc/cmdline)

# run NAME: standard input is the spec; the report, status and words go to /out.
run()
{
	local to=/out/$1
	mkdir -p "$to"
	cat >/tmp/spec.yml
	cbpf run --json --quiet --store /tmp/runs /tmp/spec.yml >"$to/report.json" 2>"$to/stderr"
	echo $? >"$to/status"
	echo "$1: status $(cat "$to/status") at $(cut -d' ' -f1 /proc/uptime)"
	cat "$to/stderr"
	mv /load/own "$to/own"
	rm -rf /tmp/runs /load/of
}

# together NAME GROUP...: a run of all cases of the groups. Each run takes its time to attach.
together()
{
	local name=$1
	shift
	# shellcheck disable=SC2046 # words on purpose
	vfs_spec $DRIVE "$backend" /load $(for g; do vfs_cases $DRIVE "$g"; done) >/tmp/group.yml
	run "$name" </tmp/group.yml
}

mounts()
{
	mkdir -p /load/own /mnt/upper /mnt/scratch /mnt/lower /mnt/overlay /disk /memory /stacked \
		/mnt/small /small /mnt/deeper /deeper
	mount -t tmpfs -o size=16m none /mnt/small || return
	mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/scratch \
		none /mnt/overlay || return
	run mounts <<-END
	name: mounts
	runtime: native
	collectors: {$VFS_OTHERS, vfs: {mode: true, backend: $backend}}
	containers:
	  a:
	    volumes: ["/mnt/lower:/disk", "tmpfs:/memory", "/mnt/overlay:/stacked"]
	    command: >-
	      for i in disk memory stacked; do
	      $DRIVE -d /\$i -o /load/own/\$i.json read vectors getdents copy_file_range splice fsync
	      dup rename unlink stat truncate fault_shared uring_one || exit 1; done
	  small:
	    volumes: ["/mnt/small:/small"]
	    command: [$DRIVE, -d, /small, -o, /load/own/small.json, no_space]
	  deeper:
	    volumes: ["/mnt/deeper:/deeper"]
	    command: >-
	      d=/sys/fs/cgroup\$(sed -n s/^0:://p /proc/self/cgroup);
	      mkdir \$d/inner && echo 0 > \$d/inner/cgroup.procs || exit 1;
	      exec $DRIVE -d /deeper -o /load/own/deeper.json read vectors
	END
	umount /mnt/overlay /mnt/small
}

# Many more files than places.
apart()
{
	mkdir -p /load/own
	dd if=/dev/zero of=$IN/held bs=4k count=1 2>/dev/null
	dd if=/dev/zero of=$IN/from bs=30000 count=1 2>/dev/null
	run apart <<-END
	name: apart
	runtime: native
	collectors: {$VFS_OTHERS, vfs: {mode: true, backend: $backend, files: 64}}
	containers:
	  held: {command: "cd $IN && exec drive_files held 300 5000"}
	END
	mkdir -p /load/own
	run told <<-END
	name: told
	runtime: native
	collectors: {$VFS_OTHERS, vfs: {mode: true, backend: $backend, files: 1024}}
	containers:
	  copy: {command: "cd $IN && exec drive_files copy 30000"}
	  flags: {command: "cd $IN && exec drive_files flags"}
	END
}

fio_each()
{
	mkdir -p /load/own
	{
		cat <<-END
		name: fio
		runtime: native
		collectors: {$VFS_OTHERS, vfs: {mode: true, backend: $backend}}
		containers:
		END
		for engine in psync pvsync2 sync io_uring libaio; do
			mkdir -p /mnt/$engine
			dd if=/dev/zero of=/mnt/$engine/a bs=64k count=16 2>/dev/null
			cat <<-END
			  $engine:
			    volumes: ["/mnt/$engine:$IN"]
			    command: [fio, --name=a, --filename=$IN/a, --size=1m, --bs=4k,
			      --ioengine=$engine, --iodepth=8, --rw=randrw, --fallocate=none,
			      --output=/load/own/$engine.json, --output-format=json]
			END
		done
	} >/tmp/fio.yml
	run fio </tmp/fio.yml
}

# Cases work on the disk's ext4: /load is there.
mkdir -p /mnt/load /out /load
mount -o bind /mnt/load /load
mkdir -p "$IN"
uname -r >/out/release
# Who is nobody's target is in nobody's row.
mkdir -p /tmp/stranger
(while [ ! -e /tmp/enough ]; do $DRIVE -d /tmp/stranger -o /tmp/stranger.json read vectors stat; done) &
together cases own data names sync copy fds tasks signals uring faults
touch /tmp/enough
wait
[ "$(cat /out/cases/status)" = 0 ] || exit 0 # nor will anything else
together crowd crowd overflow
mounts
apart
fio_each
exit 0
