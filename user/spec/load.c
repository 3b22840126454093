// SPDX-License-Identifier: Apache-2.0
/* Filling structs from YAML nodes by their option rows. */
#include "spec/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/strlist.h"
#include "base/utf8.h"
#include "spec/expand.h"
#include "spec/rows.h"
#include "spec/spec.h"

/* Longest scalar after expansion. */
#define MAX_SCALAR 65536

const char *load_text(struct doc *doc, const char *key, const char *expected,
		      const yaml_node_t *node, struct buf *b)
{
	struct diag_mark at = doc_mark(doc, node);
	const char *text = doc_text(node);
	struct err err;

	if (!doc_visit(doc, node))
		return NULL;
	if (node->type != YAML_SCALAR_NODE) {
		diag_error(doc->diag, at, "%s: expected %s, got %s", key, expected, doc_kind(node));
	} else if (doc_is_null(node)) {
		diag_error(doc->diag, at, "%s: expected %s, got nothing", key, expected);
	} else if (!text) {
		diag_error(doc->diag, at, "%s: a value cannot hold a NUL byte", key);
	} else {
		buf_reset(b);
		b->failed = 0;
		if (expand_env(text, doc->names, spec_is_secret(key), b, &err))
			diag_error(doc->diag, at, "%s: %s", key, err.text);
		else if (!utf8_valid(buf_str(b)))
			diag_error(doc->diag, at, "%s: the expanded value is not UTF-8", key);
		else
			return buf_str(b);
	}
	return NULL;
}

static const char *expected(const struct option_row *row)
{
	switch (row->type) {
	case OPTION_BOOL: return "true or false";
	case OPTION_TRI: return "true, auto or false";
	case OPTION_INT: return "a whole number";
	case OPTION_SIZE: return "a size";
	case OPTION_DURATION: return "a duration";
	case OPTION_REAL: return "a number";
	case OPTION_CPUS: return "a CPU list";
	case OPTION_STRINGS: return "a list";
	case OPTION_STRMAP: return "a mapping of names to values";
	case OPTION_SECTION: return "a mapping";
	case OPTION_SECTIONS: return "a mapping of names";
	case OPTION_MATRIX: return "a mapping of axes";
	default: return "a value";
	}
}

static void load_scalar(struct doc *doc, const struct option_row *row, void *config,
			const yaml_node_t *node)
{
	cleanup_buf struct buf b = BUF_INIT(MAX_SCALAR);
	const char *text = load_text(doc, row->name, expected(row), node, &b);
	struct err err;

	if (text && option_set(row, config, text, &err))
		diag_error(doc->diag, doc_mark(doc, node), "%s: %s", row->name, err.text);
}

static void add_string(struct doc *doc, struct str_list *list, const char *text,
		       const yaml_node_t *node)
{
	if (str_list_add(list, text))
		diag_oom(doc->diag);
	else
		diag_place(doc->diag, list->v[list->n - 1], doc_mark(doc, node));
}

static void load_strings(struct doc *doc, const struct option_row *row, struct str_list *list,
			 const yaml_node_t *node)
{
	cleanup_buf struct buf b = BUF_INIT(MAX_SCALAR);
	const yaml_node_t *item;
	const char *text;

	str_list_fini(list);
	if (node->type != YAML_SEQUENCE_NODE) {
		text = load_text(doc, row->name, expected(row), node, &b);
		if (text && row->shell) {
			add_string(doc, list, "/bin/sh", node);
			add_string(doc, list, "-c", node);
		}
		if (text)
			add_string(doc, list, text, node);
		return;
	}
	for (size_t i = 0; (item = doc_item(doc, node, i)) && !doc->exhausted; i++) {
		text = load_text(doc, row->name, "a list of plain values", item, &b);
		if (text)
			add_string(doc, list, text, item);
	}
}

static void set_pair(struct doc *doc, struct str_map *map, const char *key, const char *value,
		     const yaml_node_t *node)
{
	if (str_map_set(map, key, value))
		diag_oom(doc->diag);
	else
		diag_place(doc->diag, str_map_get(map, key), doc_mark(doc, node));
}

static void load_assignments(struct doc *doc, const struct option_row *row, struct str_map *map,
			     const yaml_node_t *node)
{
	cleanup_buf struct buf b = BUF_INIT(MAX_SCALAR);
	const yaml_node_t *item;

	for (size_t i = 0; (item = doc_item(doc, node, i)) && !doc->exhausted; i++) {
		const char *text = load_text(doc, row->name, "a list of NAME=VALUE", item, &b);
		cleanup_free char *key = text ? strdup(text) : NULL;
		char *equals = key ? strchr(key, '=') : NULL;

		if (!text)
			continue;
		if (!equals || equals == key) {
			diag_error(doc->diag, doc_mark(doc, item),
				   "%s: expected NAME=VALUE, got '%s'", row->name, text);
			continue;
		}
		*equals = '\0';
		if (str_map_get(map, key))
			diag_error(doc->diag, doc_mark(doc, item), "%s: '%s' is given twice",
				   row->name, key);
		else
			set_pair(doc, map, key, equals + 1, item);
	}
}

void load_pair(struct doc *doc, struct str_map *map, const char *key, const yaml_node_t *node)
{
	cleanup_buf struct buf b = BUF_INIT(MAX_SCALAR);
	const char *text = load_text(doc, key, "a value (\"\" for an empty one)", node, &b);

	if (text)
		set_pair(doc, map, key, text, node);
}

static void load_strmap(struct doc *doc, const struct option_row *row, struct str_map *map,
			const yaml_node_t *node)
{
	cleanup_free struct doc_entry *entries = NULL;
	size_t n = 0;

	str_map_fini(map);
	if (node->type == YAML_SEQUENCE_NODE) {
		load_assignments(doc, row, map, node);
		return;
	}
	if (node->type != YAML_MAPPING_NODE) {
		if (!doc_is_null(node))
			diag_error(doc->diag, doc_mark(doc, node), "%s: expected %s, got a value",
				   row->name, expected(row));
		return;
	}
	if (!doc_entries(doc, node, &entries, &n))
		return;
	for (size_t i = 0; i < n && !doc->exhausted; i++)
		load_pair(doc, map, entries[i].key, entries[i].value);
}

/* The first field of a section's struct is its name. */
static void *start_section(struct doc *doc, const struct option_row *row, struct section_list *list,
			   const char *name, const yaml_node_t *name_node)
{
	char *one = (char *)list->v + list->n * row->size;

	list->n++;
	*(char **)one = strdup(name);
	if (!*(char **)one || option_presets(row->rows, one)) {
		diag_oom(doc->diag);
		return NULL;
	}
	diag_place(doc->diag, one, doc_mark(doc, name_node));
	return one;
}

static bool reserve_sections(struct doc *doc, const struct option_row *row,
			     struct section_list *list, size_t n)
{
	/* All at once: messages hold on to the addresses of fields. */
	list->v = n ? calloc(n, row->size) : NULL;
	if (n && !list->v)
		diag_oom(doc->diag);
	return list->v;
}

static void load_names(struct doc *doc, const struct option_row *row, struct section_list *list,
		       const yaml_node_t *node)
{
	const yaml_node_item_t *from = node->data.sequence.items.start;
	cleanup_buf struct buf b = BUF_INIT(MAX_SCALAR);
	const yaml_node_t *item;

	if (!reserve_sections(doc, row, list, node->data.sequence.items.top - from))
		return;
	for (size_t i = 0; (item = doc_item(doc, node, i)) && !doc->exhausted; i++) {
		const char *name = load_text(doc, row->name, "a list of names", item, &b);
		bool twice = false;

		for (size_t j = 0; name && j < list->n; j++)
			twice |= !strcmp(*(char **)((char *)list->v + j * row->size), name);
		if (twice)
			diag_error(doc->diag, doc_mark(doc, item), "%s: '%s' is given twice",
				   row->name, name);
		else if (name)
			(void)start_section(doc, row, list, name, item); /* told in diag */
	}
}

static void load_sections(struct doc *doc, const struct option_row *row, struct section_list *list,
			  const yaml_node_t *node)
{
	cleanup_free struct doc_entry *entries = NULL;
	size_t n = 0;

	if (node->type == YAML_SEQUENCE_NODE && row->names) {
		load_names(doc, row, list, node);
		return;
	}
	if (node->type != YAML_MAPPING_NODE) {
		if (!doc_is_null(node))
			diag_error(doc->diag, doc_mark(doc, node), "%s: expected %s, got %s",
				   row->name, expected(row), doc_kind(node));
		return;
	}
	if (!doc_entries(doc, node, &entries, &n) || !reserve_sections(doc, row, list, n))
		return;
	for (size_t i = 0; i < n && !doc->exhausted; i++) {
		void *one = start_section(doc, row, list, entries[i].key, entries[i].key_node);

		if (!one)
			return;
		if (doc_is_null(entries[i].value))
			continue;
		if (entries[i].value->type != YAML_MAPPING_NODE)
			diag_error(doc->diag, doc_mark(doc, entries[i].value),
				   "%s: expected a mapping, got %s", entries[i].key,
				   doc_kind(entries[i].value));
		else
			load_rows(doc, row->rows, one, entries[i].value);
	}
}

/* Off if it is not mentioned; whoever sets something of it wants it. */
static void profile_wanted(struct spec_profile *profile)
{
	if (profile->mode == TRI_OFF)
		profile->mode = TRI_AUTO;
}

void load_mark_given(const struct option_row *row, void *config)
{
	if (row->rows == spec_ior_rows)
		((struct spec_workload *)config)->has_ior = FLAG_ON;
	else if (row->marked)
		*(enum flag *)((char *)config + row->offset) = FLAG_ON;
	else if (row->rows == spec_profile_rows)
		profile_wanted(&((struct spec_collectors *)config)->profile);
}

static void load_section(struct doc *doc, const struct option_row *row, void *config,
			 const yaml_node_t *node)
{
	void *section = (char *)config + row->offset;

	load_mark_given(row, config);
	if (node->type == YAML_MAPPING_NODE)
		load_rows(doc, row->rows, section, node);
	else if (doc_is_null(node))
		return;
	else if (row->scalar && node->type == YAML_SCALAR_NODE)
		load_field(doc, option_find(row->rows, row->scalar), section, node);
	else
		diag_error(doc->diag, doc_mark(doc, node), "%s: expected %s, got %s", row->name,
			   expected(row), doc_kind(node));
}

void load_field(struct doc *doc, const struct option_row *row, void *config,
		const yaml_node_t *node)
{
	void *field = (char *)config + row->offset;
	struct section_list *list = field;

	/* What the axes are was read before all else. */
	if (row->type == OPTION_MATRIX || !doc_visit(doc, node))
		return;
	if (row->type != OPTION_SECTION)
		diag_place(doc->diag, field, doc_mark(doc, node));
	switch (row->type) {
	case OPTION_STRINGS: load_strings(doc, row, field, node); break;
	case OPTION_STRMAP: load_strmap(doc, row, field, node); break;
	case OPTION_SECTION: load_section(doc, row, config, node); break;
	case OPTION_SECTIONS:
		if (list->n)
			option_fini((struct option_row[]){ *row, { 0 } }, config);
		load_sections(doc, row, field, node);
		break;
	default: load_scalar(doc, row, config, node);
	}
}

static void unknown_key(struct doc *doc, const struct option_row *rows,
			const struct doc_entry *entry)
{
	const char *nearest = option_nearest(rows, entry->key);
	struct diag_mark at = doc_mark(doc, entry->key_node);

	if (nearest)
		diag_error(doc->diag, at, "unknown key '%s'; did you mean '%s'?", entry->key,
			   nearest);
	else
		diag_error(doc->diag, at, "unknown key '%s'", entry->key);
}

void load_rows(struct doc *doc, const struct option_row *rows, void *config,
	       const yaml_node_t *node)
{
	cleanup_free struct doc_entry *entries = NULL;
	size_t n = 0;

	if (!doc_entries(doc, node, &entries, &n))
		return;
	for (size_t i = 0; i < n && !doc->exhausted; i++) {
		const struct option_row *row = option_find(rows, entries[i].key);

		if (row)
			load_field(doc, row, config, entries[i].value);
		/* As in compose files: a place for anchors. */
		else if (rows != spec_rows || strncmp(entries[i].key, "x-", 2))
			unknown_key(doc, rows, &entries[i]);
	}
}
