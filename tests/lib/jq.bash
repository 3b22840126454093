# SPDX-License-Identifier: Apache-2.0
# jq 1.6 ends well when there was nothing to judge: with -e there must be an answer.
jq()
{
	local answer arg judge=

	for arg; do
		[ "$arg" != -e ] || judge=1
	done
	[ -n "$judge" ] || { command jq "$@"; return; }
	answer=$(command jq "$@") || { local status=$?; echo "$answer"; return $status; }
	[ -n "$answer" ] || { echo "jq: there was nothing to judge"; return 4; }
	echo "$answer"
}
