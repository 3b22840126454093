# SPDX-License-Identifier: Apache-2.0
# Helpers for tests that start whole runs with the built cbpf.
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BUILD=${CBPF_BUILD:-$ROOT/build}
CBPF=$BUILD/cbpf

need_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# Name of the whole disk under a path: vda, nvme0n1.
disk_of() {
	local dev
	dev=$(stat -c '%Hd:%Ld' "$1")
	[ -e "/sys/dev/block/$dev" ] || { echo "no block device under $1" >&2; return 1; }
	if [ -e "/sys/dev/block/$dev/partition" ]; then
		basename "$(readlink -f "/sys/dev/block/$dev/..")"
	else
		basename "$(readlink -f "/sys/dev/block/$dev")"
	fi
}

# write_spec FILE: standard input becomes the spec.
write_spec() {
	cat > "$1"
}

# run_spec SPEC [ARGS]: report JSON in $BATS_TEST_TMPDIR/report.json, stderr beside it,
# exit status in $status.
run_spec() {
	local spec=$1
	shift
	status=0
	"$CBPF" run --store "$BATS_TEST_TMPDIR/runs" --json --quiet "$@" "$spec" \
		> "$BATS_TEST_TMPDIR/report.json" 2> "$BATS_TEST_TMPDIR/stderr" || status=$?
	echo "# exit $status"
	head -c 4000 "$BATS_TEST_TMPDIR/stderr"
}

# report FILTER: a value out of the report.
report() {
	jq -r "$1" "$BATS_TEST_TMPDIR/report.json"
}

# Every process of every cgroup of cbpf's, in all hierarchies.
left_running() {
	find /sys/fs/cgroup -path '*/cbpf/*' -name cgroup.procs -exec cat {} + 2>/dev/null
}

left_cgroups() {
	find /sys/fs/cgroup -type d -path '*/cbpf/*' 2>/dev/null
}
