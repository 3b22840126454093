#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Nothing is left for later, and nothing points at one machine or one server.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0
forbid() # REASON PATTERN
{
	# This file names the words; data of other programs is as they printed it.
	if git grep -nIE "$2" -- ':!tests/lint/words.sh' ':!tests/data' ':!LICENSES'; then
		echo "^ $1"
		bad=1
	fi
}
forbid "unfinished" '\b(TODO|FIXME|XXX|HACK)\b'
forbid "a path of one machine" '(^|[^a-zA-Z0-9_.])/(work|root)/|/tmp/wt/'
forbid "a server to fetch from" '(deb\.debian|archive\.ubuntu|registry\.npmjs|index\.docker|registry-1|quay\.io|ghcr\.io)'
exit $bad
