#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Whole runs and their sinks: a server holds every row of a run once, whatever happened to it meanwhile.

bats_require_minimum_version 1.5.0
load ../lib/jq
load ../lib/run
load ../lib/sinks
load ../lib/influx

setup() {
	need_root
	influx_setup
	PATH=$BUILD:$PATH
}

teardown() {
	influx_end
	[ -z "$(left_running)" ]
}

# sums_of RUN.db: the server's are those of its tables, whatever sinks are fed with.
sums_of() {
	python3 -B "$ROOT/tests/lib/influx_sums.py" "$INFLUX" d "$1" tick sample histogram block share device_sample device_depth
}

# And each value is what another sink has.
holds() {
	sums_of runs/latest/run.db
	as_file
	python3 -B "$ROOT/tests/lib/influx_holds.py" "$INFLUX" d all.jsonl
}

need_influxd() {
	command -v influxd > /dev/null || skip "no influxd: run docker/packages.sh test"
}

create() {
	curl -sSf -XPOST "$INFLUX/query" --data-urlencode "q=CREATE DATABASE d" > /dev/null
}

in_influx() { # QUERY: the first value
	curl -sSf -G "$INFLUX/query" --data-urlencode "db=d" --data-urlencode "q=$1" |
		jq -r '.results[0].series[0].values[0][1] // 0'
}

@test "a run arrives while it lasts, and every value of it in the end" {
	need_influxd
	influxd_start
	create
	spec "influxdb: {url: '$INFLUX', database: d}" 6
	cbpf run --store runs --json --quiet spec.yml > report.json 3>&- &
	pid=$!
	seen=0
	for _ in $(seq 100); do
		sleep 0.1
		seen=$(in_influx 'SELECT count(ticks) FROM (SELECT count(sweep_ns) AS ticks FROM cbpf_self GROUP BY time(1ms))' 2>/dev/null) || seen=0
		[ "${seen:-0}" = 0 ] || break
	done
	kill -0 $pid
	wait $pid
	[ "$seen" -gt 0 ]
	jq -e '[.losses[] | select(.what | startswith("sink"))] == []' report.json
	holds
	# A row that is not told would be found, also one that no target or device is known of.
	sqlite3 -readonly runs/latest/run.db "VACUUM INTO 'other.db'"
	sums_of other.db
	sqlite3 other.db 'INSERT INTO share VALUES (1, 9999, 9999, 0, 0, 0)'
	run -1 sums_of other.db
	[[ $output == *"share.share_ns where 1: "*" values, cbpf_share.share_ns has "* ]]
	sqlite3 other.db 'DELETE FROM share WHERE target = 9999; UPDATE block SET merges = merges + 1'
	run -1 sums_of other.db
	[[ $output == *"block.merges where 1: "*" in all, cbpf_block.merges has "* ]]
	# And the bytes there are what the report says.
	for op in read write; do
		told=$(in_influx "SELECT sum(bytes) FROM cbpf_block WHERE target = 'a' AND op = '$op'")
		[ "$told" = "$(jq "[.targets[] | select(.name == \"a\") | .block[].$op.bytes] | add" report.json)" ]
		[ "$told" -ge $((16 * 65536 * 10)) ]
	done
}

@test "a server that is not there costs a run its patience, and export sends all of it later" {
	need_influxd
	INFLUX_PORT=$(influx_free_port)
	spec "influxdb: {url: 'http://127.0.0.1:$INFLUX_PORT', database: d, flush_timeout: 500ms}"
	run_it 0
	grep -q 'sink influxdb lacks .*cbpf export' err
	jq -e '.losses[] | select(.what == "sink.influxdb.behind") | .reason | test("cbpf export")' report.json
	# Nobody is there yet.
	export_it 1 --timeout 300ms
	grep -q '^cbpf: export to influxdb: ' err
	influxd_start
	create
	export_it 0
	holds
	[ "$(cbpf report --store runs --json latest | jq -c '[.losses[].what | select(startswith("sink"))]')" = '[]' ]
	export_it 0
	grep -q 'has all of it already' err
	export_it 0 --again
	holds
}

@test "a server that is killed in the middle and started again holds every row once" {
	need_influxd
	influxd_start
	create
	spec "influxdb: {url: '$INFLUX', database: d, batch_lines: 200, flush_timeout: 20s}" 8
	cbpf run --store runs --json --quiet spec.yml > report.json 2> err 3>&- &
	pid=$!
	sleep 3
	influxd_kill
	sleep 2
	influxd_start
	wait $pid || { cat err; false; }
	export_it 0 --timeout 20s
	holds
}

@test "a network that stalls for a minute holds up nothing, and the server holds every row once" {
	need_influxd
	influx_network || skip "no network of its own for a server here"
	influxd_start ip netns exec "$NETWORK"
	create
	spec "influxdb: {url: '$INFLUX', database: d, timeout: 3s, flush_timeout: 2s}" 85
	rm -f runs/latest
	cbpf run --store runs --json --quiet spec.yml > report.json 2> err 3>&- &
	pid=$!
	await_ticks 40
	influx_await sh -c "curl -sSf -G '$INFLUX/query' --data-urlencode db=d --data-urlencode q='SELECT * FROM cbpf_self' |
		grep -q sweep_ns"
	influx_network_stalls
	run ! curl -sS --max-time 1 "$INFLUX/ping"
	before=$(ticks)
	sleep 60
	[ "$(ticks)" -gt $((before + 100)) ]
	kill -0 $pid
	influx_network_works
	wait $pid || { cat err; false; }
	jq -e '.status == "ok"' report.json
	export_it 0 --timeout 60s
	holds
}

@test "a server that stalls to the end holds up nothing, and holds every row once" {
	need_influxd
	influxd_start
	create
	spec "influxdb: {url: '$INFLUX', database: d, timeout: 1s, flush_timeout: 1s}" 5
	rm -f runs/latest
	cbpf run --store runs --json --quiet spec.yml > report.json 2> err 3>&- &
	pid=$!
	await_ticks 20
	kill -STOP "$INFLUX_PID"
	wait $pid || { cat err; false; }
	jq -e '.status == "ok" and any(.losses[]; .what == "sink.influxdb.behind")' report.json
	kill -CONT "$INFLUX_PID"
	export_it 0 --timeout 30s
	holds
}

@test "two hosts write runs of the same name at the same time into one bucket, and both are there" {
	need_influxd
	unshare --uts true || skip "no names of hosts of their own here"
	influxd_start
	create
	spec "influxdb: {url: '$INFLUX', database: d, histograms: true}, jsonl: {path: points.jsonl, histograms: true}" 2
	pids=()
	for host in one two; do
		mkdir $host
		(cd $host && exec unshare --uts sh -c "hostname host-$host && exec cbpf run --store runs --json --quiet ../spec.yml") \
			> $host/report.json 2> $host/err 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	cat one/points.jsonl two/points.jsonl > both.jsonl
	# Of each all is told, and no point of one is one of the other's.
	python3 -B "$ROOT/tests/lib/influx_holds.py" "$INFLUX" d both.jsonl
	[ "$(jq -r .tags.benchmark_id both.jsonl | sort -u | wc -l)" = 2 ]
	# No point lacks whose it is.
	[ "$(jq -r '[.tags.benchmark_id, .tags.host] | @tsv' both.jsonl | sort -u)" = \
		"$(paste <(jq -r .id one/report.json two/report.json) <(printf 'host-one\nhost-two\n') | sort)" ]
	[ "$(jq -r .name one/report.json)" = "$(jq -r .name two/report.json)" ]
}

@test "a name that nobody resolves holds up no end of a run" {
	unshare --mount --net true || skip "no network of its own here"
	cat > deaf.py <<-'END'
	import socket, subprocess, sys
	deaf = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	deaf.bind(("127.0.0.1", 53))
	sys.exit(subprocess.run(sys.argv[1:]).returncode)
	END
	# Five times half a minute it would be waited for.
	printf 'nameserver 127.0.0.1\noptions timeout:30 attempts:5\n' > resolv
	spec "influxdb: {url: 'http://influx.example:8086', database: d, flush_timeout: 1s}" 1
	unshare --mount --net sh -c 'ip link set lo up && mount --bind resolv /etc/resolv.conf && exec "$@"' sh \
		python3 deaf.py cbpf run --store runs --json --quiet spec.yml > report.json 2> err 3>&- &
	pid=$!
	ends_in 60 || { kill -KILL $pid; false; }
	wait $pid || { cat err; false; }
	jq -e '.status == "ok" and any(.losses[]; .what == "sink.influxdb.behind")' report.json
}

@test "a server whose disk is full gets the rest when there is room" {
	need_influxd
	mkdir influx
	unshare -m true || skip "no mount namespaces here"
	# Its data is in memory of its own, nearly used up.
	influxd_start unshare -m sh -c 'mount -t tmpfs -o size=3m tmpfs influx && : >influx/filler && exec "$@"' sh
	create
	in_server="nsenter -t $INFLUX_PID -m sh -c"
	$in_server "cd '$PWD/influx' && dd if=/dev/zero of=filler bs=4k status=none" || true
	spec "influxdb: {url: '$INFLUX', database: d, flush_timeout: 1s}" 4
	run_it 0
	jq -e '.losses[] | select(.what == "sink.influxdb.behind")' report.json
	$in_server "rm '$PWD/influx/filler' && mount -o remount,size=200m '$PWD/influx'"
	export_it 0 --timeout 30s
	holds
}

@test "a token that is wrong stops the sink with one message, and the run goes on" {
	stub_start --token right --org lab --bucket bench
	spec "influxdb: {url: '$STUB', org: lab, bucket: bench, token: geheim}"
	run_it 0
	[ "$(grep -c 'sink influxdb' err)" = 1 ]
	jq -e '.status == "ok" and any(.losses[]; .what == "sink.influxdb.behind")' report.json
	export_it 1 --set sinks.influxdb.token=falsch
	cbpf run --quiet --store others --set sinks.influxdb.token=falsch spec.yml > other.json 2>&1 3>&- &
	pid=$!
	influx_await test -s others/latest/run.db
	tr '\0' '\n' < /proc/$pid/cmdline > ps
	wait $pid
	grep -qx 'sinks.influxdb.token=\*\*\*' ps
	export_it 0 --set sinks.influxdb.token=right
	INFLUXDB_TOKEN=right export_it 0 --again
	run ! grep -r -e geheim -e falsch runs others ps err other.json
}

@test "a server that asks to be left alone is, and its run does not wait in vain" {
	for i in $(seq 100); do
		echo '{"status": 429, "headers": {"Retry-After": "3600"}}'
	done > script
	stub_start --database d --script script
	spec "influxdb: {url: '$STUB', database: d, flush_timeout: 10m}" 3
	cbpf run --store runs --json --quiet spec.yml > report.json 2> err 3>&- &
	pid=$!
	ends_in 120 || { kill -KILL $pid; false; }
	wait $pid || { cat err; false; }
	jq -e '.status == "ok" and any(.losses[]; .what == "sink.influxdb.behind" and (.reason | test("HTTP status 429")))' report.json
	stub_requests | jq -e '.requests | length == 1'
}

@test "two interrupts end a run at once, whatever its sinks do" {
	INFLUX_PORT=$(influx_free_port)
	spec "influxdb: {url: 'http://127.0.0.1:$INFLUX_PORT', database: d, flush_timeout: 10m}" 60
	cbpf run --store runs --json --quiet spec.yml > report.json 2> err 3>&- &
	pid=$!
	await_ticks 10
	kill -INT $pid
	await_stored
	kill -INT $pid
	got=0
	wait $pid || got=$?
	[ "$got" = 130 ]
	jq -e '.status == "interrupted"' report.json
}

@test "files: JSON Lines, line protocol and tables, of the same run" {
	spec "jsonl: points.jsonl, line: , csv: tables"
	run_it 0
	id=$(jq -r .id report.json)
	[ -s points.jsonl ]
	lines=$(wc -l < points.jsonl)
	# A text may go over several lines; each point ends in its time.
	[ "$lines" = "$(grep -cE ' [0-9]{19}$' "runs/$id/points.line")" ]
	ticks=$(sqlite3 -readonly runs/latest/run.db 'select count(*) from tick')
	[ "$(jq -c 'select(.measurement == "cbpf_self")' points.jsonl | wc -l)" = "$ticks" ]
	[ "$(($(wc -l < "tables/$id/tick.csv") - 1))" = "$ticks" ]
	as_file
	sort points.jsonl > a
	sort all.jsonl > b
	cmp a b
	# A second run adds to the file.
	run_it 0
	[ "$(wc -l < points.jsonl)" -gt "$lines" ]
	[ "$(jq -r .tags.benchmark_id points.jsonl | sort -u | wc -l)" = 2 ]
}

@test "a run is scraped while it lasts, and an address in use is refused before it begins" {
	port=$(influx_free_port)
	spec "" 8
	cbpf run --store runs --json --quiet --listen "$port" spec.yml > report.json 2> err 3>&- &
	pid=$!
	influx_await sh -c "curl -sSf http://127.0.0.1:$port/metrics | grep -q 'cbpf_block_bytes_total{.*target=\"a\"'"
	run_it 3 --listen "$port" --set name=second
	grep -q "sink openmetrics.*$port" err
	wait $pid
	run ! curl -s "http://127.0.0.1:$port/metrics"
	jq -e '.status == "ok"' report.json
}

@test "a run that was killed is exported as far as it got" {
	spec "" 60
	cbpf run --store runs --json --quiet spec.yml > report.json 2> err 3>&- &
	pid=$!
	await_ticks 10
	# While it lasts, all but the end is told.
	export_it 0 --sink jsonl --set sinks.jsonl.path="$PWD/live.jsonl"
	grep -q 'the run has not ended' err
	[ -s live.jsonl ]
	kill -KILL $pid
	wait $pid || true
	cbpf clean --store runs > clean.out 2>&1 || cbpf clean > clean.out 2>&1
	as_file
	[ "$(wc -l < all.jsonl)" -gt "$(wc -l < live.jsonl)" ]
	export_it 0 --sink jsonl --set sinks.jsonl.path="$PWD/live.jsonl"
	sort live.jsonl > a
	sort all.jsonl > b
	cmp a b
}
