# SPDX-License-Identifier: Apache-2.0
# Servers that InfluxDB's line protocol can be sent to, on free ports of the loopback with their data in
# $BATS_TEST_TMPDIR; all of them end with the test (influx_end in teardown).

INFLUX_LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
influx_pids=()

influx_setup()
{
	ROOT=$(cd "$INFLUX_LIB/../.." && pwd)
	BUILD=${O:-$ROOT/build}
	DRIVE=$BUILD/tests/lib/drive_influxdb
	cd "$BATS_TEST_TMPDIR" || return 1
	unset "${!INFLUXDB_@}" CREDENTIALS_DIRECTORY
	export no_proxy=127.0.0.1,localhost
}

influx_end()
{
	local pid
	for pid in "${influx_pids[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	[ -z "${NETWORK:-}" ] || ip netns del "$NETWORK" # and its link
}

influx_points() { python3 "$INFLUX_LIB/influx_points.py" "$@"; }

influx_free_port()
{
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# influx_await COMMAND...: until it succeeds, but not for ever.
influx_await()
{
	local i
	for i in $(seq 300); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	echo "waited in vain for: $*"
	return 1
}

# stub_start [ARGUMENT]...: of influx_stub.py; sets STUB, its address.
stub_start()
{
	rm -f stub.port
	python3 "$INFLUX_LIB/influx_stub.py" "$@" stub.port >stub.log 2>&1 3>&- &
	influx_pids+=($!)
	influx_await test -s stub.port
	STUB=http://127.0.0.1:$(cat stub.port)
}

stub_accepted() { curl -sSk "$STUB/accepted"; }
stub_requests() { curl -sSk "$STUB/requests"; }

# influx_network: a network of its own for a server, "ip netns exec $NETWORK", that INFLUX_HOST is in.
influx_network()
{
	local at
	NETWORK=cbpf-test-$$
	ip netns add "$NETWORK" || return 1
	at=198.18.$((RANDOM % 256)).$((RANDOM % 64 * 4))
	INFLUX_HOST=${at%.*}.$((${at##*.} + 2)) NETWORK_CLIENT=${at%.*}.$((${at##*.} + 1))
	ip link add "cbpf$$" type veth peer name server netns "$NETWORK" &&
		ip addr add "$NETWORK_CLIENT/30" dev "cbpf$$" && ip link set "cbpf$$" up &&
		ip -n "$NETWORK" link set lo up && ip -n "$NETWORK" addr add "$INFLUX_HOST/30" dev server &&
		ip -n "$NETWORK" link set server up || return 1
	no_proxy=$no_proxy,$INFLUX_HOST
}

# Nothing comes back from it, and nobody is told so; and again it does.
influx_network_stalls() { ip -n "$NETWORK" route add blackhole "$NETWORK_CLIENT/32"; }
influx_network_works() { ip -n "$NETWORK" route del blackhole "$NETWORK_CLIENT/32"; }

# influxd_start [COMMAND...]: InfluxDB 1, run by COMMAND; again on the same port and data when there are some.
influxd_start()
{
	: "${INFLUX_PORT:=$(influx_free_port)}"
	INFLUX=http://${INFLUX_HOST:=127.0.0.1}:$INFLUX_PORT
	mkdir -p influx
	env INFLUXDB_HTTP_BIND_ADDRESS="$INFLUX_HOST:$INFLUX_PORT" INFLUXDB_BIND_ADDRESS=127.0.0.1:0 \
		INFLUXDB_META_DIR="$PWD/influx/meta" INFLUXDB_DATA_DIR="$PWD/influx/data" \
		INFLUXDB_DATA_WAL_DIR="$PWD/influx/wal" INFLUXDB_REPORTING_DISABLED=true \
		INFLUXDB_HTTP_AUTH_ENABLED="${INFLUX_AUTH:-false}" \
		"$@" influxd -config /dev/null >>influx.log 2>&1 3>&- &
	INFLUX_PID=$!
	influx_pids+=("$INFLUX_PID")
	influx_await curl -sSf "$INFLUX/ping"
}

influxd_kill()
{
	kill -KILL "$INFLUX_PID"
	wait "$INFLUX_PID" 2>/dev/null || true
}

influxd_create() # DATABASE
{
	influx_query "" "create database $1" | grep -qv error
}

influx_query() # DATABASE QUERY
{
	curl -sS "$INFLUX/query" --data-urlencode "db=$1" --data-urlencode epoch=ns --data-urlencode "q=$2"
}

# All of a database, as influx_points.py v1 reads it.
influx_read() { influx_query "$1" 'show field keys; select * from /.*/ group by *'; }

influx_count() # DATABASE: points of drive_influxdb's own
{
	influx_query "$1" 'select count(number) from cbpf_made' | jq '.results[0].series[0].values[0][1] // 0'
}

victoria_start()
{
	local port
	port=$(influx_free_port)
	VICTORIA=http://127.0.0.1:$port
	victoria-metrics -httpListenAddr "127.0.0.1:$port" -storageDataPath "$PWD/victoria" \
		-retentionPeriod 100y >victoria.log 2>&1 3>&- &
	influx_pids+=($!)
	influx_await curl -sSf "$VICTORIA/health"
}
