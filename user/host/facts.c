// SPDX-License-Identifier: Apache-2.0
/* Facts that are a file each, and all of them together. */
#include "host/facts.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"

void fact_put(json_t *to, const char *key, json_t *value)
{
	if (value)
		json_object_set_new(to, key, value);
}

static json_t *number_of(const char *text)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(text, &end, 10);
	return errno || end == text || *end ? NULL : json_integer(v);
}

static json_t *choice_of(const char *text)
{
	const char *begin = strchr(text, '['), *end = begin ? strchr(begin, ']') : NULL;

	return end ? json_stringn(begin + 1, end - begin - 1) : NULL;
}

json_t *fact_read(const char *dir, const char *file, enum fact_kind kind)
{
	cleanup_free char *path = fs_join(dir, file);
	char text[512];

	if (!path || fs_read_at(AT_FDCWD, path, text, sizeof(text)))
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	for (size_t n = strlen(text); n && text[n - 1] == ' '; n--)
		text[n - 1] = '\0'; /* models of disks are padded */
	switch (kind) {
	case FACT_NUMBER: return number_of(text);
	case FACT_FLAG:
		if (!strcmp(text, "1") || !strcmp(text, "Y"))
			return json_true();
		return !strcmp(text, "0") || !strcmp(text, "N") ? json_false() : NULL;
	case FACT_CHOICE: return choice_of(text);
	case FACT_TEXT: break;
	}
	return *text ? json_string(text) : NULL;
}

void facts_read(json_t *to, const char *dir, const struct fact *facts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fact_put(to, facts[i].key, fact_read(dir, facts[i].file, facts[i].kind));
}

static int by_number(const void *a, const void *b)
{
	return strverscmp(a, b);
}

static bool goes_on_with_digits(const char *s)
{
	return *s && s[strspn(s, "0123456789")] == '\0';
}

int facts_list(const char *dir, const char *prefix, char (**ret_names)[64], size_t *ret_n)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t len = strlen(prefix), cap = 0;
	int rc = 0;

	*ret_names = NULL;
	*ret_n = 0;
	while (d && (e = readdir(d))) {
		void *more = *ret_names;

		if (e->d_name[0] == '.' || strlen(e->d_name) >= sizeof(**ret_names) ||
		    (len &&
		     (strncmp(e->d_name, prefix, len) || !goes_on_with_digits(e->d_name + len))))
			continue;
		if (*ret_n == cap) {
			cap = cap ? 2 * cap : 16;
			more = realloc(*ret_names, cap * sizeof(**ret_names));
			if (!more) {
				rc = -ENOMEM;
				break;
			}
			*ret_names = more;
		}
		strcpy((*ret_names)[(*ret_n)++], e->d_name);
	}
	if (d)
		closedir(d);
	if (*ret_n)
		qsort(*ret_names, *ret_n, sizeof(**ret_names), by_number);
	return rc;
}

int facts_put_all(const struct facts_place *at, json_t *host)
{
	static const struct {
		const char *key;
		json_t *(*read)(const struct facts_place *);
	} parts[] = {
		{ "cpu", facts_cpu },	  { "memory", facts_memory }, { "nodes", facts_nodes },
		{ "disks", facts_disks }, { "mounts", facts_mounts },
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (json_object_set_new(host, parts[i].key, parts[i].read(at)))
			return -ENOMEM;
	return 0;
}
