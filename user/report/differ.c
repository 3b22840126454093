// SPDX-License-Identifier: Apache-2.0
/* Walks JSON values side by side and tells where they part. */
#include "report/differ.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define PATH_MAX_BYTES 65536
#define NAME_MAX_BYTES 8192

struct differ {
	size_t n;
	const struct differ_rule *ignored;
	json_t *array; /* borrowed */
	struct buf path;
	bool failed; /* no memory */
};

static void compare(struct differ *d, const json_t *const *v, uint64_t part);

static bool takes_part(uint64_t part, size_t i)
{
	return part >> i & 1;
}

static bool is_ignored(const struct differ *d)
{
	for (const struct differ_rule *r = d->ignored; r && r->pattern; r++)
		if (!fnmatch(r->pattern, buf_str(&d->path), 0))
			return true;
	return false;
}

/* 1 and 1.0 are the same number. */
static bool is_same(const json_t *a, const json_t *b)
{
	if (json_is_number(a) && json_is_number(b) && json_typeof(a) != json_typeof(b))
		return json_number_value(a) == json_number_value(b);
	return json_equal(a, b);
}

static void tell(struct differ *d, const json_t *const *v, uint64_t part)
{
	json_t *values = json_array();

	for (size_t i = 0; i < d->n; i++) {
		const json_t *one = takes_part(part, i) && v[i] ? v[i] : NULL;

		/* Shared with who gave it; nobody changes it. */
		if (json_array_append_new(values, one ? json_incref((json_t *)one) : json_null()))
			d->failed = true;
	}
	if (json_array_append_new(d->array, json_pack("{s:s, s:o}", "path", buf_str(&d->path),
						      "values", values)))
		d->failed = true;
}

/* @key of a list without names is "[0]": no dot before it. */
static size_t push(struct differ *d, const char *key)
{
	size_t before = d->path.len;

	buf_printf(&d->path, "%s%s", before && *key != '[' ? "." : "", key);
	return before;
}

static void pop(struct differ *d, size_t before)
{
	if (d->path.failed) { /* longer than anything that is meant to be read */
		d->failed |= d->path.failed == -ENOMEM;
		d->path.failed = 0;
	}
	if (d->path.data) {
		d->path.len = before;
		d->path.data[before] = '\0';
	}
}

static void compare_keys(struct differ *d, const json_t *const *v, uint64_t part)
{
	json_t *seen = json_object(), *unused; /* keeps the order of insertion */
	const char *key;

	for (size_t i = 0; i < d->n; i++)
		if (takes_part(part, i))
			json_object_foreach((json_t *)v[i], key, unused)
				if (json_object_set_new(seen, key, json_null()))
					d->failed = true;
	json_object_foreach(seen, key, unused) {
		const json_t *inner[DIFFER_MAX] = { NULL };
		size_t before = push(d, key);

		for (size_t i = 0; i < d->n; i++)
			if (takes_part(part, i))
				inner[i] = json_object_get(v[i], key);
		compare(d, inner, part);
		pop(d, before);
	}
	json_decref(seen);
}

/* --- lists --- */

/* What tells entries of a list apart, by one key or two. */
static const char *const names[][2] = {
	{ "name" }, { "point" }, { "id" }, { "domain" }, { "level", "type" },
};

static bool is_name(const json_t *v)
{
	return json_is_string(v) || json_is_integer(v);
}

static bool has_names(const json_t *list, const char *const *keys)
{
	json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
		if (!is_name(json_object_get(entry, keys[0])) ||
		    (keys[1] && !is_name(json_object_get(entry, keys[1]))))
			return false;
	return true;
}

static const char *const *find_names(const struct differ *d, const json_t *const *v, uint64_t part)
{
	for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
		bool all = true;

		for (size_t i = 0; i < d->n; i++)
			all = all && (!takes_part(part, i) || has_names(v[i], names[k]));
		if (all)
			return names[k];
	}
	return NULL;
}

static void put_name(struct buf *out, const json_t *name)
{
	if (json_is_integer(name))
		buf_printf(out, "%lld", (long long)json_integer_value(name));
	else
		buf_puts(out, json_string_value(name));
}

/* Of an entry: unlike those of @object, which are before it in the list. */
static void entry_name(const json_t *object, const json_t *entry, size_t at,
		       const char *const *keys, struct buf *name)
{
	size_t len;

	if (keys)
		put_name(name, json_object_get(entry, keys[0]));
	if (keys && keys[1]) {
		buf_puts(name, " ");
		put_name(name, json_object_get(entry, keys[1]));
	}
	len = name->len;
	for (int n = 2; keys && !name->failed && json_object_get(object, buf_str(name)); n++) {
		name->len = len;
		buf_printf(name, "#%d", n);
	}
	if (keys && !name->failed)
		return;
	name->failed = 0;
	buf_reset(name);
	buf_printf(name, "[%zu]", at);
}

/* The list as an object by names; @keys NULL: by position. New; NULL: no memory. */
static json_t *by_name(const json_t *list, const char *const *keys)
{
	json_t *object = json_object(), *entry;
	size_t i;

	json_array_foreach(list, i, entry) {
		cleanup_buf struct buf name = BUF_INIT(NAME_MAX_BYTES);

		entry_name(object, entry, i, keys, &name);
		if (json_object_set(object, buf_str(&name), entry)) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static void compare_lists(struct differ *d, const json_t *const *v, uint64_t part)
{
	const char *const *keys = find_names(d, v, part);
	const json_t *named[DIFFER_MAX] = { NULL };
	bool failed = false;

	for (size_t i = 0; i < d->n; i++) {
		if (!takes_part(part, i))
			continue;
		named[i] = by_name(v[i], keys);
		failed |= !named[i];
	}
	if (!failed)
		compare_keys(d, named, part);
	d->failed |= failed;
	for (size_t i = 0; i < d->n; i++)
		json_decref((json_t *)named[i]);
}

/* Of entries that are objects; an empty list may have been one. */
static bool is_list_of_objects(const json_t *v)
{
	json_t *entry;
	size_t i;

	json_array_foreach(v, i, entry)
		if (!json_is_object(entry))
			return false;
	return json_is_array(v);
}

/* --- all of it --- */

static void compare(struct differ *d, const json_t *const *v, uint64_t part)
{
	uint64_t present = 0;
	bool objects = true, lists = true, same = true;
	const json_t *first = NULL;

	if (is_ignored(d))
		return;
	for (size_t i = 0; i < d->n; i++) {
		if (!takes_part(part, i) || !v[i] || json_is_null(v[i]))
			continue;
		present |= 1ull << i;
		first = first ? first : v[i];
		objects = objects && json_is_object(v[i]);
		lists = lists && is_list_of_objects(v[i]);
		same = same && is_same(first, v[i]);
	}
	if (!present || (same && present == part))
		return;
	if (present != part || !(objects || lists))
		tell(d, v, part);
	if (objects)
		compare_keys(d, v, present);
	else if (lists)
		compare_lists(d, v, present);
}

int differ(const json_t *const *values, size_t n, uint64_t part, const char *path,
	   const struct differ_rule *ignored, json_t *array)
{
	struct differ d = {
		.n = n, .ignored = ignored, .array = array, .path = BUF_INIT(PATH_MAX_BYTES)
	};

	if (n < DIFFER_MAX)
		part &= (1ull << n) - 1;
	buf_puts(&d.path, path);
	compare(&d, values, part);
	d.failed |= d.path.failed == -ENOMEM;
	buf_fini(&d.path);
	return d.failed ? -ENOMEM : 0;
}
