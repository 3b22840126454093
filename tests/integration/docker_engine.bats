#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The engine client against a real Docker engine: every call, and engines that are not there.

bats_require_minimum_version 1.5.0
load ../lib/docker

setup_file() {
	{ docker_start && docker_busybox; } || [ -n "${CBPF_CANNOT:-}" ]
}

teardown_file() {
	docker_stop
}

setup() {
	skip_if_cannot
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	DRIVE=${O:-$ROOT/build}/tests/lib/drive_engine
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "the engine tells about itself, by a version that both know" {
	"$DRIVE" info > out
	version=$(docker version --format '{{.Server.Version}}')
	grep -qxF "version: $version" out
	grep -qE '^api: 1\.[4-9][0-9]$' out
	grep -qE '^cgroup driver: (cgroupfs|systemd)$' out
	grep -q '^root: /' out
}

@test "every call does what it says" {
	"$DRIVE" walk cbpf-test/busybox 172.29.8.0/24 > out
	cat > want <<-'END'
		network create: ok
		network create again: creating network 'cbpf-test-walk' with subnet 172.29.8.0/24: REASON
		network inspect: 172.29.8.0/24
		volume create: ok
		volume inspect: its directory
		image: there
		no image: looking for image 'cbpf-test/none': REASON
		create: an id
		has sh: 1
		has nothing: 0
		inspect: not running
		containers: 1
		networks: 1
		volumes: 1
		wait: ok
		start: ok
		start again: ok
		logs: ok
		inspect: running
		still: 1
		exec: 7
		exec too long: running 'sleep' in container 'cbpf-test-walk': it did not end within 3000 ms
		exec's pid: known
		exec nothing: fails
		stop: ok
		ended: 5
		logs: complete
		stdout: to stdout
		stderr: to stderr
		exit code: 5
		finished: before
		kill: ok
		remove: ok
		remove again: ok
		network remove: ok
		volume remove: ok
		containers: 0
		networks: 0
		volumes: 0
	END
	sed "s/\(again: .*24: \|'cbpf-test.none': \).*/\1REASON/" out | diff want -
}

@test "a registry that refuses is named with its words" {
	run -1 "$DRIVE" pull 127.0.0.1:1/none
	[[ $output == *"pulling image '127.0.0.1:1/none': "*refused* ]]
}

@test "a pull that hangs ends when it is cancelled" {
	command -v python3 >/dev/null || skip "no python3: apt-get install python3"
	# Connections are taken and never answered.
	coproc registry (exec python3 -c 'import socket, time
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
time.sleep(60)' 3>&-)
	pid=$registry_PID
	read -r port <&"${registry[0]}"
	run -1 "$DRIVE" pull "127.0.0.1:$port/none" 300
	kill "$pid"
	[[ $output == "pull: -4 "*interrupted* ]]
}

@test "an engine that is not there: what, where, why and what to do" {
	DOCKER_HOST=unix://$PWD/none run -1 "$DRIVE" info
	[[ $output == *"cannot reach the Docker engine at unix://$PWD/none: No such file"*"start it with: systemctl start docker" ]]
	DOCKER_HOST=tcp://127.0.0.1:1 run -1 "$DRIVE" info
	[[ $output == *"cannot reach the Docker engine at tcp://127.0.0.1:1: "*"start it with: systemctl start docker" ]]
	DOCKER_HOST=ssh://somewhere run -1 "$DRIVE" info
	[[ $output == *"'ssh://somewhere' is not understood"* ]]
}

@test "a socket that belongs to somebody else" {
	id nobody >/dev/null 2>&1 || skip "no user nobody"
	command -v setpriv >/dev/null || skip "no setpriv: apt-get install util-linux"
	cp "$DRIVE" /tmp/cbpf-drive-$$ && chmod 755 /tmp/cbpf-drive-$$
	chmod 755 "$DOCKER_DIR"
	run -1 setpriv --reuid nobody --clear-groups /tmp/cbpf-drive-$$ info
	rm /tmp/cbpf-drive-$$
	chmod 700 "$DOCKER_DIR"
	[[ $output == *"Permission denied; run cbpf as root" ]]
}

# Certificates for a server at 127.0.0.1 and a client, of an authority made for the test.
make_certificates() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority \
		-keyout ca-key.pem -out ca.pem 2>/dev/null
	for who in server client; do
		openssl req -newkey rsa:2048 -nodes -subj /CN=$who \
			-keyout $who-key.pem -out $who.csr 2>/dev/null
		openssl x509 -req -in $who.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial \
			-days 2 -out $who.pem -extfile <(
				echo "subjectAltName=IP:127.0.0.1"
				echo "extendedKeyUsage=${who}Auth"
			) 2>/dev/null
	done
	mkdir client
	cp ca.pem client/
	cp client.pem client/cert.pem
	cp client-key.pem client/key.pem
}

@test "TCP with TLS: both sides are checked" {
	command -v openssl >/dev/null || skip "no openssl: apt-get install openssl"
	make_certificates
	port=$((20000 + RANDOM % 10000)) # not of those that others are given
	docker_start --host "tcp://127.0.0.1:$port" --tlsverify --tlscacert "$PWD/ca.pem" \
		--tlscert "$PWD/server.pem" --tlskey "$PWD/server-key.pem"
	unix=$DOCKER_HOST # where docker_stop finds the engine
	export DOCKER_HOST=tcp://127.0.0.1:$port DOCKER_CERT_PATH=$PWD/client
	DOCKER_TLS_VERIFY=1 "$DRIVE" info > good || true
	"$DRIVE" info > unverified || true
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other \
		-keyout other-key.pem -out client/ca.pem 2>/dev/null
	DOCKER_TLS_VERIFY=1 "$DRIVE" info > wrong-authority || true
	cp ca.pem client/ca.pem
	rm client/key.pem
	DOCKER_TLS_VERIFY=1 "$DRIVE" info > no-key || true
	export DOCKER_HOST=$unix
	unset DOCKER_CERT_PATH
	docker_stop
	grep -q '^version: ' good
	grep -q '^version: ' unverified
	cat wrong-authority no-key
	grep -q 'TLS with the Docker engine at tcp://.*check DOCKER_CERT_PATH' wrong-authority
	grep -q 'TLS with the Docker engine at tcp://.*check DOCKER_CERT_PATH' no-key
}
