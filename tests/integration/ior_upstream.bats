#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cbpf-ior beside upstream's ior, where there is one: the same options make the same files and move the same
# bytes. CBPF_UPSTREAM_IOR names one that is not on PATH.

load ../lib/jq

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	BUNDLED=${CBPF_BUILD:-$ROOT/build}/cbpf-ior
	CBPF=${CBPF_BUILD:-$ROOT/build}/cbpf
	UPSTREAM=${CBPF_UPSTREAM_IOR:-$(command -v ior)} ||
		skip "no ior of upstream's here, and no package has it (CBPF_UPSTREAM_IOR=/path/to/ior)"
	cd "$BATS_TEST_TMPDIR" || return 1
}

# ranks DIR PROGRAM ARGS...: in DIR, with two ranks; what moved is in DIR.moved, what there is in DIR.files.
ranks() {
	local dir=$1
	shift
	mkdir -p "$dir"
	(cd "$dir" && timeout -k 5 60 mpirun --allow-run-as-root --oversubscribe --bind-to none \
		--mca btl_vader_single_copy_mechanism none -np 2 "$@" -o f \
		-O "summaryFile=../$dir.json,summaryFormat=JSON") > "$dir.out" 2>&1 || {
		cat "$dir.out"
		return 1
	}
	"$CBPF" parse --json "$dir.json" | jq -c '.results[] | select(.op == "write" or .op == "read")
		| [.op, .iteration, .bytes, .tasks, .block_kib, .xfer_kib]' > "$dir.moved"
	(cd "$dir" && find . -type f -printf '%P %s\n' | sort) > "$dir.files"
}

@test "the same files, and the same bytes moved" {
	while read -r options; do
		echo "$options"
		rm -rf theirs ours
		# shellcheck disable=SC2086 # words on purpose
		ranks theirs "$UPSTREAM" $options
		# shellcheck disable=SC2086
		ranks ours "$BUNDLED" $options
		[ -s ours.moved ]
		diff theirs.moved ours.moved
		diff theirs.files ours.files
	done <<-'END'
	-w -r -k -t 64k -b 256k
	-w -r -k -t 64k -b 256k -s 3
	-w -r -k -F -t 64k -b 256k -s 2
	-w -r -k -F -C -e -t 1m -b 4m
	-w -r -k -z -t 4k -b 64k
	-w -r -k -m -i 2 -t 64k -b 128k
	-w -r -k -F -u -t 64k -b 128k
	-w -r -R -W -k -G 7 -t 64k -b 128k
	-w -r -t 64k -b 128k -i 3
	-a MPIIO -c -w -r -k -t 64k -b 256k -s 2
	END
}

@test "either reads what the other has written" {
	ranks there "$UPSTREAM" -w -k -F -t 64k -b 256k -s 2
	ranks there "$BUNDLED" -r -k -F -t 64k -b 256k -s 2
	[ "$(cat there.moved)" = '["read",0,1048576,2,256,64]' ]
	rm -r there
	ranks there "$BUNDLED" -w -k -F -t 64k -b 256k -s 2
	ranks there "$UPSTREAM" -r -k -F -t 64k -b 256k -s 2
	[ "$(cat there.moved)" = '["read",0,1048576,2,256,64]' ]
}
