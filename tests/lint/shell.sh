#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every script passes shellcheck.
set -u
cd "$(dirname "$0")/../.." || exit 1
command -v shellcheck >/dev/null || {
	echo "no shellcheck"
	exit 77
}
mapfile -t scripts < <(git ls-files '*.sh' '*.bash' .ci/run)
mapfile -t tests < <(git ls-files '*.bats')
bad=0
# 1091: sourced files are checked on their own. 2034: libraries set what tests read.
shellcheck -S warning -e 1091,2034,2154 "${scripts[@]}" || bad=1
# Tests split words on purpose, and bats runs each in a subshell: what cannot fail is what matters.
shellcheck -S error "${tests[@]}" || bad=1
exit $bad
