#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What rules conclude of containers: where their files are, and what MPI misses there. Each is provoked, with
# the right numbers, and has a control beside it that does not provoke it.

load ../lib/docker
load ../lib/jq
load ../lib/run

setup_file() {
	# As the profile of Docker was before 20.10: only who may trace reads the memory of others.
	cat > "$BATS_FILE_TMPDIR/seccomp.json" <<-'END'
	{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["process_vm_readv", "process_vm_writev"],
	  "action": "SCMP_ACT_ERRNO", "args": [], "includes": {}, "excludes": {"caps": ["CAP_SYS_PTRACE"]}}]}
	END
	{ docker_start --seccomp-profile "$BATS_FILE_TMPDIR/seccomp.json" && docker_busybox && docker_ior; } ||
		[ -n "${CBPF_CANNOT:-}" ]
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
	[ -z "$(docker ps -aq)" ]
	[ -z "$(docker volume ls -q)" ]
}

# told ID TARGET FILTER: its evidence.
told() {
	report "[.findings[] | select(.id == \"$1\" and .target == \"$2\")] | first | .evidence | $3"
}

# holds ID TARGET FILTER: it is told, and this is so.
holds() {
	echo "$2: $1: $(told "$1" "$2" .)"
	[ "$(told "$1" "$2" "$3")" = true ]
}

# silent ID TARGET: and not for want of anything.
silent() {
	echo "$2: $1: $(told "$1" "$2" .)"
	report "[(.findings, .not_judged)[] | select(.id == \"$1\" and .target == \"$2\")] | length" | grep -qx 0
}

@test "files of the image that are opened to be written, new ones on the container's layer, and on a volume" {
	mkdir image
	printf 'FROM cbpf-test/ior\nRUN mkdir /lower && head -c 64M /dev/zero >/lower/f\n' > image/Dockerfile
	DOCKER_BUILDKIT=0 docker build --quiet --network none -t cbpf-test/lower image
	cat > spec.yml <<-'END'
	name: places
	runtime: docker
	x-ior: &ior {transfer: 1MiB, block: 4MiB, write: true}
	containers:
	  lower:
	    image: cbpf-test/lower
	    network_mode: none
	    workload: {ior: {<<: *ior, file: /lower/f, options: [-E]}}
	  new:
	    image: cbpf-test/lower
	    network_mode: none
	    workload: {ior: {<<: *ior, file: /lower/g, options: [-E]}}
	  volume:
	    image: cbpf-test/ior
	    network_mode: none
	    volumes: ["data:/data"]
	    workload: {ior: {<<: *ior, file: /data/f}}
	END
	run_spec spec.yml
	docker rmi -f cbpf-test/lower
	[ "$status" = 0 ]
	# What the kernel copied is the file; how long opening took is IOR's word, and most of that is one call.
	holds copy-up lower '.copied_bytes >= 67108864 and .copied_bytes < 72000000'
	open_s=$(report '.targets[] | select(.name == "lower").results[0].open_s')
	holds copy-up lower ".open_s == $open_s and .open_ratio > 0.5"
	report '[.targets[] | select(.name == "lower").vfs_mounts[] | select(.fs == "overlay").ops.open.latency_ns.max][0]' > longest
	jq -e --argjson s "$open_s" '. <= $s * 1e9 and . > $s * 0.5e9' longest
	silent copy-up new
	silent copy-up volume
	holds writable-layer lower '.ratio > 0.99'
	holds writable-layer new '.ratio > 0.99'
	silent writable-layer volume
}

@test "a quarter on the container's layer, three quarters in memory, and all on a volume" {
	cat > spec.yml <<-'END'
	name: shares
	runtime: docker
	x-write: &write
	  image: cbpf-test/busybox
	  network_mode: none
	  command: [sh, -c, "dd if=/dev/zero of=/f bs=1M count=2; dd if=/dev/zero of=/data/f bs=1M count=6; sleep 0.3"]
	containers:
	  layer: {<<: *write, volumes: ["data:/data"]}
	  memory: {<<: *write, volumes: ["tmpfs:/data"]}
	  volume:
	    <<: *write
	    volumes: ["data2:/data"]
	    command: [sh, -c, "dd if=/dev/zero of=/data/f bs=1M count=8; sleep 0.3"]
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	holds writable-layer layer '.ratio == 0.25'
	holds writable-layer memory '.ratio == 0.25'
	holds tmpfs memory '.ratio == 0.75'
	silent tmpfs layer
	silent tmpfs volume
	silent writable-layer volume
	# The bytes of dd itself.
	[ "$(grep 'records out' runs/latest/logs/memory.log)" = "$(printf '2+0 records out\n6+0 records out')" ]
}

@test "single copies that are refused and those that are not, both ranks ending well" {
	mkdir here
	cp "$BUILD/tests/lib/mpi_send" here/
	cat > spec.yml <<-END
	name: cma
	runtime: docker
	collectors: {block: false}
	x-send: &send
	  image: cbpf-test/ior
	  network_mode: none
	  volumes: ["$PWD/here:/here"]
	  command: >-
	    exec mpirun --allow-run-as-root --oversubscribe --bind-to none -np 2 /here/mpi_send 3000000
	containers:
	  refused: {<<: *send}
	  allowed: {<<: *send, cap_add: [SYS_PTRACE]}
	END
	run_spec spec.yml
	cat runs/latest/logs/*.log
	[ "$status" = 0 ]
	holds cma refused '.expected_bytes == 3000000 and .errno == 1'
	silent cma allowed
	# The words are the run's own.
	report '.events[] | select(.what == "said" and .target == "refused").text' | grep -F 'Read -1, expected 3000000, errno = 1'
}

@test "shared memory that is too small for MPI, and for a program, and some that is not" {
	cat > spec.yml <<-'END'
	name: shm
	runtime: docker
	collectors: {block: false}
	x-ior: &ior
	  image: cbpf-test/ior
	  network_mode: none
	  workload: {ior: {transfer: 64KiB, block: 1MiB, ranks: 2, file: /tmp/f}}
	containers:
	  small: {<<: *ior, shm_size: 1MiB}
	  enough: {<<: *ior, shm_size: 64MiB}
	  broken:
	    image: cbpf-test/ior
	    network_mode: none
	    shm_size: 1MiB
	    command: >-
	      truncate -s 4M /dev/shm/f; exec fio --name=f --filename=/dev/shm/f --size=4M --ioengine=mmap --rw=write --bs=64k --thread
	  files:
	    image: cbpf-test/busybox
	    network_mode: none
	    command: [sh, -c, "cat /dev/shm/none"]
	END
	# Open MPI loses its own message now and then ("Data unpack would read past end of buffer").
	for _ in 1 2 3 4; do
		run_spec spec.yml
		! grep -q 'Space Available' runs/latest/logs/small.log || break
	done
	[ "$status" = 1 ]
	asked=$(sed -n 's/.*Space Requested: \([0-9]*\) B.*/\1/p' runs/latest/logs/small.log | head -n 1)
	echo "asked for $asked"
	[ "$asked" -gt $((1 << 20)) ]
	holds shm small ".requested_bytes == $asked and .available_bytes == 1048576"
	holds shm broken '.exit_code == 135'
	silent shm enough
	silent shm files
	[ "$(report '.targets[] | select(.name == "enough").exit_code')" = 0 ]
}
