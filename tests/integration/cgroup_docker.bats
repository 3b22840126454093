#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# container-bench's docker_ fields, read from cgroup files, beside what a Docker engine itself tells of the same
# container: that has worked, and does nothing while it is asked.

load ../lib/jq
load ../lib/run
load ../lib/docker

setup_file() {
	{ docker_start && docker_busybox; } || [ -n "${CBPF_CANNOT:-}" ]
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
	cat stderr 2>/dev/null
	[ -z "${CBPF_CANNOT:-}" ] || return 0
	kill "$RUN" 2>/dev/null && wait "$RUN"
	no_own_disk
	[ -z "$(docker ps -aq)" ]
}

# The names of container-bench for what the engine's API tells, of cgroup v1 or v2. There is one network, and what loop
# devices do is done by those below once more.
from_engine() {
	jq '{
		cpu_usage_total: .cpu_stats.cpu_usage.total_usage,
		cpu_throttling: .cpu_stats.throttling_data.throttled_time,
		memory_usage: .memory_stats.usage,
		memory_limit: .memory_stats.limit,
		memory_usage_percent: (.memory_stats | 100 * .usage / .limit),
		memory_cache: (.memory_stats.stats | .cache // .file),
		memory_rss: (.memory_stats.stats | .rss // .anon),
		memory_swap: (.memory_stats.stats.swap // 0),
		network_rx_bytes: .networks.eth0.rx_bytes, network_rx_packets: .networks.eth0.rx_packets,
		network_tx_bytes: .networks.eth0.tx_bytes, network_tx_packets: .networks.eth0.tx_packets
	} + (.blkio_stats | def sum($op): [.[]? | select(.major != 7 and (.op | ascii_downcase) == $op).value] | add; {
		disk_read_bytes: .io_service_bytes_recursive | sum("read"),
		disk_write_bytes: .io_service_bytes_recursive | sum("write"),
		disk_read_ops: .io_serviced_recursive | sum("read"),
		disk_write_ops: .io_serviced_recursive | sum("write")
	}) | with_entries(.key |= "docker_" + .)' answer.json
}

# How the engine counts user and kernel, and in which steps, depends on its version: only that it is about that.
about_the_engines() {
	jq -n --slurpfile ours ours.json --slurpfile answer answer.json '
		$answer[0].cpu_stats.cpu_usage as $e | $ours[0][-1].fields |
		[.docker_cpu_usage_kernel - $e.usage_in_kernelmode, .docker_cpu_usage_user - $e.usage_in_usermode] |
		map(fabs < 50000000 + $e.total_usage / 4) | all' | grep -qx true
}

@test "each field is what the engine tells" {
	own_disk data 64M
	cat > spec.yml <<-END
	name: fields
	runtime: docker
	interval: 50ms
	networks: {lan: {subnet: 172.31.251.0/24}}
	sinks: {jsonl: points.jsonl}
	containers:
	  c:
	    image: cbpf-test/busybox
	    cpus: "0"
	    cpu_limit: 0.1
	    memory: 64MiB
	    io: {device: /dev/$disk, write_bps: 64MiB}
	    volumes: ["$PWD/data:/data"]
	    networks: {lan: {ip: 172.31.251.11}}
	    command:
	      - sh
	      - -c
	      - |
	        i=0; while [ \$i -lt 50000 ]; do i=\$((i + 1)); done
	        dd if=/dev/zero of=/data/f bs=64k count=64 conv=fsync
	        ping -c 3 172.31.251.1
	        touch /data/idle
	        sleep 100
	END
	"$CBPF" run --store runs --json --quiet spec.yml > report.json 2>stderr 3>&- 8>&- &
	RUN=$!
	wait_until 600 [ -e data/idle ]
	sleep 0.3
	before=$(date +%s%N)
	curl -sf --unix-socket "${DOCKER_HOST#unix://}" \
		"http://engine/containers/$(docker ps -q)/stats?stream=false&one-shot=true" > answer.json
	after=$(date +%s%N)
	sleep 0.3
	kill -INT "$RUN"
	wait "$RUN" || true
	from_engine > engine.json
	# From the tick before the engine was asked to the one after it.
	jq -s --argjson from "$before" --argjson to "$after" 'map(select(.measurement == "benchmark_metrics")) |
		(map(select(.time_ns <= $from))[-1].time_ns) as $first | (map(select(.time_ns >= $to))[0].time_ns) as $last |
		map(select(.time_ns >= $first and .time_ns <= $last))' points.jsonl > ours.json
	[ "$(jq length ours.json)" -ge 2 ]
	jq -rn --slurpfile ours ours.json --slurpfile engine engine.json '$engine[0] | to_entries[] |
		.key as $key | [$ours[0][].fields[$key]] as $v |
		"\(if $v[0] and ($v | min) <= .value and .value <= ($v | max) then "as" else "NOT as" end) the engine: " +
		"\(.key) \(.value), ours \($v | min) to \($v | max)"' | tee told
	[ "$(grep -c '^as the engine' told)" = 16 ] && ! grep '^NOT' told
	about_the_engines
	[ "$(jq -r '.[-1].fields | [.docker_assigned_cores, .docker_memory_limit, (.docker_cpu_usage_percent >= 0),
		.docker_disk_write_bytes, (.docker_cpu_throttling > 0), (.docker_network_rx_packets > 0)] |
		tojson' ours.json)" = "[\"0\",$((64 << 20)),true,$((4 << 20)),true,true]" ]
}
