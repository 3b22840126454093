// SPDX-License-Identifier: Apache-2.0
/* Lists and maps of strings, grown one by one: they are short. */
#include "base/strlist.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes ownership of @s, which may be NULL for a failed allocation. */
static int add_owned(struct str_list *l, char *s)
{
	char **v = s ? reallocarray(l->v, l->n + 2, sizeof(*v)) : NULL;

	if (!v) {
		free(s);
		return -ENOMEM;
	}
	v[l->n++] = s;
	v[l->n] = NULL;
	l->v = v;
	return 0;
}

int str_list_add(struct str_list *l, const char *s)
{
	return add_owned(l, strdup(s));
}

int str_list_addf(struct str_list *l, const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return add_owned(l, n < 0 ? NULL : s);
}

int str_list_copy(struct str_list *to, const struct str_list *from)
{
	for (size_t i = 0; i < from->n; i++) {
		int rc = str_list_add(to, from->v[i]);

		if (rc)
			return rc;
	}
	return 0;
}

void str_list_fini(struct str_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct str_list){ 0 };
}

int str_map_set(struct str_map *m, const char *key, const char *value)
{
	char *copy = strdup(value);
	struct str_pair *v;

	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < m->n; i++) {
		if (!strcmp(m->v[i].key, key)) {
			free(m->v[i].value);
			m->v[i].value = copy;
			return 0;
		}
	}
	v = reallocarray(m->v, m->n + 1, sizeof(*v));
	if (!v) {
		free(copy);
		return -ENOMEM;
	}
	m->v = v;
	v[m->n] = (struct str_pair){ strdup(key), copy };
	if (!v[m->n].key) {
		free(copy);
		return -ENOMEM;
	}
	m->n++;
	return 0;
}

const char *str_map_get(const struct str_map *m, const char *key)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->v[i].key, key))
			return m->v[i].value;
	return NULL;
}

void str_map_fini(struct str_map *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->v[i].key);
		free(m->v[i].value);
	}
	free(m->v);
	*m = (struct str_map){ 0 };
}
