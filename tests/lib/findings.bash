# SPDX-License-Identifier: Apache-2.0
# Runs of IOR and what rules conclude of them, for bats; run.bash is loaded before.

# ior KEYS [CONTAINER_KEYS] [MORE]: a run of IOR whose findings are in found, as "id target" in each line.
ior() {
	cat > spec.yml <<-END
	name: findings
	runtime: native
	interval: 10ms
	drain: 1s
	$3
	containers:
	  a: {${2:+$2, }workload: {ior: {api: POSIX, repetitions: 1, $1}}}
	END
	run_spec spec.yml
	[ "$status" = 0 ] || { cat stderr; return 1; }
	report '.findings[] | .id + " " + (.target // "run")' | sort -u > found
	cat found
}

finds() { grep -qx "$1" found; }
silent() {
	! grep -q "^$1 " found || { echo "$1 is told"; return 1; }
	# For want of nothing.
	[ "$(report "[.not_judged[] | select(.id == \"$1\")] | length")" = 0 ]
}

of() { # ID FILTER: of its evidence
	report "[.findings[] | select(.id == \"$1\")][0].evidence | $2"
}

is() { # ID FILTER NUMBER
	jq -e --argjson n "$3" "[.findings[] | select(.id == \"$1\")][0].evidence | $2 == \$n" report.json
}
