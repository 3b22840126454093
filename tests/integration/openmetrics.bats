#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is scraped, judged by those who scrape: promtool, a strict reader of OpenMetrics, Prometheus.

bats_require_minimum_version 1.5.0
load ../lib/jq

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	DRIVE=${CBPF_BUILD:-$ROOT/build}/tests/lib/drive_openmetrics
	cd "$BATS_TEST_TMPDIR" || return 1
	mkfifo orders
}

teardown() {
	exec 7>&-
	[ -z "${server:-}" ] || wait "$server" || true
	if [ -n "${prometheus:-}" ]; then
		kill "$prometheus" 2>/dev/null
		wait "$prometheus" || true
	fi
}

serve() { # [MORE]: start the driver; $url is where it listens
	"$DRIVE" "$@" <orders >answers 2>errors 3>&- &
	server=$!
	exec 7>orders
	for _ in $(seq 300); do
		read -r url <answers && [ -n "$url" ] && return
		sleep 0.1
	done
	cat errors
	return 1
}

tell() { # N: so many ticks more
	local before
	before=$(grep -c told answers || true)
	echo "tick $1" >&7
	for _ in $(seq 300); do
		[ "$(grep -c told answers)" = "$before" ] || return 0
		sleep 0.1
	done
	return 1
}

# The end of the driver is a whole one, and its losses are in `answers`.
finish() {
	exec 7>&-
	wait "$server"
	server=
}

read_strictly() { /usr/bin/python3 "$ROOT/tests/lib/openmetrics_check.py"; }

@test "promtool finds nothing to complain of, whatever names are" {
	serve
	tell 3
	curl -sSf -H 'Accept: text/plain' "$url" >classic
	grep -F '# TYPE cbpf_block_ios_total counter' classic
	said=$(promtool check metrics <classic 2>&1)
	echo "$said"
	[ -z "$said" ]
}

@test "OpenMetrics is read strictly, and names come back as they were" {
	serve
	tell 3
	curl -sSf "$url" >scrape
	[ "$(tail -n 1 scrape)" = "# EOF" ]
	read_strictly <scrape >samples
	jq -es 'map(select(.name == "cbpf_block_ios_total") | .labels.target) == [
		"plain", "quote \" backslash \\ newline \n end", "é€😀 {a=\"b\"}, # HELP x",
		"no UTF-8 ??", "\\n"]' samples
	jq -es 'map(select(.name == "cbpf_block_ios_total").value) == [30, 33, 36, 39, 42]' samples
	jq -es 'map(select(.name == "cbpf_cgroup_cpu_usage_seconds_total").value) | all(. == 3.000000003)' samples
	jq -es 'map(select(.name == "cbpf_block_queue_seconds_total")) | length == 5 and
		all(.value == 0.003703701 and .unit == "seconds" and .type == "counter")' samples
	jq -es 'map(select(.name == "cbpf_block_cache_total")) | length == 5 and
		all(.labels.name == "cache_L1-dcache:u \"\\\n" and .value == 3)' samples
	jq -es 'map(select(.name == "cbpf_block_busy_ratio").value) | length == 5 and all(. == 0.5)' samples
	jq -es 'map(select(.name == "cbpf_run_info")) | length == 1 and .[0].value == 1 and
		.[0].labels.benchmark_id == "run \"1\""' samples
	# Nothing that only the database can say, no text, no quantiles.
	run ! grep -E 'p99|scheduler' scrape
	finish
	[ "$(grep -c 'sink.openmetrics 3: .*no UTF-8' answers)" = 2 ] # of each measurement
}

@test "histograms are cumulative and exact at every edge" {
	serve
	tell 2
	curl -sSf "$url" | read_strictly >samples
	jq -es 'map(select(.name == "cbpf_block_total_seconds_bucket" and .labels.target == "plain"))
		| length == 30 and .[-1].labels.le == "+Inf" and .[-1].value == 20 and
		  (map(.value) | . == sort) and
		  # 100 us, 200 us, ...: each edge but the last has those that are not longer.
		  all(.[:-1][]; (.labels.le | tonumber) as $le | .value ==
			2 * ([range(10) | select(0.0001 * pow(2; .) <= $le)] | length))' samples
	jq -es 'map(select(.name == "cbpf_block_total_seconds_count" and .labels.target == "plain").value)
		== [20]' samples
	jq -es 'map(select(.name == "cbpf_block_total_seconds_sum" and .labels.target == "plain").value)
		== [0.2046]' samples
	# A power of two is the last of its bucket.
	jq -es 'map(select(.name == "cbpf_block_size_bytes_bucket" and .labels.target == "plain" and
		.value == 0).labels.le) == ["512.0", "1024.0", "2048.0"]' samples
	jq -es 'map(select(.name == "cbpf_block_size_bytes_sum" and .labels.target == "plain")) |
		length == 1 and .[0].value == 8192 and .[0].unit == "bytes"' samples
}

@test "both formats say the same" {
	serve
	tell 2
	curl -sSf "$url" | grep -v -e '^#' -e ^cbpf_exporter -e ^process | sed 's/\(le="[0-9]*\)\.0"}/\1"}/' >new
	curl -sSf -H 'Accept: text/plain' "$url" | grep -v -e '^#' -e ^cbpf_exporter -e ^process >old
	[ "$(wc -l <new)" -gt 200 ]
	diff new old
}

@test "cbpf tells of itself" {
	serve
	curl -sSf "$url" | read_strictly >samples
	run ! grep last_tick samples
	tell 4
	curl -sSf "$url" | read_strictly >samples
	value() { jq -s --arg n "$1" 'map(select(.name == $n).value)[0]' samples; }
	[ "$(value cbpf_exporter_up)" = 1 ]
	[ "$(value cbpf_exporter_ticks_total)" = 4 ]
	[ "$(value cbpf_exporter_points_total)" = 40 ]
	[ "$(value cbpf_exporter_scrapes_total)" = 2 ]
	[ "$(value cbpf_exporter_series)" = "$(grep -c -v -e cbpf_exporter -e cbpf_run -e process_ samples)" ]
	jq -es 'map(select(.name == "process_resident_memory_bytes").value)[0] > 1000000' samples
	jq -es 'map(select(.name == "process_cpu_seconds_total").value)[0] > 0' samples
	jq -es 'map(select(.name == "cbpf_exporter_last_tick_age_seconds").value)[0] > 0' samples
}

@test "beyond the limit of series, counters of some are served and the rest is told" {
	serve 3000
	tell 1
	curl -sSf "$url" | read_strictly >samples
	series=$(grep -c -v -e cbpf_exporter -e cbpf_run -e process_ samples)
	[ "$series" = 20000 ]
	jq -es 'map(select(.name == "cbpf_exporter_refused_values_total").value)[0] > 1000' samples
	finish
	grep -E '^sink.openmetrics [0-9]{4,}: more than 20000 series' answers
}

@test "scrapes at the same time are whole while points come" {
	serve
	tell 1
	for i in 1 2 3 4; do
		for _ in $(seq 15); do
			curl -sSf "$url" >"scrape.$i" && read_strictly <"scrape.$i" >/dev/null || exit 1
		done 3>&- 7>&- &
		jobs[i]=$!
	done
	for _ in $(seq 10); do
		tell 200
	done
	for i in 1 2 3 4; do
		wait "${jobs[i]}"
	done
	curl -sSf "$url" | read_strictly |
		jq -es 'map(select(.name == "cbpf_block_ios_total").value)[0] == 2001 * 10'
}

@test "a Prometheus that scrapes it answers queries with the same numbers" {
	serve
	tell 5
	address=${url#http://}
	cat >prometheus.yml <<-END
	global: {scrape_interval: 1s, scrape_timeout: 1s}
	scrape_configs:
	- {job_name: cbpf, static_configs: [{targets: ["${address%%/*}"]}]}
	END
	promtool check config prometheus.yml
	port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	prometheus --config.file=prometheus.yml --storage.tsdb.path=tsdb --log.level=warn \
		--web.listen-address="127.0.0.1:$port" >prometheus.log 2>&1 3>&- 7>&- &
	prometheus=$!
	query() {
		curl -sSf --get --data-urlencode "query=$1" "http://127.0.0.1:$port/api/v1/query" >result &&
			jq -e '.status == "success"' result >/dev/null
	}
	for _ in $(seq 300); do
		query 'up{job="cbpf"} == 1' 2>/dev/null && jq -e '.data.result | length == 1' result && break
		sleep 0.2
	done
	cat prometheus.log
	query 'cbpf_block_ios_total'
	jq -e '[.data.result[] | {(.metric.target): .value[1]}] | add == {"plain": "50",
		"quote \" backslash \\ newline \n end": "55", "é€😀 {a=\"b\"}, # HELP x": "60",
		"no UTF-8 ??": "65", "\\n": "70"}' result
	query 'cbpf_cgroup_cpu_usage_seconds_total{target="plain"}'
	jq -e '.data.result[0].value[1] == "5.000000005"' result
	query 'sum by (target) (cbpf_block_total_seconds_bucket{target="plain",le="+Inf"})'
	jq -e '.data.result[0].value[1] == "50"' result
	# The median of 100 us, 200 us, ... lies in the bucket of the fifth.
	query 'histogram_quantile(0.5, sum by (le) (cbpf_block_total_seconds_bucket{target="plain"}))'
	jq -e '.data.result[0].value[1] | tonumber | . > 0.0010 and . < 0.0021' result
	curl -sSf "http://127.0.0.1:$port/api/v1/metadata" >result
	jq -e '.data.cbpf_block_queue_seconds[0] | .type == "counter" and .unit == "seconds"
		and .help == "time in the queue"' result
	jq -e '.data.cbpf_block_total_seconds[0].type == "histogram"' result
	# It asks for OpenMetrics.
	curl -sSf "http://127.0.0.1:$port/api/v1/targets" | jq -e '.data.activeTargets[0].lastError == ""'
}
