#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every source file opens with its SPDX tag: bpf/ dual, everything else Apache-2.0.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0
while IFS= read -r file; do
	case $file in
	bpf/* | vmlinux/*.h) tag='(GPL-2.0-only OR BSD-2-Clause)' ;;
	*) tag='Apache-2.0' ;;
	esac
	head -n 3 "$file" | grep -qF "SPDX-License-Identifier: $tag" || {
		echo "$file: its first lines lack 'SPDX-License-Identifier: $tag'"
		bad=1
	}
done < <(git ls-files '*.c' '*.h' '*.sh' '*.bats' '*.bash' '*.py' '*.js' '*.yml' '*.yaml' Makefile \
	.ci/run '*Dockerfile*' ':!tests/data')
exit $bad
