/* SPDX-License-Identifier: Apache-2.0 */
/* Where parts of an ELF file are in memory. */
#ifndef CBPF_SYMBOL_ELF_SEGMENT_H
#define CBPF_SYMBOL_ELF_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_file;
struct err;

/* Files have about four; every look-up goes through all of them. */
#define ELF_SEGMENTS_MAX 256

struct elf_segment {
	uint64_t offset, file_bytes; /* in the file */
	uint64_t address, end; /* virtual */
};

struct elf_segments {
	struct elf_segment *v; /* owned; code first */
	size_t n;
};

/* What is loaded of @f. 0 or as elf_file.h says; -EFBIG: more than ELF_SEGMENTS_MAX. */
int elf_segments_init(struct elf_segments *s, const struct elf_file *f, struct err *err);
void elf_segments_fini(struct elf_segments *s);

/* Virtual address of the byte at @offset of the file; false: it is not loaded. */
bool elf_segments_address(const struct elf_segments *s, uint64_t offset, uint64_t *ret);
/* The one that holds virtual @address; NULL: none. */
const struct elf_segment *elf_segments_find(const struct elf_segments *s, uint64_t address);

#endif
