#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cbpf compare as a user calls it: what is told to be unlike is what was changed, and nothing else.

load ../lib/jq

bats_require_minimum_version 1.5.0

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	BUILD=${O:-$ROOT/build}
	CBPF=$BUILD/cbpf
	FAKE=$BUILD/tests/lib/drive_fake_run
	[ -x "$FAKE" ] || make -s -C "$ROOT" drivers
	command -v sqlite3 >/dev/null || skip "sqlite3 is not installed"
	export TMPDIR=$BATS_TEST_TMPDIR
	ID=20260102T030405-demo-00aa
	cd "$BATS_TEST_TMPDIR" || return 1
	A=$("$FAKE")/$ID
	B=$("$FAKE")/$ID
	for run in "$A" "$B"; do
		change "$run" "host = '{\"hostname\": \"h\", \"kernel\": \"6.12.0\",
			\"cpu\": {\"microcode\": \"0x1\", \"governors\": [\"performance\"]},
			\"memory\": {\"swappiness\": 60}, \"nodes\": [{\"id\": 0, \"cpus\": \"0-3\"}],
			\"disks\": [{\"name\": \"vda\", \"scheduler\": \"none\", \"nr_requests\": 64},
				{\"name\": \"vdb\", \"scheduler\": \"none\"}],
			\"mounts\": [{\"point\": \"/\", \"options\": [\"rw\"]}]}'"
	done
}

fails() { # STATUS COMMAND...
	local want=$1 got=0
	shift
	"$@" >out 2>err || got=$?
	[ "$got" = "$want" ] || { echo "exit $got: $*"; cat err; return 1; }
}

change() { # RUN 'COLUMN = VALUE'
	sqlite3 "$1/run.db" "UPDATE run SET $2"
}

# warnings RUN RUN...: a line each, "what path: value / value".
warnings() {
	"$CBPF" compare --json "$@" >out
	jq -r '.warnings[] | "\(.what) \(.path): \(.values | map(if type == "string" then . else tojson end) |
		join(" / "))"' out
}

@test "a run and itself: no warning, and no change" {
	[ -z "$(warnings "$A" "$A")" ]
	jq -e '(.metrics | length) > 20 and all(.metrics[]; .change_pct == [0, 0] and .values[0] == .values[1])' out
	"$CBPF" compare "$A" "$A" >out
	grep -Fx 'warnings  none' out
	run ! grep -E '[-+][0-9.]+ %|from 0' out
}

@test "two runs on the same host: no warning" {
	[ -z "$(warnings "$A" "$B")" ]
}

@test "one fact was changed: one warning" {
	change "$B" "host = json_set(host, '\$.disks[0].scheduler', 'mq-deadline')"
	[ "$(warnings "$A" "$B")" = 'host disks.vda.scheduler: none / mq-deadline' ]
	"$CBPF" compare "$A" "$B" | grep -Fx '  host  disks.vda.scheduler: none / mq-deadline'
}

@test "facts of every kind: changed, added, removed, in another order" {
	change "$B" "host = json_set(host, '\$.kernel', '6.1.0', '\$.hostname', 'g',
		'\$.cpu.microcode', '0x2', '\$.cpu.turbo', json('true'), '\$.memory.swappiness', 10,
		'\$.mounts[0].options', json('[\"rw\", \"noatime\"]'),
		'\$.disks', json('[{\"name\": \"vdb\", \"scheduler\": \"none\"}]'),
		'\$.engine', json('{\"name\": \"docker\"}'))"
	warnings "$A" "$B" >told
	diff - told <<-'END'
	host hostname: h / g
	host kernel: 6.12.0 / 6.1.0
	host engine: null / {"name":"docker"}
	host cpu.microcode: 0x1 / 0x2
	host cpu.turbo: null / true
	host memory.swappiness: 60 / 10
	host disks.vda: {"name":"vda","scheduler":"none","nr_requests":64} / null
	host mounts./.options: ["rw"] / ["rw","noatime"]
	END
	COLUMNS=200 "$CBPF" compare "$A" "$B" >out
	grep -Fx '  host  disks.vda: present / absent' out
	grep -Fx '  host  engine: absent / present' out
	grep -Fx '  host  mounts./.options: rw / rw, noatime' out
}

@test "mounts of containers and logins are no facts of a host" {
	change "$B" "host = json_insert(host,
		'\$.mounts[#]', json('{\"point\": \"/run/user/1000\", \"options\": [\"size=1k\"]}'),
		'\$.mounts[#]', json('{\"point\": \"/var/lib/docker/containers/c0ffee/mounts/shm\"}'),
		'\$.mounts[#]', json('{\"point\": \"/data\"}'))"
	[ "$(warnings "$A" "$B")" = 'host mounts./data: null / {"point":"/data"}' ]
}

@test "a run without facts is unknown, not the same" {
	change "$A" "host = NULL"
	[ "$(warnings "$A" "$B")" = 'host : unknown / known' ]
	[ "$(warnings "$A" "$A")" = 'host : unknown / unknown' ]
	"$CBPF" compare "$A" "$B" | grep -Fx '  host  unknown / known'
	change "$B" "host = json_remove(host, '\$.mounts')"
	[ "$(warnings "$B" "$B")" = 'host mounts: unknown / unknown' ]
}

@test "specs, versions, backends, intervals and how runs ended" {
	for run in "$A" "$B"; do
		change "$run" "spec = '{name: a, containers: {v: {memory: 1, volumes: [x]}, n: {}}}'"
	done
	change "$B" "spec = '{containers: {v: {volumes: [x, y], memory: 2}}, name: b}', version = '9.0.0',
		backends = '{\"block\": \"raw_tp\", \"cgroup\": \"files\"}', interval_ns = 50000000,
		status = 'interrupted'"
	warnings "$A" "$B" >told
	diff - told <<-'END'
	status status: ok / interrupted
	spec containers.v.memory: 1 / 2
	spec containers.v.volumes: ["x"] / ["x","y"]
	spec containers.n: {} / null
	version version: 0.1.0 / 9.0.0
	interval interval_ns: 100000000 / 50000000
	backend block: tp_btf / raw_tp
	END
	"$CBPF" compare "$A" "$B" >out
	grep -Fx '  status    ok / interrupted' out
	grep -Fx '  interval  100 ms / 50.0 ms' out
}

@test "losses that only one has, and targets" {
	sqlite3 "$A/run.db" "INSERT INTO loss (what, reason, count) VALUES ('vfs.missed', 'too much', 3);
		UPDATE loss SET count = 7 WHERE what = 'block.start_missing'"
	sqlite3 "$B/run.db" "DELETE FROM loss WHERE what = 'collector rdt';
		UPDATE target SET name = 'else' WHERE name = 'neighbour'"
	warnings "$A" "$B" >told
	diff - told <<-'END'
	target neighbour: true / null
	target else: null / true
	loss collector rdt: 1 / null
	loss vfs.missed: 3 / null
	END
	jq -e '[.metrics[].target] | unique == ["unattributed", "victim"]' out
	"$CBPF" compare "$A" "$B" | grep -Fx '  loss    vfs.missed: 3 / none (too much)'
}

@test "what was measured, and by how much it differs" {
	sqlite3 "$B/run.db" "UPDATE result SET bw_mib_s = 2 * bw_mib_s WHERE op = 'read';
		UPDATE result SET iops = NULL WHERE op = 'write'"
	"$CBPF" compare --json "$A" "$B" "$A" >out
	jq -e '.basis == "single runs" and (.runs | length) == 3
		and all(.metrics[]; (.values | length) == 3 and (.change_pct | length) == 3)' out
	of() { jq -c --arg p "$1" '.metrics[] | select(.target == "victim" and .path == $p) | .values, .change_pct' out; }
	[ "$(of results.read.bw_mib_s)" = $'[20,40,20]\n[0,100,0]' ]
	[ "$(of results.write.iops)" = $'[2800,null,2800]\n[0,null,0]' ]
	[ "$(of block.write.bytes)" = $'[4915200,4915200,4915200]\n[0,0,0]' ]
	"$CBPF" compare "$A" "$B" >out
	grep -E '^  results\.read\.bw_mib_s +20 +40 +\+100 %$' out
	grep -E '^  results\.write\.iops +2800 +- +-$' out
	[ "$(tail -1 out)" = '1 run each: differences may be noise; repeat the run' ]
	[ "$(wc -L <out)" -le 80 ]
}

@test "a path of the table is a threshold that a spec may have" {
	{
		printf 'runtime: native\ncontainers: {victim: {command: [x]}}\nexpect:\n'
		"$CBPF" compare --json "$A" "$A" |
			jq -r '.metrics[] | select(.target == "victim") | "  - victim.\(.path) >= 0"'
	} >spec.yml
	[ "$(wc -l <spec.yml)" -gt 20 ]
	"$CBPF" validate spec.yml
}

@test "what is no run, and too few of them" {
	fails 2 "$CBPF" compare
	fails 2 "$CBPF" compare "$A"
	grep -F 'compare takes two RUNs or more' err
	[ ! -s out ]
	fails 1 "$CBPF" compare "$A" "$PWD/nowhere"
	grep -F 'nowhere is no run' err
	fails 1 "$CBPF" compare --store "$(dirname "$A")" latest nope
	grep -F 'no run called nope' err
	echo 'not a database, but long enough to be read as one, so that it is looked at, and refused for what it is' \
		>"$B/run.db"
	fails 1 "$CBPF" compare --json "$A" "$B"
	grep -F "$B/run.db" err
	[ ! -s out ]
}

@test "no root is needed, nor write permission, and runs are left as they were" {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
	cp "$CBPF" cbpf
	before=$(find "$A" "$B" -type f -exec sha256sum {} + | sort)
	# the way there must be open to somebody else too
	chmod go+rx "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_SUITE_TMPDIR" "$BATS_RUN_TMPDIR"
	setpriv --reuid 65534 --regid 65534 --clear-groups ./cbpf compare "$A" "$B" >out
	grep -F "$ID" out
	[ "$before" = "$(find "$A" "$B" -type f -exec sha256sum {} + | sort)" ]
}

@test "two real runs of one spec on one host have nothing unlike but what they lost" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	printf 'name: real\nruntime: native\ncontainers: {a: {command: [dd, if=/dev/zero, of=x, bs=64k, count=20, conv=fsync]}}\n' >spec.yml
	for _ in 1 2; do
		"$CBPF" run --quiet --store runs spec.yml >/dev/null 2>err || { cat err; return 1; }
	done
	mapfile -t runs < <(find "$PWD/runs" -name '*-real-*' | sort)
	[ "${#runs[@]}" = 2 ]
	warnings "${runs[@]}" | { ! grep -v '^loss '; }
	jq -e '[.metrics[] | select(.target == "a" and .path == "vfs.write.bytes")] == [] or
		any(.metrics[]; .target == "a" and .path == "vfs.write.bytes" and .values[0] >= 1310720)' out
	"$CBPF" compare "${runs[@]}" | grep -E '^  cgroup\.cpu_usage_ns '
}
