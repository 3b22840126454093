# SPDX-License-Identifier: Apache-2.0
# Runs with sinks, below "runs" in the current directory; after lib/run.

# spec SINKS [SECONDS]: a target that reads and writes for so long.
spec()
{
	cat >spec.yml <<-END
	name: sinks
	runtime: native
	interval: 50ms
	drain: 1s
	sinks: {$1}
	containers:
	  a: {command: [sh, -c, "for i in \$(seq $((${2:-2} * 10))); do dd if=/dev/zero of=f bs=64k count=16 oflag=direct \
	      status=none; dd if=f of=/dev/null bs=64k iflag=direct status=none; sleep 0.08; done"]}
	END
}

# run_it STATUS [ARGUMENT]...: stdout in report.json, stderr in err.
run_it()
{
	local want=$1 got=0
	shift
	cbpf run --store runs --json "$@" spec.yml >report.json 2>err || got=$?
	[ "$got" = "$want" ] || { echo "status $got"; cat err; return 1; }
}

export_it()
{
	local want=$1 got=0
	shift
	cbpf export --store runs latest "$@" >out 2>err || got=$?
	[ "$got" = "$want" ] || { echo "status $got"; cat out err; return 1; }
}

# The same points by another way, to be compared with.
as_file()
{
	rm -f all.jsonl
	export_it 0 --quiet --sink jsonl --set sinks.jsonl.path="$PWD/all.jsonl" --again
}

# Of the latest run; 0 when there is none.
ticks() { sqlite3 -readonly runs/latest/run.db 'select count(*) from tick' 2>/dev/null || echo 0; }

# await_ticks N: the latest run has so many.
await_ticks()
{
	local i
	for i in $(seq 200); do
		[ "$(ticks)" -lt "$1" ] || return 0
		sleep 0.1
	done
	echo "no $1 ticks"
	return 1
}

# await_stored: the latest run has ended but for its sinks.
await_stored()
{
	local i
	for i in $(seq 200); do
		[ "$(sqlite3 -readonly runs/latest/run.db 'select status from run')" = running ] || return 0
		sleep 0.1
	done
	echo "the run does not end"
	return 1
}

# ends_in SECONDS: $pid does, by itself. A limit for what would never or only much later.
ends_in()
{
	local i
	for i in $(seq $(($1 * 10))); do
		kill -0 "$pid" 2>/dev/null || return 0
		sleep 0.1
	done
	echo "still there after $1 s"
	return 1
}
