#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Everything builds without a warning with gcc and with clang, tests included.
set -u
cd "$(dirname "$0")/../.." || exit 1
O=${O:-build}
bad=0
for cc in gcc clang; do
	command -v $cc >/dev/null || { echo "no $cc"; exit 77; }
	said=$(env -u MAKEFLAGS -u MAKELEVEL make -k -j"$(nproc)" CC=$cc O="$O/lint/$cc" all unit drivers 2>&1) || {
		grep -vE '^  [A-Z]+ ' <<<"$said"
		echo "$cc: does not build"
		bad=1
	}
done
exit $bad
