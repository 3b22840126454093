#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every flag, command and key of a spec says what it is for, and manual pages are sound.
set -u
cd "$(dirname "$0")/../.." || exit 1
O=${O:-build}
bad=0
complain() { echo "$*"; bad=1; }

for page in "" $("$O/cbpf" help --names); do
	# shellcheck disable=SC2086 # no page is no argument
	text=$("$O/cbpf" help --man $page)
	# An option's description is the line after it; a full stop alone is none.
	awk '/^\.It Fl/ { name = $0; getline; if ($0 == ".") { print name; bad = 1 } } END { exit bad }' \
		<<<"$text" || complain "cbpf $page: has undocumented options"
	if command -v mandoc >/dev/null; then
		# A page of this very set need not be installed.
		said=$(mandoc -Tlint <<<"$text" | grep -v 'referenced manual not found')
		[ -z "$said" ] || complain "cbpf${page:+-$page}(1): $said"
	fi
	[ -z "$page" ] || "$O/cbpf" help "$page" | grep -q '^Examples:' || [ "$page" = help ] ||
		complain "cbpf $page: shows no example"
done

if [ -e specs/cbpf.schema.json ] && command -v jq >/dev/null; then
	said=$(jq -r '[paths(type == "object" and has("type") and (has("description") | not))
		| select(length >= 2 and .[-2] == "properties") | map(tostring) | join(".")][]' \
		specs/cbpf.schema.json)
	[ -z "$said" ] || complain "specs/cbpf.schema.json: without description: $said"
fi
exit $bad
