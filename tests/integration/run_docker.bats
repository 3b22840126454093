#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The main job with containers of a real Docker engine.

load ../lib/jq
load ../lib/run
load ../lib/docker
load ../lib/profile

setup_file() {
	{ docker_start && docker_busybox && docker_ior; } || [ -n "${CBPF_CANNOT:-}" ]
	export DOCKER_DIR DOCKER_PID DOCKER_HOST
}

teardown_file() {
	docker_stop
}

setup() {
	skip_if_cannot
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	[ -z "${CBPF_CANNOT:-}" ] || return 0
	no_own_disk
	[ -z "$(docker ps -aq)" ]
	[ -z "$(docker network ls -q --filter label=cbpf.run)" ]
	[ -z "$(docker volume ls -q)" ]
}

# The container's row: its own bytes on the disk of its data.
bytes_of() {
	report "[.targets[] | select(.name == \"$1\") | .block[\"$disk\"].$2.bytes // 0] | add"
}

two_are_exact() {
	bytes_are write $((64 << 20)) "$(bytes_of writer write)" &&
		bytes_are read 0 "$(bytes_of writer read)" &&
		bytes_are write $((8 << 20)) "$(bytes_of reader write)" &&
		bytes_are read $((8 << 20)) "$(bytes_of reader read)"
}

@test "two containers with different loads at once: each one's bytes are its own" {
	own_disk data 256M
	mkdir data/writer data/reader
	cat > spec.yml <<-END
	name: two
	runtime: docker
	interval: 50ms
	containers:
	  writer:
	    image: cbpf-test/ior
	    volumes: ["$PWD/data/writer:/scratch"]
	    workload: {ior: {transfer: 1MiB, block: 64MiB, write: true, odirect: true}}
	  reader:
	    image: cbpf-test/ior
	    volumes: ["$PWD/data/reader:/scratch"]
	    workload: {ior: {transfer: 4KiB, block: 8MiB, random: true, odirect: true}}
	END
	run_exact two_are_exact spec.yml
	[ "$(report '[.targets[] | select(.name == "reader") | .results[] | .bytes] | add')" = $((16 << 20)) ]
	[ "$(report '.targets[] | select(.name == "writer") | .results[0].binary')" = cbpf-ior ]
}

@test "two ranks in one container, over mpirun" {
	cat > spec.yml <<-END
	name: ranks
	runtime: docker
	containers:
	  a:
	    image: cbpf-test/ior
	    volumes: ["t-reader:/scratch"]
	    shm_size: 128MiB
	    workload: {ior: {transfer: 1MiB, block: 16MiB, ranks: 2, file_per_process: true, odirect: true}}
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	[ "$(report '[.targets[0].results[] | select(.op == "write") | .bytes] | add')" = $((32 << 20)) ]
	[ "$(report '.targets[0].results[0].tasks')" = 2 ]
}

@test "phases of IOR in a container are prepared for and run one by one" {
	cat >spec.yml <<-END
	name: before
	runtime: docker
	collectors: {block: true, vfs: true}
	containers:
	  a:
	    image: cbpf-test/ior
	    network_mode: none
	    before: {sync: true, settle: 20s}
	    volumes: ["data:/data"]
	    workload: {ior: {transfer: 256KiB, block: 4MiB, ranks: 2, file_per_process: true, repetitions: 2}}
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	jq -e '.targets[] | select(.name == "a" and .kind == "container") | [.results[] | [.op, .iteration, .bytes]]
		== [["write", 0, 8388608], ["read", 0, 8388608], ["write", 1, 8388608], ["read", 1, 8388608]]' report.json
	jq -e '[.events[] | select(.what == "before") | .text] | length == 8
		and (map(split(":")[0:2] | join(":")) == [("write 0", "read 0", "write 1", "read 1")
			| . + ": sync", . + ": settle"])' report.json
	jq -e '.targets[] | select(.name == "a" and .kind == "container") | .phases | length == 4
		and all(.[]; .tool.bytes - .app.bytes | fabs < 65536)' report.json
	[ "$(ls "$BATS_TEST_TMPDIR"/runs/latest/results)" = "$(printf 'a.%d.json\n' 0 1 2 3)" ]
}

@test "CPU, memory and network of a container are in its row" {
	cat > spec.yml <<-END
	name: numbers
	runtime: docker
	interval: 50ms
	networks: {lan: {subnet: 172.31.250.0/24}}
	containers:
	  server:
	    image: cbpf-test/busybox
	    networks: {lan: {ip: 172.31.250.11}}
	    ready: {command: [sh, -c, "netstat -ltn | grep -q :7000"]}
	    # Whose input has an end closes the connection: when all has arrived.
	    command:
	      - sh
	      - -c
	      - "{ for i in \$(seq 300); do [ \$(cat /sys/class/net/eth0/statistics/rx_bytes) -ge 2000000 ] && break;
	        sleep 0.1; done; sleep 0.5; } | nc -l -p 7000 > /dev/null; sleep 0.3"
	  client:
	    image: cbpf-test/busybox
	    depends_on: [server]
	    memory: 64MiB
	    networks: {lan: {ip: 172.31.250.12}}
	    command: [sh, -c, "dd if=/dev/zero bs=1000 count=2000 | nc 172.31.250.11 7000; sleep 0.3"]
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	rx=$(report '.targets[] | select(.name == "server") | .cgroup.net_rx_bytes')
	echo "rx $rx"
	[ "$rx" -ge 2000000 ]
	[ "$rx" -lt 2300000 ]
	[ "$(report '.targets[] | select(.name == "client") | .cgroup.memory_limit_bytes')" = $((64 << 20)) ]
	[ "$(report '.targets[] | select(.name == "client") | .cgroup.cpu_usage_ns > 0')" = true ]
}

@test "a container that dies at once: its status, its words, exit 1" {
	printf 'name: dies\nruntime: docker\ncontainers: {a: {image: cbpf-test/busybox, command: [sh, -c, "echo last words; exit 9"]}}\n' > spec.yml
	run_spec spec.yml
	[ "$status" = 1 ]
	[ "$(report '.targets[0].exit_code')" = 9 ]
	grep -F 'last words' runs/latest/logs/a.log
}

@test "a missing image ends with 3 and names it" {
	printf 'name: x\nruntime: docker\ncontainers: {a: {image: cbpf-test/no-such-image:1}}\n' > spec.yml
	run_spec spec.yml
	[ "$status" = 3 ]
	grep -F cbpf-test/no-such-image:1 stderr
}

@test "a missing engine ends with 3 and says how to get one" {
	printf 'name: x\nruntime: docker\ncontainers: {a: {image: cbpf-test/busybox}}\n' > spec.yml
	DOCKER_HOST=unix://$PWD/none.sock run_spec spec.yml
	[ "$status" = 3 ]
	grep -F none.sock stderr
	grep -iE 'start|running' stderr
}

@test "an image without IOR ends before anything runs and says what was looked for" {
	printf 'name: x\nruntime: docker\ncontainers: {a: {image: cbpf-test/busybox, workload: {ior: {}}}}\n' > spec.yml
	run_spec spec.yml
	[ "$status" = 3 ] || [ "$status" = 1 ]
	grep -F cbpf-ior stderr
}

@test "Ctrl-C stops the container and stores the run" {
	printf 'name: x\nruntime: docker\ninterval: 20ms\ncontainers: {a: {image: cbpf-test/busybox, stop_grace: 1s, command: [sleep, "61"]}}\n' > spec.yml
	"$CBPF" run --quiet --json --store runs spec.yml > report.json 2> stderr &
	pid=$!
	wait_until 200 sh -c 'test -n "$(docker ps -q)"'
	sleep 0.5
	kill -INT $pid
	status=0
	wait $pid || status=$?
	[ "$status" = 130 ]
	[ "$(report .status)" = interrupted ]
	[ "$(report .host.engine.name)" = Docker ]
	[ "$(report .host.engine.version)" = "$(docker version --format '{{.Server.Version}}')" ]
}

@test "SIGKILL of cbpf leaves a container that clean removes, and only that" {
	docker run -d --name mine --network none cbpf-test/busybox sleep 61
	printf 'name: x\nruntime: docker\nnetworks: {lan: {subnet: 172.31.251.0/24}}\ncontainers: {a: {image: cbpf-test/busybox, networks: [lan], command: [sleep, "61"]}}\n' > spec.yml
	"$CBPF" run --quiet --store runs spec.yml > out 2> stderr &
	pid=$!
	wait_until 200 sh -c '[ "$(docker ps -q | wc -l)" = 2 ]'
	kill -KILL $pid
	wait $pid || true
	"$CBPF" clean
	[ "$(docker ps --format '{{.Names}}')" = mine ]
	docker rm -f mine
}

@test "an engine that goes away fails the run, in what is stored too" {
	cat > spec.yml <<-'END'
	name: lost
	runtime: docker
	containers:
	  a: {image: cbpf-test/busybox, network_mode: none, command: [sleep, "60"]}
	END
	kept=$DOCKER_HOST
	{ docker_start && docker_busybox; } || { skip_if_cannot; false; }
	"$CBPF" run --store runs --quiet spec.yml > out 2> stderr 3>&- &
	run=$!
	wait_until 200 test -e runs/latest/logs/a.log # it is started, and known
	kill -KILL "$DOCKER_PID"
	status=0
	wait $run || status=$?
	docker_restart
	"$CBPF" clean
	docker_stop
	export DOCKER_HOST=$kept
	[ "$status" = 1 ]
	grep -F 'the Docker engine was lost' stderr
	[ "$("$CBPF" report --store runs --json | jq -r .status)" = failed ]
	"$CBPF" report --store runs --json | jq -e '.losses[] | select(.what == "run")'
}

@test "a profile has the names of what containers run, from files that they alone see" {
	mkdir here
	cp "$BUILD/tests/lib/drive_profile" here/
	cat > spec.yml <<-END
	name: profile
	runtime: docker
	collectors: {block: false, sched: true, profile: {mode: true, frequency: 997}}
	containers:
	  long: {image: cbpf-test/ior, network_mode: none, volumes: ["$PWD/here:/only/here"], command: [/only/here/drive_profile, thread, "1"]}
	  brief: {image: cbpf-test/ior, network_mode: none, volumes: ["$PWD/here:/only/here"], command: [/only/here/drive_profile, short, "3"]}
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	report '.profile, .losses, (.targets[] | [.name, (.profile | values | .stacks = .stacks[:5])])' | head -c 5000
	profile_adds_up report.json
	profile_is_time report.json long
	profile_has report.json long burn_thread 0.85
	profile_has report.json brief burn_short 0.5
	# The C library is the image's.
	report '.targets[] | select(.name == "long").profile.stacks[0].stack' | grep -E '^worker;.*;burn_thread$'
}

@test "a profile finds the files of a container that ends before the next tick" {
	cat > spec.yml <<-END
	name: brief
	runtime: docker
	interval: 10s
	collectors: {block: false, sched: true, profile: {mode: true, frequency: 4999}}
	containers:
	  brief:
	    image: cbpf-test/ior
	    network_mode: none
	    command: [sh, -c, "sleep 1; timeout 0.015 sha256sum /dev/zero; true"]
	END
	# A CPU that is busy with others may not come to it in so short a time.
	for _ in {1..5}; do
		run_spec spec.yml
		[ "$status" = 0 ]
		[ "$(report '[.targets[0].profile.stacks[]?.stack | select(startswith("sha256sum;"))] | length')" = 0 ] || break
	done
	report '[.losses[] | select(.what | startswith("profile"))], .targets[0].profile.stacks[:5]'
	[ "$(report '[.targets[0].profile.stacks[]?.stack | select(startswith("sha256sum;"))] | length')" != 0 ]
	[ "$(report '[.losses[] | select(.what == "profile.files.gone")] | length')" = 0 ]
	# What its cgroup had counted is known to nobody any more.
	[ "$(report '.targets[0].cgroup.cpu_usage_ns')" = null ]
	report '.losses[] | select(.what == "cgroup.gone").reason' | grep '^brief: its cgroup was gone'
}
