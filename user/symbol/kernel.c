// SPDX-License-Identifier: Apache-2.0
#include "symbol/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"

#define TEXT_MAX (256u << 20)

struct symbol {
	uint64_t address;
	size_t name; /* offset in the text */
};

struct kernel_symbols {
	struct symbol *v;
	size_t n, cap;
	struct buf text;
};

static int add(struct kernel_symbols *k, uint64_t address, const char *name)
{
	if (k->n == k->cap) {
		size_t cap = k->cap ? k->cap * 2 : 65536;
		struct symbol *v = realloc(k->v, cap * sizeof(*v));

		if (!v)
			return -ENOMEM;
		k->v = v;
		k->cap = cap;
	}
	k->v[k->n++] = (struct symbol){ address, k->text.len };
	return buf_put(&k->text, name, strlen(name) + 1);
}

/* "ffffffffc0a01230 t name\t[module]" */
static int add_line(struct kernel_symbols *k, char *line)
{
	char *rest, *name;
	uint64_t address = strtoull(line, &rest, 16);

	if (rest == line || rest[0] != ' ' || !rest[1] || !strchr("tTwW", rest[1]) ||
	    rest[2] != ' ' || !address)
		return 0;
	name = rest + 3;
	name[strcspn(name, "\t\n; ")] = '\0';
	return *name ? add(k, address, name) : 0;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *l = a, *r = b;

	if (l->address != r->address)
		return l->address < r->address ? -1 : 1;
	return l->name < r->name ? -1 : l->name > r->name; /* the file's order */
}

static int read_all(struct kernel_symbols *k, FILE *file)
{
	cleanup_free char *line = NULL;
	size_t size = 0;
	int rc = 0;

	while (!rc && getline(&line, &size, file) > 0)
		rc = add_line(k, line);
	if (!rc && ferror(file))
		rc = -EIO;
	if (!rc && !k->n)
		rc = -EACCES;
	if (!rc)
		qsort(k->v, k->n, sizeof(k->v[0]), by_address);
	return rc;
}

int kernel_symbols_open(const char *path, struct kernel_symbols **ret, struct err *err)
{
	cleanup_fclose FILE *file = fopen(path ? path : "/proc/kallsyms", "re");
	struct kernel_symbols *k;
	int rc;

	if (!file)
		return err_set(err, -errno, "names of the kernel's functions");
	k = calloc(1, sizeof(*k));
	if (!k)
		return err_set(err, -ENOMEM, "names of the kernel's functions");
	k->text.max = TEXT_MAX;
	rc = read_all(k, file);
	if (rc) {
		kernel_symbols_close(k);
		return err_set(err, rc, "names of the kernel's functions");
	}
	*ret = k;
	return 0;
}

const char *kernel_symbols_at(const struct kernel_symbols *k, uint64_t address)
{
	size_t from = 0, to = k->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (k->v[middle].address <= address)
			from = middle + 1;
		else
			to = middle;
	}
	if (!from)
		return NULL;
	/* Of several names for one place, the first. */
	while (from > 1 && k->v[from - 2].address == k->v[from - 1].address)
		from--;
	return k->text.data + k->v[from - 1].name;
}

size_t kernel_symbols_count(const struct kernel_symbols *k)
{
	return k->n;
}

void kernel_symbols_close(struct kernel_symbols *k)
{
	if (!k)
		return;
	free(k->v);
	buf_fini(&k->text);
	free(k);
}
