// SPDX-License-Identifier: Apache-2.0
#include "symbol/files.h"

#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd_limit.h"
#include "symbol/elf.h"
#include "symbol/root.h"

#define FILES_MAX 16384
#define BYTES_MAX (256u << 20) /* of all symbols: targets choose what is in their files */

struct file {
	uint32_t target;
	int fd; /* -1: it could not be opened */
	bool looked; /* at its symbols */
	struct elf_symbols *symbols; /* NULL: it has none */
	char path[];
};

struct symbol_files {
	size_t n_targets, n, missing;
	size_t bytes; /* that symbols take */
	void *tree; /* of tsearch() */
	int roots[]; /* of each target; -1: unknown */
};

struct key {
	uint32_t target;
	const char *path;
};

static int compare(uint32_t target, const char *path, uint32_t other, const char *other_path)
{
	if (target != other)
		return target < other ? -1 : 1;
	return strcmp(path, other_path);
}

static int by_path(const void *a, const void *b)
{
	const struct file *l = a, *r = b;

	return compare(l->target, l->path, r->target, r->path);
}

/* @key is what is looked for. */
static int by_key(const void *key, const void *file)
{
	const struct key *l = key;
	const struct file *r = file;

	return compare(l->target, l->path, r->target, r->path);
}

static struct file *find(const struct symbol_files *f, uint32_t target, const char *path)
{
	const struct key key = { target, path };
	struct file **file = (struct file **)tfind(&key, &f->tree, by_key);

	return file ? *file : NULL;
}

int symbol_files_open(size_t n_targets, struct symbol_files **ret)
{
	struct symbol_files *f = malloc(sizeof(*f) + n_targets * sizeof(f->roots[0]));

	if (!f)
		return -ENOMEM;
	*f = (struct symbol_files){ .n_targets = n_targets };
	for (size_t i = 0; i < n_targets; i++)
		f->roots[i] = -1;
	*ret = f;
	return 0;
}

void symbol_files_root(struct symbol_files *f, uint32_t target, int root)
{
	if (target < f->n_targets && f->roots[target] < 0)
		f->roots[target] = root;
	else if (root >= 0)
		close(root);
}

bool symbol_files_has_root(const struct symbol_files *f, uint32_t target)
{
	return target < f->n_targets && f->roots[target] >= 0;
}

static struct file *file_made(struct symbol_files *f, uint32_t target, const char *path)
{
	size_t len = strlen(path) + 1;
	struct file *file = f->n < FILES_MAX ? calloc(1, sizeof(*file) + len) : NULL;

	if (!file)
		return NULL;
	file->target = target;
	file->fd = -1;
	memcpy(file->path, path, len);
	if (!tsearch(file, &f->tree, by_path)) {
		free(file);
		return NULL;
	}
	f->n++;
	f->missing++;
	return file;
}

void symbol_files_want(struct symbol_files *f, uint32_t target, int root, const char *path)
{
	struct file *file;

	if (target >= f->n_targets || path[0] != '/' || path[1] == '/') /* "//anon" */
		return;
	file = find(f, target, path);
	if (!file)
		file = file_made(f, target, path);
	if (!file || file->fd >= 0)
		return;
	fd_limit_raise(1);
	if (root >= 0)
		file->fd = root_open(root, path);
	if (file->fd < 0 && f->roots[target] >= 0)
		file->fd = root_open(f->roots[target], path);
	if (file->fd >= 0)
		f->missing--;
	else
		file->fd = -1;
}

const char *symbol_files_at(struct symbol_files *f, uint32_t target, const char *path,
			    uint64_t offset)
{
	struct file *file = find(f, target, path);
	struct err err = { 0 };

	if (!file || file->fd < 0)
		return NULL;
	if (!file->looked && f->bytes < BYTES_MAX) {
		file->looked = true;
		if (elf_symbols_open(file->fd, f->roots[target], path, &file->symbols, &err))
			file->symbols = NULL;
		else
			f->bytes += elf_symbols_bytes(file->symbols);
	}
	return file->symbols ? elf_symbols_at(file->symbols, offset) : NULL;
}

size_t symbol_files_count(const struct symbol_files *f)
{
	return f->n - f->missing;
}

size_t symbol_files_missing(const struct symbol_files *f)
{
	return f->missing;
}

static void file_free(void *p)
{
	struct file *file = p;

	elf_symbols_close(file->symbols);
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}

void symbol_files_close(struct symbol_files *f)
{
	if (!f)
		return;
	tdestroy(f->tree, file_free);
	for (size_t i = 0; i < f->n_targets; i++)
		if (f->roots[i] >= 0)
			close(f->roots[i]);
	free(f);
}
