#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cbpf check on this host, and with things taken away.

bats_require_minimum_version 1.5.0
load ../lib/jq
load ../lib/run

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# Status of one id in a JSON answer.
status_of() {
	jq -r --arg id "$1" '.[] | select(.id == $id) | .status' "$2"
}

# A command in a mount namespace of its own; the machine's own mounts stay as they are.
apart() {
	unshare --mount --propagation private sh -euc "$1" sh "$CBPF"
}

@test "text and JSON agree, and every no or degraded says why" {
	"$CBPF" check > text || [ $? = 3 ]
	"$CBPF" check --format json > json || [ $? = 3 ]
	jq -e 'type == "array" and length > 30' json
	jq -e 'all(.[]; (.why | length) > 0 and (.status | IN("yes", "no", "degraded")))' json
	jq -e '[.[].id] | length == (unique | length)' json
	for s in yes no degraded; do
		[ "$(grep -cE "^  $s " text)" = "$(jq "[.[] | select(.status == \"$s\")] | length" json)" ]
	done
}

@test "only what is asked for is tried, and what belongs to it" {
	"$CBPF" check --format json bpf kernel > json || [ $? = 3 ]
	jq -e 'all(.[]; .id == "kernel" or (.id | startswith("bpf."))) and length > 5' json
	"$CBPF" check block.raw_tp > text || [ $? = 3 ]
	[ "$(grep -cE "^  (yes|no|degraded) " text)" = 1 ]
	[ "$(wc -l < text)" -le 3 ]
	run --separate-stderr "$CBPF" check bpf kernal
	[ "$status" = 2 ]
	[[ $stderr == *"nothing is called 'kernal'"* ]]
}

@test "root on this host can run the default collectors" {
	need_root
	[ -e /sys/kernel/btf/vmlinux ] || skip "this kernel has no BTF"
	"$CBPF" check --format json > json
	[ "$(status_of btf json)" = yes ]
	[ "$(status_of block json)" = yes ]
	[ "$(status_of cgroup-create json)" = yes ]
}

@test "it leaves nothing behind: no program, no mount" {
	need_root
	command -v bpftool > /dev/null || skip "no bpftool"
	cat /proc/self/mountinfo > before
	"$CBPF" check > /dev/null
	cat /proc/self/mountinfo > after
	cmp before after
	[ -z "$(bpftool prog list 2> /dev/null | grep cbpf_check)" ]
}

@test "without privileges it says what is missing and ends with 3" {
	need_root
	cp "$CBPF" cbpf
	chmod 755 . cbpf
	run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups \
		--inh-caps=-all ./cbpf check --format json
	[ "$status" = 3 ]
	echo "$output" > json
	[ "$(status_of cap-bpf json)" = no ]
	[ "$(status_of block json)" = no ]
	[ "$(jq -r '.[] | select(.id == "cap-bpf") | .fix' json)" = "run as root (sudo)" ]
}

@test "without BTF it ends with 3" {
	need_root
	run --separate-stderr apart 'mount -t tmpfs none /sys/kernel/btf; exec "$1" check --format json'
	[ "$status" = 3 ]
	echo "$output" > json
	[ "$(status_of btf json)" = no ]
}

@test "in a user namespace root is told that it is not enough" {
	need_root
	unshare --user --map-root-user true || skip "no user namespaces here"
	run --separate-stderr unshare --user --map-root-user "$CBPF" check --format json
	echo "$output" > json
	[ "$(status_of user-namespace json)" = no ]
}

@test "tracefs is asked for where it is missing, and found where it is mounted" {
	need_root
	grep -q tracefs /proc/filesystems || skip "this kernel has no tracefs"
	apart 'mount -t tracefs nodev /sys/kernel/tracing; "$1" check --format json' > json
	[ "$(status_of tracefs json)" = yes ]
	[ "$(status_of bpf.tracepoint json)" = yes ]
}

@test "a store without room or rights is told" {
	need_root
	mkdir small
	apart 'mount -t tmpfs -o size=1m none small; "$1" check --store small --format json' > json
	[ "$(status_of space json)" = no ]
	apart 'mount -t tmpfs -o size=128m none small; "$1" check --store small/a/b --format json' > json
	[ "$(status_of space json)" = degraded ]
}

@test "a missing engine is a no with the command that starts it" {
	DOCKER_HOST=unix:///nonexistent.sock "$CBPF" check --format json > json || [ $? = 3 ]
	[ "$(status_of docker json)" = no ]
	jq -e '.[] | select(.id == "docker") | .fix | test("docker")' json
}

@test "cbpf run refuses early with the same words" {
	need_root
	cat > spec.yml <<-'END'
	runtime: native
	collectors: {block: true}
	containers: {a: {command: [touch, started]}}
	END
	run --separate-stderr apart 'mount -t tmpfs none /sys/kernel/btf; exec "$1" run --quiet spec.yml'
	[ "$status" = 3 ]
	[[ $stderr == *"collector block lacks 'btf'"* ]]
	[ ! -e started ]
}
