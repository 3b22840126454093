#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A file holds one idea: beyond 500 lines is told, beyond 600 is refused.
set -u
cd "$(dirname "$0")/../.." || exit 1
git ls-files -z '*.c' '*.h' '*.sh' '*.bats' '*.bash' '*.py' ':!vmlinux' ':!tests/data' |
	xargs -0 wc -l |
	awk '$2 != "total" && $1 > 500 { print $2 ": " $1 " lines" }
	     $2 != "total" && $1 > 600 { bad = 1 } END { exit bad }'
