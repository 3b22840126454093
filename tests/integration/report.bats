#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cbpf report and cbpf list as a user calls them, on runs whose numbers are known.

load ../lib/jq

bats_require_minimum_version 1.5.0

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	BUILD=${O:-$ROOT/build}
	CBPF=$BUILD/cbpf
	FAKE=$BUILD/tests/lib/drive_fake_run
	[ -x "$FAKE" ] || make -s -C "$ROOT" drivers
	export TMPDIR=$BATS_TEST_TMPDIR
	ID=20260102T030405-demo-00aa
	cd "$BATS_TEST_TMPDIR" || return 1
}

needs_page() {
	grep -qx with "$BUILD/web/kind" || skip "cbpf was built without report.html (WEB=0)"
}

fails() { # STATUS COMMAND...
	local want=$1 got=0
	shift
	"$@" >out 2>err || got=$?
	[ "$got" = "$want" ] || { echo "exit $got: $*"; cat err; return 1; }
}

@test "the text has the tool's results beside what the kernel saw" {
	store=$("$FAKE")
	LC_ALL=C.UTF-8 "$CBPF" report --store "$store" >out
	head -1 out | grep -Fx "$ID  ok"
	grep -E '^  write +0 +10\.5 +2700 +2\.3 MiB' out
	grep -E '^  vda write +1200 +4\.7 MiB +4\.7 MiB' out
	grep -F '█' out
	grep -E '^    residual +0 B \(0 %\) +8\.0 KiB' out
	grep -F "$store/$ID/run.db" out
	[ "$(wc -L <out)" -le 90 ]
}

@test "repetitions of the tool: their spread, what stands out, and a rise" {
	store=$("$FAKE")
	repeat() {
		local i=0
		sqlite3 "$store/$ID/run.db" "DELETE FROM result WHERE op IS NOT NULL"
		for bw; do
			sqlite3 "$store/$ID/run.db" "INSERT INTO result (target, tool, status, op, iteration, bw_mib_s)
				VALUES (0, 'ior', 'ok', 'write', $((i++)), $bw)"
		done
		"$CBPF" report --store "$store" --json >out
		"$CBPF" report --store "$store" >text
	}
	repeat 50 80 100 101 102
	jq -e '.targets[0].repetitions | length == 1 and (.[0] | .path == "results.write.bw_mib_s" and .n == 5
		and (.mean * 10 | round) == 866 and .median == 100 and .settled == "found" and .warm_up == 2 and .steady_mean == 101
		and .outliers == [0, 1] and .samples == [50, 80, 100, 101, 102] and (.ci | .[0] < 86.6 and .[1] > 86.6))' out
	grep -E '^  write MiB/s 5 86\.6 +100 +22\.4 .* first 2$' text
	grep -Fx '    write MiB/s: mean 86.6, 101 without the first 2' text
	jq -e '.findings[] | select(.id == "warming") | .text | endswith("over 5; the first 2 are warm-up")' out
	repeat 50 60 70 80
	jq -e '.findings[] | select(.id == "warming") | .text | endswith("over 4; they had not settled by then")' out
	grep -E '^  write MiB/s 4 .* not settled$' text
	repeat 100 101 99 102 98 30
	jq -e '.targets[0].repetitions[0] | .outliers == [5] and .settled == "none" and (has("warm_up") | not)' out
	grep -E '^  write MiB/s 6 .* 5 +none$' text
	# One alone has no spread.
	repeat 100
	jq -e '.targets[0] | has("repetitions") | not' out
}

@test "without UTF-8 the text is ASCII, and colour is for terminals" {
	store=$("$FAKE")
	LC_ALL=C "$CBPF" report --store "$store" >out
	LC_ALL=C run ! grep -P '[^\x00-\x7f]' out
	run ! grep -P '\x1b' out
}

@test "a run is named by id, start of its id, directory, or not at all" {
	store=$("$FAKE")
	for run in "$ID" 20260102 "$store/$ID" "$store/$ID/run.db" latest; do
		"$CBPF" report --store "$store" "$run" --json | jq -e --arg id "$ID" '.id == $id'
	done
	ln -s "$store" cbpf-runs
	"$CBPF" report | grep -F "$ID"
}

@test "what is no run is told with the runs there are, exit 2" {
	store=$("$FAKE")
	fails 2 "$CBPF" report --store "$store" nope
	grep -F "no run called nope in $store; runs there: $ID" err
	fails 2 "$CBPF" report --store "$PWD/nowhere"
	grep -F "there is no store" err
	[ "$(wc -l <err)" = 1 ]
	fails 2 "$CBPF" report --store "$store" one two
}

@test "JSON is the contract, and bytes are exact" {
	store=$("$FAKE")
	"$CBPF" report --store "$store" --json >out
	jq -e '.schema == 1 and .status == "ok" and .backends.block == "tp_btf"
		and (.targets[0].block.vda.write | .ios == 1200 and .bytes == 4915200)
		and .targets[0].application.write.bytes == 4915200
		and (.devices[] | select(.name == "vda") | .write.residual_bytes) == 8192
		and (.losses | length) == 2 and (.findings | length) > 0
		and (.interference | length == 4 and all(.ns > 0))
		and .targets[0].sharing.vda.share_ratio < 1' out
	# what could not be measured is absent
	jq -e '.targets[1].cgroup | has("memory_max_bytes") | not' out
}

@test "one HTML file that needs nothing else" {
	store=$("$FAKE")
	needs_page
	"$CBPF" report --store "$store" --html r.html >out
	[ ! -s out ]
	grep -q "default-src 'none'" r.html
	run ! grep -qE '<(script|link|img)[^>]* (src|href)=' r.html
	fails 1 "$CBPF" report --store "$store" --html no/such/dir.html
	grep -F no/such/dir.html err
}

@test "sampled stacks for other tools, a line each" {
	store=$("$FAKE")
	"$CBPF" report --store "$store" --folded stacks >out
	[ ! -s out ]
	# frames joined by ;, then a blank and how many: what flamegraph.pl and speedscope want
	run ! grep -vE '^[^;]+(;[^;]+)+ [0-9]+$' stacks
	grep -Fx 'victim;cbpf-ior;main;pattern_fill 6' stacks
	[ "$(awk '{ n += $NF } END { print n }' stacks)" = 40 ]
	"$CBPF" report --store "$store" --folded - | cmp - stacks
	"$CBPF" report --store "$store" --json |
		jq -e '.profile.targets == 40 and .targets[0].profile.functions[0].self == 11'
	needs_page
	"$CBPF" report --store "$store" --html r.html --folded - >out
	cmp out stacks
	grep -qF '"cbpf-ior;main;pattern_fill' r.html
}

@test "without samples there are no stacks, which is told" {
	store=$("$FAKE" killed)
	fails 1 "$CBPF" report --store "$store" --folded stacks
	grep -F 'writing stacks: no stacks were sampled' err
	[ ! -e stacks ]
	fails 2 "$CBPF" report --store "$store" --folded - --json
	"$CBPF" report --store "$store" --json | jq -e 'has("profile") | not'
}

@test "CSV has every row of every table" {
	store=$("$FAKE")
	"$CBPF" report --store "$store" --csv csv
	[ "$(wc -l <csv/histogram.csv)" = 85 ]
	[ "$(wc -l <csv/tick.csv)" = 6 ]
	[ "$(wc -l <csv/profile.csv)" = 9 ]
	head -1 csv/profile.csv | grep -F target,stack,samples
	head -1 csv/loss.csv | grep -F what,reason,count
}

@test "a finished run is left as it was" {
	store=$("$FAKE")
	before=$(cd "$store/$ID" && find . -type f -exec sha256sum {} + | sort)
	"$CBPF" report --store "$store" >out
	"$CBPF" list --store "$store" >out
	[ "$before" = "$(cd "$store/$ID" && find . -type f -exec sha256sum {} + | sort)" ]
}

@test "no root is needed, nor write permission" {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
	store=$("$FAKE")
	cp "$CBPF" cbpf
	# the way there must be open to somebody else too
	for dir in "$store" "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_SUITE_TMPDIR" "$BATS_RUN_TMPDIR"; do
		chmod go+rx "$dir"
	done
	setpriv --reuid 65534 --regid 65534 --clear-groups ./cbpf report --store "$store" >out
	grep -F "$ID  ok" out
}

@test "a live run is read while it is written, and says so" {
	mkfifo in
	"$FAKE" live <in >where 3>&- &
	exec 9>in
	until [ -s where ]; do sleep 0.1; done
	store=$(cat where)
	until "$CBPF" report --store "$store" --json >out 2>/dev/null && jq -e '.self.ticks == 2' out; do
		sleep 0.1
	done
	jq -e '.status == "running"' out
	"$CBPF" list --store "$store" --json | jq -e '.runs[0].status == "running"'
	exec 9>&-
	wait
	"$CBPF" list --store "$store" --json | jq -e '.runs[0].status == "killed"'
}

@test "a killed run is reported as far as it got" {
	store=$("$FAKE" killed)
	"$CBPF" report --store "$store" --json |
		jq -e '.status == "killed" and .self.ticks == 2
			and .targets[0].block.vda.write.ios == 400 and (.self | has("cpu_s") | not)'
	"$CBPF" report --store "$store" | grep -F "$ID  killed"
	"$CBPF" list --store "$store" | grep -E "^$ID +killed "
}

@test "runs are read from a read-only file system" {
	[ "$(id -u)" = 0 ] || skip "needs root to mount"
	unshare -m true 2>/dev/null || skip "no private mounts here"
	for how in complete killed; do
		store=$("$FAKE" "$how")
		unshare -m sh -c "mount --bind '$store' '$store' &&
			mount -o remount,ro,bind '$store' && '$CBPF' report --store '$store' --json" >out
		jq -e '.targets[0].block.vda.write.ios >= 400' out
	done
}

@test "a full disk ends in one message, and every tick before it is kept" {
	[ "$(id -u)" = 0 ] || skip "needs root to mount"
	unshare -m true 2>/dev/null || skip "no private mounts here"
	mkdir small
	unshare -m sh -c "mount -t tmpfs -o size=1m none small && TMPDIR=\$PWD/small '$FAKE' full >told &&
		'$CBPF' report --store \$(head -1 told) --json >out"
	sed -n 2p told | grep -E 'cannot write tick [0-9]+ to .*/run\.db: .*; free some space'
	failed=$(sed -n 3p told)
	# ticks 1 to the one before the failure
	jq -e --argjson n "$((failed - 1))" '.self.ticks == $n and .targets[0].block.vda.write.ios == 400 * $n' out
}

@test "list shows what there is, a broken run is no obstacle" {
	store=$("$FAKE")
	mkdir "$store/20260101T000000-broken-0000"
	echo 'not a database, but long enough to be read as one, so that it is looked at, and refused for what it is' \
		>"$store/20260101T000000-broken-0000/run.db"
	"$CBPF" list --store "$store" >out 2>err
	grep -E "^$ID +ok +2026-01-02T03:04:05Z +400 ms +2 +43\.4 MiB" out
	grep -F broken-0000/run.db err
	"$CBPF" list --store "$store" --json 2>/dev/null | jq -e '.runs | length == 1
		and .[0].targets == 2 and .[0].duration_s == 0.4 and .[0].bytes == 45465600'
	"$CBPF" list --store "$PWD/nowhere" >out
	[ ! -s out ]
	fails 2 "$CBPF" list surplus
}

@test "a database of a later schema is refused in words" {
	command -v sqlite3 >/dev/null || skip "sqlite3 is not installed"
	store=$("$FAKE")
	sqlite3 "$store/$ID/run.db" 'PRAGMA user_version = 99'
	fails 2 "$CBPF" report --store "$store"
	grep -F 'has schema version 99' err
}
