# SPDX-License-Identifier: Apache-2.0
# A mount that plays the kernel's resctrl, for hosts without RDT. Needs lib/run for $BUILD.

# resctrl_mount [OPTION,...]: serve it on $RESCTRL, which is made. Skips where FUSE cannot be had.
resctrl_mount() {
	RESCTRL=$BATS_TEST_TMPDIR/resctrl
	[ -c /dev/fuse ] || skip "no /dev/fuse: modprobe fuse, or give the container the device"
	mkdir "$RESCTRL"
	"$BUILD/tests/lib/fuse_resctrl" ${1:+-o "$1"} "$RESCTRL" > "$RESCTRL.log" 2>&1 3>&- &
	RESCTRL_PID=$!
	for _ in $(seq 100); do
		[ ! -e "$RESCTRL/info" ] || return 0
		kill -0 "$RESCTRL_PID" 2> /dev/null || break
		sleep 0.05
	done
	kill "$RESCTRL_PID" 2> /dev/null || true
	RESCTRL_PID=
	skip "FUSE cannot be mounted here: $(tail -n 1 "$RESCTRL.log")"
}

resctrl_umount() {
	[ -n "${RESCTRL_PID:-}" ] || return 0
	fusermount3 -u "$RESCTRL" 2> /dev/null || umount -l "$RESCTRL" # somebody has it open
	kill "$RESCTRL_PID" 2> /dev/null || true
	wait "$RESCTRL_PID" || true
	RESCTRL_PID=
}

# Monitor groups below a control group (the default one when none is named), a line each.
resctrl_groups() {
	ls "$RESCTRL/${1:+$1/}mon_groups"
}

# resctrl_set CLASS/GROUP DOMAIN EVENT VALUE: what a counter says from now on.
resctrl_set() {
	echo "$*" > "$RESCTRL/set"
}

# Wait until a command succeeds, for seconds at most.
resctrl_until() {
	local tries=$(($1 * 20))
	shift
	while [ $((tries--)) -gt 0 ]; do
		! "$@" || return 0
		sleep 0.05
	done
	echo "not within its time: $*" >&2
	return 1
}

# bats takes a `!` that fails for success.
not() {
	! "$@"
}

# A child of ours that sleeps, in $child; all of them are in the array pids.
sleeper() {
	sleep 60 3>&- &
	child=$!
	pids+=("$child")
}

# A cgroup of the test's own, in $cgroup.
own_cgroup() {
	local mount
	mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
	[ -n "$mount" ] || skip "no cgroup v2"
	cgroup=$mount/cbpf-test-rdt-$$
	mkdir "$cgroup"
}

# That, and what is in it, goes.
no_cgroup() {
	local dir
	for dir in "$cgroup/deeper" "$cgroup"; do
		[ -d "$dir" ] || continue
		xargs -r kill < "$dir/cgroup.procs" 2> /dev/null || true
		resctrl_until 10 rmdir "$dir" 2> /dev/null
	done
}
