#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Application I/O in containers of a real Docker engine: by mount, as the container sees them.

load ../lib/jq
load ../lib/run
load ../lib/docker
load ../lib/vfs

setup_file() {
	{ docker_start && docker_busybox; } || [ -n "${CBPF_CANNOT:-}" ]
	export DOCKER_DIR DOCKER_PID DOCKER_HOST
}

teardown_file() {
	docker_stop
}

setup() {
	skip_if_cannot
	cd "$BATS_TEST_TMPDIR" || return 1
}

# What is known of the mount however a call is seen: by a descriptor.
CASES="read vectors getdents copy_file_range fsync fault_shared"
NOT="open stat rename unlink mkdir truncate"

container() { # NAME CASE...
	local name=$1
	shift
	cat <<-END
	  $name:
	    image: cbpf-test/busybox
	    volumes: ["$BUILD/tests/lib:/drive:ro", "$PWD/own:/own", "vfs-$name:/data", "tmpfs:/memory"]
	    command: >-
	      mkdir /inside; for i in inside data memory; do
	      /drive/drive_vfs -d /\$i -o /own/$name.\$i.json $* || exit 1; done
	END
}

@test "a container's own layer, a volume and memory are told apart, and each container has its own" {
	local name place mount fs other bad=0
	mkdir own
	{
		printf 'name: vfs\nruntime: docker\ncollectors: {block: false, vfs: {mode: true, files: 256}}\ncontainers:\n'
		container base nothing
		# shellcheck disable=SC2086 # words on purpose
		container a $CASES
		container b threads
		cat <<-'END'
		  c:
		    image: cbpf-test/busybox
		    volumes: ["vfs-c:/data", "tmpfs:/memory"]
		    command: "echo 12345 > /data/kept; cat /data/kept > /memory/copy; mkdir /in; echo 1 > /in/own"
		END
	} >spec.yml
	run_spec spec.yml
	[ "$status" = 0 ]
	vfs_consistent report.json
	# Their cgroups are caught while the engine makes them: nothing is missing of what follows.
	[ "$(report '[.losses[] | select(.what == "tasks.late")] | length')" = 0 ]
	for name in a b; do
		for place in inside data memory; do
			mount=/$place other=
			case $place in
			inside) mount=/ fs=overlay ;;
			data) fs=$(vfs_fs "$(docker info -f '{{.DockerRootDir}}')") ;;
			memory) fs=tmpfs ;;
			esac
			vfs_mount report.json $name $mount $fs >$name.$place.json
			vfs_mount report.json base $mount $fs >base.$place.json
			# The shell's own pages are of a file in there, too.
			[ $place != inside ] || other=fault
			# shellcheck disable=SC2086 # words on purpose
			vfs_same "$name $place" own/$name.$place.json $name.$place.json base.$place.json $NOT $other ||
				bad=1
		done
	done
	[ $bad = 0 ]	# And so are files, by the names that they have in there.
	report '.targets[] | select(.name == "c").files[] | [.mount, .fs, .path, .write_bytes, .read_bytes] | tojson' >files
	cat files
	fs=$(vfs_fs "$(docker info -f '{{.DockerRootDir}}')")
	grep -qxF "[\"/data\",\"$fs\",\"/data/kept\",6,6]" files
	grep -qxF '["/memory","tmpfs","/memory/copy",6,0]' files
	grep -qxF '["/","overlay","/in/own",2,0]' files
}
