#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Everything builds without a warning with gcc and with clang, tests included.
set -u
cd "$(dirname "$0")/../.." || exit 1
O=${O:-build}
bad=0

# has_built COMPILER: all that is in $O, where nothing is to be done, and a warning is an error.
has_built()
{
	local name=GCC:
	[ "$1" = gcc ] || name='clang version'
	readelf -p .comment "$O/user/cmd/main.o" 2>/dev/null | grep -qF "$name" &&
		env -u MAKEFLAGS -u MAKELEVEL make -q O="$O" all unit drivers >/dev/null 2>&1
}

for cc in gcc clang; do
	command -v $cc >/dev/null || { echo "no $cc"; exit 77; }
	has_built $cc && continue
	said=$(env -u MAKEFLAGS -u MAKELEVEL make -k -j"$(nproc)" CC=$cc O="$O/lint/$cc" all unit drivers 2>&1) || {
		grep -vE '^  [A-Z]+ ' <<<"$said"
		echo "$cc: does not build"
		bad=1
	}
done
exit $bad
