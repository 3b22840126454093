# SPDX-License-Identifier: Apache-2.0
# What benches against other tools print. Each round's figure of each tool is a line of $dir/TOOL.

median()
{
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# ratios OURS PEERS: a line for each, with its ratio to the cheaper of the peers. A machine is not as
# fast in every minute, so ratios are taken within a round.
ratios()
{
	local who
	# shellcheck disable=SC2086 # words on purpose
	(cd "$dir" && paste $2) | awk '{
		best = 0
		for (i = 1; i <= NF; i++)
			if ($i && (!best || $i < best))
				best = $i
		print best }' >"$dir/best"
	for who in $1 $2; do
		printf '  %-16s %6d  %s\n' "$who" "$(median <"$dir/$who")" \
			"$(paste "$dir/$who" "$dir/best" | awk '$2 { printf "%.2f\n", $1 / $2 }' | median)"
	done
}
