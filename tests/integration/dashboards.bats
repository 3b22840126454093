#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Dashboards name what there is: each query is run by a real InfluxDB or Prometheus that has every measurement.

bats_require_minimum_version 1.5.0
load ../lib/jq

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	BUILD=${CBPF_BUILD:-$ROOT/build}
	DRIVE=$BUILD/tests/lib/drive_dashboard
	cd "$BATS_TEST_TMPDIR" || return 1
	pids=()
}

teardown() {
	exec 7>&-
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" || true
	done
}

free_port() {
	/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

await() { # COMMAND...: until it succeeds, but not for ever
	for _ in $(seq 300); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	echo "waited in vain for: $*"
	return 1
}

dashboard() { "$BUILD/cbpf" help --dashboard "$1"; }

read_dashboard() { /usr/bin/python3 "$ROOT/tests/lib/dashboard_queries.py" "$@"; }

@test "every InfluxQL query has an answer from InfluxDB" {
	port=$(free_port)
	INFLUXDB_HTTP_BIND_ADDRESS="127.0.0.1:$port" INFLUXDB_BIND_ADDRESS=127.0.0.1:0 \
		INFLUXDB_META_DIR="$PWD/meta" INFLUXDB_DATA_DIR="$PWD/data" INFLUXDB_DATA_WAL_DIR="$PWD/wal" \
		INFLUXDB_REPORTING_DISABLED=true influxd -config /dev/null >influx.log 2>&1 3>&- &
	pids+=($!)
	url=http://127.0.0.1:$port
	await curl -sSf "$url/ping"
	curl -sSf -X POST "$url/query" --data-urlencode 'q=CREATE DATABASE cbpf'
	"$DRIVE" lines >lines
	curl -sSf -X POST "$url/write?db=cbpf" --data-binary @lines
	dashboard influxql >dashboard.json
	read_dashboard queries dashboard.json >queries
	[ "$(wc -l <queries)" -gt 60 ]
	ask() { curl -sSf -G "$url/query" --data-urlencode db=cbpf --data-urlencode "q=$1" >answer; }
	while IFS= read -r line; do
		query=$(jq -r .query <<<"$line")
		echo "$query"
		ask "$query"
		jq -e 'has("error") or any(.results[]; has("error")) | not' answer
		jq -e '[.results[].series[].values[][1] | values] | length > 0' answer
	done <queries
	# 1000 in each second; 1000 ns in each.
	value() { jq -r --arg p "$1" 'select(.panel == $p).query' queries | head -n 1; }
	ask "$(value 'Requests completed')"
	jq -e '[.results[0].series[0].values[][1] | values] | max == 1000' answer
	ask "$(value 'CPU time (100 %: one CPU)')"
	jq -e '[.results[0].series[0].values[][1] | values] | max | . > 0.9e-6 and . < 1.1e-6' answer
	ask "$(value 'Share of the device'"'"'s time')"
	jq -e '[.results[0].series[0].values[][1] | values] | max | . > 0.9e-6 and . < 1.1e-6' answer
	ask "$(value 'What tools said')"
	jq -e '.results[0].series[0].columns | .[:5] == ["time", "target", "tool", "op", "iteration"]' answer
	# Variables, too.
	for query in $(jq -r '.templating.list[] | select(.type == "query").query | @base64' dashboard.json); do
		query=$(base64 -d <<<"$query")
		# shellcheck disable=SC2016
		ask "${query//'$benchmark_id'/run}"
		jq -e '[.results[0].series[].values[][1]] | unique | . == ["run"] or . == ["some"]' answer
	done
}

@test "InfluxQL and Flux name only tags and fields of the measurement they read" {
	"$DRIVE" names | cut -f 1,3 | sort -u >there
	[ "$(wc -l <there)" -gt 300 ]
	for kind in influxql flux; do
		dashboard $kind >$kind.json
		read_dashboard names $kind.json | sort -u >$kind.named
		[ "$(wc -l <$kind.named)" -gt 100 ]
		comm -23 $kind.named there >unknown
		cat unknown
		[ ! -s unknown ]
	done
	# Both look at the same.
	cut -f 1 influxql.named | sort -u >a
	cut -f 1 flux.named | sort -u >b
	diff a b
}

@test "every PromQL query has an answer from Prometheus" {
	mkfifo orders
	"$DRIVE" serve <orders >where 3>&- &
	pids+=($!)
	exec 7>orders
	await test -s where
	address=$(sed 's|http://||; s|/.*||' where)
	cat >prometheus.yml <<-END
	global: {scrape_interval: 1s, scrape_timeout: 1s}
	scrape_configs:
	- {job_name: cbpf, static_configs: [{targets: ["$address"]}]}
	END
	port=$(free_port)
	prometheus --config.file=prometheus.yml --storage.tsdb.path=tsdb --log.level=warn \
		--web.listen-address="127.0.0.1:$port" >prometheus.log 2>&1 3>&- 7>&- &
	pids+=($!)
	ask() {
		curl -sS -G --data-urlencode "query=$1" "http://127.0.0.1:$port/api/v1/query" >answer &&
			jq -e '.status == "success" and (.data.result | length > 0)' answer
	}
	dashboard prometheus >dashboard.json
	read_dashboard queries dashboard.json >queries
	[ "$(wc -l <queries)" -gt 60 ]
	await ask 'rate(cbpf_block_ios_total[5s]) > 0'
	while IFS= read -r line; do
		query=$(jq -r .query <<<"$line")
		echo "$query"
		ask "$query" || { cat answer; return 1; }
	done <queries
	# Names by which it lists runs and targets.
	ask 'cbpf_run_info{benchmark_id="run"}'
	ask '{__name__=~"cbpf_.+", benchmark_id="run", target="some"}'
	# Names of real measurements are fine by its own checker, and none is there twice.
	curl -sSf -H 'Accept: text/plain' "http://$address/metrics" >classic
	said=$(promtool check metrics <classic 2>&1)
	echo "$said"
	[ -z "$said" ]
	curl -sSf "http://$address/metrics" | /usr/bin/python3 "$ROOT/tests/lib/openmetrics_check.py" >samples
	[ "$(wc -l <samples)" -gt 300 ]
	exec 7>&-
	wait "${pids[0]}"
	cat where
	[ "$(wc -l <where)" = 1 ] # nothing was lost
}
