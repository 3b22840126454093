#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# README's first command, as written, in an empty root of this distribution that holds nothing but
# make and git. The root and downloaded packages are kept in CBPF_TEST_CACHE between runs.

load ../lib/run

CACHE=${CBPF_TEST_CACHE:-/var/tmp/cbpf-test-cache}

# The host's own package sources, as far as they are for this release, and whom else it trusts.
copy_sources() { # CODENAME TO
	local file
	mkdir -p "$2/etc/apt/sources.list.d" "$2/etc/apt/apt.conf.d"
	rm -f "$2/etc/apt/sources.list" # the host may use the other form
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
		/etc/apt/sources.list.d/*.sources; do
		[ -s "$file" ] || continue
		grep -qE "[[:space:]]$1([[:space:]]|\$)" "$file" || continue
		cp "$file" "$2${file%/*}/"
	done
	for file in $(grep -lisE '^[[:space:]]*Acquire::' /etc/apt/apt.conf.d/*); do
		cp "$file" "$2/etc/apt/apt.conf.d/"
	done
	cp -L /etc/resolv.conf /etc/hosts "$2/etc/"
	mkdir -p "$2/usr/local/share/ca-certificates"
	cp -a /usr/local/share/ca-certificates/. "$2/usr/local/share/ca-certificates/"
}

make_root() { # TO: from the cache, which is filled when it is empty
	local codename tar
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	tar=$CACHE/root-$codename.tar
	mkdir -p "$CACHE/archives/partial"
	if [ ! -s "$tar" ]; then
		mkdir -p "$BATS_TEST_TMPDIR/sources"
		copy_sources "$codename" "$BATS_TEST_TMPDIR/sources"
		cat "$BATS_TEST_TMPDIR"/sources/etc/apt/sources.list{,.d/*} 2>/dev/null |
			mmdebstrap --quiet --variant=minbase --include=make,git "$codename" \
				"$tar.new.tar" - || skip "no root could be made (no network?)"
		mv "$tar.new.tar" "$tar"
	fi
	mkdir "$1"
	tar -xf "$tar" -C "$1" --exclude=./dev/*
	copy_sources "$codename" "$1"
}

# As users have it: the files that git knows, in a repository of their own.
copy_tree() {
	mkdir "$1"
	(cd "$ROOT" && git ls-files -z | tar --null -cf - -T -) | tar -xf - -C "$1"
}

# Run a line inside the root, with the host's kernel. The mounts go with the namespace.
inside() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare --mount --propagation private sh -euc '
		for d in proc sys dev; do
			mkdir -p "$1/$d"
			mount --rbind "/$d" "$1/$d"
		done
		mkdir -p "$1/var/cache/apt/archives"
		mount --bind "$2" "$1/var/cache/apt/archives"
		exec chroot "$1" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			HOME=/root LC_ALL=C.UTF-8 sh -euc "cd /src && $3"
	' sh "$FRESH" "$CACHE/archives" "$1" < /dev/null
}

setup() {
	need_root
	command -v mmdebstrap > /dev/null || skip "no mmdebstrap"
	cd "$BATS_TEST_TMPDIR" || return 1
	FRESH=$BATS_TEST_TMPDIR/root
	make_root "$FRESH"
	copy_tree "$FRESH/src"
	# Root needs no sudo, but the commands are written with it.
	# shellcheck disable=SC2016 # for the shim
	printf '#!/bin/sh\nexec "$@"\n' > "$FRESH/usr/local/bin/sudo"
	chmod 755 "$FRESH/usr/local/bin/sudo"
}

@test "README's first command works in an empty root, and again without installing" {
	first=$(awk '/^```sh$/ { getline; print; exit }' "$ROOT/README.md")
	[ "$first" = "sudo make demo" ]

	inside "$first" > first 2>&1 || { tail -n 60 first; false; }
	grep -q '^installing ' first
	report=$(sed -n 's/^Report: //p' first)
	[ -n "$report" ]
	[ -s "$FRESH/$report" ]

	inside "$first" > second 2>&1 || { tail -n 60 second; false; }
	[ "$(grep -c '^installing ' second)" = 0 ]
	[ "$(grep -c 'CC  ' second)" = 0 ]
	grep -q '^Report: ' second

	# What the second command would install can be had.
	inside 'docker/packages.sh --dry-run test bench' > wanted
	inside "apt-get -s -qq $(sed -n 's/^apt-get \(install.*\)/\1/p' wanted) > /dev/null"
}
