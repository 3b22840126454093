#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# report.html in a real browser: it is drawn, asks nobody for anything, and says the same as the report.

load ../lib/jq
load ../lib/run
load ../lib/page

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export TMPDIR=$BATS_TEST_TMPDIR
	FAKE=$BUILD/tests/lib/drive_page
	[ -x "$FAKE" ] || make -s -C "$ROOT" O="$BUILD" "$FAKE"
}

# page KIND...: page.html of such a run, looked at.
page() {
	need_browser
	store=$("$FAKE" "$@")
	"$CBPF" report --store "$store" --html page.html
	page_look page.html
}

@test "a run with everything: each chart is there, drawn, and not empty" {
	page full
	page_is_sound
	page_has phases vfs_bandwidth block_bandwidth vfs_iops block_iops vfs_latency block_latency budget-time share hit_ratio \
		cpu runq pressure memory dirty network llc memory_bandwidth percentiles cdf budget-targets interference-matrix \
		topology-graph sizes order flame heat-0-vfs-read heat-0-block_total-read heat-0-sched_runq-all
	jq -e '.title | startswith("demo")' look.json
	# Bytes in round numbers of their unit, from nothing.
	jq -c '[.charts[] | select(.id == ("vfs_bandwidth", "block_bandwidth", "memory", "dirty", "llc")) | {id, values}]' look.json
	jq -e '[.charts[] | select(.id == ("vfs_bandwidth", "block_bandwidth", "memory", "dirty", "llc")) | .values] | length == 5
		and all(.[]; (.[0] | startswith("0 B")) and
			(.[1] | split(" ")[0] | tonumber | IN(1, 2, 5, 10, 20, 50, 100, 200, 512)))' look.json
	# Charts are drawn when they are seen, and not all at once.
	jq -e '.first_charts < (.charts | length)' look.json
}

@test "a real run leaves its page, with the phases and repetitions of its tool" {
	need_root
	need_browser
	write_spec spec.yml <<-END
		name: page
		runtime: native
		collectors: {block: true, vfs: auto, sched: auto}
		containers:
		  a:
		    working_dir: $PWD
		    workload: {ior: {binary: cbpf-ior, transfer: 64KiB, block: 4MiB, repetitions: 3, odirect: true, delay_s: 1}}
	END
	run_spec spec.yml
	[ "$status" = 0 ]
	page_look runs/latest/report.html
	page_is_sound
	page_has repetitions phases block_bandwidth block_latency percentiles
	jq -e '[.charts[] | select(.id == "repetitions")] | .[0].points == 6' look.json
	[ "$(report '.targets[0].phases | length')" = 6 ]
	jq -e '[.charts[] | select(.id == "phases")][0] | .points - (.warm_up | length) == 7' look.json
}

@test "warm-up is marked: in time, and of repetitions; a steady run has no marks" {
	need_browser
	store=$("$FAKE" full)
	tick() { echo "(SELECT begin_ns FROM tick WHERE seq = $1)"; }
	sqlite3 "$store/latest/run.db" "UPDATE run SET backends = json_set(backends, '\$.vfs', 'raw_tp');
		DELETE FROM result WHERE op IS NOT NULL;
		UPDATE histogram SET bytes = bytes * (100 + seq % 3), sum = sum * (100 + seq % 4) WHERE layer = 'vfs' AND target = 0"
	for phase in 0,5,60,99 1,60,80,100 2,80,100,101 3,100,118,101.5; do
		IFS=, read -r i from to bw <<< "$phase"
		sqlite3 "$store/latest/run.db" "INSERT INTO result (target, tool, status, op, iteration, bw_mib_s, begin_ns, end_ns)
			VALUES (0, 'ior', 'ok', 'read', $i, $bw, $(tick "$from"), $(tick "$to"))"
	done
	"$CBPF" report --store "$store" --html page.html
	page_look page.html
	page_is_sound
	jq -e 'all(.charts[]; .warm_up == [])' look.json
	jq -e '.text | contains("Shaded") | not' look.json
	# Its first second and a half at a quarter of the rate and four times the latency, and slow repetitions.
	sqlite3 "$store/latest/run.db" "UPDATE histogram SET bytes = bytes / 4, sum = sum * 4
			WHERE layer = 'vfs' AND target = 0 AND seq <= 20;
		UPDATE result SET bw_mib_s = 50 WHERE iteration = 0; UPDATE result SET bw_mib_s = 80 WHERE iteration = 1"
	"$CBPF" report --store "$store" --json > report.json
	jq -c '.targets[0] | .warm_up[0], .repetitions' report.json
	"$CBPF" report --store "$store" --html page.html
	page_look page.html
	page_is_sound
	jq -c '.charts[] | select(.warm_up != []) | {id, warm_up}' look.json
	# The marks are what the report says.
	jq -e --slurpfile r report.json '($r[0].started_mono_ns) as $t | $r[0].targets[0].warm_up[0] as $w
		| (.charts | map({(.id): .warm_up}) | add) as $c
		| ($c.vfs_bandwidth == [[($w.begin_ns - $t) / 1e9, ($w.throughput.until_ns - $t) / 1e9]])
		and ($c.vfs_latency == [[($w.begin_ns - $t) / 1e9, ($w.latency.until_ns - $t) / 1e9]])
		and ([$c.phases[][3]] | length == 4
			and (map(select(contains("one of the first 2 of 4 repetitions"))) | length) == 2)
		and $c.block_bandwidth == []' look.json
	jq -e '.text | contains("Shaded: warm-up") and contains("first 2") and contains("too few ticks to say")
		and (contains("NaN") or contains("undefined") | not)' look.json
}

@test "one zoom for all charts over time, by keys, by the wheel, and back" {
	page full
	jq -e '.zoom | (.before | length) > 10
		and all(.before, .keys, .whole, .wheel, .program; map(map(. * 20 | round)) | unique | length == 1)' look.json
	jq -e '.zoom | def span: .[0][1] - .[0][0]; (.keys | span) < (.before | span) * 0.6
		and (.whole | span) == (.before | span) and (.wheel | span) < (.before | span)
		and .program[0] == [0.1, 0.2]' look.json
}

@test "the numbers of the page are those of the report" {
	page full
	"$CBPF" report --store "$store" --json > report.json
	# The data in the page is the report itself.
	sed -n '/id="data">/,/<\/script>/p' page.html | sed -e '1s/.*id="data">//' -e '$s/<\/script>.*//' > data.json
	jq -e --slurpfile r report.json 'def parts: [.targets[].block, .targets[].vfs, .targets[].budget, .devices, .findings,
		.losses, .interference, .self] | walk(if type == "number" then . * 1000 | round else . end);
		(.report | parts) == ($r[0] | parts)' data.json
	jq -e --slurpfile r report.json '.text as $text | all($r[0].findings[].text, $r[0].losses[].reason; . as $t | $text | contains($t))' \
		look.json
	# What was lost to others: little, much, and nothing at all.
	jq -e '.text | contains("Of the time of its requests less than 1 % went to anybody else.")' look.json
	for part in "ns * 100" 0; do
		sqlite3 "$store/latest/run.db" "UPDATE interference SET ns = $part"
		"$CBPF" report --store "$store" --html page.html
		page_look page.html
		jq -r .text look.json > "text-${part:0:1}"
	done
	grep -E "Of the time of its requests [0-9]+ % went to neighbour\." text-n
	grep -F "Its requests waited for no one else's." text-0
}

@test "fifty targets" {
	page targets 50
	page_is_sound
	page_has interference-matrix topology-graph vfs_bandwidth heat-0-vfs-read heat-58-vfs-read
	jq -e '[.charts[] | select(.id | startswith("heat-"))] | length > 150' look.json
}

@test "a run of which nothing was measured has no empty charts, and says what is missing" {
	page absent
	page_is_sound
	page_lacks vfs_bandwidth block_bandwidth percentiles budget-targets interference-matrix topology-graph sizes flame
	jq -e '.text | contains("Nothing was measured of: calls (vfs), devices (block)")' look.json
	jq -e '.text | contains("whose fault it was\n\nThat was not measured: it takes the collectors vfs and block.")' look.json
	# What is not known is no zero.
	jq -e '.text | contains("0 MiB/s") or contains("NaN") or contains("undefined") | not' look.json
}

@test "a run that was interrupted is not to be trusted, and shown as far as it got" {
	page interrupted
	page_is_sound
	jq -e '.text | contains("Do not trust these numbers") and contains("the run was interrupted")' look.json
	store=$("$BUILD/tests/lib/drive_fake_run" killed)
	"$CBPF" report --store "$store" --html page.html
	page_look page.html
	page_is_sound
	jq -e '.text | contains("the run was killed")' look.json
}

@test "numbers are trusted when all is known to be well; with care when a rule on their worth says anything, or nobody knows" {
	need_browser
	store=$("$FAKE" full)
	trust() { # SQL: text has the verdict and why
		sqlite3 "$store/latest/run.db" "$1"
		"$CBPF" report --store "$store" --html page.html
		page_look page.html
		jq -r '.text | split("What was run")[0]' look.json > text
		cat text
	}
	trust "UPDATE run SET backends = json_set(backends, '\$.block', 'tp_btf'); DELETE FROM result; DELETE FROM expect WHERE NOT ok;
		UPDATE device_sample SET read_bytes = seq * 24576; UPDATE target SET failure = NULL"
	grep -F 'The numbers can be trusted: all ended well, every byte is accounted for within 1 %' text
	# It has findings, none of which is on that.
	"$CBPF" report --store "$store" --json | jq -e '.findings | length > 0'
	# Infos on that.
	trust "UPDATE run SET self = json_set(self, '\$.probes[0].run_ns', 1000000000);
		INSERT INTO result (target, tool, status, op, iteration, bw_mib_s) VALUES (0, 'ior', 'ok', 'read', 0, 100), (0, 'ior', 'ok', 'read', 1, 101)"
	"$CBPF" report --store "$store" --json > report.json
	jq -e '[.findings[] | select(.id | IN("few-reps", "profiler-cost")) | .severity] == ["info", "info"]' report.json
	grep -F 'Read the numbers with care' text
	for id in few-reps profiler-cost; do
		grep -F "$(jq -r --arg id $id '.findings[] | select(.id == $id) | .text' report.json)" text
	done
	# Half of the bytes, none of them, and no count.
	trust "DELETE FROM result; UPDATE run SET self = json_set(self, '\$.probes[0].run_ns', 1); UPDATE device_sample SET read_bytes = seq * 49152"
	grep -F '50 % of what vda read by the kernel' text
	trust "UPDATE device_sample SET read_bytes = 0"
	grep -F 'what vda read (2.79 MiB) is not in the kernel' text
	trust "DELETE FROM device_sample"
	grep -F 'whether what vda read is accounted for is not known' text
	# Nobody has looked.
	trust "DELETE FROM device; DELETE FROM histogram WHERE layer LIKE 'block%'; UPDATE run SET backends = json_remove(backends, '\$.block')"
	grep -F 'whether all that devices moved is accounted for was not measured' text
	run ! grep -F 'every byte is accounted for' text
}

@test "tests of a script and jobs are told apart, in every table, chart and list" {
	need_browser
	store=$("$FAKE" full)
	tick() { echo "(SELECT begin_ns FROM tick WHERE seq = $1)"; }
	sqlite3 "$store/latest/run.db" "DELETE FROM result"
	for phase in 0,0,5,30 0,1,30,60 1,0,60,80 1,1,80,118; do
		IFS=, read -r test i from to <<< "$phase"
		sqlite3 "$store/latest/run.db" "INSERT INTO result (target, tool, status, op, test, iteration, bw_mib_s, begin_ns, end_ns)
			VALUES (0, 'ior', 'ok', 'read', $test, $i, 100 + $i + 50 * $test, $(tick "$from"), $(tick "$to"))"
	done
	sqlite3 "$store/latest/run.db" "INSERT INTO result (target, tool, status, op, job, iteration, bw_mib_s)
		VALUES (0, 'fio', 'ok', 'write', 'one', 0, 9), (0, 'fio', 'ok', 'write', 'two', 0, 8)"
	"$CBPF" report --store "$store" --html page.html
	page_look page.html
	page_is_sound
	jq -r .text look.json > text
	# Of all repetitions and phases: those of two tests, and each once.
	for heading in 'Each repetition, as the tool tells' 'Each phase, as the kernel saw it'; do
		awk -v h="$heading" 'on && !/\t/ { exit } on; $0 == h { on = 1 }' text > table
		cat table
		for name in 'read 0' 'read 1' '1: read 0' '1: read 1'; do
			[ "$(grep -c "^victim.${name}[^0-9]" table)" = 1 ]
		done
	done
	grep -q $'^victim\tone write 0\t' text
	grep -q $'^victim\ttwo write 0\t' text
	# Of the first screen, and of its chart, whose lines are two.
	grep -q $'^victim\t1: read\t151' text
	jq -e '[.charts[] | select(.id == "repetitions")] | .[0].series == 2 and .[0].points == 4' look.json
	# Where a phase is chosen.
	grep -Eq '^ *victim: 1: read 1$' text
}

@test "names that are markup are text" {
	page hostile
	page_is_sound
	jq -e '.markup.says_script' look.json
	# Of tips that show a name, too.
	jq -e '[.tips[] | select(.tip | contains("<script>"))] | length > 3' look.json
	jq -e '.title | contains("<script>")' look.json
}

@test "an hour of twenty targets and a million cells is below 20 MB, and says what a point is" {
	page hour
	[ "$(stat -c %s page.html)" -lt 20000000 ]
	[ "$(sqlite3 "$store"/latest/run.db 'SELECT sum(count) > 1000000 FROM histogram')" = 1 ]
	page_is_sound
	jq -e '.text | contains("Each point is the mean of 83 ticks")' look.json
	# No bin hides the one tick in which it was seven times as much.
	grep -q 98765000\\\|9.8765e+08 page.html
}

@test "without the page cbpf says so, and all else is the same" {
	cd "$ROOT"
	cc -std=gnu17 -D_GNU_SOURCE -Iuser -c user/html/template.c -o "$BATS_TEST_TMPDIR/template.o"
	# shellcheck disable=SC2046 # words on purpose
	cc "$BATS_TEST_TMPDIR/template.o" "$BUILD/user/cmd/main.o" "$BUILD/libcbpf.a" \
		$(pkg-config --libs libbpf libelf zlib yaml-0.1 libcurl sqlite3 jansson libmd libmicrohttpd) -lm -pthread \
		-o "$BATS_TEST_TMPDIR/without"
	cd "$BATS_TEST_TMPDIR"
	store=$("$FAKE" full)
	run -1 ./without report --store "$store" --html page.html
	[[ $output == *"built without the HTML report (WEB=0)"* ]]
	[ ! -e page.html ]
	./without report --store "$store" --json | cmp - <("$CBPF" report --store "$store" --json)
}

@test "without npm make says what to install, and how to do without" {
	mkdir bin
	for p in sh make mkdir cp cat echo uname pkg-config printf sed tr nproc; do
		ln -s "$(type -P "$p")" bin/
	done
	run -2 env PATH="$PWD/bin" make -s -C "$ROOT" O="$PWD/build" "$PWD/build/web/installed"
	[[ $output == *"install nodejs and npm"*"make WEB=0"* ]]
}

@test "the lockfile is of no registry, and nothing of others is in the repository" {
	cd "$ROOT"
	run ! grep -qE '"resolved"|https?://' web/package-lock.json
	jq -e '[.packages | to_entries[] | select(.key != "") | .value.integrity // ""] | all(startswith("sha512-"))' web/package-lock.json
	jq -e '[.dependencies, .devDependencies | to_entries[].value] | all(test("^[0-9.]+$"))' web/package.json
	run ! grep -rlE 'Copyright|@license' web/src web/build.mjs
}

@test "runs side by side: what changed, and latencies one over the other" {
	need_browser
	store=$("$FAKE" full)
	for i in 0 1 2 3 4 5 6 7 8 9; do
		cp -r "$store/latest/" run$i
		id=20260102T0304$((10 + i))-demo-00aa
		sqlite3 run$i/run.db "UPDATE run SET id = '$id', name = '<b>side</b>'"
		# The last five moved half of it.
		sqlite3 run$i/run.db "UPDATE histogram SET bytes = bytes * (1000 + $i) / (1000 * (1 + ($i > 4))) WHERE layer = 'vfs'"
	done
	"$CBPF" compare --html page.html --metric 'victim.vfs.*' run0,run1,run2,run3,run4 run5,run6,run7,run8,run9 > text
	page_look page.html
	page_is_sound
	page_has changes percentiles cdf
	# Two sides, each with a line.
	jq -e '[.charts[] | select(.id == "cdf")][0].series == 2' look.json
	jq -e '.text | contains("1 of 4 metrics differ, by a test for all of them together") and contains("<b>side</b>")
		and contains("-49.8 %") and (contains("NaN") or contains("undefined") | not)' look.json
	# Single runs, one of which has nothing.
	"$CBPF" compare --html page.html --single run0 "$("$FAKE" absent)/latest" > text
	page_look page.html
	page_is_sound
	page_lacks percentiles cdf
	jq -e '.text | contains("One run each is no basis")' look.json
	# What was unlike is told as in a terminal: a loss that one has not is none of it, a disk is absent.
	for i in 0 1; do
		sqlite3 run$i/run.db "UPDATE run SET host = json_set(host, '\$.memory', json('{}'), '\$.nodes', json('[]'),
			'\$.mounts', json('[]'), '\$.disks', json('[{\"name\": \"vda\"}]'))"
	done
	sqlite3 run1/run.db "INSERT INTO loss (what, reason, count) VALUES ('vfs.missed', 'too much', 3);
		UPDATE run SET host = json_set(host, '\$.disks[1]', json('{\"name\": \"vdz\", \"scheduler\": \"none\"}'))"
	"$CBPF" compare --html page.html --single run0 run1 > text
	page_look page.html
	page_is_sound
	jq -e '.text | test("loss\\s+vfs.missed\\s+too much\\s+none\\s+3") and test("host\\s+disks.vdz\\s+absent\\s+present")
		and (contains("unknown") or contains("{\"") | not)' look.json
	run -2 "$CBPF" compare --history --html page.html run0 run1 run2 run3
	# Single runs whose tool repeated itself.
	for run in run0 run1; do
		for i in 0 1 2 3 4; do
			sqlite3 $run/run.db "INSERT INTO result (target, tool, status, op, iteration, bw_mib_s) VALUES (0, 'ior', 'ok', 'read', $i,
				100 + $i + 50 * ('$run' = 'run1'))"
		done
	done
	"$CBPF" compare --html page.html --single run0 run1 > text
	page_look page.html
	page_is_sound
	jq -e '.text | contains("1 of 1 metrics that the tool repeated differ. Samples: repetitions within one run")
		and (contains("NaN") or contains("undefined") | not)' look.json
}
