#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What tests must have. Each file of user/ has a unit test: named after it, or after the module whose name it begins with
# (user/launch/parse_line.c is tested by tests/unit/test_launch_parse.c).
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0
while IFS= read -r file; do
	name=${file#user/}
	name=${name/\//_}
	name=${name%.c}
	folder=${name%%_*}
	until [ -e "tests/unit/test_$name.c" ] || [ "$name" = "$folder" ]; do
		name=${name%_*}
	done
	[ "$name" != "$folder" ] || { echo "$file: has no unit test"; bad=1; }
done < <(git ls-files 'user/*.c' ':!user/*/main.c')
# Judging with jq needs the one that wants an answer.
while IFS= read -r file; do
	grep -q '^load \.\./lib/jq$' "$file" || { echo "$file: jq -e without lib/jq"; bad=1; }
done < <(git grep -l 'jq -e' -- 'tests/*.bats')
# Of two conditions that && joins the first fails unseen, unless the test or its function ends with them.
while IFS= read -r said; do
	echo "$said: what is before && cannot fail here: a line for each"
	bad=1
done < <(git ls-files 'tests/*.bats' | xargs awk '
	at && !/^}/ { print at }
	{ at = /^\t+\[ .* \] && \[ .* \]$/ ? FILENAME ":" FNR : "" }')
exit $bad
