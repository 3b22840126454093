#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every #include between folders of user/ must be allowed by a line of layers.txt.
cd "$(dirname "$0")/../../user" || exit 1
grep -rHo '^#include "[a-z]*/' --include='*.[ch]' . |
sed 's|^\./\([a-z]*\)/\([^:]*\):#include "\([a-z]*\)/|\1 \3 \1/\2|' |
awk 'FNR == NR { sub(":", "", $1); may[$1, $1] = 1
		 for (i = 2; i <= NF; i++) may[$1, $i] = 1; next }
     !(($1, $2) in may) { print $3 ": may not include " $2 "/"; bad = 1 }
     END { exit bad }' ../tests/lint/layers.txt -
