#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what building, running, testing or benchmarking cbpf needs, and only what is missing.
set -eu

usage()
{
	cat <<-'END'
	usage: docker/packages.sh [--dry-run] build|cbpf|run|test|bench...

	Installs the packages of the named sets on Debian 12, Debian 13 or Ubuntu 24.04.
	Does nothing when they are there. --dry-run prints what would be done.
	END
}

# Package names that differ between distributions, by what they provide.
name_of()
{
	case $1:$distribution in
	bpftool:ubuntu) echo linux-tools-common linux-tools-generic ;;
	libelf:debian-12) echo libelf1 ;;
	libelf:*) echo libelf1t64 ;;
	libcurl:debian-12) echo libcurl4 ;;
	libcurl:*) echo libcurl4t64 ;;
	libmicrohttpd:debian-12) echo libmicrohttpd12 ;;
	libmicrohttpd:*) echo libmicrohttpd12t64 ;;
	docker:debian-12 | docker:ubuntu) echo docker.io ;;
	docker:*) echo docker.io docker-cli ;;
	perf:ubuntu) echo linux-tools-generic ;;
	perf:*) echo linux-perf ;;
	*) echo "$1" ;;
	esac
}

members()
{
	case $1 in
	build)
		echo gcc libc6-dev make clang llvm bpftool pkgconf libbpf-dev libelf-dev \
			zlib1g-dev libyaml-dev libcurl4-openssl-dev libsqlite3-dev \
			libjansson-dev libmd-dev libmicrohttpd-dev libopenmpi-dev openmpi-bin \
			ca-certificates nodejs npm
		;;
	cbpf)
		echo libbpf1 libelf zlib1g libyaml-0-2 libcurl libsqlite3-0 libjansson4 libmd0 \
			libmicrohttpd ca-certificates
		;;
	run)
		members cbpf
		echo openmpi-bin openssh-client
		;;
	test)
		members build
		members run
		echo libcmocka-dev libclang-rt-dev bats shellcheck clang-format mandoc jq \
			sqlite3 python3-jsonschema python3-yaml python3-scipy docker podman runc \
			qemu-system-x86 busybox-static kmod e2fsprogs xz-utils fio \
			mmdebstrap debian-archive-keyring strace cpio iproute2 procps util-linux \
			btrfs-progs xfsprogs dmsetup libfuse3-dev fuse3 git ca-certificates curl openssl zsh fish python3 \
			prometheus python3-prometheus-client influxdb victoria-metrics docker-compose \
			chromium fonts-dejavu-core
		;;
	bench)
		members build
		members run
		echo bpftrace libbpf-tools fio jq perf docker busybox-static curl sqlite3 python3 influxdb
		;;
	*)
		echo "packages.sh: unknown set '$1'; known are build, cbpf, run, test and bench" >&2
		exit 2
		;;
	esac
}

# What tests need and not every release has: servers to send to, a browser. Without one, its tests are skipped.
is_optional()
{
	case $1 in
	influxdb | victoria-metrics | chromium) ;;
	*) return 1 ;;
	esac
}

# Others package Node.js with its npm as one, which the distribution's npm cannot be beside.
installed()
{
	case $1 in
	nodejs | npm) ! command -v "${1%js}" >/dev/null || return 0 ;;
	esac
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

read_release()
{
	os_release=${CBPF_OS_RELEASE:-/etc/os-release}
	distribution=unknown
	# shellcheck disable=SC1090 # a file of every distribution
	if [ -r "$os_release" ] && . "$os_release"; then
		case ${ID:-} in
		debian) distribution=debian-${VERSION_ID:-13} ;;
		ubuntu) distribution=ubuntu ;;
		*)
			case " ${ID_LIKE:-} " in
			*' ubuntu '*) distribution=ubuntu ;;
			*' debian '*) distribution=debian-13 ;;
			esac
			;;
		esac
	fi
}

dry_run=
sets=
for arg; do
	case $arg in
	--dry-run) dry_run=1 ;;
	-h | --help) usage; exit 0 ;;
	-*) usage >&2; exit 2 ;;
	*) members "$arg" >/dev/null; sets="$sets $arg" ;;
	esac
done
[ -n "$sets" ] || { usage >&2; exit 2; }

read_release
wanted=
for set in $sets; do
	for member in $(members "$set"); do
		wanted="$wanted $(name_of "$member")"
	done
done
# shellcheck disable=SC2086 # words on purpose
wanted=$(printf '%s\n' $wanted | sort -u)

if [ "$distribution" = unknown ] || ! command -v apt-get >/dev/null; then
	echo "packages.sh: this is no Debian or Ubuntu; install what these packages hold:" >&2
	# shellcheck disable=SC2086
	echo "  "$wanted >&2
	exit 3
fi

missing=
for package in $wanted; do
	installed "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
	[ -z "$dry_run" ] || echo "all packages for$sets are installed"
	exit 0
fi
if [ -n "$dry_run" ]; then
	echo "apt-get update"
	echo "apt-get install -y --no-install-recommends$missing"
	exit 0
fi
if [ "$(id -u)" != 0 ]; then
	echo "packages.sh: installing needs root; run this with sudo, or install:$missing" >&2
	exit 3
fi

# Services that come with a package (an engine, say) are not started behind the user's back.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	trap 'rm -f "$policy"' EXIT
	trap 'exit 130' INT TERM
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
echo "installing$missing"
apt-get -qq update
there=
for package in $missing; do
	if is_optional "$package" && ! apt-cache show "$package" >/dev/null 2>&1; then
		echo "packages.sh: this release has no $package"
	else
		there="$there $package"
	fi
done
[ -n "$there" ] || exit 0
# shellcheck disable=SC2086 # words on purpose
apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends $there >/dev/null
