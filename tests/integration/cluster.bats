#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Five containers as a cluster: IOR over MPI and ssh, and what is left when one of them dies.

bats_require_minimum_version 1.5.0
load ../lib/jq
load ../lib/run
load ../lib/findings
load ../lib/docker

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
	export CBPF_IOR_IMAGE=cbpf-test/ior
	cp "$ROOT/specs/cluster-mini.yml" spec.yml
}

teardown() {
	[ -z "${CBPF_CANNOT:-}" ] || return 0
	no_own_disk
	nothing_is_left
}

nothing_is_left() {
	[ -z "$(docker ps -aq)" ] &&
		[ -z "$(docker network ls -q --filter label=cbpf.run)" ] &&
		[ -z "$(docker volume ls -q)" ] &&
		! compgen -G '/dev/shm/cbpf-ssh-*' && ! compgen -G '/tmp/cbpf-ssh-*' &&
		no_cgroups && no_keys
}

# Of the containers of this test's runs.
no_cgroups() {
	local id
	jq -r '.targets[].container_id // empty' report.json | while read -r id; do
		find /sys/fs/cgroup -type d -name "*$id*"
	done > cgroups
	[ ! -s cgroups ]
}

# A private key has this in its first line, whatever holds it.
no_keys() {
	[ ! -d runs ] || ! grep -rqF 'PRIVATE KEY' runs
}

# seen OP CONTAINER: what IOR moved there, as the kernel saw it.
seen() {
	report "[.targets[] | select(.name == \"$2\") | .vfs_mounts[] |
		select(.mount == \"/shared/data\") | .ops.$1.bytes // 0] | add // 0"
}

moved() {
	report "[.targets[] | select(.name == \"controller\") | .results[] | select(.op == \"$1\") | .bytes] | add"
}

# has_written CLIENT: its rank has, as its volume shows.
has_written() {
	local dir
	dir=$(docker volume inspect -f '{{.Mountpoint}}' "cbpf-mini-$1" 2>/dev/null) || return
	[ -n "$(find "$dir" -name 'ior.0000*' -size +1M 2>/dev/null)" ]
}

# long_run [ARGS]: begin one that lasts until it is ended, in $pid; returns when both clients are at it.
long_run() {
	"$CBPF" run --store runs --json --quiet --set containers.controller.workload.ior.repetitions=100000 \
		--set containers.controller.workload.ior.block=32MiB "$@" spec.yml > report.json 2> stderr 3>&- &
	pid=$!
	wait_until 1200 has_written client1
	wait_until 1200 has_written client2
}

@test "the cluster of the ready spec: each client's bytes, their sum is what IOR moved" {
	run_spec spec.yml --set containers.controller.workload.ior.rank_details=true
	[ "$status" = 0 ]
	as_argued cluster-mini
	for op in write read; do
		echo "$op: moved $(moved $op), seen $(seen $op client1) + $(seen $op client2)"
		[ "$(moved $op)" = $((16 << 20)) ]
		[ "$(seen $op client1)" = $((8 << 20)) ]
		[ "$(seen $op client2)" = $((8 << 20)) ]
		[ "$(seen $op server1)" = 0 ]
	done
	jq -e '.targets[] | select(.name == "controller") |
		.ranks == [{"rank": 0, "host": "client1"}, {"rank": 1, "host": "client2"}]' report.json
	jq -e '.targets[] | select(.name == "client2") | .ranks_here == [{"rank": 1, "workload": "controller"}]' report.json
	# What each rank did, and where.
	jq -e '.targets[] | select(.name == "controller") | .rank_results | map([.op, .rank, .host]) | sort ==
		[["read", 0, "client1"], ["read", 1, "client2"], ["write", 0, "client1"], ["write", 1, "client2"]]' report.json
	# Phases are those of the ranks' containers, each with its part of the bytes.
	jq -e '.targets[] | select(.name == "client1") | .budget.phases | map([.op, .tool_bytes]) ==
		[["write", 8388608], ["read", 8388608]]' report.json
	jq -e '.targets[] | select(.name == "client2") | .phases | map([.op, .tool.bytes, .tool.tasks]) ==
		[["write", 8388608, 1], ["read", 8388608, 1]]' report.json
	jq -e '.targets[] | select(.name == "controller") | .budget.phases == null and .phases == null' report.json
	jq -e '[.losses[].what] | index("ranks") == null' report.json
	# Services are ended, and that is no failure.
	jq -e '[.targets[] | select(.state == "stopped") | .name] == ["server1", "server2", "client1", "client2"]' report.json
	"$CBPF" report --store runs | grep -E '^  ranks +client1 0, client2 1$'
}

# cluster_of CPUS_OF_CLIENT1 CPUS_OF_CLIENT2 RANKS: what is told of it is in found.
cluster_of() {
	run_spec spec.yml --set "containers.client1.cpus=\"$1\"" --set "containers.client2.cpus=\"$2\"" \
		--set "containers.controller.workload.ior.ranks=$3" \
		--set 'containers.controller.workload.ior.hosts=["client1:2", "client2:2"]'
	[ "$status" = 0 ]
	report '.findings[] | .id + " " + (.target // "run")' | sort -u > found
}

@test "more ranks than CPUs where they ran, and as many: what starts them does not count" {
	local clients='[.targets[] | select(.name | startswith("client"))'
	cluster_of 0 0 4
	cat found
	finds "oversubscribed controller"
	of oversubscribed '.tasks == 4 and .cpus == 2' | grep -qx true
	is oversubscribed .runq_s "$(report "$clients.sched.runq_sum_ns] | add / 1e9")"
	# The rows are those of the clients.
	sqlite3 -readonly runs/latest/run.db ".param init" ".param set ?1 $(sqlite3 -readonly runs/latest/run.db \
		"SELECT id FROM target WHERE name = 'controller'")" "$(of oversubscribed .rows)" > rows
	cat rows
	[ "$(wc -l < rows)" = 2 ]
	cluster_of 0,1 0,1 2
	silent oversubscribed
	# What the clients wrote to is known.
	silent copy-up
}

@test "ranks per host, other addresses of hosts, the environment, and any backend" {
	mkdir image
	cat > image/ior <<-'END'
	#!/bin/sh
	echo "rank $OMPI_COMM_WORLD_RANK on $(hostname): $UCX_TLS $MINE, $*"
	sleep 1
	END
	chmod +x image/ior
	cat > image/Dockerfile <<-'END'
	FROM cbpf-test/ior
	COPY ior /usr/local/bin/
	END
	DOCKER_BUILDKIT=0 docker build --quiet --network none -t cbpf-test/other-ior image
	CBPF_IOR_IMAGE=cbpf-test/other-ior CBPF_CLUSTER_API=BENCHFS run_spec spec.yml \
		--set containers.controller.workload.ior.ranks=3 \
		--set 'containers.controller.workload.ior.hosts=["172.21.0.22:2", "client1:1"]' \
		--set 'containers.controller.workload.ior.options=[--benchfs.registry=/shared/registry]' \
		--set 'containers.controller.workload.ior.env={UCX_TLS: "tcp,self", MINE: "a b", OMPI_MCA_btl: "tcp,self"}'
	docker rmi -f cbpf-test/other-ior
	sort runs/latest/logs/controller.log
	[ "$(grep -c '^rank .* on client2: tcp,self a b, -a BENCHFS .*--benchfs.registry=/shared/registry' runs/latest/logs/controller.log)" = 2 ]
	[ "$(grep -c '^rank .* on client1: tcp,self a b, ' runs/latest/logs/controller.log)" = 1 ]
	jq -e '[.targets[] | select(.name == "controller") | .ranks[] | .host] | sort ==
		["client1", "client2", "client2"]' report.json
	jq -e '[.targets[] | select(.name == "controller").results[].binary] == ["ior"]' report.json
	# It printed no results that are known: that is told, and the run has failed.
	[ "$status" = 1 ]
}

@test "a client that is killed in mid-run: the run ends, says why, and is stored" {
	long_run --set containers.controller.stop_grace=2s
	docker kill "$(docker ps -q --filter label=cbpf.target=client1)"
	status=0
	wait $pid || status=$?
	cat stderr
	[ "$status" = 1 ]
	grep -F 'client1: ended while others needed it: exited with status 137' stderr
	grep -F "controller: told to end: client1, which it depends on, ended before it" stderr
	[ "$(report .status)" = failed ]
	[ "$("$CBPF" report --store runs --json | jq -r .status)" = failed ]
	[ "$(seen write client1)" -gt 0 ]
	[ "$(seen write client2)" -gt 0 ]
}

@test "cbpf that is killed leaves a cluster that clean removes" {
	long_run
	kill -KILL $pid
	wait $pid || true
	"$CBPF" clean
	echo '{"targets": []}' > report.json
}

@test "before each phase the disks of the hosts are prepared, not the controller's" {
	own_disk one 256M
	first=$disk
	own_disk two 256M
	run_spec spec.yml --set 'containers.controller.before={sync: true, trim: true, settle: 10s}' \
		--set "containers.client1.volumes=['$PWD/one:/shared/data']" \
		--set "containers.client2.volumes=['$PWD/two:/shared/data']"
	[ "$status" = 0 ]
	jq -c '[.events[] | select(.what == "before") | .text]' report.json
	jq -e --arg one "/dev/$first" --arg two "/dev/$disk" '[.events[] | select(.what == "before" and .target == "controller")
		| .text] | length == 6 and ([.[] | select(test("trim: .* of free blocks of 2 file systems were discarded"))]
		| length) == 2 and ([.[] | select(contains("settle: \($one), \($two) "))] | length) == 2' report.json
	jq -e --arg one "$first" --arg two "$disk" '($one, $two) as $d | [.targets[].block[$d].discard.bytes // 0] | add
		| . > 100000000' report.json
	[ "$(seen write client1)" = $((8 << 20)) ]
	[ "$(seen read client2)" = $((8 << 20)) ]
}

@test "a host's own command is a service, is waited for, and has failed when it breaks at its end" {
	cat > own.yml <<-'END'
	name: own
	runtime: docker
	collectors: {block: false}
	networks: {lan: {subnet: 172.31.249.0/24}}
	containers:
	  controller:
	    image: cbpf-test/ior
	    ssh: true
	    networks: {lan: {ip: 172.31.249.10}}
	    workload:
	      ior: {hosts: [node], transfer: 64KiB, block: 1MiB, file: /tmp/x, mpirun: [--mca, btl_tcp_if_include, 172.31.249.0/24]}
	  node:
	    image: cbpf-test/ior
	    ssh: true
	    networks: {lan: {ip: 172.31.249.11}}
	    command: |
	      sleep 1
	      trap "${AT_END:-exit 3}" TERM
	      /usr/sbin/sshd -D -e -f /etc/cbpf-ssh/sshd_config & wait
	END
	run_spec own.yml
	[ "$status" = 0 ]
	jq -e '.targets[] | select(.name == "node") | .state == "stopped" and .exit_code == 3 and .failure == null
		and .ready_ns > .start_ns and .ranks_here == [{"rank": 0, "workload": "controller"}]' report.json
	jq -e '(.targets[] | select(.name == "node") | .ready_ns) as $ready
		| .targets[] | select(.name == "controller") | .start_ns >= $ready' report.json
	# As a shell says that SIGSEGV has ended what it ran.
	AT_END='exit 139' run_spec own.yml
	[ "$status" = 1 ]
	grep -F 'node: crashed when it was told to end: exited with status 139' stderr
}

# keys_under_way: a run whose keys are being made for ever, in $pid, with them in $keys.
keys_under_way() {
	mkdir -p bin
	rm -f made
	printf '#!/bin/sh\n%s "$@"\necho $$ > "%s/made"\nexec sleep 60\n' "$real" "$PWD" > bin/ssh-keygen
	chmod +x bin/ssh-keygen
	PATH=$PWD/bin:$PATH "$CBPF" run --store runs --quiet spec.yml > out 2>&1 3>&- &
	pid=$!
	wait_until 600 test -s made
	keys=$(compgen -G '/dev/shm/cbpf-ssh-*' || compgen -G '/tmp/cbpf-ssh-*')
	grep -qF 'PRIVATE KEY' "$keys/id"
}

@test "keys that a killed cbpf was making are swept by clean and by the next run, and by no other" {
	real=$(command -v ssh-keygen)
	keys_under_way
	"$CBPF" clean | tee cleaned
	run ! grep -F 'ssh keys' cleaned
	[ -d "$keys" ]
	kill -KILL $pid
	wait $pid || true
	kill "$(cat made)"
	[ -d "$keys" ]
	"$CBPF" clean --dry-run | grep -F "would remove ssh keys in $keys"
	"$CBPF" clean | grep -F "removed ssh keys in $keys"
	[ ! -e "$keys" ]
	keys_under_way
	kill -KILL $pid
	wait $pid || true
	kill "$(cat made)"
	[ -d "$keys" ]
	# One that has nothing to do with what else is left.
	printf '%s\n' 'name: next' 'runtime: docker' 'collectors: {block: false}' 'containers:' \
		'  a: {image: cbpf-test/ior, ssh: true, command: "true"}' > next.yml
	run_spec next.yml
	[ "$status" = 0 ]
	[ ! -e "$keys" ]
	"$CBPF" clean
}

@test "an image without sshd is refused before anything runs" {
	run_spec spec.yml --set containers.server1.image=cbpf-test/busybox
	[ "$status" = 3 ] || [ "$status" = 1 ]
	grep -F "image 'cbpf-test/busybox' has no /usr/sbin/sshd: install openssh-server there" stderr
	echo '{"targets": []}' > report.json
}

@test "an sshd that never answers is waited for no longer than asked" {
	run_spec spec.yml --set containers.client2.entrypoint='[/bin/sleep, "60"]' \
		--set containers.client2.command='[]' --set containers.client2.ready.timeout=1s \
		--set containers.client2.stop_grace=0s
	[ "$status" = 1 ]
	jq -e '.targets[] | select(.name == "client2") | .failure | test("^(not ready 1 s after its start|ended before it was ready)")' report.json
	jq -e '.targets[] | select(.name == "controller") | .start_ns == null' report.json
}

@test "keys differ from run to run, and as another user than root" {
	cat > spec.yml <<-'END'
	name: users
	runtime: docker
	collectors: {block: false}
	networks: {lan: {subnet: 172.31.249.0/24}}
	containers:
	  node: {image: cbpf-test/ior, ssh: true, user: "1000:1000", networks: {lan: {ip: 172.31.249.11}}}
	  shell:
	    image: cbpf-test/ior
	    ssh: true
	    user: "1000:1000"
	    networks: {lan: {ip: 172.31.249.12}}
	    depends_on: [node]
	    command: [sh, -c, "cat /etc/cbpf-ssh/known_hosts; stat -c %a,%u /etc/cbpf-ssh/id"]
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	cp runs/latest/logs/shell.log first
	run_spec spec.yml
	[ "$(sed -n 2p first)" = 600,1000 ]
	run ! diff first runs/latest/logs/shell.log
}
