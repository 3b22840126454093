// SPDX-License-Identifier: Apache-2.0
#include "probe/kallsyms.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct line {
	uint64_t address;
	bool is_code, in_module;
	char *name; /* within the line */
};

/* "ffffffffc0a01230 t name\t[module]" */
static bool parse(char *text, struct line *ret)
{
	char *rest, *end;

	ret->address = strtoull(text, &rest, 16);
	if (rest == text || rest[0] != ' ' || !rest[1] || rest[2] != ' ')
		return false;
	ret->is_code = strchr("tTwW", rest[1]);
	ret->name = rest + 3;
	end = ret->name + strcspn(ret->name, "\t\n");
	ret->in_module = *end == '\t';
	*end = '\0';
	return true;
}

/* The kernel's own symbols are in order, those of a module are not. */
static int read_all(FILE *file, struct kallsyms_function *v, size_t n, bool *in_modules)
{
	cleanup_free char *text = NULL;
	size_t size = 0, open = n;
	struct line line;

	while (open && getline(&text, &size, file) > 0) {
		if (!parse(text, &line))
			continue;
		for (size_t i = 0; i < n; i++) {
			if (v[i].from && !v[i].size && !in_modules[i] && line.address > v[i].from) {
				v[i].size = line.address - v[i].from;
				open--;
			}
			if (!v[i].from && line.is_code && line.address &&
			    !strcmp(line.name, v[i].name)) {
				v[i].from = line.address;
				in_modules[i] = line.in_module;
			}
		}
	}
	return ferror(file) ? -EIO : 0;
}

static void read_modules(FILE *file, struct kallsyms_function *v, size_t n, const bool *in_modules)
{
	cleanup_free char *text = NULL;
	size_t size = 0;
	struct line line;

	while (getline(&text, &size, file) > 0) {
		if (!parse(text, &line) || !line.in_module)
			continue;
		for (size_t i = 0; i < n; i++)
			if (in_modules[i] && line.address > v[i].from &&
			    (!v[i].size || line.address - v[i].from < v[i].size))
				v[i].size = line.address - v[i].from;
	}
}

int kallsyms_find(const char *path, struct kallsyms_function *v, size_t n)
{
	cleanup_fclose FILE *file = fopen(path ? path : "/proc/kallsyms", "re");
	cleanup_free bool *in_modules = calloc(n, sizeof(*in_modules));
	bool any = false;
	int rc, found = 0;

	if (!file)
		return -errno;
	if (!in_modules)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		v[i].from = v[i].size = 0;
	rc = read_all(file, v, n, in_modules);
	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++)
		any = any || in_modules[i];
	if (any) {
		rewind(file);
		read_modules(file, v, n, in_modules);
	}
	for (size_t i = 0; i < n; i++)
		found += v[i].from != 0;
	return found;
}
