#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone: it includes or declares what it uses.
set -u
cd "$(dirname "$0")/../.." || exit 1
O=${O:-build}
bad=0
# shellcheck disable=SC2046,SC2207 # words on purpose
flags=(-std=gnu17 -D_GNU_SOURCE -Iuser -Ibpf "-I$O/skel" -Itests/lib -fsyntax-only -Wall -Wextra
	-Werror -Wno-unused-function -Wno-unused-const-variable -Wno-unused-variable
	$(pkg-config --cflags libbpf yaml-0.1 libcurl sqlite3 jansson libmd libmicrohttpd)
	$(mpicc --showme:compile 2>/dev/null))
while IFS= read -r header; do
	# Kernel and user space share these: the includer brings the types, vmlinux.h or the system's.
	first=
	case $header in bpf/*) first='#include <linux/types.h>' ;; esac
	printf '%s\n#include "%s"\n' "$first" "$PWD/$header" |
		"${CC:-cc}" "${flags[@]}" -x c - || { echo "$header: does not compile alone"; bad=1; }
done < <(git ls-files 'user/*.h' 'bpf/shared/*.h' 'tests/lib/*.h')
exit $bad
