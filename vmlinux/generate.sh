#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Regenerates vmlinux.h: only the kernel types and fields that bpf/ uses, from BTF.
#
#   vmlinux/generate.sh [BTF]     (default: the running kernel's)
#
# The programs are compiled against the whole dump first; their relocations then
# say which fields to keep. Offsets do not matter, since CO-RE finds each field
# by name when a program is loaded, so padding is left out.
set -eu

cd "$(dirname "$0")/.."
btf=${1:-/sys/kernel/btf/vmlinux}
tool=
for tool in ${BPFTOOL:-} /usr/sbin/bpftool /usr/bin/bpftool /usr/lib/linux-tools/*/bpftool; do
	[ -x "$tool" ] && break
done
[ -x "$tool" ] || { echo "generate.sh: bpftool not found" >&2; exit 1; }
[ -r "$btf" ] || { echo "generate.sh: no BTF at $btf" >&2; exit 1; }
arch=$(uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/')
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT INT TERM

"$tool" btf dump file "$btf" format c > "$tmp/vmlinux.h"
for program in bpf/*.bpf.c; do
	"${CLANG:-clang}" -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_"$arch" -I"$tmp" -Ibpf \
		-c "$program" -o "$tmp/$(basename "$program" .c).o"
done
"$tool" gen min_core_btf "$btf" "$tmp/used.btf" "$tmp"/*.o
"$tool" btf dump file "$tmp/used.btf" format c > "$tmp/used.h"

{
	cat <<-'END'
	/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
	/* The kernel types and fields that bpf/ uses. Made by vmlinux/generate.sh. */
	#ifndef CBPF_VMLINUX_H
	#define CBPF_VMLINUX_H
	#define __VMLINUX_H__ /* for libbpf's headers: registers are called as the kernel does */

	typedef unsigned char __u8;
	typedef signed char __s8;
	typedef unsigned short __u16;
	typedef short __s16;
	typedef unsigned int __u32;
	typedef int __s32;
	typedef unsigned long long __u64;
	typedef long long __s64;
	typedef __u16 __be16;
	typedef __u32 __be32;
	typedef __u32 __wsum;
	typedef _Bool bool;

	enum { false = 0, true = 1 };

	END
	# What libbpf's headers and map definitions need of the system call's interface.
	awk -v RS= -v ORS='\n\n' \
		'/^enum bpf_map_type \{/ || /^enum \{\n\tBPF_(ANY|F_NO_PREALLOC|LOCAL_STORAGE_GET_F_CREATE|F_SKIP_FIELD_MASK) = /' "$tmp/vmlinux.h"
	echo '#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)'
	echo
	awk -v RS= -v ORS='\n\n' '/^(struct|union|enum|typedef)/' "$tmp/used.h" |
		grep -vE '^\s+[a-z ]+: [0-9]+;$|^typedef .* __[us](8|16|32|64);$'
	echo '#pragma clang attribute pop'
	echo
	echo '#endif'
} | cat -s > "$tmp/new.h"
cat "$tmp/new.h" > vmlinux/vmlinux.h
