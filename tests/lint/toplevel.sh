#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The top level is what the project agreed on, and nothing else.
set -u
cd "$(dirname "$0")/../.." || exit 1
allowed=" bpf user web vmlinux specs docker tests Makefile README.md CHANGELOG.md CONTRIBUTING.md LICENSES .clang-format .ci .gitignore .gitattributes .editorconfig .dockerignore "
bad=0
while IFS= read -r entry; do
	case $allowed in
	*" $entry "*) ;;
	*) echo "$entry: does not belong at the top level"; bad=1 ;;
	esac
done < <(git ls-files | cut -d/ -f1 | sort -u)
for entry in bpf user web vmlinux specs docker tests Makefile README.md CHANGELOG.md CONTRIBUTING.md \
	LICENSES .clang-format .ci; do
	[ -n "$(git ls-files "$entry" | head -n 1)" ] || { echo "$entry: is missing"; bad=1; }
done
exit $bad
