# SPDX-License-Identifier: Apache-2.0
# What happened to each test on which kernel, one line each, sorted:
#
#	KERNEL<TAB>BACKEND<TAB>FILE<TAB>TEST<TAB>ok|failed|skipped REASON<TAB>CODE
#
# CODE is the day and the commit that was tested, with a + where files of it were changed; there is none
# where that is not known, as of results from before it was kept.
#
# A test's backend is the first word of its name, when a colon follows ("raw_tp: ..."), or else a
# part of its file's name (truth-raw_tp-6.12.bats); "-" when it has none. FILE is below tests/ and
# without the kernel: what runs on several has one name.

MATRIX_BACKENDS="tp_btf raw_tp fentry kprobe syscalls tracepoint"

# The name under which results of a file are kept.
matrix_file() # FILE
{
	local file=${1#tests/}
	sed -E 's/-[0-9]+\.[0-9]+(-[a-z]+)?(\.[a-z]+)$/\2/' <<<"$file"
}

# The code that is here.
matrix_code()
{
	local commit
	commit=$(git -c safe.directory='*' log -1 --date=format:%Y-%m-%d --format='%cd %h' 2>/dev/null) || return 0
	git -c safe.directory='*' diff --quiet HEAD -- 2>/dev/null || commit+=+
	echo "$commit"
}

# Lines of TAP on standard input.
matrix_lines() # KERNEL FILE [CODE]
{
	awk -v code="${3:-}" -v kernel="$1" -v file="$(matrix_file "$2")" -v backends="$MATRIX_BACKENDS" '
		function tell(test, result,    backend, i)
		{
			gsub(/\t/, " ", test)
			gsub(/\t/, " ", result)
			backend = "-"
			for (i = 1; i <= n; i++)
				if (index(file, "-" name[i] "."))
					backend = name[i]
			for (i = 1; i <= n; i++)
				if (index(test, name[i] ": ") == 1)
					backend = name[i]
			sub("^" backend ": ", "", test)
			printf "%s\t%s\t%s\t%s\t%s%s\n", kernel, backend, file, test, result,
				code == "" ? "" : "\t" code
		}
		BEGIN { n = split(backends, name, " ") }
		/^1\.\.[0-9]+/ { plan += substr($1, 4) }
		/^(not )?ok [0-9]+/ {
			seen++
			good = $1 == "ok"
			sub(/^(not )?ok [0-9]+ ?(- )?/, "")
			why = ""
			if (match(tolower($0), / *# skip/)) {
				why = substr($0, RSTART + RLENGTH)
				sub(/^[^ ]* */, "", why)
				$0 = substr($0, 1, RSTART - 1)
				tell($0, why == "" ? "skipped" : "skipped " why)
			} else {
				tell($0, good ? "ok" : "failed")
			}
		}
		END {
			while (seen++ < plan)
				tell("test " seen " of " plan ", which did not run", "failed")
		}'
}

# The new results take the place of the older ones of the same kernel and file.
matrix_merge() # NEW INTO
{
	local merged
	merged=$(mktemp) || return 1
	touch "$2"
	awk -F '\t' 'FNR == NR { again[$1, $3]; next } !(($1, $3) in again)' "$1" "$2" >"$merged"
	cat "$1" >>"$merged"
	LC_ALL=C sort -o "$2" "$merged"
	rm -f "$merged"
}

# Kernel x backend: how many passed, failed, were skipped, and the days of the code.
matrix_table() # FILE
{
	LC_ALL=C awk -F '\t' '
		{
			at = $1 "\t" $2
			day = $6 == "" ? "?" : substr($6, 1, 10)
			if (!(at in first) || day < first[at])
				first[at] = day
			if (!(at in last) || day > last[at])
				last[at] = day
			n[at, substr($5, 1, 1)]++
		}
		END { for (at in first)
			printf "%s\t%d\t%d\t%d\t%s\n", at, n[at, "o"], n[at, "f"], n[at, "s"],
				first[at] == last[at] ? last[at] : first[at] " to " last[at] }' "$1" |
		LC_ALL=C sort -t "$(printf '\t')" -k1,1V -k2,2
}
