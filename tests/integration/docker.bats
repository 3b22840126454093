#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The docker runtime: what a spec asks for is what containers get, and nothing of it stays.

bats_require_minimum_version 1.5.0
load ../lib/jq
load ../lib/docker

setup_file() {
	{ docker_start && docker_busybox; } || [ -n "${CBPF_CANNOT:-}" ]
	docker network ls --format '{{.Name}}' | sort > "$BATS_FILE_TMPDIR/networks"
}

teardown_file() {
	docker_stop
}

setup() {
	skip_if_cannot
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	DRIVE=${O:-$ROOT/build}/tests/lib/drive_runtime
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir run
}

teardown() {
	[ -z "${CBPF_CANNOT:-}" ] || return 0
	# Whatever a test does, nothing of it may stay.
	[ -z "$(docker ps -aq)" ] && [ -z "$(docker volume ls -q)" ] &&
		docker network ls --format '{{.Name}}' | sort | diff "$BATS_FILE_TMPDIR/networks" -
}

# spec NAME: a spec of busybox containers; stdin is what comes below `containers:`.
spec() {
	printf 'name: test\ncontainers:\n' > spec.yml
	sed 's/^/  /' >> spec.yml
}

# Run the spec; what became of it is in the file `out`.
drive() {
	"$DRIVE" docker run spec.yml "$PWD/run" "$@" > out 2> notes || { cat notes out; return 1; }
	cat out
}

# The value of a limit, in whichever hierarchy has it: limit V1_DIRECTORY V1_FILE V2_FILE.
LIMIT='limit() { cat "$1/$2" 2>/dev/null || cat "$V2_a/$3"; }'

@test "limits reach the kernel" {
	spec <<-'END'
		a:
		  image: cbpf-test/busybox
		  network_mode: none
		  cpus: "0"
		  cpu_limit: 0.5
		  memory: 64MiB
		  pids: 50
		  shm_size: 1MiB
		  io: {read_iops: 1000, write_bps: 1MiB}
		  ulimits: {nofile: "100:200"}
		  volumes: ["scratch:/scratch"]
		  command: [sh, -c, "df -k /dev/shm | tail -n 1; ulimit -Sn; ulimit -Hn; sleep 3"]
	END
	drive "$LIMIT"'
		limit "$CPUSET_a" cpuset.cpus cpuset.cpus > cpus
		limit "$CPU_a" cpu.cfs_quota_us cpu.max > quota
		limit "$MEMORY_a" memory.limit_in_bytes memory.max > memory
		limit "$PIDS_a" pids.max pids.max > pids
		limit "$BLKIO_a" blkio.throttle.read_iops_device io.max > read
		limit "$BLKIO_a" blkio.throttle.write_bps_device io.max > write'
	[ "$(cat cpus)" = 0 ]
	grep -qE '^50000( |$)' quota
	[ "$(cat memory)" = 67108864 ]
	[ "$(cat pids)" = 50 ]
	grep -qE '^[0-9]+:[0-9]+ (1000$|.*riops=1000)' read
	grep -qE '^[0-9]+:[0-9]+ (1048576$|.*wbps=1048576)' write
	grep -q '^shm  *1024 ' run/logs/a.log
	[ "$(tail -n 2 run/logs/a.log)" = "$(printf '100\n200')" ]
}

@test "environment, user, directory, host name, capabilities" {
	spec <<-'END'
		a:
		  image: cbpf-test/busybox
		  network_mode: none
		  env: {GREETING: "hello world"}
		  user: "12:34"
		  working_dir: /tmp
		  hostname: somewhere
		  command: [sh, -c, "echo $GREETING; id -u; id -g; pwd; hostname"]
		b:
		  image: cbpf-test/busybox
		  network_mode: none
		  cap_drop: [ALL]
		  cap_add: [CHOWN]
		  entrypoint: [grep, CapEff]
		  command: [/proc/self/status]
		c:
		  image: cbpf-test/busybox
		  network_mode: host
		  command: [cat, /proc/net/route]
	END
	drive
	printf 'hello world\n12\n34\n/tmp\nsomewhere\n' | diff - run/logs/a.log
	grep -q '^CapEff:.*0000000000000001$' run/logs/b.log
	diff run/logs/c.log /proc/net/route
}

@test "a privileged container" {
	docker run --rm --privileged --network none cbpf-test/busybox true ||
		skip "this host's root has not all capabilities"
	spec <<-'END'
		a:
		  image: cbpf-test/busybox
		  network_mode: none
		  privileged: true
		  command: [grep, CapEff, /proc/self/status]
	END
	drive
	grep -qE '^CapEff:.*[13]f{9}' run/logs/a.log
}

@test "a container that ends at once: status, log, cgroups" {
	spec <<-'END'
		a: {image: cbpf-test/busybox, network_mode: none, command: ["true"]}
		b: {image: cbpf-test/busybox, network_mode: none, command: [sh, -c, "echo last words >&2; exit 42"]}
	END
	drive
	grep -qE '^a state=exited exit=0 ids=io(\+default)? order=ok seen=in_time ' out
	grep -q '^b state=exited exit=42 .*failure=exited with status 42.*/logs/b.log$' out
	[ "$(cat run/logs/b.log)" = "last words" ]
	run ! grep ^loss out
}

@test "a long log comes whole and in order" {
	spec <<-'END'
		a: {image: cbpf-test/busybox, network_mode: none, command: [seq, "1", "200000"]}
	END
	drive
	seq 1 200000 | cmp - run/logs/a.log
}

@test "static addresses, aliases and more than one network" {
	cat > spec.yml <<-'END'
		name: test
		networks:
		  front: {subnet: 172.29.7.0/24}
		  back: {subnet: 172.29.6.0/24}
		containers:
		  server:
		    image: cbpf-test/busybox
		    networks:
		      front: {ip: 172.29.7.10, aliases: [www]}
		      back: {ip: 172.29.6.10}
		    command: [sh, -c, "mkdir /w; echo page > /w/index.html; exec httpd -f -p 80 -h /w"]
		    ready: {port: 80}
		    service: true # until the client has ended
		    stop_grace: 1s
		  client:
		    image: cbpf-test/busybox
		    networks: [front]
		    depends_on: [server]
		    command: [sh, -c, "wget -qO- http://www/ && wget -qO- http://server/ && ip -4 addr"]
	END
	drive 'docker inspect -f "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}" "$ID_server" > addresses'
	[ "$(tr ' ' '\n' < addresses | sort | xargs)" = "172.29.6.10 172.29.7.10" ]
	[ "$(grep -c '^page$' run/logs/client.log)" = 2 ]
	grep -q 'inet 172.29.7\.' run/logs/client.log
	run ! grep 172.29.6 run/logs/client.log
}

@test "volumes: a path, a name, memory, read-only; somebody's volume stays" {
	docker volume create theirs >/dev/null
	mkdir mine
	echo before > mine/file
	spec <<-END
		a:
		  image: cbpf-test/busybox
		  network_mode: none
		  volumes: ["$PWD/mine:/rw", "$PWD/mine:/ro:ro", "ours:/ours", "theirs:/theirs", "tmpfs:/memory"]
		  command:
		    - sh
		    - -c
		    - |
		      cat /ro/file
		      echo after > /rw/file
		      echo x > /ro/file && echo wrong
		      grep -c -E ' (/ours|/theirs) ' /proc/mounts
		      grep -c ' /memory tmpfs ' /proc/mounts
		      echo kept > /theirs/file
	END
	drive
	[ "$(cat mine/file)" = after ]
	[ "$(grep -v 'ead-only' run/logs/a.log | xargs)" = "before 2 1" ]
	[ "$(docker volume ls -q)" = theirs ]
	grep -q kept "$(docker volume inspect -f '{{.Mountpoint}}' theirs)/file"
	docker volume rm theirs >/dev/null
}

@test "an IOR workload in the image that docker/ior/Dockerfile makes" {
	docker_ior || { skip_if_cannot; false; }
	spec <<-'END'
		a:
		  image: cbpf-test/ior
		  network_mode: none
		  volumes: ["scratch:/scratch"]
		  workload:
		    ior: {transfer: 64KiB, block: 1MiB, ranks: 2, file_per_process: true, fsync: true}
		b:
		  image: cbpf-test/ior
		  network_mode: none
		  user: "1000:1000"
		  volumes: ["tmpfs:/scratch"]
		  workload: {ior: {transfer: 4KiB, block: 64KiB, binary: /usr/local/bin/cbpf-ior}}
	END
	drive
	grep -q "^a state=exited exit=0 .*binary=cbpf-ior summary=$PWD/run/results/a.json" out
	jq -e '.tests[0].Results | length > 0' run/results/a.json
	jq -e '.["Command line"] | test("/scratch/cbpf-")' run/results/a.json
	jq -e '.tests[0].Results | length > 0' run/results/b.json
	[ "$(ls run/results)" = "$(printf 'a.json\nb.json')" ]
}

@test "a workload that the image does not have" {
	spec <<-'END'
		a: {image: cbpf-test/busybox, network_mode: none, workload: {ior: {}}}
	END
	run ! drive
	[[ $output == *"workload not found: neither ior nor cbpf-ior is in image 'cbpf-test/busybox'"* ]]
	spec <<-'END'
		a: {image: cbpf-test/busybox, network_mode: none, workload: {ior: {binary: sh, ranks: 2}}}
	END
	run ! drive
	[[ $output == *"ranks: 2 needs 'mpirun', which is not in image 'cbpf-test/busybox'"* ]]
}

@test "an image that is nowhere" {
	spec <<-'END'
		a: {image: "127.0.0.1:1/no/such:image", network_mode: none}
	END
	run ! drive
	[[ $output == *"image '127.0.0.1:1/no/such:image' is not on this host and could not be pulled (docker pull 127.0.0.1:1/no/such:image;"*refused* ]]
}

@test "a program that the image does not have fails its target, not the others" {
	spec <<-'END'
		a: {image: cbpf-test/busybox, network_mode: none, command: [no-such-program]}
		b: {image: cbpf-test/busybox, network_mode: none, command: ["true"]}
	END
	drive
	grep -q '^a state=failed exit=-1 .*failure=.*no-such-program.*not found' out
	grep -q '^b state=exited exit=0 ' out
}

@test "out of memory is told" {
	spec <<-'END'
		a:
		  image: cbpf-test/busybox
		  network_mode: none
		  memory: 16MiB
		  memory_swap: 16MiB
		  command: [sh, -c, "exec tail /dev/zero"]
	END
	drive
	grep -q '^a state=exited exit=137 .*failure=killed by the kernel: out of memory' out
}

@test "readiness by a command, and a command that never is" {
	spec <<-'END'
		a:
		  image: cbpf-test/busybox
		  network_mode: none
		  command: [sh, -c, "sleep 0.5; touch /tmp/up; sleep 60"]
		  ready: {command: [test, -e, /tmp/up]}
		  stop: 3s
		  stop_grace: 0s
		b:
		  image: cbpf-test/busybox
		  network_mode: none
		  depends_on: [a]
		  command: [echo, after]
		c:
		  image: cbpf-test/busybox
		  network_mode: none
		  command: [sleep, "60"]
		  ready: {command: [sleep, "50"], timeout: 1s}
		  stop_grace: 0s
	END
	drive
	[ "$(cat run/logs/b.log)" = after ]
	grep -q '^c state=failed .*failure=not ready 1 s after its start' out
}

@test "an interrupted run takes everything with it" {
	cat > spec.yml <<-'END'
		name: test
		networks: {n: {subnet: 172.29.9.0/24}}
		containers:
		  a: {image: cbpf-test/busybox, networks: [n], volumes: ["data:/v"], command: [sleep, "60"]}
	END
	"$DRIVE" docker run spec.yml "$PWD/run" 'touch started' > out 2>&1 3>&- &
	wait_until 200 test -e started
	kill -INT $!
	wait $! || true
	grep -q '^a state=exited exit=137 ' out
}

@test "clean removes what a killed run left, and nothing else" {
	cat > spec.yml <<-'END'
		name: killed
		networks: {n: {subnet: 172.29.9.0/24}}
		containers:
		  a: {image: cbpf-test/busybox, networks: [n], volumes: ["data:/v"], command: [sleep, "60"]}
	END
	sed 's/killed/living/; s/29.9/29.8/; s/data:/kept:/' spec.yml > living.yml
	mkdir living
	"$DRIVE" docker run spec.yml "$PWD/run" 'touch a' > out 2>&1 3>&- &
	killed=$!
	"$DRIVE" docker run living.yml "$PWD/living" 'touch b' > out2 2>&1 3>&- &
	living=$!
	wait_until 200 test -e a
	wait_until 200 test -e b
	docker create --name stranger --network none cbpf-test/busybox true >/dev/null
	kill -KILL $killed
	wait $killed || true

	"$DRIVE" docker clean --dry-run > dry
	[ "$(docker ps -aq | wc -l)" = 3 ]
	"$DRIVE" docker clean > cleaned
	sed 's/would remove/removed/' dry | diff - cleaned
	[ "$(wc -l < cleaned)" = 3 ]
	grep -q '^removed container cbpf-.*killed.*-a of run ' cleaned
	grep -q '^removed network cbpf-.*killed.*-n of run ' cleaned
	grep -q '^removed volume data of run ' cleaned
	[ "$(docker ps -aq | wc -l)" = 2 ]
	[ "$("$DRIVE" docker clean)" = "" ]

	docker rm stranger >/dev/null
	kill -INT $living
	wait $living || true
	grep -q '^a state=exited' out2
}

@test "somebody else removes a container while it runs" {
	spec <<-'END'
		a: {image: cbpf-test/busybox, network_mode: none, command: [sleep, "60"]}
	END
	drive 'docker rm -f $ID_a >/dev/null'
	grep -qE '^a state=exited exit=(137|-1) ' out
}

@test "an engine that goes away" {
	spec <<-'END'
		a: {image: cbpf-test/busybox, network_mode: none, command: [sleep, "60"]}
	END
	kept=$DOCKER_HOST
	{ docker_start && docker_busybox; } || { skip_if_cannot; false; }
	lost=0
	"$DRIVE" docker run spec.yml "$PWD/run" "kill -KILL $DOCKER_PID" > out 2>&1 || lost=1
	docker_restart
	"$DRIVE" docker clean > cleaned
	docker_stop
	export DOCKER_HOST=$kept
	[ "$lost" = 1 ]
	grep -q 'the Docker engine was lost: ' out
	grep -q '^removed container ' cleaned
}
