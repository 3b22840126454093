# SPDX-License-Identifier: Apache-2.0
# A private Docker engine for tests: its own socket, data, pid file; nothing of the host's.
#
# Images and the engine's data are kept in $CBPF_TEST_CACHE between runs; everything else of an
# engine lives in a directory that docker_stop removes.

CBPF_TEST_CACHE=${CBPF_TEST_CACHE:-/var/tmp/cbpf-test-cache}

# Note why the tests of a file cannot run, and return 1: bats 1.8 has no skip in setup_file.
cannot() {
	export CBPF_CANNOT=$*
	return 1
}

# In setup(), and after what may have called cannot().
skip_if_cannot() {
	[ -z "${CBPF_CANNOT:-}" ] || skip "$CBPF_CANNOT"
}

# Start an engine; sets DOCKER_HOST and DOCKER_DIR. Extra arguments go to dockerd.
docker_start() {
	[ "$(id -u)" = 0 ] || cannot "a private Docker engine needs root" || return
	command -v dockerd >/dev/null || cannot "no dockerd: apt-get install docker.io" || return
	DOCKER_DIR=$(mktemp -d /tmp/cbpf-docker-XXXXXX)
	docker_data "$CBPF_TEST_CACHE"
	export DOCKER_DIR DOCKER_HOST=unix://$DOCKER_DIR/docker.sock
	unset DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_CONTEXT
	# An engine that a killed test left behind may still hold the kept data.
	docker_run "$@" || {
		kill -9 "$DOCKER_PID" 2>/dev/null
		DOCKER_DATA=$DOCKER_DIR/data
		docker_restart "$@" || return
	}
	docker_empty # of what a test left that was killed
}

# The same engine again, after its process has gone.
docker_restart() {
	docker_run "$@" || {
		tail -n 20 "$DOCKER_DIR/log" >&2
		docker_stop
		cannot "dockerd does not start here"
	}
}

docker_run() {
	# Where nobody reaps orphans, a dead containerd still seems to have its pid.
	rm -f "$DOCKER_DIR/exec/containerd/containerd.pid"
	# No default bridge and no packet filter: both belong to the host. Networks that a run
	# makes are bridges of their own and work without.
	dockerd --host "$DOCKER_HOST" --data-root "$DOCKER_DATA" --exec-root "$DOCKER_DIR/exec" \
		--pidfile "$DOCKER_DIR/pid" --bridge none --iptables=false --ip6tables=false \
		"$@" >>"$DOCKER_DIR/log" 2>&1 3>&- 8>&- &
	export DOCKER_PID=$!
	wait_until 300 docker_answers
}

docker_empty() {
	docker ps -aq | xargs -r docker rm -fv >/dev/null
	docker network prune -f >/dev/null
	docker volume ls -q | xargs -r docker volume rm -f >/dev/null
}

docker_answers() {
	kill -0 "$DOCKER_PID" 2>/dev/null && docker version >/dev/null 2>&1
}

# The first data directory that no other test's engine uses; held by a lock on descriptor 8.
docker_data() {
	local n
	mkdir -p "$1"
	for n in 0 1 2 3 4 5 6 7; do
		exec 8>"$1/docker-$n.lock"
		if flock -n 8; then
			DOCKER_DATA=$1/docker-$n
			return
		fi
	done
	exec 8>&-
	DOCKER_DATA=$DOCKER_DIR/data
}

# End the engine with everything that a test left in it; its images stay.
docker_stop() {
	[ -n "${DOCKER_DIR:-}" ] || return 0
	docker_answers && docker_empty
	kill "$DOCKER_PID" 2>/dev/null && wait_until 300 docker_is_gone
	docker_is_gone || kill -9 "$DOCKER_PID"
	exec 8>&-
	# Its network namespaces stay mounted, and so does its data, on itself.
	awk -v dir="$DOCKER_DIR/" -v data="$DOCKER_DATA" \
		'index($2, dir) == 1 || $2 == data { print $2 }' /proc/mounts | sort -r |
		xargs -r umount
	rm -rf "$DOCKER_DIR"
	unset DOCKER_DIR DOCKER_HOST
}

docker_is_gone() {
	! kill -0 "$DOCKER_PID" 2>/dev/null
}

# Wait for a command to succeed, TENTHS tenths of a second at most.
wait_until() {
	local tenths=$1
	shift
	while ! "$@"; do
		[ "$tenths" -gt 0 ] || return 1
		tenths=$((tenths - 1))
		sleep 0.1
	done
}

# A tree with nothing but busybox, as a tar archive on stdout.
busybox_tree() {
	local dir busybox applet
	busybox=$(command -v busybox) || return
	dir=$(mktemp -d /tmp/cbpf-busybox-XXXXXX)
	mkdir "$dir/bin" "$dir/etc" "$dir/tmp"
	chmod 1777 "$dir/tmp"
	echo 'root:x:0:0:root:/:/bin/sh' >"$dir/etc/passwd"
	echo 'root:x:0:' >"$dir/etc/group"
	cp -L "$busybox" "$dir/bin/busybox"
	for applet in $("$busybox" --list); do
		[ -e "$dir/bin/$applet" ] || ln -s busybox "$dir/bin/$applet"
	done
	tar -C "$dir" -c .
	rm -rf "$dir"
}

# cbpf-test/busybox: a shell and small tools, 2 MB.
docker_busybox() {
	command -v busybox >/dev/null || cannot "no busybox: apt-get install busybox-static" || return
	docker image inspect cbpf-test/busybox >/dev/null 2>&1 ||
		busybox_tree | docker import - cbpf-test/busybox >/dev/null
}

# Set TREE to an archive of a small Debian of the host's release with Open MPI, fio and sshd, from the
# host's own package sources. One is made at a time; what a killed one left is made again.
debian_tree() {
	local release
	command -v mmdebstrap >/dev/null || cannot "no mmdebstrap" || return
	# shellcheck source=/dev/null
	release=$(. /etc/os-release && echo "$VERSION_CODENAME")
	TREE=$CBPF_TEST_CACHE/base-trusting-$release.tar
	mkdir -p "$CBPF_TEST_CACHE"
	(
		flock 9
		[ -f "$TREE" ] || make_debian_tree "$release" "$TREE"
	) 9>"$TREE.lock" || cannot "mmdebstrap failed: are the package sources reachable?"
}

make_debian_tree() { # RELEASE TO
	local f sources=() hooks=()
	for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
		/etc/apt/sources.list.d/*.sources; do
		[ -s "$f" ] && sources+=("$f")
	done
	# Whom this host trusts beside all others: images are built with packages from there.
	[ -d /usr/local/share/ca-certificates ] &&
		hooks+=(--customize-hook='copy-in /usr/local/share/ca-certificates /usr/local/share')
	# By any other ending than .tar it would make a directory. It gives descriptors to scripts of
	# dash by number, which must have one digit: the fewer are open the better.
	rm -rf "$2" "$2.new.tar"
	mmdebstrap --quiet --variant=minbase --include=openmpi-bin,fio,openssh-client,openssh-server \
		--aptopt='Acquire::Check-Valid-Until "false"' "${hooks[@]}" \
		"$1" "$2.new.tar" "${sources[@]}" >&2 3>&- 4>&- 8>&- 9>&- &&
		mv "$2.new.tar" "$2"
}

# cbpf-test/ior: what docker/ior/Dockerfile makes of the sources as they are now.
docker_ior() {
	local root sum
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	sum=$(cd "$root" && cat Makefile docker/ior/* bpf/shared/* user/base/* user/ior/* |
		sha256sum | cut -c1-16)
	if ! docker image inspect "cbpf-test/ior:$sum" >/dev/null 2>&1; then
		debian_tree || return
		docker image inspect cbpf-test/trusting >/dev/null 2>&1 ||
			docker import "$TREE" cbpf-test/trusting >/dev/null || return
		DOCKER_BUILDKIT=0 docker build --quiet --network host \
			--build-arg BASE=cbpf-test/trusting -t "cbpf-test/ior:$sum" \
			-f "$root/docker/ior/Dockerfile" "$root" >&2 || return
		docker images -q cbpf-test/ior | grep -v "$(docker images -q "cbpf-test/ior:$sum")" |
			xargs -r docker rmi -f >/dev/null
	fi
	docker tag "cbpf-test/ior:$sum" cbpf-test/ior
}

# cbpf-test/cbpf: what docker/Dockerfile makes of the sources as they are now. Building it takes minutes.
docker_cbpf() {
	local root sum
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	sum=$(cd "$root" && find Makefile docker/Dockerfile docker/packages.sh bpf vmlinux user web -type f |
		sort | xargs cat | sha256sum | cut -c1-16)
	if ! docker image inspect "cbpf-test/cbpf:$sum" >/dev/null 2>&1; then
		debian_tree || return
		docker image inspect cbpf-test/trusting >/dev/null 2>&1 ||
			docker import "$TREE" cbpf-test/trusting >/dev/null || return
		DOCKER_BUILDKIT=0 docker build --quiet --network host \
			--build-arg BASE=cbpf-test/trusting -t "cbpf-test/cbpf:$sum" \
			-f "$root/docker/Dockerfile" "$root" >&2 || return
	fi
	docker tag "cbpf-test/cbpf:$sum" cbpf-test/cbpf
}
