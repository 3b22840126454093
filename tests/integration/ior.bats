#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cbpf-ior with real files and real ranks: layout, data, errors, output formats.

load ../lib/jq

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	IOR=${CBPF_BUILD:-$ROOT/build}/cbpf-ior
	CBPF=${CBPF_BUILD:-$ROOT/build}/cbpf
	DATA=$ROOT/tests/data/ior
	cd "$BATS_TEST_TMPDIR" || return 1
}

# ranks N ARG...: run with N ranks; a hang is a failure.
ranks() {
	local n=$1
	shift
	timeout -k 5 60 mpirun --allow-run-as-root --oversubscribe --bind-to none \
		--mca btl_vader_single_copy_mechanism none -np "$n" "$IOR" "$@"
}

# fails WORDS CMD...: exit status 1, WORDS on stderr, no "rank" of it hanging.
fails() {
	local words=$1 status=0
	shift
	"$@" > out 2> err || status=$?
	cat out err
	[ "$status" = 1 ] && grep -qF -- "$words" err
}

# expected FILE-NUMBER SIGNATURE TRANSFER OFFSET...: the documented data of these transfers.
expected() {
	perl -e 'my ($file, $sig, $xfer, @at) = @ARGV;
		for my $o (@at) { for (my $p = 0; $p < $xfer; $p += 8) {
			print pack("Q<", $p % 512 ? ($sig << 32 | $p) : (($o + $p) ^ ($file << 48)));
		} }' "$@"
}

@test "alone, without mpirun: write, read, nothing left behind" {
	timeout 20 "$IOR" -b 256k -t 64k -o f > out
	grep -q '^write ' out
	grep -q '^read ' out
	grep -q '^Finished ' out
	[ "$(ls -A)" = out ]
}

@test "alone, without network, HOME or PATH" {
	unshare -n true || skip "no network namespaces here"
	env -i unshare -n "$IOR" -b 64k -t 64k -o f > out
	grep -q '^Finished ' out
}

@test "a shared file holds segments x tasks x block, byte for byte" {
	ranks 2 -w -k -G 7 -b 2k -t 1k -s 2 -o f
	[ "$(stat -c %s f)" = 8192 ]
	expected 0 7 1024 0 1024 2048 3072 4096 5120 6144 7168 | cmp - f
}

@test "four ranks lay out a shared file as one rank would" {
	ranks 4 -w -k -G 7 -b 4k -t 1k -s 3 -o four
	ranks 1 -w -k -G 7 -b 4k -t 1k -s 12 -o one
	cmp four one
}

@test "a file per process holds segments x block and carries its number" {
	ranks 2 -w -k -F -G 7 -b 2k -t 1k -s 2 -o f
	[ ! -e f ]
	for n in 0 1; do
		[ "$(stat -c %s "f.0000000$n")" = 4096 ]
		expected $n 7 1024 0 1024 2048 3072 | cmp - "f.0000000$n"
	done
}

@test "random offsets change the order, never the file" {
	ranks 2 -w -k -G 7 -b 64k -t 1k -o plain
	ranks 2 -w -k -G 7 -b 64k -t 1k -z -o random
	cmp plain random
	ranks 2 -w -k -F -G 7 -b 64k -t 1k -z -X -3 -o own
	expected 1 7 1024 $(seq 0 1024 65535) | cmp - own.00000001
}

@test "MPIIO writes the same file, independent, collective and through a view" {
	ranks 2 -w -k -G 7 -b 8k -t 2k -s 2 -o posix
	ranks 2 -a MPIIO -w -r -R -k -G 7 -b 8k -t 2k -s 2 -o mpiio
	ranks 2 -a MPIIO -c -w -r -R -k -G 7 -b 8k -t 2k -s 2 -e -o coll
	ranks 2 -a MPIIO --mpiio.useFileView -w -r -R -k -G 7 -b 8k -t 2k -s 2 -o view
	for f in mpiio coll view; do cmp posix $f; done
}

@test "each rank has a directory of its own with -u" {
	ranks 2 -w -k -F -u -b 4k -t 4k -o f
	[ -s 0/f.00000000 ]
	[ -s 1/f.00000001 ]
	ranks 2 -w -F -u -b 4k -t 4k -o g
	[ ! -e 0/g.00000000 ]
}

@test "each repetition has files of its own with -m, and reads what it wrote" {
	ranks 2 -w -r -R -k -m -i 2 -G 7 -b 4k -t 2k -o f -O summaryFile=s,summaryFormat=JSON
	[ "$(ls -A | xargs)" = "f.0 f.1 s" ]
	expected 0 7 2048 0 2048 4096 6144 | cmp - f.1
	jq -e '.tests[0].Parameters.multiFile == 1 and .tests[0].Path == "f"' s
	rm f.0
	fails "cannot open 'f.0' for reading" "$IOR" -r -k -m -i 2 -b 4k -t 2k -o f
	ranks 2 -w -W -r -R -m -F -u -C -i 2 -b 4k -t 2k -o g
	ranks 2 -w -k -m -F -i 2 -b 4k -t 2k -o h
	[ "$(ls -A h* | xargs)" = "h.00000000.0 h.00000000.1 h.00000001.0 h.00000001.1" ]
	[ -z "$(ls -A g* 0 1 2> /dev/null)" ]
}

@test "data is verified in every order, by every reader" {
	for how in "" "-F" "-z" "-F -z" "-F -C" "-C -Q 2" "-F -Z -X 3" "-Z -F -z" "-z -z" "-F -z -z" \
		"-l o" "-l i" "-l t" "-l r" "-l r -F -z" "-g -e -Y" "-i 3 -X -1 -Z -F"; do
		ranks 4 -w -W -r -R -b 32k -t 2k -s 2 $how -o f > out || { echo "$how"; cat out; return 1; }
		[ "$(grep -c Incorrect out)" = 0 ]
	done
}

@test "one wrong byte is found anywhere, counted, and fails the run" {
	ranks 2 -w -k -G 5 -b 8k -t 4k -o f > /dev/null
	for at in 0 1 511 512 4095 4096 9000 16383; do
		cp f g
		printf '\xff' | dd of=g bs=1 seek=$at conv=notrunc status=none
		cmp -s f g && printf '\xfe' | dd of=g bs=1 seek=$at conv=notrunc status=none
		status=0
		ranks 2 -r -R -k -G 5 -b 8k -t 4k -o g > out 2> err || status=$?
		[ "$status" = 1 ] || { echo "at $at: $status"; return 1; }
		grep -q '^WARNING: Incorrect data on read (1 errors found)\.$' out
		grep -q "offset $at," out
	done
	ranks 2 -r -R -k -G 5 -b 8k -t 4k -o f
}

@test "128 corrupt transfers do not look like success" {
	"$IOR" -w -k -b 1m -t 4k -o f > /dev/null
	for n in $(seq 0 2 255); do
		printf 'bad' | dd of=f bs=1 seek=$((n * 4096 + 100)) conv=notrunc status=none
	done
	fails "128 transfers with wrong data" "$IOR" -r -R -k -b 1m -t 4k -o f
	grep -q 'Incorrect data on read (128 errors found)' out
}

@test "a reader of an earlier run's data needs no signature, and still finds stale data" {
	"$IOR" -w -k -b 64k -t 4k -o f > /dev/null
	"$IOR" -r -R -k -b 64k -t 4k -o f
	"$IOR" -w -k -G 99 -b 64k -t 4k -o stale > /dev/null
	dd if=stale of=f bs=4096 seek=3 skip=3 count=1 conv=notrunc status=none
	fails "1 transfers with wrong data" "$IOR" -r -R -k -b 64k -t 4k -o f
}

@test "wrong data: -K keeps the file, else it is removed" {
	"$IOR" -w -k -b 4k -t 4k -o f > /dev/null
	printf 'bad' | dd of=f bs=1 seek=99 conv=notrunc status=none
	fails "wrong data" "$IOR" -W -K -b 4k -t 4k -o f
	[ -e f ]
	fails "wrong data" "$IOR" -W -b 4k -t 4k -o f
	[ ! -e f ]
}

@test "-E writes into the existing file" {
	truncate -s 64k f
	"$IOR" -w -k -E -b 4k -t 4k -o f > out
	[ "$(stat -c %s f)" = 65536 ]
	grep -q '^WARNING: Stat() of aggregate file size      = 65536$' out
	"$IOR" -w -k -b 4k -t 4k -o f
	[ "$(stat -c %s f)" = 4096 ]
}

@test "what is no regular file is never removed" {
	"$IOR" -w -b 64k -t 4k -o /dev/null
	[ -c /dev/null ]
}

@test "O_DIRECT moves data, and a misaligned transfer is explained" {
	"$IOR" --posix.odirect -w -r -R -b 64k -t 4k -o f > out 2> err ||
		{ grep -q O_DIRECT err && skip "no O_DIRECT on this file system"; }
	grep -q '^read ' out
	dio=$(df --output=fstype . | tail -1)
	[ "$dio" != tmpfs ] || skip "tmpfs takes any alignment"
	fails "O_DIRECT" "$IOR" --posix.odirect -w -b 47008 -t 47008 -o f
	grep -q 'multiple of' err
}

@test "fsync: -e once, -Y once per write" {
	command -v strace > /dev/null || skip "strace is not installed"
	syncs() { strace -f -o trace -e trace=fsync "$IOR" "$@" > /dev/null; grep -c 'fsync(' trace; }
	[ "$(syncs -w -e -b 64k -t 4k -o f)" = 1 ]
	[ "$(syncs -w -Y -b 64k -t 4k -o f)" = 16 ]
}

@test "a missing directory, a missing file, a short file: one clear message" {
	for n in 1 2; do
		fails "cannot open 'no/such/f' for writing: No such file or directory" \
			ranks $n -w -o no/such/f
		[ "$(grep -c ^ERROR: err)" = 1 ]
		fails "cannot open 'absent' for reading" ranks $n -r -k -o absent
		truncate -s 100k short
		fails "'short' ends at offset" ranks $n -r -k -b 256k -t 64k -o short
		fails "cannot open 'absent' for reading" ranks $n -a MPIIO -r -k -o absent
		fails "'short'" ranks $n -a MPIIO -r -k -b 256k -t 64k -o short
		fails "'short'" ranks $n -a MPIIO -c -r -k -b 256k -t 64k -o short
	done
	[ -e short ]
}

@test "only one of the ranks fails: no hang, its words, status 1" {
	"$IOR" -w -k -F -b 64k -t 4k -o f > /dev/null # file 1 is missing
	fails "rank 1: cannot open 'f.00000001' for reading" ranks 2 -r -k -F -b 64k -t 4k -o f
	fails "f.00000001" ranks 2 -a MPIIO -r -k -F -b 64k -t 4k -o f
	fails "rank 1: " ranks 2 -r -k -F -D 1 -O stoneWallingWearOut=1 -b 64k -t 4k -o f
}

@test "a full disk: a clear message, and the disk is not left full" {
	unshare -m true || skip "no mount namespaces here"
	mkdir small
	run timeout 60 unshare -m sh -c 'mount -t tmpfs -o size=1m none small &&
		mpirun --allow-run-as-root --oversubscribe --bind-to none -np 2 "$0" -w -F -b 4m -t 64k -o small/f
		echo "status $? files $(ls small | wc -l)"' "$IOR"
	[[ "$output" == *"No space left on device; free some space"* ]]
	[[ "$output" == *"status 1 files 0"* ]]
}

@test "bad options end with status 1 and one message, from any number of ranks" {
	for n in 1 3; do
		fails "option -f (script) is not supported by cbpf-ior" ranks $n -f x
		[ "$(grep -c ^ERROR: err)" = 1 ]
		fails "must be a multiple of transfer size" ranks $n -b 100k -t 64k
		fails "cannot write summary file" ranks $n -O summaryFile=no/such/file
	done
	"$IOR" -h | grep -q 'transferSize'
}

@test "stonewall ends a phase early; wear-out levels the ranks; a reader takes what is there" {
	ranks 2 -w -r -R -F -D 1 -b 64g -t 64k -O interIODelay=5000 -o f > out
	grep -q '^WARNING: Maybe caused by deadlineForStonewalling$' out
	grep -q '^stonewallingTime    : 1$' out
	ranks 2 -w -k -F -D 1 -b 64g -t 64k -O interIODelay=5000,stoneWallingWearOut=1 \
		-O stoneWallingStatusFile=count -o f > out
	grep -q '^stonewalling pairs accessed min:' out
	[ "$(stat -c %s f.00000000)" = "$(stat -c %s f.00000001)" ]
	[ "$(($(cat count) * 65536))" = "$(stat -c %s f.00000000)" ]
	ranks 2 -r -R -F -b 64g -t 64k -O stoneWallingStatusFile=count -o f > out
	[ "$(grep -c Incorrect out)" = 0 ]
	ranks 2 -a MPIIO -c -w -D 1 -b 64g -t 64k -O interIODelay=5000 -o f > out
	grep -q '^write ' out
}

@test "wear-out iterations bound the transfers, minTimeDuration repeats them" {
	"$IOR" -w -k -b 1m -t 64k -O stoneWallingWearOutIterations=3 -o f > out
	[ "$(stat -c %s f)" = 196608 ]
	"$IOR" -w -k -b 64k -t 64k -O minTimeDuration=1,summaryFile=s,summaryFormat=JSON -o f
	[ "$(stat -c %s f)" = 65536 ]
	jq -e '.tests[0].Results[0] | .bytes > 65536 and .totalTime >= 1' s
}

@test "dryRun touches nothing" {
	"$IOR" --dryRun -b 1t -t 4k -o f > out
	grep -q '^aggregate filesize  : 1024 GiB$' out
	[ "$(grep -c '^write ' out)" = 0 ]
	[ ! -e f ]
}

@test "warnings are errors when asked for" {
	truncate -s 64k f
	fails "a warning ends the run" ranks 2 --warningAsErrors -w -E -b 4k -t 4k -o f
	fails "a warning ends the run" "$IOR" --warningAsErrors -c -o f
}

# Every key path, with array positions as 0.
paths() { jq -r 'paths | map(if type == "number" then 0 else . end) | join(".")' "$1" | sort -u; }

@test "the JSON summary has all of IOR's keys, and says when and how much" {
	ranks 2 -w -r -F -t 64k -b 256k -i 2 -o 'a "quoted\ name' \
		-O summaryFile=s.json -O summaryFormat=JSON > out
	[ ! -s out ]
	paths s.json > ours
	paths "$DATA/summary.json" > theirs
	[ -z "$(comm -13 ours theirs)" ]
	[ "$(comm -23 ours theirs | xargs)" = "tests.0.Results.0.beginNs tests.0.Results.0.bytes tests.0.Results.0.endNs tests.0.Results.0.iter" ]
	jq -e '[.tests[0].Results[] | .bytes == 524288 and .endNs > .beginNs and .totalTime > 0
		and .wrRdTime > 0 and .latency > 0] | all' s.json
	jq -e '[.tests[0].Results[].iter] == [0, 0, 1, 1]' s.json
	jq -e '.tests[0].Results as $r | [range(3) | $r[. + 1].beginNs >= $r[.].endNs] | all' s.json
	jq -e '.Version | startswith("4.1.0+cbpf-")' s.json
	jq -e '.tests[0].Results[0] | (.bytes / 1048576 / .totalTime / .bwMiB - 1) | fabs < 1e-6' s.json
}

@test "JSON on stdout stays JSON, whatever happens" {
	truncate -s 64k f
	ranks 2 -vv -w -k -E -b 4k -t 4k -o f -O summaryFormat=JSON 2> err | jq -e .Finished
	grep -q 'WARNING: Expected aggregate' err
	ranks 2 -r -k -b 1m -o f -O summaryFormat=JSON 2> err > out || true
	jq -e '(has("Finished") | not) and (.Error | contains("ends at offset"))' out
}

@test "text and JSON are read by cbpf parse as any other IOR's" {
	"$IOR" -w -r -t 64k -b 256k -i 2 -v -o f > text
	"$IOR" -w -r -t 64k -b 256k -i 2 -o f -O summaryFile=json,summaryFormat=JSON
	for f in text json; do
		"$CBPF" parse --json $f | jq -e '.tool == "ior" and .status == "ok" and
			([.results[] | select(.op == "write" or .op == "read")] | length) == 4 and
			.results[0].op == "write" and .results[0].bytes == 262144'
	done
	"$CBPF" parse --json json | jq -e '.results[0] | .end_ns > .begin_ns'
}

@test "the JSON summary alone tells cbpf parse of wrong data and of failures" {
	"$IOR" -w -k -b 64k -t 4k -o f > /dev/null
	printf 'bad' | dd of=f bs=1 seek=99 conv=notrunc status=none
	for how in "-R:corrupt" "-r -b 1m:failed"; do
		status=0
		"$IOR" -k -b 64k -t 4k ${how%:*} -o f -O summaryFile=s,summaryFormat=JSON || status=$?
		[ "$status" = 1 ]
		status=0
		"$CBPF" parse --json s > out || status=$?
		[ "$status" = 1 ]
		jq -e --arg is "${how#*:}" '.status == $is and (.message | length) > 0' out
	done
}

# Two ranks; the second believes to be another host (host name) with a kernel of its own (boot id).
two_hosts() {
	echo 00000000-0000-0000-0000-000000000000 > other-boot-id
	timeout -k 5 60 mpirun --allow-run-as-root --oversubscribe --bind-to none \
		--mca btl_vader_single_copy_mechanism none -np 1 "$IOR" "$@" : -np 1 \
		unshare -m -u sh -c 'hostname other && mount --bind other-boot-id \
			/proc/sys/kernel/random/boot_id && exec "$0" "$@"' "$IOR" "$@"
}

@test "two hosts: counted as nodes, -C reads the other's data, times are rank 0's" {
	unshare -m -u true || skip "no namespaces here"
	two_hosts -w -k -F -C -r -R -b 64k -t 4k -o f -O summaryFile=s,summaryFormat=JSON
	jq -e '.tests[0].Options | .nodes == 2 and ."clients per node" == 1' s
	jq -e '[.tests[0].Results[] | .endNs - .beginNs - .totalTime * 1e9 | fabs < 1000] | all' s
	# The clock's offset is measured, not assumed; on one kernel it must come out as about nothing.
	jq -e --argjson up "$(cut -d" " -f1 /proc/uptime)" \
		'.tests[0].Results[1].endNs / 1e9 | . > 0 and . < $up + 5' s
	printf 'bad' | dd of=f.00000001 bs=1 seek=9 conv=notrunc status=none
	fails "1 transfers with wrong data" two_hosts -k -F -C -r -R -b 64k -t 4k -o f
	grep -q 'First wrong byte: rank 0' out
}

@test "the manual page is one, and needs no MPI" {
	command -v mandoc > /dev/null || skip "mandoc is not installed"
	env -i TMPDIR=/nonexistent "$IOR" --man > page
	said=$(mandoc -T lint page 2> /dev/null | grep -v -e 'manual not found' -e 'mandoc.db' || true)
	[ -z "$said" ] || { echo "$said"; return 1; }
}

# Digits and values out; what stays is the shape of the text.
shape() { sed -E 's/^(Began|Command line|Machine|StartTime|Path|FS|test filename|Finished|IOR)([ -]).*/\1/
	s/0x[0-9a-f]+/X/; s/[0-9]+(\.[0-9]+)?/N/g; s/ +/ /g; s/NA NA/N N/' "$1"; }

@test "text output has the lines and columns of IOR 4" {
	ranks 2 -a POSIX -w -r -F -t 1m -b 8m -s 2 -i 3 -e -C -o f2 > out
	shape out > ours
	shape "$DATA/text-write-read-fpp.txt" > theirs
	diff ours theirs
	ranks 2 -a POSIX -vv -w -r -F -t 1m -b 8m -s 1 -e -C -g -o f3 > out
	shape out > ours
	shape "$DATA/text-verbose.txt" > theirs
	diff ours theirs
}

@test "columns start where IOR's start" {
	ranks 2 -vv -w -r -F -t 1m -b 8m -e -C -g -o f3 > out
	starts() { awk '/^(access|write|read|remove) / { s = ""; for (i = 2; i <= length; i++)
		if (substr($0, i, 1) != " " && substr($0, i - 1, 1) == " ") s = s " " i
		print $1 s }' "$1" | head -4; }
	[ "$(starts out)" = "$(starts "$DATA/text-verbose.txt")" ]
}

@test "CSV, per-rank and per-call files" {
	ranks 2 -w -r -F -t 64k -b 256k -o f -O summaryFormat=CSV \
		-O saveRankPerformanceDetailsCSV=rank.csv,savePerOpDataCSV=op > out
	[ "$(wc -l < out)" = 3 ]
	[ "$(head -1 out | tr , '\n' | wc -l)" = "$(tail -1 out | tr , '\n' | wc -l)" ]
	[ "$(grep -c ^write, rank.csv)" = 2 ]
	[ "$(grep -c ^read, rank.csv)" = 2 ]
	for n in 0 1; do
		[ "$(grep -c ^write, op-0000$n.csv)" = 4 ]
		[ "$(grep -c ^read, op-0000$n.csv)" = 4 ]
	done
}

@test "a hint from the environment reaches the file" {
	IOR_HINT__MPI__cb_buffer_size=1234567 "$IOR" -a MPIIO --mpiio.showHints -b 64k -t 64k -o f > out
	grep -q 'hints of' out
	fails "cannot read hints file" ranks 2 -a MPIIO --mpiio.hintsFileName=none -b 64k -t 64k -o f
}

@test "SIGTERM ends it at once" {
	"$IOR" -w -b 64g -t 4k -O interIODelay=100000 -o f > out 2>&1 &
	pid=$!
	for _ in $(seq 100); do [ -e f ] && break; sleep 0.1; done
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	[ "$status" != 0 ]
}
