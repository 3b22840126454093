#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Application I/O: what the probe counted is what a load knows that it did (drive_vfs), call by call,
# byte by byte, and error by error; by the backend that is in this file's name. The others are links to it.

load ../lib/jq
load ../lib/run
load ../lib/vfs

setup_file() {
	load ../lib/run
	load ../lib/vfs
	export DRIVE=$BUILD/tests/lib/drive_vfs BASE=$BATS_FILE_TMPDIR/base.json
	[ "$(id -u)" = 0 ] || return 0
	find_backend vfs
	[ -z "$NO_BACKEND" ] || return 0
	base_of "$BATS_FILE_TMPDIR/base" >"$BASE"
}

setup() {
	need_root
	[ -z "$NO_BACKEND" ] || skip "$NO_BACKEND"
	cd "$BATS_TEST_TMPDIR" || return 1
}

# base_of DIR: what a target has that does nothing.
base_of() {
	mkdir -p "$1"
	vfs_spec "$DRIVE" "$BACKEND" "$1" nothing >"$1/spec.yml"
	"$CBPF" run --store "$1/runs" --json --quiet "$1/spec.yml" >"$1/report.json" || return
	vfs_of "$1/report.json" nothing "$1/in"
}

# group_is GROUP: all of its cases at once, each in a target of its own.
group_is() {
	local cases bad=0
	mapfile -t cases < <(vfs_cases "$DRIVE" "$1")
	vfs_spec "$DRIVE" "$BACKEND" "$PWD" "${cases[@]}" >spec.yml
	run_spec spec.yml
	[ "$status" = 0 ] && [ "$(report .backends.vfs)" = "$BACKEND" ] || return 1
	vfs_consistent report.json || bad=1
	vfs_all_same report.json own "$PWD/in" "$BASE" "${cases[@]}" || bad=1
	return $bad
}

@test "the load counts what strace sees of it" {
	local group case bad=0
	mkdir in
	for case in nothing $(for group in $VFS_GROUPS; do vfs_cases "$DRIVE" "$group"; done); do
		rm -f trace.*
		strace -ff -yy -s 0 -o trace "$DRIVE" -d in -o "$case.own" "$case"
		"$ROOT/tests/lib/vfs_strace.py" trace >"$case.trace"
		vfs_same "$case" "$case.own" "$case.trace" nothing.trace \
			fault uring_read uring_write uring_other || bad=1
	done
	[ $bad = 0 ]
	# What it is for: every operation, and failures of each kind.
	jq -es 'map(.vfs | keys) | add | unique == ["close", "copy", "fallocate", "fault", "fsync",
		"getdents", "mkdir", "open", "read", "rename", "stat", "truncate", "unlink",
		"uring_other", "uring_read", "uring_write", "write"]' ./*.own
	jq -es '["EAGAIN", "EBADF", "ECANCELED", "EEXIST", "EFAULT", "EFBIG", "EINTR", "EINVAL", "EISDIR",
		"EMFILE", "ENOENT", "ENOTDIR", "ENOTEMPTY", "EOPNOTSUPP", "EXDEV"]
		- map(.vfs[].errnos | keys[]) == []' ./*.own
}

@test "what the program itself does is always the same" {
	[ -s "$BASE" ]
	base_of "$PWD/again" >again.json
	echo '{"vfs": {}}' >none.json
	vfs_same nothing none.json again.json "$BASE"
}

@test "reads and writes of every kind" {
	group_is data
}

@test "calls that name a path" {
	group_is names
}

@test "what makes data durable" {
	group_is sync
}

@test "copies within the kernel" {
	group_is copy
}

@test "descriptors: what is no file does not count" {
	group_is fds
}

@test "threads, children, programs executed, and kills in the midst of calls" {
	group_is tasks
}

@test "many tasks in one call at once" {
	group_is crowd
}

@test "signals: a call that is restarted is one call" {
	group_is signals
}

@test "io_uring" {
	group_is uring
}

@test "io_uring with more completions than there is room for" {
	group_is overflow
}

@test "page faults on files" {
	group_is faults
}

@test "many targets at once, each with its own, and a stranger beside them" {
	local cases
	mapfile -t cases < <(for group in data names copy fds; do vfs_cases "$DRIVE" "$group"; done)
	vfs_spec "$DRIVE" "$BACKEND" "$PWD" "${cases[@]}" >spec.yml
	mkdir stranger
	while :; do "$DRIVE" -d stranger -o stranger.json read vectors stat uring_one; done 3>&- &
	run_spec spec.yml
	kill $!
	wait $! || true
	[ "$status" = 0 ]
	vfs_consistent report.json
	vfs_all_same report.json own "$PWD/in" "$BASE" "${cases[@]}"
}

@test "what is rare is not lost beside what is frequent, however samples fall" {
	local i bad=0
	mkdir -p in own
	{
		printf 'name: rare\nruntime: native\ninterval: 10ms\ncontainers:\n'
		for i in {1..24}; do
			mkdir -p "of/$i"
			printf '  r%s: {volumes: ["%s:%s"], command: ["%s", -d, "%s", -o, "%s", rare]}\n' \
				"$i" "$PWD/of/$i" "$PWD/in" "$DRIVE" "$PWD/in" "$PWD/own/r$i.json"
		done
		echo "collectors: {block: false, sched: false, vfs: {mode: true, backend: $BACKEND}}"
	} >spec.yml
	run_spec spec.yml
	[ "$status" = 0 ]
	vfs_consistent report.json || bad=1
	vfs_all_same report.json own "$PWD/in" "$BASE" r{1..24} || bad=1
	[ $bad = 0 ]
}

# Each used by an open and a close, in the last tick that sees them.
@test "more mounts than there is room for are told in the sums, and named up to there" {
	local i n=300 named
	mkdir -p many
	mount -t tmpfs none many || skip "no tmpfs can be mounted here"
	for ((i = 0; i < n; i++)); do
		mkdir many/$i && mount -t tmpfs none many/$i && : >many/$i/f
	done
	cat >opens.py <<-END
		import os, sys
		for i in range(int(sys.argv[1])):
		    os.close(os.open("$PWD/many/%d/f" % i, os.O_RDONLY))
	END
	cat >spec.yml <<-END
	name: many
	runtime: native
	interval: 1s
	collectors: {block: false, sched: false, vfs: {mode: true, backend: $BACKEND}}
	containers:
	  none: {command: [python3, -I, -S, $PWD/opens.py, "0"]}
	  many: {command: [python3, -I, -S, $PWD/opens.py, "$n"]}
	END
	run_spec spec.yml
	umount many/* && umount many
	[ "$status" = 0 ]
	report '.targets | map(.vfs | [.open.calls, .close.calls]) | @json'
	report '.targets | map(.vfs | .open.calls, .close.calls) | .[2] - .[0], .[3] - .[1]' >grown
	diff grown - <<<"$n"$'\n'"$n"
	report '.targets[].vfs_mounts[]? | select(.id > 0 and .mount == null) | .id' >unnamed
	[ ! -s unnamed ]
	named=$(report '.targets[].vfs_mounts[]?.mount' | grep -c /many/)
	[ "$named" -gt 64 ]
	[ "$(vfs_lost report.json vfs.rows)" = $((2 * (n - named))) ]
}

# The kernel gives out a mount's address, its id and its device again at once.
@test "what is mounted after another was unmounted is another mount" {
	local i
	mount -t tmpfs none "$PWD" || skip "no tmpfs can be mounted here"
	umount "$PWD"
	cat >mounts.sh <<-END
		for i in 1 2 3 4 5 6; do
			fs=tmpfs
			[ \$((i % 2)) = 0 ] || fs=ramfs
			mkdir "$PWD/m\$i" && mount -t \$fs none "$PWD/m\$i" || exit
			echo \$i >"$PWD/m\$i/f"
			umount "$PWD/m\$i" || exit
		done
	END
	cat >spec.yml <<-END
	name: again
	runtime: native
	collectors: {block: false, sched: false, vfs: {mode: true, backend: $BACKEND}}
	containers:
	  a: {command: [sh, $PWD/mounts.sh]}
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	for i in 1 2 3 4 5 6; do
		report ".targets[0].vfs_mounts[] | select(.mount == \"$PWD/m$i\") | \"\(.fs) \(.ops.write.calls)\""
	done | tee seen
	diff seen - <<<$'ramfs 1\ntmpfs 1\nramfs 1\ntmpfs 1\nramfs 1\ntmpfs 1'
}

# recorded SCRIPT: what a program of Python, begun before, does from when there is a file "go"; a target
# that is called as $cgroup.
recorded() {
	local i dir
	cgroup=cbpf-test-$$
	dir=$(findmnt -nt cgroup2 -o TARGET | head -n 1)/$cgroup
	mkdir "$dir" || skip "no cgroup can be made here"
	sh -c 'echo 0 >"$1"/cgroup.procs && exec python3 -I -S "$2"' - "$dir" "$1" 3>&- &
	for ((i = 0; i < 100; i++)); do [ ! -e ready ] || break; sleep 0.1; done
	status=0
	"$CBPF" record --store runs --json --quiet --set "collectors.vfs={mode: true, backend: $BACKEND}" \
		--set collectors.block=false --cgroup "/$cgroup" -- sh -c 'touch go; sleep 1' \
		>report.json 2>stderr || status=$?
	xargs -r kill <"$dir/cgroup.procs"
	for ((i = 0; i < 100; i++)); do ! rmdir "$dir" 2>/dev/null || break; sleep 0.1; done
	cat stderr
}

# Recorded from outside, since a run's own tasks have all ended before it does.
@test "a call that goes on when the recording ends is in no count, and told as that" {
	cat >waits.py <<-END
		import os, time
		r, w = os.pipe()
		f = os.open("f", os.O_RDWR | os.O_CREAT)
		open("ready", "w")
		while not os.path.exists("go"):
		    time.sleep(0.1)
		os.splice(r, f, 4096)
	END
	recorded waits.py
	[ "$status" = 0 ]
	report '.losses[] | select(.what == "vfs.unfinished") | .reason' | tee reason
	[ "$(vfs_lost report.json vfs.unfinished)" = 1 ]
	grep -E "is copy of $cgroup, which took [0-9.]+ s so far" reason
	report '.targets[0].vfs | has("stat") and (has("copy") | not)' | grep -qx true
}

@test "what is not mounted any more is told as that" {
	mkdir gone
	mount -t tmpfs none gone || skip "no tmpfs can be mounted here"
	cat >writes.py <<-END
		import os, time
		f = os.open("gone/f", os.O_RDWR | os.O_CREAT)
		open("ready", "w")
		while not os.path.exists("go"):
		    time.sleep(0.1)
		for i in range(3):
		    os.write(f, b"1234")
		time.sleep(60)
	END
	(
		for ((i = 0; i < 100; i++)); do [ ! -e ready ] || break; sleep 0.1; done
		umount -l gone && : >unmounted
	) 3>&- &
	recorded writes.py
	[ "$status" = 0 ]
	[ -e unmounted ]
	report '.targets[0].vfs_mounts[] | select(.ops.write) | "\(.mount) \(.fs) \(.ops.write.bytes)"' | tee seen
	diff seen - <<<"(not mounted) tmpfs 12"
}

@test "a file system that is full" {
	vfs_spec "$DRIVE" "$BACKEND" "$PWD" no_space >spec.yml
	mount -t tmpfs -o size=16m none of/no_space || skip "no tmpfs can be mounted here"
	run_spec spec.yml
	umount of/no_space
	[ "$status" = 0 ]
	jq -e '.vfs | .write.errnos.ENOSPC > 0 and .fallocate.errnos.ENOSPC > 0' own/no_space.json
	vfs_consistent report.json
	vfs_all_same report.json own "$PWD/in" "$BASE" no_space
}

@test "what runs deeper in a target's cgroup is its own" {
	mkdir -p in own file
	cat >spec.yml <<-END
	name: deeper
	runtime: native
	collectors: {block: false, vfs: {mode: true, backend: $BACKEND}}
	containers:
	  a:
	    volumes: ["$PWD/file:$PWD/in"]
	    command: >-
	      d=/sys/fs/cgroup\$(sed -n s/^0:://p /proc/self/cgroup);
	      [ -d \$d ] || d=/sys/fs/cgroup/unified\$(sed -n s/^0:://p /proc/self/cgroup);
	      mkdir \$d/inner && echo 0 > \$d/inner/cgroup.procs || exit 1;
	      $DRIVE -d $PWD/in -o $PWD/own/a.json read vectors
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	vfs_mount report.json a "$PWD/in" "$(vfs_fs .)" >seen.json
	echo '{"vfs": {}}' >none.json
	# shellcheck disable=SC2086 # words on purpose
	vfs_same deeper own/a.json seen.json none.json $MOUNT_NOT
}

# What is known of the mount however a call is seen: by a descriptor.
MOUNT_CASES="read vectors getdents copy_file_range splice fsync dup fault_shared uring_one"
MOUNT_NOT="open stat rename unlink mkdir truncate"

@test "mounts are told apart, and what is stacked is counted once" {
	local place fs bad=0
	mkdir -p in/{disk,memory,stacked} own disk lower upper work stacked
	mount -t overlay -o "lowerdir=$PWD/lower,upperdir=$PWD/upper,workdir=$PWD/work" none stacked ||
		skip "no overlay can be mounted here"
	cat >spec.yml <<-END
	name: mounts
	runtime: native
	collectors: {block: false, vfs: {mode: true, backend: $BACKEND}}
	containers:
	  a:
	    volumes: ["$PWD/disk:$PWD/in/disk", "tmpfs:$PWD/in/memory", "$PWD/stacked:$PWD/in/stacked"]
	    command: >-
	      for i in disk memory stacked; do
	      $DRIVE -d $PWD/in/\$i -o $PWD/own/\$i.json $MOUNT_CASES || exit 1; done
	END
	run_spec spec.yml
	umount stacked
	[ "$status" = 0 ]
	vfs_consistent report.json
	report '.targets[0].vfs_mounts[] | [.mount, .fs, .dev, (.ops | map_values(.calls))] | tojson'
	echo '{"vfs": {}}' >none.json
	for place in disk memory stacked; do
		case $place in
		disk) fs=$(vfs_fs disk) ;;
		memory) fs=tmpfs ;;
		stacked) fs=overlay ;;
		esac
		vfs_mount report.json a "$PWD/in/$place" "$fs" >$place.json
		# shellcheck disable=SC2086 # words on purpose
		vfs_same $place own/$place.json $place.json none.json $MOUNT_NOT || bad=1
	done
	[ $bad = 0 ]
	# And nothing below them.
	report '[.targets[0].vfs_mounts[] | select(.ops.getdents) | .mount | values] | length' | grep -qx 3
}

# fio_is ENGINE PREFIX: what fio says of its I/O is what was seen on its file's mount.
fio_is() {
	mkdir -p in own file
	cat >spec.yml <<-END
	name: fio
	runtime: native
	collectors: {block: false, vfs: {mode: true, backend: $BACKEND}}
	containers:
	  a:
	    volumes: ["$PWD/file:$PWD/in"]
	    command: [fio, --name=a, "--filename=$PWD/in/a", --size=8m, --bs=4k, "--ioengine=$1",
	      --iodepth=8, --rw=randrw, --fallocate=none, "--output=$PWD/own/fio.json",
	      --output-format=json]
	END
	dd if=/dev/zero of=file/a bs=1M count=8 status=none
	run_spec spec.yml
	[ "$status" = 0 ] || { cat runs/latest/logs/a.log; return 1; }
	vfs_consistent report.json
	vfs_fio "$2" own/fio.json >fio.json
	vfs_mount report.json a "$PWD/in" "$(vfs_fs .)" >seen.json
	echo '{"vfs": {}}' >none.json
	vfs_same "$1" fio.json seen.json none.json fsync open close stat unlink truncate fallocate fault
}

@test "what fio says of its I/O: pread, preadv2, lseek and read, io_uring" {
	fio_is psync ""
	fio_is pvsync2 ""
	fio_is sync ""
	fio_is io_uring uring_
}

@test "calls of 32-bit programs are not followed, and told as that" {
	[ "$BACKEND" = syscalls ] || skip "others do not see them at all"
	vfs_spec "$DRIVE" "$BACKEND" "$PWD" compat >spec.yml
	run_spec spec.yml
	[ "$status" = 0 ]
	vfs_all_same report.json own "$PWD/in" "$BASE" compat
	! jq -e '.skipped != ""' own/compat.json || skip "$(jq -r .skipped own/compat.json)"
	[ "$(vfs_lost report.json vfs.compat)" = 20 ]
}

@test "requests of Linux AIO are not followed, and told as that" {
	mkdir -p file
	cat >spec.yml <<-END
	name: aio
	runtime: native
	collectors: {block: false, vfs: {mode: true, backend: $BACKEND}}
	containers:
	  a: {command: [fio, --name=a, "--filename=$PWD/file/a", --size=1m, --bs=4k, --ioengine=libaio,
	      --iodepth=8, --rw=randread, "--output=$PWD/fio.json", --output-format=json]}
	END
	dd if=/dev/zero of=file/a bs=1M count=1 status=none
	run_spec spec.yml
	[ "$status" = 0 ]
	[ "$(vfs_lost report.json vfs.aio)" = "$(jq .jobs[0].read.total_ios fio.json)" ]
}
