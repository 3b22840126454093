#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What sending to InfluxDB costs: points per second made into line protocol on one CPU, and from there into an
# InfluxDB 1 on this machine, beside curl that sends the same lines, as many at a time, from files that are
# ready. In turn within a run: only the ratios mean anything. A point has 4 tags and 25 fields.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib/bench.bash
. tests/lib/bench.bash
# shellcheck source=tests/lib/influx.bash
. tests/lib/influx.bash
points=${POINTS:-100000}
rounds=${ROUNDS:-6}
batch=5000
dir=$(mktemp -d "${CBPF_TEST_DIR:-/var/tmp}/cbpf-bench.XXXXXX")
trap 'influx_end; rm -rf "$dir"' EXIT
case ${O:-} in '' | /*) ;; *) O=$PWD/$O ;; esac
BATS_TEST_TMPDIR=$dir influx_setup

per_second() { awk '{ printf "%d\n", 1e9 / $1 }'; }

for _ in $(seq "$rounds"); do
	taskset -c 0 "$DRIVE" encode=300000 >>encoded
done
echo "points per second encoded on one CPU, median of $rounds: $(median <encoded | per_second)" \
	"($(awk 'NR == 1 { print $3 }' encoded) bytes each)"

# A whole export, of a run of so many ticks that it has ten million points, into nothing: its memory is not to
# grow with it.
run=$("$BUILD/tests/lib/drive_feed" make "${TICKS:-380000}")
sqlite3 "$run/run.db" "UPDATE run SET spec = 'name: bench
containers: {a: {command: \"true\"}}
runtime: native'"
"$BUILD/cbpf" export --quiet --sink line --set sinks.line.path=/dev/null "$run" &
exporting=$!
while sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' /proc/$exporting/status >>rss 2>/dev/null; do sleep 0.2; done
wait $exporting
awk '{ v[NR] = $1; if ($1 > most) most = $1 }
	END { print v[int(NR / 10) + 1], most }' rss >grown
read -r early most <grown || true
echo "RSS of an export: ${early:-no} KiB when a tenth of its time was over, ${most:-no} KiB at most"
verdict=0
bench_flat "${early:-}" "${most:-}" 1.25 1 || verdict=1
rm -r "${run%/runs/*}"

command -v influxd >/dev/null || { echo "nothing to send to: no influxd here"; exit $verdict; }
influxd_start
"$DRIVE" print="$points" | split -l "$batch" - lines.

send() # WHO DATABASE
{
	local file next=()
	case $1 in
	curl)
		for file in lines.*; do
			next+=(--next -sSf --data-binary "@$file" "$INFLUX/write?db=$2&precision=ns")
		done
		curl "${next[@]:1}"
		;;
	cbpf) "$DRIVE" url="$INFLUX" database="$2" count="$points" batch_lines="$batch" \
		batch_bytes=16777216 gzip=false >said ;;
	cbpf-gzip) "$DRIVE" url="$INFLUX" database="$2" count="$points" batch_lines="$batch" \
		batch_bytes=16777216 gzip=true >said ;;
	esac
}

# Each time into a database of its own, as what is there makes a server slower; and so does what it has just
# been given, so that each is the first in its turn.
order="curl cbpf cbpf-gzip"
for round in $(seq "$rounds"); do
	order="${order#* } ${order%% *}"
	for who in $order; do
		db=d$round${who#cbpf}
		db=${db//-/}
		influxd_create "$db"
		began=$(date +%s%N)
		send "$who" "$db"
		echo $((($(date +%s%N) - began) / points)) >>"$who"
		[ "$(influx_count "$db")" = "$points" ] || { echo "$who: not all arrived" >&2; exit 1; }
		influx_query "" "drop database $db" >dropped
	done
done
echo "points per second into InfluxDB, median of $rounds (median of the ratios of time to curl's)"
for who in curl cbpf cbpf-gzip; do
	printf '  %-10s %8d  %s\n' "$who" "$(median <"$who" | per_second)" \
		"$(paste "$who" curl | awk '{ printf "%.2f\n", $1 / $2 }' | median)"
done
exit $verdict
