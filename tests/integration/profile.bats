#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The profile of targets, of programs of which it is known what they run, beside their own clocks and the
# kernel's.

load ../lib/jq
load ../lib/run
load ../lib/profile

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
	cp "$BUILD/tests/lib/drive_profile" .
}

# run_profiled PROFILE LINE...: containers with these lines, and this of the collector.
run_profiled() {
	{
		printf 'name: profile\nruntime: native\n'
		printf 'collectors: {sched: true, block: false, vfs: false, pagecache: false, perf: false, profile: %s}\n' "$1"
		shift
		printf 'containers:\n'
		printf '  %s\n' "$@"
	} >spec.yml
	run_spec spec.yml
	[ "$status" = 0 ]
	report '[.profile, (.targets[] | [.name, (.profile | values | del(.stacks))]), .losses]' | head -c 6000
}

@test "two functions have the shares of time that they took by their own clocks" {
	run_profiled '{frequency: 997}' "a: {command: [$PWD/drive_profile, split, '3', $PWD/own.json]}"
	[ "$(report .backends.profile)" = cpu-clock ]
	profile_adds_up report.json
	profile_share report.json a burn_one own.json
	profile_share report.json a burn_three own.json
	profile_is_time report.json a
	# And where they were called.
	report '[.targets[0].profile.stacks[] | select(.stack | test(";main;(.*;)?burn_three(;|$)")).samples] | add' >main
	[ "$(cat main)" -ge "$(report '[.targets[0].profile.functions[] | select(.name == "burn_three").self] | add * 9 / 10 | floor')" ]
}

@test "processes that live for 20 ms, as programs of their own and not" {
	run_profiled '{mode: true, frequency: 997}' "a: {command: [$PWD/drive_profile, short, '100']}" \
		"b: {command: [$PWD/drive_profile, forked, '100']}"
	profile_adds_up report.json
	profile_is_time report.json a
	profile_is_time report.json b
	# 2 s each.
	profile_has report.json a burn_short 0.85
	profile_has report.json b burn_forked 0.85
	[ "$(report '.losses[] | select(.what | startswith("profile") and . != "profile.missing") | .what')" = "" ]
}

@test "what the kernel does for a system call is below it" {
	run_profiled '{frequency: 499}' "a: {command: [dd, if=/dev/zero, of=$PWD/out, bs=1M, count=1000]}"
	profile_adds_up report.json
	profile_is_time report.json a
	[ "$(report '.targets[0].profile | .kernel_samples / .samples > 0.8')" = true ]
	report '.targets[0].profile.stacks[0].stack' | tee most
	grep -Eq '^dd;(.*;)?(__)?write(_nocancel)?;.*_\[k\];(.*;)?vfs_write_\[k\];' most
}

@test "threads are told apart by their names, and a program that is executed has its own" {
	run_profiled '{frequency: 499}' "a: {command: [$PWD/drive_profile, thread, '1']}" \
		"b: {command: [sh, -c, 'i=0; while [ \$i -lt 100000 ]; do i=\$((i+1)); done; exec $PWD/drive_profile thread 1']}"
	for target in a b; do
		report ".targets[] | select(.name == \"$target\").profile
			| (first(.stacks[] | select(.stack | test(\"^worker;.*burn_thread\"))).samples > 250)" | grep -qx true
	done
	[ "$(report '[.targets[] | select(.name == "b").profile.stacks[].stack | split(";")[0]] | unique |
		contains(["sh", "worker"])')" = true ]
}

@test "a program that is removed while it runs still has names" {
	run_profiled '{frequency: 499}' \
		"a: {command: [sh, -c, '$PWD/drive_profile thread 1.5 & sleep 0.7; rm $PWD/drive_profile; wait']}"
	profile_has report.json a burn_thread 0.85
}

# another OLD NEW: a program that differs from this one in the name of a function.
another() {
	objcopy --redefine-sym "$1=$2" drive_profile other
}

@test "a program that takes another one's place is not it" {
	another burn_thread bravo_thread
	run_profiled '{frequency: 499}' \
		"a: {command: [sh, -c, '$PWD/drive_profile thread 1; mv $PWD/other $PWD/drive_profile; $PWD/drive_profile thread 1']}"
	profile_has report.json a burn_thread 0.4
	profile_has report.json a bravo_thread 0.4
	# And at one path below two roots.
	cp "$BUILD/tests/lib/drive_profile" drive_profile
	another burn_thread bravo_thread
	for root in one two; do
		mkdir -p "$root/app"
		ldd drive_profile | grep -o '/[^ ]*' | xargs -I{} cp --parents {} "$root"
	done
	cp drive_profile one/app/x
	cp other two/app/x
	run_profiled '{frequency: 499}' \
		"a: {command: [sh, -c, 'chroot $PWD/one /app/x thread 1; chroot $PWD/two /app/x thread 1']}"
	profile_has report.json a burn_thread 0.4
	profile_has report.json a bravo_thread 0.4
}

@test "a program that is written over is not what it was" {
	another burn_thread bravo_thread
	run_profiled '{frequency: 499}' \
		"a: {command: [sh, -c, '$PWD/drive_profile thread 1; sleep 0.2; cat $PWD/other >$PWD/drive_profile']}"
	# Which names it had is not known any more.
	[ "$(report '[.targets[0].profile.stacks[].stack | select(test("bravo_thread|burn_thread"))] | length')" = 0 ]
	[ "$(report '.targets[0].profile | ([.stacks[] | select(.stack | test(";\\[drive_profile\\+0x[0-9a-f]+\\]")).samples] | add) > .samples / 2')" = true ]
	[ "$(report '.losses[] | select(.what == "profile.files.bad").count')" = 1 ]
}

@test "a long interval loses no names" {
	{
		printf 'name: profile\nruntime: native\ninterval: 10s\n'
		printf 'collectors: {block: false, profile: {mode: true, frequency: 997}}\n'
		printf 'containers:\n  a: {command: [%s, short, "50"]}\n' "$PWD/drive_profile"
	} >spec.yml
	run_spec spec.yml
	[ "$status" = 0 ]
	profile_has report.json a burn_short 0.8
	[ "$(report '[.losses[].what | select(startswith("profile") and . != "profile.missing")] | length')" = 0 ]
}

# others N: that many targets more, which have their part of the room for stacks.
others() {
	for ((i = 0; i < $1; i++)); do
		printf 'other%d: {command: ["true"]}\n' "$i"
	done
}

@test "a target with endless stacks takes no other's room" {
	mapfile -t others < <(others 14)
	run_profiled '{frequency: 10000}' "noisy: {command: [$PWD/drive_profile, deep, '3']}" \
		"quiet: {command: [$PWD/drive_profile, thread, '1'], start: 2s}" "${others[@]}"
	profile_adds_up report.json
	profile_is_time report.json noisy
	profile_is_time report.json quiet
	profile_has report.json quiet burn_thread 0.85
	[ "$(report '[.targets[] | select(.name == "quiet").profile.stacks[].stack] | index("[no room]")')" = null ]
	[ "$(report '[.targets[] | select(.name == "noisy").profile.stacks[] | select(.stack == "[no room]").samples] | add')" = \
		"$(report .profile.lost)" ]
}

@test "names that pretend to be the kernel's, or ours, do not" {
	another burn_thread 'bad_[k]'
	cp other '[me]'
	run_profiled '{frequency: 499}' "a: {command: ['$PWD/[me]', thread, '1']}"
	profile_has report.json a bad____ 0.8
	[ "$(report '.targets[0].profile | .kernel_samples < .samples / 10')" = true ]
}

@test "an interrupted run has its profile" {
	printf 'name: profile\nruntime: native\ncollectors: {block: false, profile: {mode: true, frequency: 499}}\n' >spec.yml
	printf 'containers:\n  a: {command: [%s, thread, "60"]}\n' "$PWD/drive_profile" >>spec.yml
	"$CBPF" run --store runs --quiet spec.yml >out 2>stderr 3>&- &
	run=$!
	for _ in {1..100}; do
		pgrep -f "^$PWD/drive_profile thread 60" >pid && break
		sleep 0.1
	done
	sleep 1
	kill -INT $run
	status=0
	wait $run || status=$?
	[ "$status" = 130 ]
	"$CBPF" report --store runs --json >report.json
	profile_has report.json a burn_thread 0.85
}

@test "without the process that reads files there are no names, and all else" {
	printf 'name: profile\nruntime: native\ncollectors: {block: false, profile: {mode: true, frequency: 499}}\n' >spec.yml
	printf 'containers:\n  a: {command: [%s, thread, "2"]}\n' "$PWD/drive_profile" >>spec.yml
	"$CBPF" run --store runs --quiet spec.yml >out 2>stderr 3>&- &
	run=$!
	for _ in {1..100}; do
		pgrep -f "^$PWD/drive_profile thread 2" >pid && break
		sleep 0.1
	done
	pkill -KILL -P $run -x cbpf-symbols
	wait $run
	"$CBPF" report --store runs --json >report.json
	profile_adds_up report.json
	[ "$(report '.losses[] | select(.what == "profile.files.silent").count >= 1')" = true ]
	[ "$(report '.targets[0].profile | .kernel_samples + .unknown_samples > .samples * 0.9')" = true ]
}

@test "without root it says what is missing" {
	chmod 755 "$BATS_TEST_TMPDIR" 2>/dev/null || true
	run setpriv --reuid 65534 --clear-groups "$CBPF" check --format json profile
	jq -e 'any(.[]; .id == "profile" and .status == "no" and (.fix | test("root")))' <<<"$output"
}

@test "more stacks than there is room for: what is lost is told, and all adds up" {
	mapfile -t others < <(others 15)
	run_profiled '{frequency: 10000}' "a: {command: [$PWD/drive_profile, deep, '3']}" "${others[@]}"
	profile_adds_up report.json
	lost=$(report .profile.lost)
	[ "$lost" -gt 0 ]
	[ "$(report '.losses[] | select(.what == "profile.stacks").count')" = "$lost" ]
	# Each way down is there once, from the one end to the other.
	[ "$(report '[.targets[0].profile.stacks[] | select(.stack | test(";main;(deep;)?way_zero;(way_(one|zero);){24}burn_"))] | length')" -gt 1000 ]
}

@test "without names of the kernel's functions there is the reason" {
	sed 's/^[0-9a-f]*/0000000000000000/' /proc/kallsyms >hidden
	printf 'name: profile\nruntime: native\ncollectors: {block: false, profile: true}\ncontainers:\n  a: {command: [%s, thread, "1"]}\n' \
		"$PWD/drive_profile" >spec.yml
	unshare -m sh -ec "mount --bind $PWD/hidden /proc/kallsyms
		$CBPF run --store runs --json --quiet spec.yml >report.json
		$CBPF check --format json profile >check.json"
	[ "$(report '.losses[] | select(.what == "profile.kernel").reason | test("kptr_restrict")')" = true ]
	[ "$(report '[.targets[0].profile.stacks[].stack | select(test("_\\[k\\]")) | select(test("\\[unknown\\]_\\[k\\]") | not)] | length')" = 0 ]
	jq -e 'any(.[]; .id == "profile" and .status == "degraded" and (.why | test("kallsyms")) and (.fix | test("kptr_restrict")))' check.json
	profile_has report.json a burn_thread 0.8
}

@test "off unless it is asked for" {
	printf 'name: profile\nruntime: native\ncollectors: {block: false}\ncontainers:\n  a: {command: ["true"]}\n' >spec.yml
	run_spec spec.yml
	[ "$status" = 0 ]
	[ "$(report 'has("profile") or (.targets[0] | has("profile")) or (.backends | has("profile"))')" = false ]
}

@test "check tells whether it works" {
	run "$CBPF" check --format json profile
	[ "$status" = 0 ]
	jq -e 'any(.[]; .id == "profile" and .status == "yes")' <<<"$output"
}
