# SPDX-License-Identifier: Apache-2.0
# Judging what drive_perf prints, here and in guests.

# perf_drive BACKEND CASE: its line is in $line, and in $missed how many switches were not told of.
perf_drive()
{
	local status=0 said
	said=$("${DRIVE:-$BUILD/tests/lib/drive_perf}" "$1" "$2") || status=$?
	line=${said%%$'\n'*}
	missed=${said##*$'\n'}
	echo "$1 $2: $line, missed $missed"
	[ "$status" != 77 ] || skip "no backend $1 here"
	return "$status"
}

# perf_holds BACKEND CASE FILTER: of counts, which are always the same. Only where a host does not tell
# of all switches it is done again, until it has.
perf_holds()
{
	local try
	for try in {1..20}; do
		perf_drive "$1" "$2"
		jq -e "$3" >/dev/null <<<"$line" && return
		[ "$missed" -gt 0 ] || return 1
	done
	echo "this host tells of all switches not once in $try tries"
	return 1
}

# perf_about BACKEND CASE FILTER: of times. A task's own clock leaves out what a hypervisor took; where
# that was much, it is done again.
perf_about()
{
	local try
	for try in {1..20}; do
		perf_drive "$1" "$2"
		jq -e "$3" >/dev/null <<<"$line" && return
	done
	echo "not once in $try tries"
	return 1
}

# What a case must show, whatever the kernel and the backend.
perf_blocked='.switches == .own_switches and .switches_again == .own_switches and .switches > 50 and
	.faults == .own_faults and .faults > 500 and .minor == .own_minor and .major == .own_major and
	.others == 0'
PERF_PART=${PERF_PART:-100} # what others do meanwhile is no more than one of so many parts; clocks agree to one of 100
perf_about_same="def about(\$a; \$b; \$part): (\$a - \$b) as \$d | \$d <= \$b / \$part and \$d >= -\$b / \$part;
	def same(\$a; \$b): about(\$a; \$b; 100); def near(\$a; \$b): about(\$a; \$b; $PERF_PART);"
perf_running="$perf_about_same .seen as \$s | (\$s >= .before or same(\$s; .before)) and
	(\$s <= .after or same(\$s; .after))"
perf_short="$perf_about_same near(.seen; .own)"
perf_moved="$perf_about_same near(.seen[0]; .own[0]) and near(.seen[1]; .own[1])"
perf_moved_whole="$perf_about_same same(.seen | add; .own | add)"
perf_sum='.cpus and all(.[] | objects; .least <= .seen and .seen <= .most)'
perf_sum_exact="$perf_sum"' and (."task-clock" | .most - .least < .most / 1000)'
