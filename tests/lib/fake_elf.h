/* SPDX-License-Identifier: Apache-2.0 */
/* Small ELF files with what functions and debuginfo a test wants, written by libelf. */
#ifndef CBPF_TEST_FAKE_ELF_H
#define CBPF_TEST_FAKE_ELF_H

#include <stddef.h>
#include <stdint.h>

/* Code is at FAKE_CODE_OFFSET of the file, behind its end, so that a file is small; data further on. */
#define FAKE_CODE_OFFSET 0x1000
#define FAKE_CODE 0x401000 /* address */
#define FAKE_TEXT_BYTES 0x800 /* of the section .text, at the segment's begin */
#define FAKE_CODE_BYTES 0x1000 /* of the segment */
#define FAKE_DATA_OFFSET 0x2000
#define FAKE_DATA 0x502000

#define FAKE_TEXT 1 /* index of .text */

struct fake_symbol {
	const char *name;
	uint64_t value, size;
	int bind, type, section;
};

struct fake_elf {
	int class, encoding, machine; /* 0: ELFCLASS64, ELFDATA2LSB, EM_X86_64 */
	const struct fake_symbol *symtab, *dynsym; /* NULL: none; the last one has no name */
	const char *build_id; /* its bytes */
	const char *debuglink;
	uint32_t crc; /* of what the link names */
};

/* File @name of directory @dir; ends the test when that fails. */
void fake_elf_write(const char *dir, const char *name, const struct fake_elf *e);

/* The checksum of file @name of @dir, as links have it. */
uint32_t fake_elf_crc(const char *dir, const char *name);

#endif
