/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of strings and ordered string-to-string maps. */
#ifndef CBPF_BASE_STRLIST_H
#define CBPF_BASE_STRLIST_H

#include <stddef.h>

struct str_list {
	char **v; /* owned; v[n] is NULL when n > 0, so it serves as argv */
	size_t n;
};

struct str_pair {
	char *key;
	char *value;
};

struct str_map {
	struct str_pair *v; /* owned; in order of appearance */
	size_t n;
};

/* Strings are copied. 0 or -ENOMEM. */
int str_list_add(struct str_list *l, const char *s);
__attribute__((format(printf, 2, 3))) int str_list_addf(struct str_list *l, const char *fmt, ...);
int str_list_copy(struct str_list *to, const struct str_list *from);
void str_list_fini(struct str_list *l);

/* Replaces the value of a key that is there already. */
int str_map_set(struct str_map *m, const char *key, const char *value);
const char *str_map_get(const struct str_map *m, const char *key); /* or NULL */
void str_map_fini(struct str_map *m);

#endif
