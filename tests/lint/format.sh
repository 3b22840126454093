#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every C file is as clang-format leaves it. Versions differ in taste: 14 decides.
set -u
cd "$(dirname "$0")/../.." || exit 1
program=$(command -v clang-format-14 || command -v clang-format) || {
	echo "no clang-format"
	exit 77
}
version=$("$program" --version | grep -o 'version [0-9]*')
if [ "$version" != "version 14" ]; then
	echo "clang-format is $version, 14 decides"
	exit 77
fi
git ls-files -z '*.c' '*.h' ':!vmlinux' | xargs -0 "$program" --dry-run -Werror 2>&1 |
	sed -n 's/: error: code should be clang-formatted.*//p' | sort -u -t: -k1,1 |
	awk '{ print $0 ": is not as clang-format leaves it"; bad = 1 } END { exit bad }'
