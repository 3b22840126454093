# SPDX-License-Identifier: Apache-2.0
# Judges profiles of reports.

# of_profile REPORT TARGET FILTER
of_profile() {
	jq -r --arg name "$2" ".targets[] | select(.name == \$name).profile | $3" "$1"
}

# profile_adds_up REPORT: each sample is somebody's, and they are as many as CPUs, time and frequency say.
profile_adds_up() {
	jq -e '([.targets[].profile.samples | values] | add) as $targets
		| .profile | .samples == $targets + .idle + .others and .targets == $targets and .lost <= $targets' "$1" ||
		{ jq -c .profile "$1"; return 1; }
	# A virtual CPU that did not run is not asked.
	jq -e '.profile | .samples <= .expected * 1.01 + 10 and .samples >= .expected * '"${PROFILE_LEAST:-0.5}" "$1" ||
		{ jq -c .profile "$1"; return 1; }
	# All stacks, each of them once.
	jq -e 'all(.targets[].profile | values; ([.stacks[].samples] | add // 0) == .samples
		and ([.stacks[].stack] | length == (unique | length)))' "$1"
}

# profile_share REPORT TARGET FUNCTION OWN: of the functions that OWN has the times of, the function's part of the
# samples is its part of the time, within four standard deviations of counting.
profile_share() {
	local own
	own=$(jq -c . "$4")
	of_profile "$1" "$2" ".functions | map({key: .name, value: .total}) | from_entries
		| . as \$seen | ($own) as \$own | (\$own | keys | map(\$seen[.] // 0) | add) as \$n
		| (\$own[\"$3\"] / ([\$own[]] | add)) as \$part
		| ((\$n * \$part * (1 - \$part)) | sqrt * 4) as \$error
		| [\$seen[\"$3\"] // 0, \$n, \$n * \$part, \$error, ((\$seen[\"$3\"] // 0) - \$n * \$part | fabs) <= \$error]
		| map(tostring) | join(\" \")" | tee share
	grep -q ' true$' share
}

# profile_is_time REPORT TARGET: samples are as many as its time on CPUs says, as the scheduler probe has it, within
# four standard errors and the part of all samples that was not taken.
profile_is_time() {
	jq -r --arg name "$2" '(.profile.samples / .profile.expected) as $asked | .targets[] | select(.name == $name)
		| [.profile.cpu_ns, .sched.oncpu_ns, $asked, .profile.error_pct]
		| (.[3] / 25) as $error
		| (.[0] / .[1] | (. - 1 | fabs) <= $error + (1 - $asked | fabs)) as $ok | . + [$ok] | map(tostring) | join(" ")' \
		"$1" | tee times
	grep -q ' true$' times
}

# profile_has REPORT TARGET FUNCTION PART: that much of its samples is in it, at least.
profile_has() {
	of_profile "$1" "$2" "(([.functions[] | select(.name == \"$3\").total] | add // 0) / .samples)" | tee part
	awk -v part="$4" '{ exit !($1 >= part) }' part
}
