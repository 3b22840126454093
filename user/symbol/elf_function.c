// SPDX-License-Identifier: Apache-2.0
/* STT_FUNC of .symtab and .dynsym. */
#include "symbol/elf_function.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "symbol/elf_file.h"
#include "symbol/elf_segment.h"
#include "symbol/name.h"

/* Symbols that are read at once. */
#define CHUNK 512

/* Names for the same address: global ones before weak ones before local ones before none. */
static uint8_t rank_of(const GElf_Sym *sym, size_t len)
{
	if (!len)
		return 0;
	switch (GELF_ST_BIND(sym->st_info)) {
	case STB_GLOBAL:
	case STB_GNU_UNIQUE: return 3;
	case STB_WEAK: return 2;
	default: return 1;
	}
}

static bool is_function(const GElf_Sym *sym)
{
	int type = GELF_ST_TYPE(sym->st_info);

	return sym->st_shndx != SHN_UNDEF && (type == STT_FUNC || type == STT_GNU_IFUNC);
}

static int reserve(struct elf_functions *l, struct err *err)
{
	size_t cap = l->cap ? 2 * l->cap : 256;
	struct elf_function *v;

	if (l->n < l->cap)
		return 0;
	if (l->n >= ELF_FUNCTIONS_MAX)
		return err_say(err, -EFBIG, "it has more than %u functions", ELF_FUNCTIONS_MAX);
	v = reallocarray(l->v, cap, sizeof(*v));
	if (!v)
		return err_set(err, -ENOMEM, "%zu functions", cap);
	l->v = v;
	l->cap = cap;
	return 0;
}

/* A table that is being read: its names. */
struct source {
	const struct elf_file *file;
	const struct elf_segments *segments;
	const char *strings;
	size_t size;
};

/* How far it can reach: to the end of its section, or at least of its @segment. */
static uint64_t limit(const struct elf_file *f, const GElf_Sym *sym, uint64_t address,
		      const struct elf_segment *segment)
{
	const GElf_Shdr *s;
	uint64_t left = segment->end - address;

	if (sym->st_size)
		return address + (sym->st_size < left ? sym->st_size : left);
	if (sym->st_shndx >= f->n_sections)
		return segment->end;
	s = &f->sections[sym->st_shndx];
	if (address < s->sh_addr || address - s->sh_addr >= s->sh_size)
		return segment->end;
	return address + (s->sh_size - (address - s->sh_addr) < left
				  ? s->sh_size - (address - s->sh_addr)
				  : left);
}

static int add_one(struct elf_functions *l, const struct source *from, const GElf_Sym *sym,
		   struct err *err)
{
	size_t name = sym->st_name < from->size ? sym->st_name : from->size;
	const struct elf_segment *segment;
	uint64_t address = sym->st_value;
	struct elf_function *fn;
	int rc;

	/* There, the last bit tells in which mode a function runs. */
	if (from->file->header.e_machine == EM_ARM)
		address &= ~(uint64_t)1;
	segment = elf_segments_find(from->segments, address);
	if (!segment)
		return 0;
	rc = reserve(l, err);
	if (rc)
		return rc;
	fn = &l->v[l->n++];
	*fn = (struct elf_function){
		.from = address,
		.to = limit(from->file, sym, address, segment),
		.name = from->strings + name,
		.len = symbol_name_length(from->strings + name, from->size - name),
		.is_sized = sym->st_size,
	};
	while (fn->underscores < fn->len && fn->name[fn->underscores] == '_')
		fn->underscores++;
	fn->rank = rank_of(sym, fn->len);
	return 0;
}

static int add_all(struct elf_functions *l, const struct source *from, const GElf_Shdr *table,
		   size_t n, struct err *err)
{
	GElf_Sym chunk[CHUNK];

	for (size_t at = 0; at < n; at += CHUNK) {
		size_t some = n - at < CHUNK ? n - at : CHUNK;
		int rc = elf_file_symbols(from->file, table, at, some, chunk, err);

		for (size_t i = 0; !rc && i < some; i++)
			if (is_function(&chunk[i]))
				rc = add_one(l, from, &chunk[i], err);
		if (rc)
			return rc;
	}
	return 0;
}

/* How many entries @table has. */
static int count(const struct elf_file *f, const GElf_Shdr *table, size_t *ret, struct err *err)
{
	uint64_t n;

	if (table->sh_entsize != (f->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym)) ||
	    table->sh_link >= f->n_sections || f->sections[table->sh_link].sh_type != SHT_STRTAB)
		return err_say(err, -EBADMSG, "its symbols have no names, or no size");
	n = table->sh_size / table->sh_entsize;
	if (n > ELF_FUNCTIONS_MAX)
		return err_say(err, -EFBIG, "it has %llu symbols, more than the %u that are read",
			       (unsigned long long)n, ELF_FUNCTIONS_MAX);
	*ret = n;
	return 0;
}

int elf_functions_add(struct elf_functions *l, const struct elf_file *f, const GElf_Shdr *table,
		      const struct elf_segments *segments, struct err *err)
{
	struct source from = { .file = f, .segments = segments };
	cleanup_free char *strings = NULL;
	size_t n = 0, before = l->n;
	int rc;

	if (l->n_strings == ARRAY_SIZE(l->strings))
		return err_say(err, -EINVAL, "more than two tables of symbols");
	rc = count(f, table, &n, err);
	if (!rc)
		rc = elf_file_section(f, &f->sections[table->sh_link], ELF_STRINGS_MAX, &strings,
				      err);
	if (rc)
		return rc;
	from.strings = strings;
	from.size = f->sections[table->sh_link].sh_size;
	rc = add_all(l, &from, table, n, err);
	if (rc) {
		l->n = before;
		return rc;
	}
	l->strings[l->n_strings++] = strings;
	strings = NULL;
	return 0;
}

static int compare_names(const struct elf_function *a, const struct elf_function *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->underscores != b->underscores)
		return a->underscores > b->underscores ? -1 : 1;
	if (a->len != b->len)
		return a->len > b->len ? -1 : 1;
	return memcmp(b->name, a->name, a->len);
}

static int compare(const void *x, const void *y)
{
	const struct elf_function *a = x, *b = y;
	int names;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	names = compare_names(a, b);
	if (names)
		return names;
	return a->to < b->to ? -1 : a->to > b->to;
}

/* The @n functions of @v begin at the same address, and the next one at @next. */
static void end_unsized(struct elf_function *v, size_t n, uint64_t next)
{
	uint64_t to = 0;

	for (size_t i = 0; i < n; i++)
		if (v[i].is_sized && v[i].to > to)
			to = v[i].to;
	for (size_t i = 0; i < n; i++)
		if (!v[i].is_sized)
			v[i].to = to ? to : v[i].to < next ? v[i].to : next;
}

void elf_functions_sort(struct elf_functions *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare);
	for (size_t first = 0, end; first < l->n; first = end) {
		for (end = first + 1; end < l->n && l->v[end].from == l->v[first].from;)
			end++;
		end_unsized(l->v + first, end - first, end < l->n ? l->v[end].from : UINT64_MAX);
	}
}

void elf_functions_fini(struct elf_functions *l)
{
	free(l->v);
	for (size_t i = 0; i < l->n_strings; i++)
		free(l->strings[i]);
	*l = (struct elf_functions){ 0 };
}
