#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# runtime: native against the real kernel: cgroups, limits, process trees, and what stays behind.

load ../lib/jq

setup() {
	[ "$(id -u)" = 0 ] || skip "needs root: it makes cgroups"
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	BUILD=${CBPF_BUILD:-$ROOT/build}
	DRIVE=$BUILD/tests/lib/drive_runtime
	PATH=$BUILD:$PATH
	cd "$BATS_TEST_TMPDIR" || return 1
	NAME=nt$$$RANDOM
	RUN=$PWD/run
	mkdir -p "$RUN" mnt
}

# containers on stdin, under a name of this test's own
spec() {
	{ printf 'name: %s\nruntime: native\ncontainers:\n' "$NAME"; cat; } > spec.yml
}

native() {
	timeout 60 "$DRIVE" native run spec.yml "$RUN" "$@"
}

# bats does not see the failure of `! command`.
absent() {
	if grep "$@"; then return 1; fi
}

# Nothing of this test is left in any hierarchy.
nothing_left() {
	[ -z "$(find /sys/fs/cgroup -path "*cbpf/*$NAME*" -type d 2>/dev/null)" ] &&
		[ ! -e "$RUN/work" ] && [ ! -e "$RUN/volumes" ]
}

@test "limits arrive in the cgroup files of v1 or v2" {
	spec <<-EOF
	  a:
	    command: [sleep, "30"]
	    stop: 400ms
	    cpus: "0"
	    cpu_limit: 0.5
	    memory: 64MiB
	    pids: 50
	EOF
	cat > look <<-'EOF'
	cd "${MEMORY_a:-$V2_a}" && cat memory.limit_in_bytes memory.max 2>/dev/null
	cd "${CPU_a:-$V2_a}" && cat cpu.cfs_quota_us cpu.max 2>/dev/null
	cd "${CPUSET_a:-$V2_a}" && cat cpuset.cpus
	cd "${PIDS_a:-$V2_a}" && cat pids.max
	grep Cpus_allowed_list "/proc/$PID_a/status"
	EOF
	native 'sh ./look' > out
	cat out
	grep -x 67108864 out
	grep -Ex '50000( 100000)?' out
	grep -x 0 out
	grep -x 50 out
	grep -P 'Cpus_allowed_list:\t0$' out
	nothing_left
}

@test "a limit of I/O is set on the disk of the working directory" {
	[ -n "$(findmnt -no SOURCE -T "$PWD" | grep ^/dev/)" ] || skip "$PWD is on no block device"
	spec <<-EOF
	  a:
	    command: [sleep, "30"]
	    stop: 400ms
	    io: {read_iops: 1234, write_bps: 7MiB}
	EOF
	native 'cd "${BLKIO_a:-$V2_a}" && cat blkio.throttle.read_iops_device \
		blkio.throttle.write_bps_device io.max 2>/dev/null' > out
	cat out
	grep -E '[0-9]+:[0-9]+ .*1234' out
	grep -E '[0-9]+:[0-9]+ .*7340032' out
	nothing_left
}

@test "both ids are inode numbers, and the process is in those cgroups" {
	spec <<-EOF
	  a:
	    command: [sleep, "30"]
	    stop: 400ms
	EOF
	cat > look <<-'EOF'
	echo "v2 $(stat -c %i "$V2_a") $(grep -cx "$PID_a" "$V2_a/cgroup.procs")"
	for d in "$BLKIO_a" "$MEMORY_a" "$CPU_a" "$CPUSET_a" "$PIDS_a"; do
		[ -z "$d" ] || grep -qx "$PID_a" "$d/cgroup.procs" || echo "not in $d"
	done
	EOF
	native 'sh ./look' > out
	cat out
	grep -Ex 'v2 [0-9]+ 1' out
	absent 'not in' out
	grep 'ids=io+default' out
	nothing_left
}

@test "a process tree ends as a group, sessions of its own included" {
	spec <<-EOF
	  first-exits:
	    command: "setsid sleep 4711 & sleep 4711 & sleep 0.2"
	  stopped:
	    command: "trap '' TERM; setsid sleep 4711 & sleep 4711; sleep 4711"
	    stop: 1s
	    stop_grace: 200ms
	EOF
	native > out
	cat out
	grep 'first-exits state=exited exit=0' out
	grep 'stopped state=exited exit=137' out
	[ -z "$(ps -eo stat,args | grep '[s]leep 4711' | grep -v ^Z)" ]
	nothing_left
}

@test "exit codes are told as a shell does" {
	spec <<-EOF
	  zero: {command: [true]}
	  seven: {command: "exit 7"}
	  signal: {command: "kill -SEGV \$\$"}
	EOF
	native > out
	cat out
	grep 'zero state=exited exit=0' out
	grep 'seven state=exited exit=7 .*exited with status 7' out
	grep 'signal state=exited exit=139' out
	nothing_left
}

@test "what cannot be run fails alone and is named" {
	spec <<-EOF
	  missing: {command: [no-such-program]}
	  data: {command: [/etc/passwd]}
	  dir: {command: [true], working_dir: /no/such/dir}
	  fine: {command: [true]}
	EOF
	native > out
	cat out
	grep 'missing state=failed.*"no-such-program" is not on PATH' out
	grep 'data state=failed.*cannot run the program "/etc/passwd": Permission denied' out
	grep 'dir state=failed.*working directory /no/such/dir: No such file' out
	grep 'fine state=exited exit=0' out
	nothing_left
}

@test "what a plain process cannot have is refused before a run, each at its place" {
	spec <<-EOF
	  a: {command: [true], cap_add: [SYS_ADMIN], hostname: x}
	EOF
	status=0; "$BUILD/cbpf" validate spec.yml > out 2>&1 || status=$?
	cat out
	[ "$status" = 2 ]
	grep 'spec.yml:4:.*: cap_add: a plain process cannot have that' out
	grep 'spec.yml:4:.*: hostname: a plain process cannot have that' out
}

@test "lack of memory is told as such" {
	spec <<-EOF
	  a:
	    command: [tail, /dev/zero]
	    memory: 32MiB
	EOF
	native > out
	cat out
	grep 'a state=exited exit=137.*lack of memory at its limit of 32' out
	nothing_left
}

@test "environment, user, ulimits and working directory" {
	spec <<-EOF
	  a:
	    command: "id -un; pwd; ulimit -n; echo \$GREETING; touch mine && stat -c %U mine"
	    user: daemon
	    ulimits: {nofile: 200}
	    env: {GREETING: hello}
	EOF
	chmod a+x "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" 2>/dev/null || true
	runuser -u daemon -- test -x "$RUN" || skip "$RUN is closed to other users"
	native > out
	cat out run/logs/a.log
	[ "$(cat run/logs/a.log)" = "daemon
$RUN/work/a
200
hello
daemon" ]
	nothing_left
}

@test "volumes are mounted for the target alone" {
	mkdir data
	spec <<-EOF
	  a:
	    volumes: ["$PWD/data:$PWD/mnt"]
	    command: "echo text > $PWD/mnt/file"
	    ready: {command: "test -e $PWD/mnt/file"}
	  b:
	    volumes: ["$PWD/data:$PWD/mnt:ro"]
	    command: "cat $PWD/mnt/file; echo more > $PWD/mnt/file"
	    start: 300ms
	  c:
	    volumes: ["scratch:$PWD/mnt", "tmpfs:/mnt"]
	    command: "grep -c ' /mnt ' /proc/self/mountinfo; ls $PWD/mnt; touch $PWD/mnt/x"
	EOF
	sed -i "s|echo text > $PWD/mnt/file|&; sleep 0.3|" spec.yml
	native > out
	cat out run/logs/*
	[ "$(cat data/file)" = text ]
	grep 'b state=exited exit=[12]' out
	grep 'Read-only file system' run/logs/b.log
	[ "$(cat run/logs/c.log)" = 1 ]
	[ -z "$(ls mnt)" ]
	nothing_left
}

@test "in a chroot whose root no mount begins at, volumes still are the target's alone" {
	mkdir -p jail/{usr,etc,proc,sys,dev,tmp,build,data,mnt,run}
	cp -P /bin /sbin /lib* jail/ || skip "this system is not usr-merged"
	echo text > jail/data/file
	cat > jail/spec.yml <<-EOF
	name: $NAME
	runtime: native
	containers:
	  a: {volumes: ["/data:/mnt"], command: "cat /mnt/file; pwd; sleep 0.5"}
	EOF
	# Shared mounts, as systemd makes them, but with no peer outside of this namespace.
	# shellcheck disable=SC2016 # for the inner shells
	timeout 60 unshare --mount --propagation private sh -euc '
		mount --make-rshared /
		for d in usr etc proc sys dev; do mount --rbind /$d jail/$d; done
		mount --bind "$1" jail/build
		cat /proc/self/mountinfo > before
		chroot jail /build/tests/lib/drive_runtime native run /spec.yml /run "ls /mnt | wc -l"
		cat /proc/self/mountinfo > after
		cmp before after
	' sh "$BUILD" > out
	cat out jail/run/logs/*
	[ "$(head -n 1 jail/run/logs/a.log)" = text ]
	grep -x 0 out
	nothing_left
}

@test "readiness by command and by port, and what it never reaches" {
	spec <<-EOF
	  server:
	    command: [python3, -c, "import socket,time; s=socket.create_server(('127.0.0.1',48231)); time.sleep(30)"]
	    ready: {port: 48231, timeout: 20s}
	    stop: 2s
	  client: {command: [true], depends_on: [server]}
	  never:
	    command: [sleep, "30"]
	    ready: {command: [false], timeout: 300ms}
	  after: {command: [true], depends_on: [never]}
	EOF
	command -v python3 || skip "no python3 for a listening socket"
	native > out
	cat out
	grep 'client state=exited exit=0' out
	grep 'never state=failed.*not ready 0.3 s after its start.*status 1' out
	grep 'after state=failed.*never, which it depends on, failed' out
	nothing_left
}

@test "IOR runs with mpirun and leaves its summary, and nothing else" {
	[ -x "$BUILD/cbpf-ior" ] && command -v mpirun || skip "no cbpf-ior or no mpirun"
	spec <<-EOF
	  a:
	    workload: {ior: {transfer: 64KiB, block: 1MiB, ranks: 2, file_per_process: true}}
	EOF
	native > out
	cat out
	grep 'a state=exited exit=0.*summary=.*/results/a.json' out
	jq -e '.tests[0].Results | length > 0' "$RUN/results/a.json"
	nothing_left
}

@test "IOR that is stopped leaves no test file, session or shared memory" {
	[ -x "$BUILD/cbpf-ior" ] && command -v mpirun || skip "no cbpf-ior or no mpirun"
	mkdir data
	spec <<-EOF
	  a:
	    volumes: ["$PWD/data:$PWD/mnt"]
	    stop: 1500ms
	    stop_grace: 0s
	    workload: {ior: {transfer: 64KiB, block: 64MiB, ranks: 2, repetitions: 100000}}
	EOF
	native 'for i in $(seq 100); do ls /proc/$PID_a/root/dev/shm | grep -qE "ompi|vader|sm_segment|prte" && break; sleep 0.1; done
		ls /proc/$PID_a/root/dev/shm' > out
	cat out
	grep -E 'ompi|vader|sm_segment|prte' out
	[ -z "$(ls data)" ]
	nothing_left
}

@test "after SIGKILL of cbpf, clean removes everything, and nothing before" {
	mkdir data
	spec <<-EOF
	  a: {command: "setsid sleep 4712 & sleep 4712 & sleep 4712"}
	  b:
	    volumes: ["scratch:$PWD/mnt"]
	    command: "echo > $PWD/mnt/x; trap '' TERM; sleep 4712; sleep 4712"
	EOF
	"$DRIVE" native run spec.yml "$RUN" 'touch started' &
	pid=$!
	for _ in $(seq 200); do [ -e started ] && break; sleep 0.05; done
	[ -e started ]
	# While it lives it is left alone.
	"$DRIVE" native clean | tee out
	absent "$NAME" out
	kill -0 $pid

	kill -KILL $pid
	wait $pid || true
	[ -n "$(find /sys/fs/cgroup -path "*cbpf/*$NAME*" -type d)" ]
	"$DRIVE" native clean --dry-run | grep "would remove cgroup /cbpf/.*$NAME"
	"$DRIVE" native clean | tee out
	grep "removed cgroup /cbpf/.*$NAME" out
	[ -z "$(ps -eo stat,args | grep '[s]leep 4712' | grep -v ^Z)" ]
	nothing_left
}
