#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Whole runs of a cbpf that watches itself: threads that race, memory that is used wrongly.

load ../lib/run

setup() {
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
	cat > spec.yml <<-END
	name: watched
	runtime: native
	interval: 10ms
	containers:
	  a:
	    command: >-
	      for i in 1 2 3 4 5 6; do
	      dd if=/dev/zero of=f bs=4k count=200 oflag=direct status=none;
	      dd if=f of=/dev/null bs=4k iflag=direct status=none;
	      sleep 0.1; done
	  b:
	    start: 300ms
	    env: {ASAN_OPTIONS: detect_leaks=0} # of the MPI library
	    workload: {ior: {transfer: 64KiB, block: 4MiB, repetitions: 3, odirect: true}}
	  c:
	    command: "sleep 100"
	    stop: 700ms
	END
}

# sanitized FLAGS: $CBPF is built with them, in a directory of its own.
sanitized() {
	make -C "$ROOT" -j"$(nproc)" O="$BATS_TEST_TMPDIR/build" CFLAGS="-g -O1 $1" LDFLAGS="$1" all \
		> make.log 2>&1 || { tail make.log && return 1; }
	CBPF=$BATS_TEST_TMPDIR/build/cbpf
}

# A run, and a run that is interrupted; neither has anything to complain about.
run_both() {
	local run
	run_spec spec.yml
	[ "$status" = 0 ]
	[ ! -s stderr ]
	[ "$(report '.status')" = ok ]

	# One that would go on, so that the end is never the run's own.
	sed 's/^containers:/&\n  d: {command: "sleep 100"}/' spec.yml > long.yml
	"$CBPF" run --store runs --json long.yml > interrupted.json 2> stderr 3>&- &
	run=$!
	until grep -q 'b: exited' stderr; do
		[ -d /proc/$run ]
		sleep 0.05
	done
	kill -INT $run
	status=0
	wait $run || status=$?
	cat stderr
	[ "$status" = 130 ]
	! grep -E 'Sanitizer|runtime error' stderr
}

@test "no two threads touch the same memory without agreeing on it" {
	# Of fences alone the compiler says that it does not follow them.
	sanitized "-fsanitize=thread -Wno-tsan"
	run_both
}

@test "no memory is used after its end, beyond its end, or left behind" {
	sanitized "-fsanitize=address,undefined -fno-sanitize-recover=undefined"
	run_both
}
