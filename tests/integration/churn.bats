# SPDX-License-Identifier: Apache-2.0
# A run beside cgroups that come, do a little I/O and go, some of them killed: none is lost, all are
# named, and the sum over owners is what /proc/diskstats counted.

load ../lib/block.bash
load ../lib/run.bash

setup()
{
	need_root
	cd "$BATS_TEST_TMPDIR" || return 1
	IO_CGROUPS=$(io_hierarchy) || skip "no cgroup hierarchy with the block controller"
	dd if=/dev/urandom of=read status=none bs=64k count=64 conv=fsync
	dd if=read of=/dev/null iflag=direct bs=64k status=none # the programs are cached now
}

teardown()
{
	[ -z "${run:-}" ] || kill -INT "$run" 2>/dev/null || true
	wait
}

# churn NUMBER COMMAND...: a cgroup of its own for a command, and it is gone.
churn()
{
	local dir=$IO_CGROUPS/churn-$$-$1 try
	shift
	mkdir "$dir"
	sh -c 'echo 0 >"$0/cgroup.procs"; exec "$@"' "$dir" "$@" || true
	for try in {1..100}; do
		rmdir "$dir" 2>/dev/null && return
	done
	remove_cgroup "$dir"
}

# By what ends in its name: the path is known only of those that lived long enough.
owner_of() # NUMBER FILTER
{
	report "[.targets[] | select(.name | test(\"(^|/)churn-$$-$1\$\")) | $2] | add"
}

@test "200 cgroups of some ms, half of them killed, beside a load that goes on" {
	local disk i killed=0
	cat >spec.yml <<-END
	name: churn
	runtime: native
	containers:
	  load:
	    command: >-
	      touch $PWD/begun;
	      while [ ! -e $PWD/done ]; do
	        dd if=/dev/zero of=$PWD/written bs=64k count=16 oflag=direct conv=fsync status=none;
	      done
	END
	"$CBPF" run --quiet --store store spec.yml >out 2>err 3>&- &
	run=$!
	for i in {1..300}; do
		[ ! -e begun ] || break
		sleep 0.1
	done
	[ -e begun ]
	for i in {0..99}; do
		churn "$i" dd if=read of=/dev/null bs=4k count=3 iflag=direct status=none
		churn "$((i + 100))" sh -c 'dd if=read of=/dev/null bs=4k count=1 iflag=direct status=none
			exec timeout -s KILL 0.02 sh -c "while :; do dd if=read of=/dev/null bs=4k iflag=direct status=none; done"'
	done
	touch done
	wait "$run"
	run=
	"$CBPF" report --store store --json >"$BATS_TEST_TMPDIR/report.json"
	[ "$(report .status)" = ok ]
	disk=$(disk_of .)
	for i in {0..99}; do
		same "bytes of $i" "$(owner_of "$i" ".block[\"$disk\"].read.bytes")" 12288
		bytes=$(owner_of $((i + 100)) ".block[\"$disk\"].read.bytes")
		[ "$bytes" -ge 4096 ] # null is no number
		[ "$bytes" = 4096 ] || killed=$((killed + 1))
	done
	echo "$killed of 100 were killed while they read"
	[ "$killed" -ge 50 ]
	# Nobody is without a name but those that have no cgroup.
	same "owners without a name" "$(report '[.targets[] | select(.name | test("^cgroup [0-9]+$"))] | length')" 0
	for op in read write; do
		report ".devices[] | select(.name == \"$disk\").$op | \"\(.residual_bytes) of \(.kernel_bytes)\""
		[ "$(report ".devices[] | select(.name == \"$disk\").$op
			| (.residual_bytes | fabs) <= .kernel_bytes * 0.001")" = true ]
	done
	report '.losses[] | select(.what | startswith("block."))'
	[ "$(report '[.losses[] | select(.what | test("rows_exhausted|name_missing|index_failed"))] | length')" = 0 ]
}
