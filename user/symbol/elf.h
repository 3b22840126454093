/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the functions of an ELF file, by offsets in it. */
#ifndef CBPF_SYMBOL_ELF_H
#define CBPF_SYMBOL_ELF_H

#include <stddef.h>
#include <stdint.h>

struct elf_symbols;
struct err;

/*
 * Functions of the ELF file that is open for reading as @fd (borrowed, and only read during this call),
 * and of its separate debuginfo, if it is stripped and has any. That is looked for below @root (a
 * directory's descriptor: the root of the process that has it mapped; borrowed) and nowhere
 * else. @path: of the file, below @root, absolute.
 *
 * The file can be anybody's: what it says is checked, and no more is read than 2^20 symbols and 128 MiB of
 * names from each of two tables, and no more kept than 64 MiB of names. A file without functions is
 * no failure, and debuginfo that cannot be read is as good as none. -EINVAL: it is no
 * regular file; -ENOEXEC: no ELF file; -EBADMSG: it lies, or is being changed; -EFBIG: it has
 * more than that; -ENOMEM; or what reading it said.
 *
 * *@left_bytes becomes less by what is read, about; what would go beyond it is -EFBIG, and
 * then it is 0. NULL: as much as it takes.
 */
int elf_symbols_open(int fd, int root, const char *path, uint64_t *left_bytes,
		     struct elf_symbols **ret, struct err *err);

/*
 * The function that has the byte at @offset of the file (as a mapping has it: its own offset, and how far
 * into it an address is); NULL: none. The best of its names, without a version and with nothing
 * that could not stand in a folded stack; lives as long as @s.
 */
const char *elf_symbols_at(const struct elf_symbols *s, uint64_t offset);

/* Functions that are told apart. */
size_t elf_symbols_count(const struct elf_symbols *s);

/* Bytes of memory that @s holds. */
size_t elf_symbols_bytes(const struct elf_symbols *s);

void elf_symbols_close(struct elf_symbols *s);

#endif
