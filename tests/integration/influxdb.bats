#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Points sent to InfluxDB: every value arrives or is told as lost, whatever the server does.

bats_require_minimum_version 1.5.0
load ../lib/jq
load ../lib/influx

setup() {
	influx_setup
}

teardown() {
	influx_end
}

# drive EXPECTED_STATUS [KEY=VALUE]... < POINTS: what it says is in out.
drive() {
	local want=$1 got=0
	shift
	"$DRIVE" "$@" > out 2>&1 || got=$?
	[ "$got" = "$want" ] || { echo "status $got"; cat out; return 1; }
}

need() { command -v "$1" > /dev/null || skip "no $1"; }

lost() { awk '/^lost: / { n += $2 } END { print n + 0 }' out; }

@test "a bucket: exact, packed, and over one connection" {
	stub_start --token tok --org lab --bucket bench
	influx_points plain 2000 > points
	drive 0 url="$STUB" org=lab bucket=bench token=tok batch_lines=100 < points
	grep -qx 'where: influxdb http://127.0.0.1:[0-9]* bucket=bench org=lab' out
	[ "$(lost)" = 0 ]
	stub_accepted > got
	[ "$(influx_points stub points got)" = 0 ]
	stub_requests > requests
	# The other connection is that of this question; the one before asked for the points.
	jq -e '.connections == 3 and (.requests | length) == 20' requests
	jq -e '.requests | all(.status == 204 and .lines == 100 and .headers["Content-Encoding"] == "gzip"
		and .bytes * 3 < .unpacked)' requests
}

@test "a database of InfluxDB 1, not packed" {
	stub_start --database d --user me --password psst
	influx_points plain 100 > points
	drive 0 url="$STUB" database=d user=me password=psst gzip=false < points
	stub_accepted > got
	[ "$(influx_points stub points got)" = 0 ]
	stub_requests | jq -e '.requests | length == 1 and .[0].path == "/write?precision=ns&db=d"
		and .[0].bytes == .[0].unpacked'
}

@test "a database of InfluxDB 3" {
	stub_start --database d --token tok
	influx_points plain 100 > points
	drive 0 url="$STUB" database=d token=tok < points
	stub_accepted > got
	[ "$(influx_points stub points got)" = 0 ]
	stub_requests | jq -e '.requests[0].path | startswith("/api/v3/write_lp?")'
}

@test "any string arrives unchanged or is refused, by the strictest reading of the protocol" {
	stub_start --database d --token tok
	influx_points make 7 2000 > points
	drive 0 url="$STUB" database=d token=tok batch_lines=50 < points
	stub_accepted > got
	influx_points stub points got > missing
	[ "$(cat missing)" = "$(lost)" ]
	[ "$(lost)" -gt 100 ]
	[ "$(lost)" -lt 1000 ]
	# All of it was refused before it was sent.
	grep '^lost: ' out > losses
	run ! grep -v 'line protocol cannot say it' losses
	stub_requests | jq -e '.requests | all(.status == 204)'
}

@test "what the server refuses for good is said once, with what can be done" {
	stub_start --token tok --org lab --bucket bench
	influx_points plain 3 > points
	drive 1 url="$STUB" org=lab bucket=bench token=wrong < points
	grep -q '^failed: EACCES: .*the server does not know who this is: unauthorized access; check the token' out
	drive 1 url="$STUB" org=lab bucket=other token=tok < points
	grep -q "^failed: ENOENT: .*bucket \"other\" not found; create it first: bucket 'other' of organisation 'lab'" out
	drive 1 url="$STUB" org=none bucket=bench token=tok < points
	grep -q '^failed: ENOENT: .*organization name "none" not found' out
	drive 1 url="$STUB/elsewhere" org=lab bucket=bench token=tok < points
	grep -q '^failed: ENOENT: .*the server has no /api/v2/write' out
	stub_requests | jq -e '.requests | length == 4'
}

@test "a redirect is told and not followed" {
	echo '{"status": 307, "headers": {"Location": "http://u:psst@127.0.0.1:1/write?token=psst"}}' > script
	stub_start --database d --script script
	influx_points plain 3 > points
	drive 1 url="$STUB" database=d < points
	grep -q '^failed: EINVAL: .*redirected to http://127.0.0.1:1/write; give that as the url' out
	run ! grep psst out
}

@test "lines that the server refuses are found, the others arrive" {
	influx_points plain 500 > points
	# The first of them says what type it is.
	for i in 3 100 101 499; do
		echo '{"m": "plain", "time": '$i', "tags": {}, "fields": {"number": "a word"}}'
	done > bad
	{ head -n 250 points; cat bad; tail -n 250 points; } > sent
	for api in "bucket=b token=tok" "database=d" "database=d token=tok"; do
		stub_start --bucket b --database d --token tok
		# shellcheck disable=SC2086 # words on purpose
		drive 0 url="$STUB" $api batch_lines=200 < sent
		[ "$(lost)" = 4 ]
		grep -q '^lost: 4 sink.influxdb: refused by the server: field type conflict: .* already exists as type integer$' out
		stub_accepted > got
		[ "$(influx_points stub points got)" = 0 ]
		influx_end
	done
}

@test "a request that is too large is sent in parts" {
	stub_start --database d --max-bytes 5000
	influx_points plain 1000 > points
	drive 0 url="$STUB" database=d < points
	[ "$(lost)" = 0 ]
	stub_accepted > got
	[ "$(influx_points stub points got)" = 0 ]
	stub_requests | jq -e '.requests | any(.status == 413)'
}

@test "what may pass is tried again: 429, 503, 500, no answer, half of one, none in time" {
	cat > script <<-'END'
		{"status": 429, "headers": {"Retry-After": "1"}, "body": "{\"code\": \"too many requests\"}"}
		{}
		{"status": 503, "headers": {"Retry-After": "0"}}
		{"status": 500, "body": "{\"error\": \"engine: no space left on device\"}"}
		{"status": 502, "body": "<html>"}
		{"close": true}
		{"half": true}
		{"reset": true}
		{"sleep": 3}
	END
	stub_start --database d --script script
	influx_points plain 300 > points
	drive 0 url="$STUB" database=d batch_lines=100 timeout_ms=500 retry_ms=60000 < points
	[ "$(lost)" = 0 ]
	stub_accepted > got
	[ "$(influx_points stub points got)" = 0 ]
	# The request that was not waited for came, and was taken, too.
	stub_requests | jq -e '[.requests[].status] | map(select(. == 204)) | length >= 3'
	stub_requests | jq -e '[.requests[].status][0:8] == [429, 204, 503, 500, 502, 0, 0, 0]'
}

@test "it is not tried for longer than was said, nor after it was stopped" {
	for i in 1 2 3 4; do
		echo '{"status": 503, "headers": {"Retry-After": "3600"}}'
	done > script
	stub_start --database d --script script
	influx_points plain 3 > points
	drive 1 url="$STUB" database=d retry_ms=2000 < points
	grep -q '^failed: EAGAIN: .*given up for now, after 1 attempts: HTTP status 503' out
	drive 1 url="$STUB" database=d retry_ms=0 stop_ms=300 < points
	grep -q '^failed: ECANCELED: ' out
	drive 1 url="http://127.0.0.1:$(influx_free_port)" database=d retry_ms=400 < points
	grep -q '^failed: EAGAIN: .*given up for now, after [1-9][0-9]* attempts: Failed to connect' out
	drive 1 url="http://no-such-host.invalid" database=d retry_ms=100 < points
	grep -q '^failed: EAGAIN: ' out
}

make_certificates() {
	local name
	for name in ours other; do
		openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=$name" -days 2 \
			-keyout $name.key -out $name.pem
	done
	for name in good:127.0.0.1 wrong:127.0.0.9; do
		openssl req -newkey rsa:2048 -nodes -subj "/CN=${name%:*}" -keyout "${name%:*}.key" -out request
		openssl x509 -req -in request -CA ours.pem -CAkey ours.key -CAcreateserial -days 2 \
			-extfile <(echo "subjectAltName=IP:${name#*:}") -out "${name%:*}.pem"
	done
} > openssl.log 2>&1

@test "TLS: the server proves who it is" {
	make_certificates
	influx_points plain 300 > points
	stub_start --database d --tls good.pem good.key
	STUB=https${STUB#http}
	drive 0 url="$STUB" database=d ca_file=ours.pem batch_lines=100 < points
	stub_accepted > got
	[ "$(influx_points stub points got)" = 0 ]
	stub_requests | jq -e '.connections == 3 and (.requests | length) == 3'
	drive 1 url="$STUB" database=d ca_file=other.pem < points
	grep -q '^failed: EACCES: .*the server could not prove who it is: .*certificate.*; ca_file names its authority' out
	drive 1 url="$STUB" database=d < points
	grep -q '^failed: EACCES: ' out
	drive 0 url="$STUB" database=d insecure=true < points
	drive 1 url="$STUB" database=d ca_file=none.pem < points
	grep -q '^open: ENOENT: .*ca_file none.pem' out
	influx_end
	stub_start --database d --tls wrong.pem wrong.key
	drive 1 url="https${STUB#http}" database=d ca_file=ours.pem < points
	grep -q '^failed: EACCES: ' out
}

# Looks for the secrets of the next test, and for what they are in a header.
no_secrets_in() {
	local secret
	for secret in psst-token psst-password "$(printf 'me:psst-password' | base64)"; do
		run ! grep -rF -e "$secret" "$@"
	done
}

@test "secrets are told to nobody but the server" {
	{
		echo '{"status": 500, "body": "{\"error\": \"what is psst-token, psst-password?\"}"}'
		echo '{"sleep": 3}'
		echo '{"status": 401, "body": "psst-password, bWU6cHNzdC1wYXNzd29yZA=="}'
		echo '{"status": 400, "body": "{\"error\": \"partial write: psst-password dropped=1\"}"}'
	} > script
	stub_start --token psst-token --bucket b --database d --user me --password psst-password --script script
	influx_points plain 1 > points
	mkdir said credentials
	export INFLUXDB_HOST="http://me:psst-password@${STUB#http://}"

	INFLUXDB_TOKEN=psst-token INFLUXDB_BUCKET=b "$DRIVE" < points > said/token 2>&1 &
	pid=$!
	influx_await sh -c "curl -sS $STUB/requests | grep -q '\"status\": 500'"
	tr '\0' ' ' < /proc/$pid/cmdline > said/ps
	wait $pid
	grep -qx flushed said/token
	"$DRIVE" database=d < points > said/password 2>&1 && false
	grep -q '^failed: EACCES: .*: \*\*\*, \*\*\*; check' said/password
	"$DRIVE" database=d < points > said/loss 2>&1
	grep -q '^lost: 1 sink.influxdb: refused by the server: \*\*\*$' said/loss
	"$DRIVE" database=d < points > said/good 2>&1
	printf 'psst-token\n' > credentials/influxdb-token
	CREDENTIALS_DIRECTORY=$PWD/credentials "$DRIVE" bucket=b < points > said/credential 2>&1
	grep -qx flushed said/credential
	cp credentials/influxdb-token token
	"$DRIVE" bucket=b token_file=token < points > said/file 2>&1
	"$DRIVE" bucket=b token_file=none < points > said/none 2>&1 && false
	no_secrets_in said
	stub_requests | jq '[.requests[].path]' > said/paths
	[ "$(jq length said/paths)" = 7 ]
	no_secrets_in said
}

@test "a run keeps no secrets" {
	stub_start --database d --user me --password psst-password
	cat > spec.yml <<-END
		name: secrets
		runtime: native
		collectors: {block: false, vfs: false, pagecache: false, sched: false, perf: false}
		sinks: {influxdb: {url: "http://me:psst-password@${STUB#http://}", database: d, token: psst-token,
		  password: psst-password}}
		containers: {a: {command: [sh, -c, "env; sleep 0.3"]}}
	END
	INFLUXDB_TOKEN=psst-token INFLUXDB_PASSWORD=psst-password INFLUXDB_ORG=seen INFLUXDB_HOST="http://me:psst-password@h" \
		CREDENTIALS_DIRECTORY=$PWD/psst-token "$BUILD/cbpf" run --json --store runs spec.yml > said 2> errors
	# What it has is of the environment, but for them.
	grep -qx INFLUXDB_ORG=seen runs/latest/logs/a.log
	grep -q 'url: "http://\*\*\*@127' runs/latest/spec.yml
	no_secrets_in runs said errors
	sqlite3 runs/latest/run.db .dump > dump
	no_secrets_in dump
	# What would keep them is refused.
	for set in "sinks.influxdb.url=$STUB/?token=psst-token" \
		"matrix.sinks.influxdb.url=[http://me:psst-password@127.0.0.1:1]" \
		'sinks.influxdb.password=${psst-password'; do
		run -2 "$BUILD/cbpf" run --store refused --set "$set" spec.yml
		echo "$output" > refusal
		grep -qE 'it has a query|give them labels|without its' refusal
		no_secrets_in refusal
		[ ! -e refused ]
	done
}

@test "InfluxDB 1: any string arrives unchanged or is refused" {
	need influxd
	influxd_start
	influxd_create some
	influx_points make 11 3000 > points
	drive 0 url="$INFLUX" database=some batch_lines=100 < points
	influx_read some > got
	influx_points v1 points got > missing
	[ "$(cat missing)" = "$(lost)" ]
	[ "$(lost)" -gt 100 ]
	grep '^lost: ' out > losses
	run ! grep -v 'line protocol cannot say it' losses
}

@test "InfluxDB 1: numbers arrive to their last digit" {
	need influxd
	influxd_start
	influxd_create edges
	influx_points edges > points
	drive 0 url="$INFLUX" database=edges < points
	influx_read edges > got
	[ "$(influx_points v1 points got)" = 0 ]
	grep -q '^lost: 3 sink.influxdb: not finite' out
}

@test "InfluxDB 1: what it refuses" {
	need influxd
	influxd_start
	influxd_create d
	influx_query d 'create retention policy short on d duration 1h replication 1' > made
	influx_points plain 300 > points
	drive 1 url="$INFLUX" database=none < points
	grep -q "^failed: ENOENT: .*database not found: \"none\"; create it first: database 'none'" out
	drive 1 url="$INFLUX" database=d retention_policy=none < points
	grep -q '^failed: ENOENT: .*retention policy not found: none' out
	drive 1 url="$INFLUX" bucket=d < points
	grep -q '^failed: ENOENT: .*the server has no /api/v2/write; database is for InfluxDB 1' out
	# All of them are too old for that policy.
	drive 0 url="$INFLUX" database=d retention_policy=short < points
	grep -q '^lost: 300 sink.influxdb: refused by the server: points beyond retention policy$' out
	# One is of another type than what is there in its shard.
	drive 0 url="$INFLUX" database=d < points
	{
		cat points
		echo '{"m": "plain", "time": 1700000000000000005, "tags": {}, "fields": {"number": "a word"}}'
		echo '{"m": "more", "time": 1700000000000000005, "tags": {}, "fields": {"number": "a word"}}'
	} > sent
	drive 0 url="$INFLUX" database=d < sent
	grep -q '^lost: 1 sink.influxdb: refused by the server: .*field type conflict: .* already exists as type integer$' out
	influx_query d 'select number from more' | jq -e '.results[0].series[0].values[0][1] == "a word"'
	influx_query d 'drop measurement more' > made
	influx_read d > got
	[ "$(influx_points v1 points got)" = 0 ]
}

@test "InfluxDB 1: with users" {
	need influxd
	INFLUX_AUTH=true influxd_start
	curl -sS "$INFLUX/query" --data-urlencode "q=create user root with password 'r' with all privileges" > made
	for q in 'create database d' "create user me with password 'psst: x'" "create user other with password 'o'" \
		'grant write on d to me'; do
		curl -sS -u root:r "$INFLUX/query" --data-urlencode "q=$q" > made
		run ! grep error made
	done
	influx_points plain 10 > points
	drive 0 url="$INFLUX" database=d user=me password='psst: x' < points
	drive 0 url="http://me:psst%3A%20x@127.0.0.1:$INFLUX_PORT" database=d < points
	drive 1 url="$INFLUX" database=d user=me password=wrong < points
	grep -q '^failed: EACCES: .*authorization failed; check user and password' out
	drive 1 url="$INFLUX" database=d user=other password=o < points
	grep -q "^failed: EPERM: .*not allowed to write: .*; let this user write to database 'd'" out
	run ! grep psst influx.log
}

@test "InfluxDB 1: killed and started again in the middle, it has every row once" {
	need influxd
	influxd_start
	influxd_create d
	"$DRIVE" url="$INFLUX" database=d count=150000 batch_lines=500 retry_ms=120000 > out 2>&1 &
	pid=$!
	influx_await sh -c "[ \"\$(curl -sS '$INFLUX/query?db=d' --data-urlencode 'q=select count(number) from cbpf_made' |
		jq '.results[0].series[0].values[0][1] // 0')\" -gt 5000 ]"
	influxd_kill
	kill -0 $pid
	sleep 1
	influxd_start
	wait $pid
	[ "$(lost)" = 0 ]
	[ "$(influx_count d)" = 150000 ]
	influx_query d 'select sum(number) from cbpf_made' |
		jq -e '.results[0].series[0].values[0][1] == 149999 * 150000 / 2'
}

@test "InfluxDB 1: while its disk is full it is waited for" {
	need influxd
	mkdir influx
	influxd_start unshare --mount sh -c 'mount -t tmpfs -o size=24m none influx && exec "$@"' sh
	influxd_create d
	inside() { nsenter -t "$INFLUX_PID" -m "$@"; }
	inside dd if=/dev/zero of="$PWD/influx/filler" bs=1M > dd.log 2>&1 || true
	"$DRIVE" url="$INFLUX" database=d count=20000 batch_lines=500 retry_ms=120000 > out 2>&1 &
	pid=$!
	influx_await grep -q 'no space left' influx.log
	kill -0 $pid
	inside rm "$PWD/influx/filler"
	wait $pid
	[ "$(lost)" = 0 ]
	[ "$(influx_count d)" = 20000 ]
}

@test "VictoriaMetrics: numbers arrive by the paths of InfluxDB 2" {
	need victoria-metrics
	victoria_start
	influx_points plain 500 > points
	drive 0 url="$VICTORIA" bucket=b org=o batch_lines=100 < points
	curl -sS "$VICTORIA/internal/force_flush"
	curl -sS -G "$VICTORIA/api/v1/export" --data-urlencode 'match[]={__name__!=""}' > got
	[ "$(influx_points export points got)" = 0 ]
}
