#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cbpf parse as a user calls it: JSON by the contract, exit status by what was found.

load ../lib/jq
load ../lib/run

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	CBPF=${CBPF_BUILD:-$ROOT/build}/cbpf
	DATA=$ROOT/tests/data/ior
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "text and JSON of one tool come out in the same shape" {
	for f in text-write-read-fpp.txt summary.json; do
		"$CBPF" parse --json "$DATA/$f" | jq -e '.tool == "ior" and .status == "ok"
			and (.version | startswith("4.1.0")) and (.results | length) > 3
			and (.results[0] | .op == "write" and .iteration == 0 and .bw_mib_s > 0
			     and .iops > 0 and .bytes > 0)'
	done
}

@test "what was not printed is absent, never zero" {
	"$CBPF" parse --json "$DATA/text-verbose.txt" |
		jq -e '.results[2] | .op == "remove" and (has("bw_mib_s") | not) and (has("bytes") | not)'
}

@test "corrupt data and cut output exit with 1, an unknown file with 2" {
	status=0; "$CBPF" parse --json "$DATA/text-incorrect-data.txt" > out || status=$?
	[ "$status" = 1 ]
	jq -e '.status == "corrupt"' out
	status=0; head -c 1800 "$DATA/text-write-read-fpp.txt" | "$CBPF" parse --json - > out || status=$?
	[ "$status" = 1 ]
	jq -e '.status == "failed" and (.message | length) > 0' out
	status=0; "$CBPF" parse "$ROOT/README.md" 2> err || status=$?
	[ "$status" = 2 ]
	status=0; "$CBPF" parse no-such-file 2> err || status=$?
	[ "$status" = 2 ]
	grep -F no-such-file err
}

@test "what fio prints is read as it says, in each job and operation" {
	fio --name=mix --rw=randrw --bs=4k --size=1m --filename=fio.data --output-format=json \
		--name=last --stonewall --rw=write --bs=64k --size=2m --fsync=4 --filename=fio.data > fio.json
	"$CBPF" parse --json fio.json > out
	jq -e --slurpfile own fio.json '
		def rows: [$own[0].jobs[] | . as $j | ("read", "write") as $op | .[$op]
			| select(.total_ios > 0) | {job: $j.jobname, op: $op, bytes: .io_bytes,
				calls: .total_ios, p99: .clat_ns.percentile["99.000000"]}];
		.tool == "fio" and .status == "ok" and (rows | length) == 3
		and [.results[] | select(.op != "sync")
			| {job, op, bytes, calls, p99: (.p99_s * 1e9 | round)}] == rows' out
	jq -e '.results[] | select(.op == "sync") | .job == "last" and .p99_s > 0 and (has("bytes") | not)' out
}

@test "what fio tells of reads and writes together is read, too" {
	for how in 1 both; do
		fio --name=mix --rw=randrw --bs=4k --size=1m --filename=fio.data --output-format=json \
			--unified_rw_reporting=$how > fio.json
		"$CBPF" parse --json fio.json > out
		jq -e --slurpfile own fio.json '.status == "ok" and
			([.results[] | select(.op == "mixed") | [.bytes, .calls]]
			== [$own[0].jobs[0].mixed | [.io_bytes, .total_ios]])' out
	done
	jq -e '[.results[].op] | sort == ["mixed", "read", "write"]' out
}

@test "fio that failed, that found wrong data and that was cut is told apart" {
	status=0
	fio --name=full --rw=write --bs=64k --size=1m --filename=/dev/full --output-format=json > full.json 2>&1 || status=$?
	[ "$status" = 1 ]
	status=0; "$CBPF" parse --json full.json > out || status=$?
	[ "$status" = 1 ]
	jq -e '.status == "failed" and (.message | contains("No space left"))' out
	fio --name=v --rw=write --bs=4k --size=64k --verify=crc32c --filename=v --output-format=json > v.json
	"$CBPF" parse v.json
	printf damaged | dd of=v bs=1 seek=8300 conv=notrunc status=none
	status=0
	fio --name=v --rw=read --bs=4k --size=64k --verify=crc32c --filename=v --output-format=json > v.json 2>&1 || status=$?
	[ "$status" = 1 ]
	status=0; "$CBPF" parse --json v.json > out || status=$?
	[ "$status" = 1 ]
	jq -e '.status == "corrupt"' out
	status=0; head -c 3000 v.json | "$CBPF" parse --json - > out || status=$?
	[ "$status" = 1 ]
}

@test "the files of ranks and of calls that cbpf-ior writes are read, and add up" {
	"${CBPF%cbpf}cbpf-ior" -w -r -F -t 64k -b 1m -i 2 -o data \
		-O saveRankPerformanceDetailsCSV=ranks.csv,savePerOpDataCSV=calls > text
	"$CBPF" parse --json ranks.csv | jq -e '.source == "rank csv" and .status == "ok"
		and ([.results[] | [.op, .rank, .iteration, .bytes]]
			== [["write", 0, 0, 1048576], ["read", 0, 0, 1048576],
			    ["write", 0, 1, 1048576], ["read", 0, 1, 1048576]])'
	"$CBPF" parse --json calls-00000.csv | jq -e '.source == "call csv" and .status == "ok"
		and all(.results[]; .calls == 16 and .bytes == 1048576 and .min_s <= .p50_s and .p50_s <= .p99_s
			and .p99_s <= .max_s)'
	status=0; head -n 20 calls-00000.csv | "$CBPF" parse --json - > out || status=$?
	[ "$status" = 1 ]
	jq -e '.status == "failed" and (.message | contains("cut short"))' out
}

@test "a command that turns out to be fio or mdtest has results in the run, and its output is kept" {
	need_root
	cat >spec.yml <<-END
	name: tools
	runtime: native
	collectors: {vfs: true}
	containers:
	  fio:
	    command: [fio, --name=w, --rw=write, --bs=64k, --size=4m, --filename=data, --output-format=json]
	  mdtest:
	    command: [cat, $DATA/mdtest.txt]
	  broken:
	    command: [fio, --name=full, --rw=write, --size=1m, --filename=/dev/full, --output-format=json]
	END
	# Thresholds on them, as the page of specs shows it.
	sed -n '/^\*\*Secrets/q; /^\*\*Thresholds/,$s/^    //p' "$ROOT/specs/README.md" > expect.yml
	grep -q 'mdtest.results.file creation.iops' expect.yml
	cat expect.yml >> spec.yml
	run_spec spec.yml
	[ "$status" = 1 ]
	jq -e '.targets[] | select(.name == "fio") | .results | length == 1 and (.[0] | .tool == "fio" and .job == "w"
		and .op == "write" and .bytes == 4194304 and .status == "ok" and .p99_s > 0)' report.json
	jq -e '.targets[] | select(.name == "mdtest") | .results | length == 10 and .[0].tool == "mdtest"' report.json
	jq -e '.expect | length == 3 and all(.actual != null)' report.json
	jq -e '.expect[] | select(.expr | contains("file creation")) | .actual > 45319 and .ok' report.json
	jq -e '.targets[] | select(.name == "broken") | .results[0] | .status == "failed"
		and (.message | contains("No space left"))' report.json
	jq -e '.jobs[0].jobname == "w"' runs/latest/logs/fio.log
	"$CBPF" report --store runs latest | grep -E '^  w: write +- '
}
