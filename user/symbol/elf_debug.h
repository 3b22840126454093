/* SPDX-License-Identifier: Apache-2.0 */
/* Separate debuginfo: what distributions strip off, which has the names of static functions. */
#ifndef CBPF_SYMBOL_ELF_DEBUG_H
#define CBPF_SYMBOL_ELF_DEBUG_H

#include <stddef.h>

struct elf_file;

#define ELF_BUILD_ID_MAX 64

struct elf_build_id {
	unsigned char bytes[ELF_BUILD_ID_MAX];
	size_t len; /* 0: it has none, or none that can be read */
};

void elf_build_id(const struct elf_file *f, struct elf_build_id *ret);

/*
 * The debuginfo of @f, which is @path (absolute) below @root (borrowed): found by build id in
 * /usr/lib/debug/.build-id, else by .gnu_debuglink beside @path, in .debug/ there, and in
 * /usr/lib/debug. It has a .symtab, and no other build id; where either has none, it has the checksum
 * that the link tells. Returns its descriptor, which the caller
 * closes, with *@ret, which the caller ends by elf_file_fini() before; or -ENOENT.
 */
int elf_debug_open(const struct elf_file *f, int root, const char *path, struct elf_file *ret);

#endif
