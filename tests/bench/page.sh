#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How long report.html takes from its address to its first screen with all of its charts, in Chromium: of an hour at 100 ms
# with 20 targets and over a million cells of histograms, which shall be there in 3 s and be less than 20 MB. The
# yardstick in the same run is the page of twelve seconds: what the script and the browser take for any.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${O:-build}
case $build in /*) ;; *) build=$root/$build ;; esac
rounds=${ROUNDS:-5}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
[ -n "$browser" ] || { echo "no Chromium: run docker/packages.sh test"; exit 0; }
grep -qx with "$build/web/kind" || { echo "cbpf was built without report.html (WEB=0)"; exit 0; }
make -s -C "$root" O="$build" "$build/tests/lib/drive_page" "$build/web/installed-dev" >&2
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/cbpf-bench-XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
cd "$TMPDIR"

for kind in hour full; do
	store=$("$build/tests/lib/drive_page" $kind)
	began=$(date +%s%N)
	"$build/cbpf" report --store "$store" --html $kind.html
	echo "$kind: $(stat -c %s $kind.html) bytes, made in $((($(date +%s%N) - began) / 1000000)) ms"
	rm -rf "$store"
done
node "$root/tests/bench/page_open.mjs" "$build/web/node_modules" "$browser" "$rounds" hour.html full.html > each
awk '{ print $1 / $2 }' each | sort -n > ratios
echo "opened in $(sort -n each | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }') ms of 3000, median of $rounds;" \
	"$(awk '{ v[NR] = $1 } END { printf "%.1f", v[int((NR + 1) / 2)] }' ratios) times as long as the page of a short run"
