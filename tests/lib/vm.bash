# SPDX-License-Identifier: Apache-2.0
# Boots Debian kernels in QEMU without KVM, with programs of this host in an initramfs.
#
#	vm_kernel 6.12         # downloads and unpacks the newest of that series, or skips the test
#	vm_run SCRIPT FILE...  # boots it; the guest runs SCRIPT with sh
#
# A series may have a flavour: 6.1-cloud, 6.12-rt. CBPF_KERNEL, if set, takes the place of whatever
# series a test asks for: so any test runs on any kernel.
#
# In the guest: busybox, the FILEs (programs in /usr/bin, directories at their own path) with the
# libraries they need, cgroup2 alone on /sys/fs/cgroup, an empty ext4 on /mnt (/dev/vda), and every
# module that VM_MODULES names, to be loaded with modprobe. What the script leaves in /out is in
# VM_OUT afterwards. Time in there is not time: it passes 10 to 50 times slower, unevenly.

CBPF_TEST_CACHE=${CBPF_TEST_CACHE:-/var/tmp/cbpf-test-cache}
VM_LIMIT=${VM_LIMIT:-240}  # seconds for boot, script and shutdown
VM_MEMORY=${VM_MEMORY:-1024} # MiB
VM_CPUS=${VM_CPUS:-2}
VM_DISK=${VM_DISK:-512} # MiB of /dev/vda
VM_MODULES=${VM_MODULES:-} # loaded by nobody, besides those of the disk and its file system
VM_APPEND=${VM_APPEND:-} # further words of the kernel's command line
[ -n "${VM_ARGS+set}" ] || VM_ARGS=() # further arguments of QEMU: more disks, say
VM_BASE_MODULES="virtio_pci virtio_blk crc32c_generic ext4"

# What this host lacks for any of it.
vm_missing() {
	local tool
	[ "$(uname -m)" = x86_64 ] || { echo "kernels to boot are fetched for x86_64 alone"; return; }
	for tool in qemu-system-x86_64 busybox cpio depmod modprobe mkfs.ext4 dpkg-deb apt-get xz; do
		command -v $tool >/dev/null || { echo "no $tool: run docker/packages.sh test"; return; }
	done
	busybox modprobe --help >/dev/null 2>&1 || echo "no static busybox: apt-get install busybox-static"
}

# Of the package names on standard input, the newest of a series and flavour.
vm_newest() # SERIES
{
	local number=${1%%-*} flavour=${1#"${1%%-*}"}
	grep -E "^linux-image-${number//./\\.}\.[0-9]+[-+][^-]*(-[0-9]+)?$flavour-amd64\$" |
		sort -V | tail -n 1
}

# The newest package of a series that apt knows; it need not be installed.
vm_package() {
	apt-cache pkgnames "linux-image-${1%%-*}." 2>/dev/null | vm_newest "$1"
}

# vm_series FILE: what a test's file is for, by its name: run-6.12-rt.bats is for 6.12-rt.
vm_series() {
	basename "$1" | grep -oE '[0-9]+\.[0-9]+(-[a-z]+)?(\.(bats|sh)$)' | sed 's/\.[a-z]*$//'
}

# Download and unpack a package once; tests that run at the same time wait for each other.
vm_fetch() {
	local package=$1 dir=$2 release=${1#linux-image-}
	(
		flock 9
		[ ! -e "$dir/complete" ] || exit 0
		rm -rf "$dir" && mkdir -p "$dir/deb" && cd "$dir" || exit 1
		(cd deb && timeout 300 apt-get -qq -o APT::Sandbox::User=root download "$package" >&2) &&
			dpkg-deb -x deb/*.deb . && mkdir -p usr &&
			# Debian 13 has modules below usr, and may look for them there alone.
			if [ -e lib ]; then ln -s ../lib usr/lib; else ln -s usr/lib lib; fi &&
			depmod -b "$dir" "$release" && rm -r "$dir/deb" && touch "$dir/complete"
	) 9>"$dir.lock"
}

# One of an earlier day, if there is.
vm_kept() # SERIES
{
	compgen -G "$CBPF_TEST_CACHE/linux-image-*/complete" | sed 's|/complete$||; s|.*/||' |
		vm_newest "$1"
}

# Where this host's apt has no such kernel (Ubuntu, another Debian), that of the Debian whose own it
# is, with an apt that knows nothing else.
vm_fetch_elsewhere() # SERIES
{
	local suite
	case ${1%%-*} in
	6.1) suite=bookworm ;;
	6.12) suite=trixie ;;
	*) return 1 ;;
	esac
	command -v mmdebstrap >/dev/null || return 1
	# It gives descriptors to scripts by number, which must have one digit: few may be open.
	timeout 300 env VM_LIBRARY="$(realpath "${BASH_SOURCE[0]}")" VM_SERIES="$1" mmdebstrap --quiet \
		--variant=custom --format=null --customize-hook="APT_CONFIG=\$MMDEBSTRAP_APT_CONFIG bash -c \
		'. \$VM_LIBRARY && p=\$(vm_package \$VM_SERIES) && vm_fetch \$p \$CBPF_TEST_CACHE/\$p'" \
		"$suite" /dev/null >&2 3>&- 4>&- 8>&- 9>&-
}

# vm_find SERIES: sets VM_KERNEL and VM_RELEASE, or fails with the reason in VM_WHY. Who runs the
# test learns from the file CBPF_MATRIX_KERNEL, if there is to be one, which kernel it is.
vm_find() {
	local series=${CBPF_KERNEL:-$1} package
	export VM_KERNEL VM_RELEASE VM_WHY
	[ -z "${CBPF_MATRIX_KERNEL:-}" ] || echo "$series" >"$CBPF_MATRIX_KERNEL"
	VM_WHY=$(vm_missing)
	[ -z "$VM_WHY" ] || return 1
	mkdir -p "$CBPF_TEST_CACHE"
	package=$(vm_package "$series")
	if [ -z "$package" ]; then
		VM_WHY="apt knows no kernel $series, and mmdebstrap got none from Debian"
		package=$(vm_kept "$series")
		[ -n "$package" ] || { vm_fetch_elsewhere "$series" && package=$(vm_kept "$series"); }
	elif ! vm_fetch "$package" "$CBPF_TEST_CACHE/$package"; then
		VM_WHY="apt cannot download $package"
		package=$(vm_kept "$series")
	fi
	[ -n "$package" ] || return 1
	VM_WHY=
	VM_KERNEL=$CBPF_TEST_CACHE/$package VM_RELEASE=${package#linux-image-}
	[ -z "${CBPF_MATRIX_KERNEL:-}" ] || echo "$VM_RELEASE" >"$CBPF_MATRIX_KERNEL"
}

# The same for a test or setup(), which it skips; setup_file cannot skip.
vm_kernel() {
	vm_find "$1" || skip "no Linux ${CBPF_KERNEL:-$1} to boot: $VM_WHY"
}

# Where Open MPI finds its plug-ins, without those for networks and batch systems.
vm_openmpi() {
	local dir
	dir=$(ompi_info --parsable --path pkglibdir 2>/dev/null | sed -n 's/^path:pkglibdir://p')
	find "$dir" -name 'mca_*.so' ! -name '*_ucx.so' ! -name '*_ofi.so' ! -name '*psm*' \
		! -name '*openib*' ! -name '*slurm*' ! -name '*monitoring*' ! -name '*flux*' 2>/dev/null
}

# vm_add ROOT FILE...: programs go to /usr/bin, libraries and directories stay where they are; with
# all that they are linked with.
vm_add() {
	local root=$1 file elves=()
	shift
	for file; do
		case $file in
		*.so | *.so.*) cp -L --parents "$file" "$root" ;;
		*)
			if [ -d "$file" ]; then
				cp -r --parents "$file" "$root"
				mapfile -t -O ${#elves[@]} elves < <(find "$file" -type f -perm /111)
				continue
			fi
			# Not through the link to busybox, where that has one of this name.
			cp -L --remove-destination "$file" "$root/usr/bin/"
			;;
		esac || return 1
		elves+=("$file")
	done
	[ ${#elves[@]} -gt 0 ] || return 0
	while read -r file; do
		[ -e "$root$file" ] || cp -L --parents "$file" "$root" || return 1
	done < <(ldd "${elves[@]}" 2>/dev/null | grep -oE '/[^ :]+ \(0x' | cut -d' ' -f1 | sort -u)
}

# Modules with all that they need, unpacked, as busybox' modprobe wants them.
vm_add_modules() {
	local root=$1 lib=lib/modules/$VM_RELEASE line
	mkdir -p "$root/$lib/kernel"
	cp "$VM_KERNEL/$lib"/modules.{builtin,builtin.modinfo,order} "$root/$lib/"
	# shellcheck disable=SC2086 # words on purpose
	while read -r _ line _; do
		cp "$line" "$root/$lib/kernel/"
	done < <(modprobe -d "$VM_KERNEL" -S "$VM_RELEASE" -a --show-depends \
		$VM_BASE_MODULES $VM_MODULES | grep '^insmod' | sort -u)
	find "$root/$lib" -name '*.xz' -exec xz -d {} +
	depmod -b "$root" "$VM_RELEASE"
}

vm_init() {
	cat <<-'END'
	#!/bin/sh
	export PATH=/usr/sbin:/usr/bin HOME=/tmp TERM=dumb
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t devtmpfs devtmpfs /dev
	mkdir -p /dev/shm /dev/pts
	mount -t tmpfs tmpfs /dev/shm
	mount -t devpts devpts /dev/pts
	mount -t tmpfs tmpfs /tmp
	mount -t tracefs tracefs /sys/kernel/tracing
	mount -t bpf bpf /sys/fs/bpf
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	ip link set lo up
	hostname guest
	ulimit -c 0
	for m in $(cat /modules); do modprobe $m || echo "no module $m"; done
	mount -t ext4 /dev/vda /mnt || echo "no disk"
	stty -F /dev/ttyS1 raw -echo
	cd /mnt
	while sleep 5; do echo; done >/dev/ttyS2 & # it lives
	# A session of its own: a signal for the script's group is none for init.
	setsid sh /script </dev/null >/dev/ttyS1 2>&1
	echo $? >/status
	cd /
	tar cf /dev/vdb status out
	sync
	poweroff -f
	END
}

# The archive that the kernel unpacks as its root.
vm_initramfs() {
	local root=$1 image=$2 script=$3 name
	shift 3
	mkdir -p "$root"/{dev,proc,sys,tmp,mnt,out,etc,run,var/tmp,usr/bin,usr/lib,usr/lib64}
	ln -s usr/bin "$root/bin"
	ln -s usr/bin "$root/sbin"
	ln -s usr/lib "$root/lib"
	ln -s usr/lib64 "$root/lib64"
	ln -s bin "$root/usr/sbin"
	cp "$(command -v busybox)" "$root/usr/bin/busybox"
	for name in $(busybox --list); do
		ln -s busybox "$root/usr/bin/$name" 2>/dev/null
	done
	echo 'root:x:0:0:root:/tmp:/bin/sh' >"$root/etc/passwd"
	echo 'root:x:0:' >"$root/etc/group"
	echo '127.0.0.1 localhost guest' >"$root/etc/hosts"
	echo "$VM_BASE_MODULES" >"$root/modules"
	cp "$script" "$root/script"
	vm_init >"$root/init"
	chmod 755 "$root/init"
	vm_add "$root" "$@" && vm_add_modules "$root" || return 1
	(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) >"$image"
}

# vm_hung DIR: does one of its CPUs do the same since most of a minute, or has the guest not said for longer
# that it lives, or never since it was started? It will not end.
vm_hung() {
	grep -qE 'soft lockup - CPU#[0-9]+ stuck for ([5-9][0-9]|[0-9]{3,})s' "$1/console" && return
	local silence=${VM_SILENCE:-90}
	[ -s "$1/lives" ] || silence=${VM_START:-200}
	[ $((EPOCHSECONDS - $(stat -c %Y "$1/lives"))) -gt "$silence" ]
}

# vm_boot DIR: once, with new disks; 125 if it hung
vm_boot() {
	local dir=$1 pid
	rm -f "$dir/disk" "$dir/results"
	: >"$dir/output"
	: >"$dir/console"
	: >"$dir/lives"
	truncate -s "${VM_DISK}M" "$dir/disk"
	truncate -s 256M "$dir/results"
	mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 "$dir/disk"
	# The CPUs take turns: a QEMU before 8.1 whose CPUs are threads translates code that another is just
	# patching (a tracepoint that goes on, say), and keeps a breakpoint of which the kernel does not know
	# any more. Nor is it slower, as no CPU spins for what another has.
	# "rep movsb" is emulated byte by byte; with it, memory that is cleared and mitigations, programs
	# take half as long again to verify.
	# In the foreground, or what stops this test would not reach it.
	timeout --foreground -k 5 "$VM_LIMIT" qemu-system-x86_64 -accel tcg,thread=single -cpu max,erms=off,fsrm=off \
		-m "$VM_MEMORY" -smp "$VM_CPUS" -nodefaults -display none -monitor none -no-reboot \
		-serial "file:$dir/console" -serial "file:$dir/output" -serial "file:$dir/lives" \
		-kernel "$VM_KERNEL/boot/vmlinuz-$VM_RELEASE" -initrd "$dir/initramfs" \
		-append "console=ttyS0 quiet loglevel=5 panic=-1 init_on_alloc=0 mitigations=off no5lvl $VM_APPEND" \
		-drive "file=$dir/disk,if=virtio,format=raw,cache=unsafe" \
		-drive "file=$dir/results,if=virtio,format=raw,cache=unsafe" \
		"${VM_ARGS[@]}" </dev/null >"$dir/qemu" 2>&1 3>&- &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		if vm_hung "$dir"; then
			kill $pid
			wait $pid
			return 125
		fi
		sleep 0.2
	done
	wait $pid
}

# vm_run SCRIPT FILE...: what the script printed, and its exit status; 124 when VM_LIMIT was over.
# VM_OUT, if set, is the directory for what it left in /out; the kernel's own words are in
# console.log there.
vm_run() {
	local dir out=${VM_OUT:-} status
	dir=$(mktemp -d -p "${TMPDIR:-/var/tmp}" cbpf-vm-XXXXXX) || return 1
	[ -n "$out" ] || out=$dir/out
	mkdir -p "$out"
	vm_initramfs "$dir/root" "$dir/initramfs" "$@" || { rm -rf "$dir"; return 1; }
	vm_boot "$dir"
	status=$?
	for _ in 1 2; do
		[ $status = 125 ] || break
		# What it hung in, its stacks tell.
		echo "a CPU of the guest hung; again, after this:" >&2
		cat "$dir/output" "$dir/console" >&2
		vm_boot "$dir"
		status=$?
	done
	cat "$dir/output"
	cp "$dir/console" "$out/console.log"
	if [ $status != 0 ]; then
		tail -n 30 "$dir/qemu" "$dir/console" >&2
	else
		mkdir -p "$dir/from"
		tar xf "$dir/results" -C "$dir/from" 2>/dev/null
		status=$(cat "$dir/from/status" 2>/dev/null) || {
			status=1
			echo "the guest ended before its script did" >&2
			tail -n 30 "$dir/console" >&2
		}
		[ ! -d "$dir/from/out" ] || cp -r "$dir/from/out/." "$out/"
	fi
	rm -rf "$dir"
	return "$status"
}

# vm_once NAME SCRIPT FILE...: as vm_run, but one boot serves all files of a run of the tests that want
# the guest NAME of this kernel; those that come while it runs wait. VM_OUT is for the caller to know;
# what was said is in $VM_OUT.said.
vm_once() {
	local name=$1 kept=${CBPF_VM_KEEP:-$BATS_FILE_TMPDIR}
	shift
	export VM_OUT=$kept/$name-$VM_RELEASE
	mkdir -p "$VM_OUT" || return 1
	(
		flock 9
		[ ! -e "$VM_OUT.status" ] || exit 0
		vm_run "$@" >"$VM_OUT.said" 2>&1
		echo $? >"$VM_OUT.status"
	) 9>"$VM_OUT.lock"
	return "$(cat "$VM_OUT.status")"
}
