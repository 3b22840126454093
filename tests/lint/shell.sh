#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every script passes shellcheck.
set -u
cd "$(dirname "$0")/../.." || exit 1
command -v shellcheck >/dev/null || {
	echo "no shellcheck"
	exit 77
}
mapfile -t scripts < <(git ls-files '*.sh' '*.bats' '*.bash' .ci/run)
# 1091: sourced files are checked on their own. 2030, 2031: bats runs each test in a subshell.
# 2154: bats' own variables. 2034: libraries set what tests read.
shellcheck -S warning -e 1091,2030,2031,2034,2154 "${scripts[@]}"
