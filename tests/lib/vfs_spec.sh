# SPDX-License-Identifier: Apache-2.0
# Specs that run cases of drive_vfs, for bash here and for busybox in a guest.
# shellcheck shell=dash

# What else looks on: in a guest nothing, as each program there takes seconds to load.
VFS_OTHERS=${VFS_OTHERS:-block: false}

# vfs_spec DRIVE BACKEND DIR CASE...: a container for each case, all at once. Each works in a
# directory of its own, which it sees as DIR/in, and leaves its counts as DIR/own/CASE.json.
vfs_spec() {
	local drive=$1 backend=$2 dir=$3 case
	shift 3
	mkdir -p "$dir/in" "$dir/own"
	cat <<-END
	name: vfs
	runtime: native
	interval: 100ms
	collectors: {$VFS_OTHERS, vfs: {mode: true, backend: $backend}}
	containers:
	END
	for case; do
		rm -rf "$dir/of/$case" "$dir/own/$case.json"
		mkdir -p "$dir/of/$case"
		cat <<-END
		  $case:
		    volumes: ["$dir/of/$case:$dir/in"]
		    command: ["$drive", -d, "$dir/in", -o, "$dir/own/$case.json", "$case"]
		END
	done
}

# vfs_cases DRIVE GROUP: names of all of its cases.
vfs_cases() {
	"$1" -l | awk -v group="$2" '$1 == group { print $2 }'
}

VFS_GROUPS="data names sync copy fds tasks crowd signals uring overflow faults"
