# SPDX-License-Identifier: Apache-2.0
# Runs of IOR and what rules conclude of them, for bats; run.bash is loaded before.

# ior KEYS [CONTAINER_KEYS] [MORE]: a run of IOR whose findings are in found, as "id target" in each line.
ior() {
	local repetitions="repetitions: 1, "
	[[ $1 != *repetitions:* ]] || repetitions=
	cat > spec.yml <<-END
	name: findings
	runtime: native
	interval: 10ms
	drain: 1s
	$3
	containers:
	  a: {${2:+$2, }workload: {ior: {api: POSIX, $repetitions$1}}}
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

# as_argued SPEC [REPORT]: what is told of its runs is what specs/EXPECTED.md argues, and all that it says is
# always told is told. A neighbour that is no container of the spec is "others".
as_argued() {
	local name=$1 report=${2:-$BATS_TEST_TMPDIR/report.json} page=$ROOT/specs/EXPECTED.md
	local told=$BATS_TEST_TMPDIR/told-$1 argued=$BATS_TEST_TMPDIR/argued-$1 id of when
	grep -qx "## $name" "$page" || { echo "$page: nothing of $name"; return 1; }
	awk -v name="$name" '/^## / { on = $0 == "## " name || $0 == "## Any spec" } on && /^\| `/' "$page" |
		sed 's/^| `\([^`]*\)` | \([^|]*\) | \([^|]*\) | .*/\1 \2 \3/' > "$argued"
	jq -r '[.targets[] | select(.kind == "container" or .kind == "workload").name] as $own | .findings[]
		| .id + " " + (if .id == "noisy-neighbour" and ([.evidence.most] - $own | length > 0) then "others"
			else .target // "run" end)' "$report" | sort -u > "$told"
	[ -s "$told" ] && [ -s "$argued" ] || { echo "nothing is told of $name, or argued"; return 1; }
	while read -r id of; do
		grep -qE "^$id ($of|any) " "$argued" && continue
		echo "$id of $of is not argued in $page, $name:"
		jq -c --arg id "$id" '.axes, (.findings[] | select(.id == $id))' "$report"
		return 1
	done < "$told"
	while read -r id of when; do
		[ "$when" != always ] || grep -qE "^$id ${of/#any/.*}\$" "$told" ||
			{ echo "$id of $of is not told of $name"; return 1; }
	done < "$argued"
}
