#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Programs on file systems that never answer cbpf: it ends all the same, and names what others ran.

load ../lib/jq
load ../lib/run
load ../lib/profile

setup() {
	need_root
	[ -c /dev/fuse ] || skip "no FUSE here"
	cd "$BATS_TEST_TMPDIR" || return 1
	cp "$BUILD/tests/lib/drive_profile" .
	mkdir fs merged empty
}

# Who waits for an answer has one when nobody is left who could give it.
teardown() {
	[ -d "$BATS_TEST_TMPDIR" ] && cd "$BATS_TEST_TMPDIR" || return 0
	for pid in $(cat pids 2>/dev/null); do
		kill -9 "$pid" 2>/dev/null
	done
	umount -l fs 2>/dev/null || true
}

# hang DIRECTORY: the program there, of a file system that leaves cbpf waiting.
hang() {
	cat <<-END
		$BUILD/tests/lib/hang_fs $PWD/drive_profile $1 cbpf $PWD/asked 3>&- 4>&-
		pgrep -f 'hang_fs $PWD/drive_profile' >>$PWD/pids
	END
}

# run_hung TARGET: it ends by itself, with a program of its own and another one that is named; $ended.
run_hung() {
	printf 'name: hang\nruntime: native\ncollectors: {profile: {mode: true, frequency: 499}}\ncontainers:\n' >spec.yml
	printf '  %s\n' "$1" "named: {command: [$PWD/drive_profile, thread, '1']}" >>spec.yml
	"$CBPF" run --store runs --json --quiet spec.yml >report.json 2>stderr 3>&- &
	run=$!
	echo $run >>pids
	for _ in {1..600}; do
		[ "$(cut -d' ' -f3 /proc/$run/stat 2>/dev/null)" = Z ] && break
		kill -0 $run 2>/dev/null || break
		sleep 0.1
	done
	# Whose main thread has ended may still wait in the kernel with another one.
	[ ! -e /proc/$run/task ] || [ "$(ls /proc/$run/task | wc -l)" = 0 ] || [ "$(cat /proc/$run/task/*/stat | cut -d' ' -f3 | sort -u)" = Z ] || {
		grep . /proc/$run/task/*/stack
		return 1
	}
	status=0
	wait $run || status=$?
	head -c 2000 stderr
	[ "$status" = 0 ]
	report '[.losses[] | select(.what | startswith("profile")) | [.what, .count]]'
	profile_has report.json named burn_thread 0.8
	profile_adds_up report.json
}

# Samples of the target in the program, which has no names.
has_no_names() {
	[ "$(report '.targets[] | select(.name == "hung").profile | ([.stacks[] | select(.stack | test(";\\[program\\+0x[0-9a-f]+\\]")).samples] | add) > .samples / 2')" = true ]
}

@test "a file system of user space is not asked for anything" {
	eval "$(hang fs)"
	run_hung "hung: {command: [sh, -c, 'exec $PWD/fs/program thread 1']}"
	has_no_names
	[ "$(report '.losses[] | select(.what == "profile.files.remote").count')" = 1 ]
	[ ! -s asked ]
}

@test "one that nobody tells of is left waiting" {
	unshare -m sh -ec "$(hang fs)
		mount -t overlay -o lowerdir=$PWD/fs:$PWD/empty overlay $PWD/merged
		umount -l $PWD/fs
		echo \$\$ >>$PWD/pids
		echo \$\$ >holder
		exec sleep 1000" 3>&- 4>&- &
	for _ in {1..100}; do
		[ -s holder ] && break
		sleep 0.1
	done
	run_hung "hung: {command: [nsenter, --mount=/proc/$(cat holder)/ns/mnt, $PWD/merged/program, thread, '1']}"
	has_no_names
	[ "$(report '.losses[] | select(.what == "profile.files.silent").count')" = 1 ]
	grep -q ' by cbpf' asked
}
