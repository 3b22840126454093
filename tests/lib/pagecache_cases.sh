# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# Loads whose use of the page cache is known, for the host and for guests (busybox sh): each a target
# of one run, with a file of its own.

MIB=24 # of each file: what starting a program reads is less than 1 % of it then
PAGES=$((MIB * 256))
HALF=$((MIB * 524288))
SPREAD=15 # faults that starting a program may make more or less

# NAME | what is done to the file before, by no target | what the target does
cases()
{
	cat <<-END
	cold_4k|cold|read:4096
	cold_64k|cold|read:65536
	cold_1m|cold|read:1048576
	cold_odd|cold|read:100000
	cold_parts|cold|read:1536
	cold_backward_halves|cold|read:65536:$HALF:$HALF read:65536:0:$HALF
	warm_4k|read:1048576|read:4096
	warm_1m|read:1048576|read:1048576
	half_warm|cold read:65536:0:$HALF|read:65536
	some_4k|cold|some:4096:5000
	some_64k|cold|some:65536:300
	some_alone|cold|random some:4096:5000
	cold_alone|cold|random read:65536
	mapped|cold|map
	mapped_warm|read:1048576|map map map map
	mapped_half|cold read:65536:0:$HALF|map
	mapped_some|cold|map:3000
	mapped_some_there|cold random some:4096:1500|map:3000
	mapped_there|cold random some:4096:1500|map
	mapped_alone|cold|mapalone:1500
	mapped_half_alone|cold read:65536:0:$HALF|mapalone:1500
	mapped_ahead|cold|willneed map
	mapped_huge|cold|maphuge mapodd mapodd
	mapped_twice|cold|map map:3000
	only_started|cold|normal
	mapped_then_read|cold|map read:65536
	mixed|cold read:65536:0:2097152|some:4096:2500 read:65536:$HALF:4194304 map read:1048576
	sent|cold|send:1048576
	ahead|cold|willneed read:8192
	direct|cold|direct:65536
	written|cold|write:65536:$HALF sync
	dropped|cold|read:65536 cold
	END
}

# make_files DIR
make_files()
{
	cases | while IFS='|' read -r name _ _; do
		dd if=/dev/zero of="$1/$name" bs=1M count=$MIB 2>/dev/null
	done
	dd if=/dev/zero of="$1/shared" bs=1M count=$MIB 2>/dev/null
	dd if=/dev/zero of="$1/pair" bs=1M count=$MIB 2>/dev/null
	sync -f "$1" 2>/dev/null || sync
}

# before DIR DRIVER: every file in the state that its case begins with
before()
{
	cases | while IFS='|' read -r name prepare _; do
		# shellcheck disable=SC2086 # words on purpose
		"$2" "$1/$name" $prepare >/dev/null || echo "cannot prepare $name"
	done
	"$2" "$1/shared" cold >/dev/null
	"$2" "$1/pair" cold >/dev/null
}

# spec DIR DRIVER BACKEND
spec()
{
	cat <<-END
	name: pagecache
	runtime: native
	collectors: {block: false, sched: false, pagecache: {mode: true, backend: $3}}
	containers:
	  left: {command: "$2 $1/shared read:65536"}
	  right: {command: "$2 $1/shared read:65536"}
	  pair: {command: "$2 $1/pair read:4096 & $2 $1/pair read:4096; wait"}
	END
	cases | while IFS='|' read -r name _ does; do
		# Without a shell, which makes faults of its own.
		echo "  $name: {command: [$2, $1/$name, $(echo "$does" | sed 's/ /, /g')]}"
	done
}
