#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs test suites (lint unit fuzz integration vm, or some-vm), or single files, and sums up what happened.
# A file that speaks TAP has as many tests as it plans; any other is one test by its exit status
# (77: skipped, its last line says why). Ends with one line: N passed, N failed, N skipped.
# KERNELS="6.1-cloud 6.12-rt": the suite vm runs all of its files on each of these instead of on those
# that they are named after, and so does a file of it. What happened on which kernel is told in a table, and
# kept in $O/matrix.tsv (see lib/matrix.bash) or the file CBPF_MATRIX.
# CBPF_SECOND_TRIES=N: so many files of bats that failed are tried once more, as they hold what was seen
# against a machine that others use as well. What failed first is told all the same.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/lib/matrix.bash

O=${O:-build}
limit=${CBPF_TEST_LIMIT:-900} # seconds for one file
second_tries=${CBPF_SECOND_TRIES:-0}
unset CBPF_SECOND_TRIES # a test may run this
fuzz_seconds=${CBPF_FUZZ_SECONDS:-6} # for one fuzz target
fuzz_seed=${CBPF_FUZZ_SEED:-1}       # of its choices; 0: another one each time, for a longer search
case $O in /*) ;; *) O=$PWD/$O ;; esac
export O CBPF_BUILD=$O CMOCKA_MESSAGE_OUTPUT=TAP
export PATH="$O:$PATH"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

code=$(matrix_code)
passed=0 failed=0 skipped=0 count=0
failures=()
skips=()
again=()

# Guests that repeat by another backend, or on another kernel, what the others do: some-vm lacks them.
not_some="budget-6.1 perf-6.1 vfs-fentry-6.1 vfs-fentry-6.12 vfs-kprobe-6.1 vfs-kprobe-6.12 vfs-syscalls-6.1 pagecache-6.12
	short-6.1-cloud short-6.12-rt"
# What neither measures nor minds what else runs, the longest first.
unmoved="page export ior fresh compare influxdb cli dashboards validate openmetrics stat docker_engine install parse matrix report judge"
kernel_suffix=6.12 # a file that is to run on any kernel is there for this one

# Guests have limits of their own (VM_LIMIT), below this one.
limit_of() # FILE
{
	case $1 in
	tests/vm/*) echo $((limit * 5 / 3)) ;;
	*) echo "$limit" ;;
	esac
}

start() # FILE TO [KERNEL [KEEP]]: how a file is run, with its output and status left in $scratch
{
	local file=$1 to=$2 began=$EPOCHREALTIME status keep=${4:-$scratch/vm}
	local command=("$file")

	case $file in
	*.bats) command=(bats --tap "$file") ;;
	*/fuzz/*)
		local seeds=tests/fuzz/corpus/${file##*/}
		mkdir -p "$to.corpus"
		command=("$file" -max_total_time="$fuzz_seconds" -seed="$fuzz_seed" -rss_limit_mb=1024
			-error_exitcode=1 -artifact_prefix="$to." -verbosity=0 -print_final_stats=0 "$to.corpus")
		[ -d "$seeds" ] && command+=("$seeds")
		;;
	esac
	# What a file learned in a guest is another's to judge as well.
	CBPF_KERNEL=${3:-} CBPF_MATRIX_KERNEL=$to.kernel CBPF_VM_KEEP=$keep \
		timeout -k 15 "$(limit_of "$file")" "${command[@]}" >"$to.out" 2>&1 </dev/null
	status=$?
	echo "$status" >"$to.status"
	awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }' >"$to.seconds"
}

# "passed failed skipped" of TAP output and an exit status; nothing when it is no TAP.
tap_sum()
{
	awk -v status="$1" '
		/^1\.\.[0-9]+/ { plan += substr($1, 4); tap = 1 }
		/^(not )?ok / && tolower($0) ~ /# skip/ { skip++; next }
		/^ok / { ok++ }
		/^not ok / { bad++ }
		END {
			if (!tap)
				exit
			seen = ok + bad + skip
			if (seen < plan)
				bad += plan - seen
			if (status != 0 && !bad)
				bad = 1
			print ok + 0, bad + 0, skip + 0
		}' "$2"
}

# What happened to each test of a file that looks at a kernel: a guest's or this one.
record() # FILE TO
{
	local kernel file=$1
	case $file in
	tests/integration/*) kernel=$(uname -r) ;;
	tests/vm/*) kernel=$(cat "$2.kernel" 2>/dev/null) || kernel=unknown ;;
	*) return ;;
	esac
	matrix_lines "$kernel" "$file" "$code" <"$2.out" >>"$scratch/matrix.tsv"
}

tell() # of report: the line of a file, and its whole output if it failed
{
	printf '%-6s %6ss  %s' "$verdict" "$(cat "$to.seconds")" "$name"
	[ "$((p + f + s))" = 1 ] || printf '  (%d tests)' "$((p + f + s))"
	printf '\n'
	[ "$f" != 0 ] || return 0
	[ "$status" != 124 ] && [ "$status" != 137 ] ||
		echo "    was stopped: it took longer than $(limit_of "$file") s"
	[ "$status" -le 128 ] || echo "    ended by signal $((status - 128))"
	sed 's/^/    /' "$to.out"
}

report() # FILE TO [KERNEL]: add its tests to the sums
{
	local file=$1 to=$2 status p f s name=${1#"$O"/} verdict=ok

	[ -z "${3:-}" ] || name="$name on $3"
	status=$(cat "$to.status")
	read -r p f s <<<"$(tap_sum "$status" "$to.out")"
	if [[ $file == *.bats ]] && [ "${f:-0}" != 0 ] && [ ${#again[@]} -lt "$second_tries" ]; then
		again+=("$name")
		verdict=AGAIN tell
		faults "$to.out" >"$scratch/again.$((${#again[@]} - 1))"
		start "$file" "$to" "${3:-}" "$scratch/vm-again"
		status=$(cat "$to.status")
		read -r p f s <<<"$(tap_sum "$status" "$to.out")"
	fi
	record "$file" "$to"
	if [ -z "$p" ]; then
		p=0 f=0 s=0
		case $status in
		0) p=1 ;;
		77) s=1 ;;
		*) f=1 ;;
		esac
		[ "$s" = 0 ] || skips+=("$name: $(tail -n 1 "$to.out")")
	else
		# Once for each reason.
		while IFS= read -r line; do
			skips+=("$name: $line")
		done < <(sed -nE 's/^(not )?ok [0-9]+ (- )?//; T; /# [sS][kK][iI][pP]/p' "$to.out" |
			awk '{ why = $0; sub(/.*# [sS][kK][iI][pP] */, "", why)
				if (!n[why]++) { order[++m] = why; first[why] = $0 } }
				END { for (i = 1; i <= m; i++) { why = order[i]
					print (n[why] > 1 ? n[why] " tests: " why : first[why]) } }')
	fi
	[ "$f" = 0 ] || verdict=FAILED
	tell
	if [ "$f" != 0 ]; then
		failures+=("$name")
		faults "$to.out" >"$scratch/fault.$((${#failures[@]} - 1))"
		names "$to.out" | cut -c 1-160 | sed "s|^|  $name: |" >>"$scratch/names"
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	rm -rf "$to".*
}

# faults OUTPUT: what is said of the tests that failed, briefly; of what is no TAP, its end
faults()
{
	if grep -q '^not ok' "$1"; then
		awk '/^(not )?ok /{ on = /^not/; n = 0 } on && n++ < 25' "$1"
	else
		tail -n 25 "$1"
	fi | cut -c 1-250 | sed 's/^/    /'
}

# names OUTPUT: the tests that failed and where, a line each; of what is no TAP, the last line
names()
{
	awk '/^(not )?ok / { on = /^not/; if (on) print; any = any || on }
		on && match($0, /in test file .*line [0-9]+/) { print "  " substr($0, RSTART, RLENGTH) }
		on && /^# *`/ { print "  " $0 }
		END { if (!any) print }' "$1"
}

run_in_turn()
{
	for file; do
		count=$((count + 1))
		start "$file" "$scratch/$count"
		report "$file" "$scratch/$count"
	done
}

run_vm()
{
	local kernel file
	[ -n "${KERNELS:-}" ] || { run_in_turn "$@"; return; }
	for kernel in $KERNELS; do
		for file; do
			count=$((count + 1))
			start "$file" "$scratch/$count" "$kernel"
			report "$file" "$scratch/$count" "$kernel"
		done
	done
}

run_together() # as many at once as there are CPUs; told in order
{
	local first=$((count + 1)) told=$count cpus

	cpus=$(nproc)
	for file; do
		while [ "$(jobs -rp | wc -l)" -ge "$cpus" ]; do
			wait -n
			while [ -s "$scratch/$((told + 1)).seconds" ]; do
				report_next "$@"
			done
		done
		count=$((count + 1))
		start "$file" "$scratch/$count" &
	done
	wait
	while [ "$told" -lt "$count" ]; do
		report_next "$@"
	done
}

report_next() # FILE...: of what run_together runs, the first that it has not told of
{
	told=$((told + 1))
	report "${@:told-first+1:1}" "$scratch/$told"
}

run_suite()
{
	shopt -s nullglob
	case $1 in
	lint) run_in_turn tests/lint/*.sh ;;
	unit)
		local sources=(tests/unit/test_*.c)
		sources=("${sources[@]/#/$O/}")
		run_together "${sources[@]%.c}"
		;;
	fuzz)
		local targets=(tests/fuzz/fuzz_*.c)
		targets=("${targets[@]/#/$O/}")
		run_together "${targets[@]%.c}"
		;;
	integration)
		local idle=() busy=()
		for name in $unmoved; do
			idle+=("tests/integration/$name.bats")
		done
		for file in tests/integration/*.bats; do
			[[ " ${idle[*]} " == *" $file "* ]] || busy+=("$file")
		done
		run_together "${idle[@]}"
		run_in_turn "${busy[@]}"
		;;
	vm)
		if [ -n "${KERNELS:-}" ]; then
			run_vm tests/vm/*-$kernel_suffix.bats
		else
			run_together tests/vm/*.bats
		fi
		;;
	some-vm)
		local files=()
		for file in tests/vm/*.bats; do
			file=${file##*/}
			[[ " ${not_some//[[:space:]]/ } " == *" ${file%.bats} "* ]] || files+=("tests/vm/$file")
		done
		run_together "${files[@]}"
		;;
	all) for suite in lint unit fuzz integration vm; do run_suite $suite; done ;;
	*) [ -e "$1" ] || { echo "tests/run.sh: no suite or file '$1'" >&2; exit 2; }
		case $1 in
		tests/vm/*) run_vm "$1" ;;
		*) run_in_turn "$1" ;;
		esac
		;;
	esac
}

for what in "${@:-all}"; do
	run_suite "$what"
done

if [ ${#skips[@]} -gt 0 ]; then
	printf '\nskipped:\n'
	printf '  %s\n' "${skips[@]}"
fi
if [ -s "$scratch/matrix.tsv" ]; then
	matrix=${CBPF_MATRIX:-$O/matrix.tsv}
	matrix_merge "$scratch/matrix.tsv" "$matrix" &&
		tests/matrix.sh "$matrix" >"${matrix%.tsv}.md"
	printf '\n%-28s %-10s %6s %6s %7s\n' kernel backend passed failed skipped
	matrix_table "$scratch/matrix.tsv" | while IFS=$'\t' read -r kernel backend p f s _; do
		printf '%-28s %-10s %6d %6d %7d\n' "$kernel" "$backend" "$p" "$f" "$s"
	done
fi
# Last, where it is found: the rest is far above.
if [ ${#again[@]} -gt 0 ]; then
	printf '\nfailed, and tried again:\n'
	for i in "${!again[@]}"; do
		printf '  %s\n' "${again[i]}"
		cat "$scratch/again.$i"
	done
fi
if [ ${#failures[@]} -gt 0 ]; then
	printf '\nfailed:\n'
	for i in "${!failures[@]}"; do
		printf '  %s\n' "${failures[i]}"
		cat "$scratch/fault.$i"
	done
	printf '\nfailed, by name:\n'
	cat "$scratch/names"
fi
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
