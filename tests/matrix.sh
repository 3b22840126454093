#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# matrix.sh RESULTS: the document specs/KERNELS.md, from what lib/matrix.bash keeps of a run.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/lib/matrix.bash
results=${1:-tests/data/matrix.tsv}
[ -r "$results" ] || { echo "matrix.sh: cannot read $results" >&2; exit 2; }

cat <<'END'
# Kernels

What the tests that look at a kernel said on each. The kernel of `integration/` is that of the machine that ran
them; those of `vm/` are Debian's, in QEMU, with pure cgroup v2. A backend is how the programs are attached; "-"
is for tests of whole runs, which choose it themselves, and of what needs none.

Made from `tests/data/matrix.tsv` by `tests/matrix.sh`, which `tests/lint/matrix.sh` checks; not to be edited.
`sudo make check-matrix` runs everything on every kernel (more than an hour); `make matrix` puts what was seen last
into both files. `make check` runs most of it on 6.1 and 6.12 and a short suite on two of the others, `make check-vm` all
files on the kernels that they are named after.

| kernel | backend | passed | failed | skipped | code of |
|---|---|---:|---:|---:|---|
END
matrix_table "$results" | awk -F '\t' '{ printf "| %s | %s | %d | %d | %d | %s |\n", $1, $2, $3, $4, $5, $6 }'

mapfile -t kernels < <(cut -f1 "$results" | sort -Vu)

# FILE<TAB>BACKEND<TAB>how many tests there are, whether they have been run or not.
all_tests()
{
	local file
	for file in tests/vm/*.bats tests/integration/*.bats; do
		sed -nE 's/^@test "(.*)" \{$/ok 1 \1/p' "$file" | matrix_lines - "$file"
	done | LC_ALL=C sort -u | cut -f2,3 | LC_ALL=C sort | uniq -c |
		awk '{ print $3 "\t" $2 "\t" $1 }'
}

# One table for what runs in guests, with the kernels side by side, and one for this machine's.
files_table() # PREFIX KERNEL...
{
	local prefix=$1
	shift
	LC_ALL=C awk -F '\t' -v prefix="$prefix" -v list="$*" '
		FNR == NR {
			all[$1 "\t" $2] = $3
			next
		}
		index($3, prefix) == 1 {
			at = $3 "\t" $2
			rows[at]
			n[at, $1, substr($5, 1, 1)]++
			ran[at, $1]++
		}
		function cell(at, kernel,    text)
		{
			if (!((at, kernel) in ran))
				return ""
			text = n[at, kernel, "o"] + 0
			if (ran[at, kernel] < all[at])
				text = text " of " all[at]
			if (n[at, kernel, "f"])
				text = text ", **" n[at, kernel, "f"] " failed**"
			if (n[at, kernel, "s"])
				text = text ", " n[at, kernel, "s"] " skipped"
			return text
		}
		END {
			k = split(list, kernel, " ")
			for (at in rows) {
				split(at, part, "\t")
				line = at "\t| `" part[1] "` | " part[2] " |"
				for (i = 1; i <= k; i++)
					line = line " " cell(at, kernel[i]) " |"
				print line
			}
		}' <(all_tests) "$results" | LC_ALL=C sort | cut -f3-
}

# Kernels that have results of files with this prefix.
kernels_of() # PREFIX
{
	awk -F '\t' -v prefix="$1" 'index($3, prefix) == 1 { print $1 }' "$results" | sort -Vu
}

for prefix in vm/ integration/; do
	mapfile -t kernels < <(kernels_of $prefix)
	[ ${#kernels[@]} -gt 0 ] || continue
	if [ $prefix = vm/ ]; then
		printf '\n## In guests\n\n'
	else
		printf '\n## On the machine itself\n\n'
	fi
	echo "How many tests of each file passed. An empty cell: it was not run there; \"14 of 15\": one is newer than the run."
	echo
	printf '| file | backend |'
	printf ' %s |' "${kernels[@]}"
	printf '\n|---|---|'
	printf -- '---|%.0s' "${kernels[@]}"
	printf '\n'
	files_table $prefix "${kernels[@]}"
done

# Which code each file ran on each kernel: a line for each, the newest first.
codes()
{
	LC_ALL=C awk -F '\t' '!(($6, $1, $3) in seen) {
		seen[$6, $1, $3]
		print ($6 == "" ? "-" : $6) "\t" $1 "\t" $3
	}' "$results" | LC_ALL=C sort -t "$(printf '\t')" -k1,1r -k2,2V -k3,3 | awk -F '\t' '
		$1 != code || $2 != kernel {
			if ($1 != code)
				printf "%s- %s\n", (NR > 1 ? "\n" : ""), ($1 == "-" ? "not known" : $1)
			else
				print ""
			printf "  - %s: %s", $2, $3
			code = $1
			kernel = $2
			next
		}
		{ printf ", %s", $3 }
		END { if (NR) print "" }'
}
printf '\n## Which code\n\n'
echo "The commit, and its day, that each file of tests ran last on each kernel; with a + where files were changed."
echo
codes

# reasons LETTER: kernels and tests by what was said.
told() # TITLE LETTER
{
	local lines
	lines=$(awk -F '\t' -v letter="$2" 'substr($5, 1, 1) == letter {
		why = $5
		sub(/^[a-z]+ ?/, "", why)
		what = ($2 == "-" ? "" : $2 ": ") $4
		printf "- `%s`: %s%s: %s\n", $3, what, why == "" ? "" : " (" why ")", $1
	}' "$results" | LC_ALL=C awk '{
		at = match($0, /: [^:]*$/)
		key = substr($0, 1, at - 1)
		if (!(key in on))
			order[++n] = key
		on[key] = on[key] (on[key] == "" ? "" : ", ") substr($0, at + 2)
	} END { for (i = 1; i <= n; i++) print order[i] ". On " on[order[i]] }')
	[ -n "$lines" ] || return
	printf '\n## %s\n\n%s\n' "$1" "$(LC_ALL=C sort <<<"$lines")"
}

told Failed f
told Skipped s
