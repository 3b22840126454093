#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A matrix: a run for every combination, whatever becomes of the others, and all of them as one table.

load ../lib/run
load ../lib/jq

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
}

# run_matrix SPEC [ARGS]: standard output in text, stderr beside it, exit status in $status.
run_matrix() {
	local spec=$1
	shift
	status=0
	"$CBPF" run --store runs "$@" "$spec" > text 2> stderr < /dev/null || status=$?
	echo "# exit $status"
	head -c 4000 text stderr
}

runs() {
	"$CBPF" list --store runs --json | jq -r "$1"
}

sweep() {
	cat > spec.yml <<-END
	name: sweep
	runtime: native
	repeat: ${1:-1}
	matrix:
	  containers.a.workload.ior.transfer: [4KiB, 64KiB]
	  size: [64KiB, 256KiB]
	  exclude:
	    - {transfer: 4KiB, size: 256KiB}
	containers:
	  a: {workload: {ior: {api: POSIX, block: "\${matrix.size}", segments: 4}}}
	END
}

@test "every combination is a run with its own values, and each has its first before any its second" {
	sweep 2
	run_matrix spec.yml
	[ "$status" = 0 ]
	[ "$(runs '.runs | length')" = 6 ]
	[ "$(runs '[.runs[].group] | unique | length')" = 1 ]
	[ "$(runs '.runs[0].id == .runs[0].group')" = true ]
	runs '.runs[] | "\(.axes.transfer) \(.axes.size) \(.repetition)"' > order
	diff order - <<-END
	4KiB 64KiB 0
	64KiB 64KiB 0
	64KiB 256KiB 0
	4KiB 64KiB 1
	64KiB 64KiB 1
	64KiB 256KiB 1
	END
	"$CBPF" list --store runs > list
	grep -q 'transfer=64KiB size=256KiB$' list
	# What IOR was asked to do is what the values say.
	for id in $(runs '.runs[].id'); do
		"$CBPF" report --store runs --json "$id" > report.json
		jq -e '([.targets[0].results[] | select(.op == "write") | .xfer_kib, .block_kib] | map("\(.)KiB"))
			== [.axes.transfer, .axes.size] and .group_runs == 6' report.json
		[ "$(grep -c matrix "runs/$id/spec.yml")" = 0 ]
		"$CBPF" validate "runs/$id/spec.yml"
		"$CBPF" report --store runs "$id" > one
		grep -q '^transfer=[0-9]*KiB size=[0-9]*KiB$' one
	done
}

@test "progress says which run it is, with which values, and how long the rest will take" {
	sweep
	run_matrix spec.yml
	[ "$status" = 0 ]
	grep -qx '1 of 3  transfer=4KiB size=64KiB' stderr
	grep -qxE '2 of 3  transfer=64KiB size=64KiB  about [0-9]+ s left' stderr
	grep -qxE '3 of 3  transfer=64KiB size=256KiB  about [0-9]+ s left' stderr
	grep -qxE '3 of 3  ok  [0-9T]+-sweep-[0-9a-f]{8}' stderr
	rm -r runs
	run_matrix spec.yml --quiet --json
	[ "$status" = 0 ]
	[ ! -s stderr ]
	[ "$(jq -s 'length' text)" = 3 ]
}

@test "the table of a group has a row for each combination, in text, JSON and CSV" {
	sweep 2
	run_matrix spec.yml
	[ "$status" = 0 ]
	group=$(runs '.runs[0].group')
	# At the end of a run, from any run of the group and from the group.
	for run in latest "$group" "runs/$(runs '.runs[2].id')"; do
		"$CBPF" report --store runs --group "$run" > table
		head -n "$(wc -l < table)" text | diff - table
	done
	grep -q "^sweep  group $group  6 runs\$" table
	grep -qE '^  transfer +size +runs +op +MiB/s +IOPS +p50 +p99 +hits +device$' table
	[ "$(grep -cE ' 2 ok +write ' table)" = 3 ]
	"$CBPF" report --store runs --group --json > group.json
	jq -e '.runs == 6 and .planned == 6 and .axes == ["transfer", "size"] and (.matrix | length) == 3
		and all(.matrix[]; .ok == 2 and (.runs | length) == 2
			and ([.targets[0].ops[].op] == ["write", "read"])
			and all(.targets[0].ops[]; .source == "tool" and .bw_mib_s.n == 2 and .bw_mib_s.mean > 0
				and .vfs_ns.count > 0 and .vfs_ns.p50 <= .vfs_ns.p99))' group.json
	"$CBPF" report --store runs --group --csv csv
	[ "$(wc -l < csv/matrix.csv)" = 7 ]
	head -n 1 csv/matrix.csv | grep -q '^transfer,size,runs,ok,target,op,source,bw_mib_s,'
	# Means are of what each run reports.
	for id in $(runs '.runs[] | select(.axes.size == "256KiB") | .id'); do
		"$CBPF" report --store runs --json "$id"
	done | jq -s '[.[].targets[0].results[] | select(.op == "write") | .bw_mib_s] | add / length' > mean
	jq -e --slurpfile mean mean '.matrix[2].targets[0].ops[0].bw_mib_s.mean / $mean[0] - 1 | fabs < 1e-9' group.json
}

@test "compare shows which combination each run is" {
	sweep
	run_matrix spec.yml
	[ "$status" = 0 ]
	mapfile -t ids < <(runs '.runs[].id')
	"$CBPF" compare --store runs "${ids[0]}" "${ids[1]}" > comparison
	grep -q 'transfer=4KiB size=64KiB' comparison
	grep -q 'transfer=64KiB size=64KiB' comparison
	"$CBPF" compare --store runs --json "${ids[@]}" | jq -e '[.runs[].axes.size] == ["64KiB", "64KiB", "256KiB"]'
}

@test "a run that fails stops the others only when asked, and the worst decides the exit status" {
	cat > spec.yml <<-END
	name: mixed
	runtime: native
	matrix:
	  containers.a.command: ["exit 0", "exit 3", "exit 0 "]
	containers: {a: {command: "x"}}
	expect: [a.exit_code == 1]
	END
	run_matrix spec.yml
	[ "$status" = 1 ] # failed is worse than a threshold
	[ "$(runs '[.runs[].status] | join(" ")')" = "ok failed ok" ]
	grep -q '^1 of 3  a threshold was crossed' stderr
	grep -q '^2 of 3  failed' stderr
	rm -r runs
	run_matrix spec.yml --fail-fast --set expect=[]
	[ "$status" = 1 ]
	[ "$(runs '[.runs[].status] | join(" ")')" = "ok failed" ]
	grep -q '2 of 3 runs were done' stderr
	grep -q 'group .*  2 of 3 runs' text
}

@test "a combination that this host cannot run is not repeated, and the others are" {
	cat > spec.yml <<-END
	name: hosts
	repeat: 2
	matrix: {runtime: [docker, native]}
	containers: {a: {image: none, command: ["true"]}}
	END
	DOCKER_HOST=unix://$PWD/none run_matrix spec.yml
	[ "$status" = 3 ]
	[ "$(grep -c 'could not begin' stderr)" = 1 ]
	[ "$(runs '[.runs[] | select(.status == "ok") | .axes.runtime] | join(" ")')" = "native native" ]
}

@test "Ctrl-C ends the whole matrix, with what was done stored" {
	cat > spec.yml <<-END
	name: long
	runtime: native
	matrix: {seconds: [0, 60, 61]}
	containers: {a: {command: "sleep \${matrix.seconds}"}}
	END
	"$CBPF" run --store runs spec.yml > text 2> stderr < /dev/null 3>&- &
	pid=$!
	for _ in $(seq 300); do
		grep -A 2 '^2 of 3' stderr | grep -q 'a: running' && break
		sleep 0.1
	done
	kill -INT "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" = 130 ]
	[ "$(runs '[.runs[].status] | join(" ")')" = "ok interrupted" ]
	grep -q '2 of 3 runs were done' stderr
	[ -z "$(left_running)" ]
}

@test "validate checks every combination" {
	sweep
	"$CBPF" validate spec.yml > text
	grep -q '3 runs of 3 combinations' text
	status=0
	"$CBPF" validate --format json --set 'matrix.exclude=[]' --set 'matrix.size=[64KiB,1KiB]' spec.yml > json || status=$?
	[ "$status" = 2 ]
	jq -e '.errors | length == 2 and all(.message | test("multiple of transfer"))
		and (.[0].message | endswith("(transfer=4KiB size=1KiB)"))' json
}
