// SPDX-License-Identifier: Apache-2.0
/* From an ELF file to its ranges of functions. */
#include "symbol/elf.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "symbol/elf_debug.h"
#include "symbol/elf_file.h"
#include "symbol/elf_function.h"
#include "symbol/elf_range.h"
#include "symbol/elf_segment.h"

struct elf_symbols {
	struct elf_segments segments;
	struct elf_ranges ranges;
};

/* What is being read. */
struct reading {
	const struct elf_file *file;
	const struct elf_segments *segments; /* of @file: debuginfo has no offsets of its own */
	struct elf_functions functions;
	int root;
	const char *path;
};

static int add_table(struct reading *r, const struct elf_file *f, uint32_t type, struct err *err)
{
	const GElf_Shdr *table = elf_file_find(f, type);

	return table ? elf_functions_add(&r->functions, f, table, r->segments, err) : 0;
}

static int add_debuginfo(struct reading *r, struct err *err)
{
	struct elf_file file;
	struct err why;
	cleanup_close int fd = elf_debug_open(r->file, r->root, r->path, &file);
	int rc;

	if (fd < 0)
		return 0;
	rc = add_table(r, &file, SHT_SYMTAB, &why);
	elf_file_fini(&file);
	if (rc == -ENOMEM) {
		*err = why;
		return rc;
	}
	/* Debuginfo that cannot be read is as good as none. */
	return 0;
}

static int add_all(struct reading *r, struct err *err)
{
	int rc = add_table(r, r->file, SHT_SYMTAB, err);

	if (rc || r->functions.n)
		return rc;
	/* Stripped, or as good as that. */
	elf_functions_fini(&r->functions);
	rc = add_table(r, r->file, SHT_DYNSYM, err);
	return rc ? rc : add_debuginfo(r, err);
}

static int read_file(struct elf_symbols *s, const struct elf_file *f, int root, const char *path,
		     struct err *err)
{
	struct reading r = { .file = f, .segments = &s->segments, .root = root, .path = path };
	int rc = elf_segments_init(&s->segments, f, err);

	if (!rc)
		rc = add_all(&r, err);
	if (!rc) {
		elf_functions_sort(&r.functions);
		rc = elf_ranges_init(&s->ranges, &r.functions, err);
	}
	elf_functions_fini(&r.functions);
	return rc;
}

int elf_symbols_open(int fd, int root, const char *path, uint64_t *left_bytes,
		     struct elf_symbols **ret, struct err *err)
{
	struct elf_symbols *s = calloc(1, sizeof(*s));
	struct elf_file file;
	int rc;

	if (!s)
		return err_set(err, -ENOMEM, "functions of %s", path);
	rc = elf_file_init(&file, fd, err);
	if (!rc) {
		file.left_bytes = left_bytes;
		rc = read_file(s, &file, root, path, err);
		elf_file_fini(&file);
	}
	if (rc) {
		elf_symbols_close(s);
		return err_wrap(err, "functions of %s", path);
	}
	*ret = s;
	return 0;
}

const char *elf_symbols_at(const struct elf_symbols *s, uint64_t offset)
{
	uint64_t address;

	return elf_segments_address(&s->segments, offset, &address)
		       ? elf_ranges_at(&s->ranges, address)
		       : NULL;
}

size_t elf_symbols_count(const struct elf_symbols *s)
{
	return s->ranges.n_functions;
}

size_t elf_symbols_bytes(const struct elf_symbols *s)
{
	return sizeof(*s) + s->segments.n * sizeof(*s->segments.v) +
	       s->ranges.n * sizeof(*s->ranges.v) + s->ranges.names_bytes;
}

void elf_symbols_close(struct elf_symbols *s)
{
	if (!s)
		return;
	elf_segments_fini(&s->segments);
	elf_ranges_fini(&s->ranges);
	free(s);
}
