# SPDX-License-Identifier: Apache-2.0
# A load that runs before it is recorded. Needs docker.bash and run.bash.

# A load that waits in a container for its go, writes 16 MiB to a disk of its own, and ends: $load_disk.
start_load() { # NAME [ARGS OF docker run]
	own_disk data 256M
	load_disk=$disk
	docker run -d --name "$1" --network none -v "$PWD/data:/d" "${@:2}" cbpf-test/busybox sh -c \
		'until [ -e /d/go ]; do sleep 0.1; done; dd if=/dev/zero of=/d/x bs=1M count=16 oflag=direct; exit 3' >/dev/null
}

# The newest run below runs/ has had a tick after the first: the recording has begun.
is_recording() {
	[ -n "$(sqlite3 "file:$PWD/runs/latest/run.db?mode=ro" 'SELECT 1 FROM tick WHERE seq > 0 LIMIT 1' 2>/dev/null)" ]
}

# The run in report.json has the load, its end, and its bytes to the byte.
load_was_recorded() { # NAME
	jq '.status, .losses, (.targets[] | [.name, .state, .exit_code, (.block | keys)])' report.json
	jq -e --arg n "$1" --arg d "$load_disk" '.status == "ok" and (.targets[] | select(.name == $n) |
		.state == "ended" and .exit_code == 3 and .image == "cbpf-test/busybox" and
		.block[$d].write.bytes == 16777216 and
		([.vfs_mounts[] | select(.mount == "/d") | .ops.write.bytes // 0] | add) == 16777216)' report.json
}
