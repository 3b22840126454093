/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that tables of symbols tell of, in order. */
#ifndef CBPF_SYMBOL_ELF_FUNCTION_H
#define CBPF_SYMBOL_ELF_FUNCTION_H

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_file;
struct elf_segments;
struct err;

#define ELF_FUNCTIONS_MAX (1U << 20) /* entries of a table, and functions */
#define ELF_STRINGS_MAX (128U << 20) /* bytes of names that a table of symbols has */

struct elf_function {
	uint64_t from, to; /* virtual */
	const char *name; /* as it is in the file: not NUL-terminated; borrowed from the list */
	uint16_t len; /* of @name, without a version */
	uint16_t underscores; /* that it begins with */
	uint8_t rank; /* the higher, the better a name it is */
	bool is_sized; /* or @to is the farthest it can reach */
};

struct elf_functions {
	struct elf_function *v; /* owned */
	size_t n, cap;
	char *strings[2]; /* owned: what names are in, one for each table */
	size_t n_strings;
};

/*
 * Add those of @table of @f, at addresses that @segments have. At most two tables. On failure none is
 * added; 0 or as elf_file.h says.
 */
int elf_functions_add(struct elf_functions *l, const struct elf_file *f, const GElf_Shdr *table,
		      const struct elf_segments *segments, struct err *err);
/*
 * By where they begin, and among those that begin at the same address the best name last. What has
 * no size now ends where another name of it does, or else where the next one begins.
 */
void elf_functions_sort(struct elf_functions *l);
/* Takes one that is all zeros, too. */
void elf_functions_fini(struct elf_functions *l);

#endif
