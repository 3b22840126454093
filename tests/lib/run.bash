# SPDX-License-Identifier: Apache-2.0
# Helpers for tests that start whole runs with the built cbpf.
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BUILD=${CBPF_BUILD:-$ROOT/build}
CBPF=$BUILD/cbpf

need_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# find_backend PROBE: of what the file's name says (vfs-kprobe.bats): $BACKEND, and $NO_BACKEND, why this
# host has it not.
find_backend() {
	BACKEND=$(basename "$BATS_TEST_FILENAME" .bats)
	BACKEND=${BACKEND#"$1"-}
	NO_BACKEND=$("$CBPF" check --format json | jq -r --arg id "$1.$BACKEND" \
		'.[] | select(.id == $id and .status != "yes") | "\(.title): \(.why)"')
	export BACKEND NO_BACKEND
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

# bytes_are OP MOVED SEEN: what the tool moved is what the kernel saw, to the byte.
bytes_are() {
	echo "$1: moved $2, seen $3"
	[ "$3" = "$2" ] && return
	# Never fewer; and only what is read can be more, as run_exact tells.
	[ "$1" = read ] && [ "$3" -gt "$2" ] || touch "$BATS_TEST_TMPDIR/wrong"
	return 1
}

# own_disk DIR SIZE: a new ext4 in DIR on a device of its own, named in $disk, where no programs are.
own_disk() {
	local loop
	truncate -s "$2" "$1.img"
	mkfs.ext4 -q -F -b 4096 -E lazy_itable_init=0,lazy_journal_init=0 "$1.img"
	loop=$(losetup --find --show --direct-io=on "$1.img") || skip "no loop devices here"
	mkdir "$1"
	mount "$loop" "$1"
	disk=${loop#/dev/}
}

# run_exact CHECK SPEC [ARGS]: run_spec on own_disk's, with its metadata in memory; then CHECK holds. The
# kernel may drop some before it is used: those reads are the load's own, and it is run again.
run_exact() {
	local check=$1 try
	shift
	for try in 1 2 3; do
		cat "/dev/$disk" >/dev/null
		run_spec "$@"
		[ "$status" = 0 ] || return 1
		"$check" && return
		[ ! -e "$BATS_TEST_TMPDIR/wrong" ] || return 1
	done
	echo "still not exact after $try runs"
	return 1
}

# Whatever own_disk left of this test.
no_own_disk() {
	local image
	cd "$BATS_TEST_TMPDIR" || return 1
	for image in "$BATS_TEST_TMPDIR"/*.img; do
		[ -e "$image" ] || continue
		umount "${image%.img}"
		losetup -nO NAME -j "$image" | xargs -r losetup -d
	done
}

# The cgroups of this test's own runs, in all hierarchies; others may run beside it.
left_cgroups() {
	local id
	find "$BATS_TEST_TMPDIR" -type d -name '2*T*-*' -printf '%f\n' | while read -r id; do
		find /sys/fs/cgroup -type d -path "*/cbpf/$id.*" 2>/dev/null
	done
}

# Every process in them.
left_running() {
	local dir
	left_cgroups | while read -r dir; do
		cat "$dir/cgroup.procs" 2>/dev/null || true
	done
}
