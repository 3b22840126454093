# SPDX-License-Identifier: Apache-2.0
# A private Podman service for tests: its own socket, storage and configuration.
# Needs docker.bash for cannot, wait_until and busybox_tree.

# Start a service; sets CONTAINER_HOST and PODMAN_DIR.
podman_start() {
	[ "$(id -u)" = 0 ] || cannot "a private Podman service needs root" || return
	command -v podman >/dev/null || cannot "no podman: apt-get install podman" || return
	command -v runc >/dev/null || cannot "no runc: apt-get install runc" || return
	PODMAN_DIR=$(mktemp -d /tmp/cbpf-podman-XXXXXX)
	# Podman asks for more than the host's limits, which not every root may raise; crun
	# refuses hosts with cgroup v1 and v2 side by side.
	cat >"$PODMAN_DIR/containers.conf" <<-CONF
		[containers]
		default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "file"
		runtime = "runc"
		tmp_dir = "$PODMAN_DIR/tmp"
		[network]
		network_config_dir = "$PODMAN_DIR/networks"
	CONF
	cat >"$PODMAN_DIR/storage.conf" <<-CONF
		[storage]
		driver = "overlay"
		graphroot = "$PODMAN_DIR/graph"
		runroot = "$PODMAN_DIR/run"
	CONF
	export CONTAINERS_CONF=$PODMAN_DIR/containers.conf
	export CONTAINERS_STORAGE_CONF=$PODMAN_DIR/storage.conf
	export PODMAN_DIR CONTAINER_HOST=unix://$PODMAN_DIR/podman.sock
	env -u CONTAINER_HOST podman system service --time 0 "$CONTAINER_HOST" \
		>"$PODMAN_DIR/log" 2>&1 3>&- &
	export PODMAN_PID=$!
	wait_until 300 podman_answers || {
		tail -n 20 "$PODMAN_DIR/log" >&2
		podman_stop
		cannot "podman does not start here"
	}
}

podman_answers() {
	kill -0 "$PODMAN_PID" 2>/dev/null && podman_local version >/dev/null 2>&1 &&
		[ -S "${CONTAINER_HOST#unix://}" ]
}

# The podman command line on the same storage, without the service.
podman_local() {
	env -u CONTAINER_HOST podman "$@"
}

podman_is_gone() {
	! kill -0 "$PODMAN_PID" 2>/dev/null
}

podman_stop() {
	[ -n "${PODMAN_DIR:-}" ] || return 0
	podman_local rm -fa >/dev/null 2>&1
	podman_local network prune -f >/dev/null 2>&1
	kill "$PODMAN_PID" 2>/dev/null && wait_until 100 podman_is_gone
	podman_is_gone || kill -9 "$PODMAN_PID"
	awk -v dir="$PODMAN_DIR/" 'index($2, dir) == 1 { print $2 }' /proc/mounts | sort -r |
		xargs -r umount
	rm -rf "$PODMAN_DIR"
	unset PODMAN_DIR CONTAINER_HOST CONTAINERS_CONF CONTAINERS_STORAGE_CONF
}

podman_busybox() {
	podman_local image exists cbpf-test/busybox ||
		busybox_tree | podman_local import - cbpf-test/busybox >/dev/null 2>&1
}
