/* SPDX-License-Identifier: Apache-2.0 */
/* ELF files of whoever: parts of them, in this machine's form, checked before they are read. */
#ifndef CBPF_SYMBOL_ELF_FILE_H
#define CBPF_SYMBOL_ELF_FILE_H

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct elf_file {
	int fd; /* borrowed */
	uint64_t size_bytes;
	uint64_t *
		left_bytes; /* that may still be read, of all files; NULL: any. Borrowed, set after init */
	bool is64;
	unsigned char encoding; /* ELFDATA2LSB or ELFDATA2MSB */
	GElf_Ehdr header;
	GElf_Shdr *sections; /* owned */
	size_t n_sections; /* 0 when it has no table of them */
};

/*
 * Each call returns 0 or: -EINVAL, no regular file; -ENOEXEC, no ELF file; -EBADMSG, one that lies, or is
 * being changed; -EFBIG, one that has more than is read, or than may be; -ENOMEM; or what pread() said. What is
 * allocated is at most what the file has.
 */

/* Headers of @fd, whose position does not move. */
int elf_file_init(struct elf_file *f, int fd, struct err *err);
/* Takes one that is all zeros, too. */
void elf_file_fini(struct elf_file *f);

/* @len bytes at @offset. */
int elf_file_read(const struct elf_file *f, uint64_t offset, void *to, size_t len, struct err *err);
/* All header.e_phnum program headers; the caller frees them. */
int elf_file_segments(const struct elf_file *f, GElf_Phdr **ret, struct err *err);
/* @n entries of the table of symbols @section, from number @first. */
int elf_file_symbols(const struct elf_file *f, const GElf_Shdr *section, size_t first, size_t n,
		     GElf_Sym *ret, struct err *err);
/* All of @section, of at most @max bytes, with a NUL behind it; the caller frees it. */
int elf_file_section(const struct elf_file *f, const GElf_Shdr *section, size_t max, char **ret,
		     struct err *err);

/* The first section of @type (SHT_SYMTAB say); NULL: there is none. */
const GElf_Shdr *elf_file_find(const struct elf_file *f, uint32_t type);

#endif
