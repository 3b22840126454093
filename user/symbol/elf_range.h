/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and the one function that each belongs to. */
#ifndef CBPF_SYMBOL_ELF_RANGE_H
#define CBPF_SYMBOL_ELF_RANGE_H

#include <stddef.h>
#include <stdint.h>

struct elf_functions;
struct err;

#define ELF_NAMES_MAX (64U << 20) /* bytes of all names that are kept */

/* Ranges do not overlap, and are in order; between them is no function. */
struct elf_range {
	uint64_t from; /* virtual */
	uint32_t bytes; /* a function is cut at 4 GiB */
	uint32_t name; /* where its name begins in @names */
};

struct elf_ranges {
	struct elf_range *v; /* owned */
	size_t n;
	char *names; /* owned; each NUL-terminated */
	size_t names_bytes;
	size_t n_functions; /* with a name here */
};

/*
 * From @l, which is sorted: where several functions have an address, it is the one that begins last, and
 * among those the one with the best name. -EFBIG: names of more than ELF_NAMES_MAX; -ENOMEM.
 */
int elf_ranges_init(struct elf_ranges *r, const struct elf_functions *l, struct err *err);
void elf_ranges_fini(struct elf_ranges *r);
/* Name of the function at @address, as long as @r lives; NULL: none. */
const char *elf_ranges_at(const struct elf_ranges *r, uint64_t address);

#endif
