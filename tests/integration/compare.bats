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

@test "a path of the table is a threshold for a spec and --fail-if, with words and dots in it or not" {
	local path exprs=()
	sqlite3 "$A/run.db" "UPDATE result SET op = 'file creation' WHERE op = 'write';
		UPDATE target SET name = 'a.victim' WHERE name = 'victim'"
	"$CBPF" compare --json "$A" "$A" | jq -r '.metrics[] | select(.target == "a.victim") | .path' >paths
	[ "$(wc -l <paths)" -gt 20 ]
	grep -qx 'results.file creation.iops' paths
	{
		printf 'runtime: native\ncontainers: {a.victim: {command: [x]}}\nexpect:\n'
		sed 's/.*/  - a.victim.& >= 0/' paths
	} >spec.yml
	"$CBPF" validate spec.yml
	while read -r path; do
		exprs+=(--fail-if "a.victim.$path < -1%")
	done <paths
	fails 0 "$CBPF" compare --json "${exprs[@]}" "$A" "$A"
	jq -e --argjson n "${#exprs[@]}" '(.thresholds | length) * 2 == $n and all(.thresholds[]; .change_pct == 0)' out
}

# group DIR N FACTOR: N repetitions of $A in DIR, whose tool wrote FACTOR times as fast, each a little
# faster than the one before.
group() {
	local i id first
	mkdir "$1"
	for ((i = 0; i < $2; i++)); do
		id=20260102T0304$((10 + i))-demo-00aa
		first=${first:-$id}
		cp -r "$A" "$1/$id"
		change "$1/$id" "id = '$id', run_group = '$first', repetition = $i"
		sqlite3 "$1/$id/run.db" "UPDATE result SET bw_mib_s = bw_mib_s * $3 * (1 + 0.001 * $i)"
	done
	ln -s "$id" "$1/latest"
}

of_write() { # KEY: of what the tool said of its writes
	jq -c --arg k "$1" '.metrics[] | select(.target == "victim" and .path == "results.write.bw_mib_s") |
		.[$k]' out
}

# repeat RUN BW...: what the tool wrote so fast, one after the other, and nothing else.
repeat() {
	local run=$1 i=0
	shift
	sqlite3 "$run/run.db" "DELETE FROM result WHERE op IS NOT NULL"
	for bw; do
		sqlite3 "$run/run.db" "INSERT INTO result (target, tool, status, op, iteration, bw_mib_s)
			VALUES (0, 'ior', 'ok', 'write', $((i++)), $bw)"
	done
}

@test "single runs whose tool repeated itself: its repetitions are the samples, and that is said" {
	repeat "$A" 100 101 99 102 98
	repeat "$B" 90 91 89 92 88
	"$CBPF" compare --json "$A" "$B" >out
	jq -e '.basis == "single runs" and .samples == "repetitions within one run" and .family.tests == 1
		and ([.metrics[] | select(.tests)] | length == 1 and .[0].path == "results.write.bw_mib_s")' out
	[ "$(of_write values)" = '[100,90]' ]
	of_write sides | jq -e '[.[].n] == [5, 5] and .[0].samples == [100, 101, 99, 102, 98]'
	of_write tests | jq -e '.[1] | .verdict == "differs" and .exact and .cliffs_delta == -1
		and .change_ci_pct[0] < -10 and .change_ci_pct[1] > -10'
	"$CBPF" compare "$A" "$B" >out
	grep -Fx 'repetitions  samples: repetitions within one run (5, 5)' out
	grep -E '^  results\.write\.bw_mib_s 100 90  -10 % .* yes 0\.0079$' out
	[ "$(tail -1 out)" = '1 run each: differences may be noise; repeat the run' ]
	[ "$(wc -L <out)" -le 80 ]
	# Two of each cannot tell, and of one there is nothing to test.
	repeat "$B" 90 91
	"$CBPF" compare --json "$A" "$B" >out
	of_write tests | jq -e '.[1].verdict == "not enough repetitions"'
	"$CBPF" compare "$A" "$B" | grep -E '^  results\.write\.bw_mib_s .* unknown$'
	repeat "$A" 100
	repeat "$B" 90
	"$CBPF" compare --json "$A" "$B" >out
	jq -e '(has("samples") or has("family") or any(.metrics[]; has("tests"))) | not' out
	# Separate runs are what they were: means of each.
	repeat "$A" 100 101 99 102 98
	group before 3 1
	group after 3 2
	"$CBPF" compare --json before after >out
	jq -e '.basis == "groups" and .samples == "runs"' out
	of_write sides | jq -e '[.[].n] == [3, 3]'
}

@test "--fail-if of single runs is decided by their values, repeated or not" {
	repeat "$A" 100 130 70 140 60
	repeat "$B" 90 120 60 130 50
	"$CBPF" compare --json "$A" "$B" >out
	of_write tests | jq -e '.[1].verdict == "no difference"'
	fails 4 "$CBPF" compare --json --fail-if 'victim.results.write.bw_mib_s < -5%' "$A" "$B"
	jq -e '.thresholds[0].by == "few"' out
}

@test "repetitions are a group: a tenth less is found, with its size" {
	group before 6 1
	group after 6 0.9
	# by any of them, by the store, and by name
	for sides in 'before/latest after/20260102T030412-demo-00aa' 'before after' \
		"$(echo before/2* | tr ' ' ,) after"; do
		# shellcheck disable=SC2086 # two words
		"$CBPF" compare --json $sides >out
		jq -e '.basis == "groups" and (.runs | length) == 12 and [.runs[].side] ==
			[0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]' out
		of_write tests >test
		jq -e '.[0] == null and .[1].verdict == "differs" and .[1].cliffs_delta == -1 and
			.[1].change_ci_pct[0] > -10.5 and .[1].change_ci_pct[1] < -9.5' test
		[ "$(of_write change_pct | jq -c 'map(round)')" = "[0,-10]" ]
		jq -e 'all(.metrics[] | select(.path | startswith("results.write.bw") or startswith("results.read.bw") |
			not); .tests[1].verdict == "no difference")' out
		jq -e '.family.tests == 2 and .warnings == []' out
	done
	"$CBPF" compare before after >out
	grep -E '^  results\.write\.bw_mib_s .* -10 % -10\.[0-9]+\.\.-9\.[0-9]+ +-1\.00 yes 0\.0043$' out
	run ! grep -F '1 run each' out
	[ "$(wc -L <out)" -le 80 ]
	# and alone they are what they were
	"$CBPF" compare --single before/latest after/latest | tail -1 | grep -F '1 run each'
}

@test "too few repetitions are said to be too few" {
	group before 3 1
	group after 3 0.5
	"$CBPF" compare --json before after >out
	of_write tests >test
	jq -e '.[1].verdict == "not enough repetitions"' test
	"$CBPF" compare before after >out
	grep -E '^  results\.write\.bw_mib_s .* unknown$' out
	tr '\n' ' ' <out | grep -F 'unknown: not enough repetitions for so many metrics;'
	"$CBPF" compare --metric 'victim.results.*' before after >out
	run ! grep -F 'cgroup.' out
}

@test "two repetitions of one run are compared as single runs" {
	group before 3 1
	"$CBPF" compare --json before/20260102T030410-demo-00aa before/latest >out 2>err
	jq -e '.basis == "single runs"' out
	grep -F 'these RUNs are of the same group: each is taken alone' err
}

@test "a threshold of --fail-if ends with 4 and tells what decided, also in JUnit XML" {
	group before 6 1
	group after 6 0.9
	fails 4 "$CBPF" compare --fail-if 'victim.results.write.bw_mib_s < -5%' --fail-if 'victim.exit_code > 0' \
		--junit verdicts.xml before after
	grep -Fx '  crossed  victim.results.write.bw_mib_s < -5%' out
	grep -E '^ +2: [0-9.]+, base [0-9.]+: -10 % \(.*\), p 0\.0022, of 6 and 6 runs$' out
	grep -Fx '  held     victim.exit_code > 0' out
	/usr/bin/python3 - <<-'END'
	import xml.etree.ElementTree as tree
	suite, = tree.parse("verdicts.xml").getroot()
	assert suite.attrib["tests"] == "2" and suite.attrib["failures"] == "1", suite.attrib
	crossed, held = suite
	assert crossed.attrib["name"] == "victim.results.write.bw_mib_s < -5%"
	assert "-10 %" in crossed[0].attrib["message"] and len(held) == 0
	END
	fails 0 "$CBPF" compare --fail-if 'victim.results.write.bw_mib_s < -15%' before after
	fails 0 "$CBPF" compare --fail-if 'victim.results.write.bw_mib_s < -5%' after before
	fails 4 "$CBPF" compare --json --fail-if 'victim.results.write.bw_mib_s < -5%' before after
	jq -e '.crossed == 1 and .thresholds[0].by == "test" and .thresholds[0].crossed' out
	# one run each: the values decide, and that is said
	fails 4 "$CBPF" compare --single --fail-if 'victim.results.write.bw_mib_s < -5%' before/latest after/latest
	tr -s '\n ' ' ' <out | grep -F 'of 1 and 1 run; not enough repetitions to tell it from noise'
}

@test "a history tells since when it is slower" {
	group all 14 1
	for id in all/2*; do
		[[ $id < all/20260102T030418 ]] || sqlite3 "$id/run.db" "UPDATE result SET bw_mib_s = bw_mib_s * 0.9"
	done
	COLUMNS=100 "$CBPF" compare --history --metric '*.results.write.*' all >out
	grep -E '^  victim\.results\.write\.bw_mib_s .* -9\.[0-9] % 20260102T030418$' out
	grep -Fx '1 of 2 metrics changed their level.' out
	(cd all && "$CBPF" compare --history --store . --json --metric '*.results.write.*' >../out)
	jq -e '[.metrics[] | select(.changes != []) | .path, .changes[0].run] == ["results.write.bw_mib_s", 8] and
		(.runs | length) == 14' out
}

@test "what is no threshold is refused" {
	fails 2 "$CBPF" compare --fail-if 'victim.results.write.bw_mib_s < 5%' "$A" "$B"
	grep -F 'expected a change of the base such as +10%' err
	fails 2 "$CBPF" compare --fail-if 'victim.block.raed.p99 > +10%' "$A" "$B"
	grep -F "unknown metric 'raed'; did you mean 'read'?" err
	fails 2 "$CBPF" compare --fail-if 'vctim.block.read.p99 > +10%' "$A" "$B"
	grep -F "no run has a target 'vctim'" err
	fails 2 "$CBPF" compare --junit x.xml "$A" "$B"
	[ ! -s out ]
}

@test "hosts that differ within a group are told" {
	group before 2 1
	group after 2 1
	change before/latest "host = json_set(host, '\$.kernel', '6.1.0')"
	"$CBPF" compare before after >out
	grep -Fx '  host  kernel: (6.12.0, 6.1.0) / 6.12.0' out
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
