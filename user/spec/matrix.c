// SPDX-License-Identifier: Apache-2.0
/* Reading the axes of a matrix, from a file and from --set. */
#include "spec/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/option.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "spec/load.h"
#include "spec/rows.h"

#define MAX_TEXT 4096 /* of a value */
#define MAX_AXES 16
#define MAX_VALUES 1000 /* of an axis */
#define MAX_DEPTH 4 /* of a value that is a list or a mapping */
#define UNSET "-" /* how a value of null is told */

static void free_values(struct matrix_axis *axis)
{
	for (size_t i = 0; i < axis->n; i++)
		free(axis->v[i].text);
	free(axis->v);
	axis->v = NULL;
	axis->n = 0;
	axis->labelled = false;
}

static void free_axes(struct matrix *m)
{
	matrix_forget(m, false);
	matrix_forget(m, true);
	for (size_t i = 0; i < m->n; i++) {
		free_values(&m->v[i]);
		free(m->v[i].key);
	}
	free(m->v);
	m->v = NULL;
	m->n = 0;
}

void matrix_fini(struct matrix *m)
{
	free_axes(m);
	for (size_t i = 0; i < m->n_docs; i++) {
		doc_fini(m->docs[i]);
		free(m->docs[i]);
	}
	free(m->docs);
	m->docs = NULL;
	m->n_docs = 0;
}

struct matrix_axis *matrix_find(const struct matrix *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->v[i].key, name) || (m->v[i].name && !strcmp(m->v[i].name, name)))
			return &m->v[i];
	return NULL;
}

/* --- values --- */

/* Which value a run has is stored and shown. */
static bool refuse_secrets(struct doc *doc, const char *key, const yaml_node_t *node)
{
	diag_error(doc->diag, doc_mark(doc, node),
		   "%s: the values of an axis are stored with its runs, and these are taken for "
		   "secrets: give them labels",
		   key);
	return false;
}

/* A value as one line: lists and mappings as YAML has them on one. */
static bool put_node(struct doc *doc, const char *key, const yaml_node_t *node, int depth,
		     struct buf *out)
{
	cleanup_buf struct buf b = BUF_INIT(MAX_TEXT);
	cleanup_free struct doc_entry *entries = NULL;
	const yaml_node_t *item;
	const char *text;
	size_t n = 0;

	if (depth > MAX_DEPTH) {
		diag_error(doc->diag, doc_mark(doc, node), "%s: lists more than %d deep", key,
			   MAX_DEPTH);
		return false;
	}
	if (node->type == YAML_SEQUENCE_NODE) {
		(void)buf_puts(out, "["); /* @failed is looked at by the caller */
		for (size_t i = 0; (item = doc_item(doc, node, i)); i++) {
			(void)buf_puts(out, i ? "," : "");
			if (!put_node(doc, key, item, depth + 1, out))
				return false;
		}
		(void)buf_puts(out, "]");
		return true;
	}
	if (node->type == YAML_MAPPING_NODE) {
		if (!doc_entries(doc, node, &entries, &n))
			return false;
		(void)buf_puts(out, "{");
		for (size_t i = 0; i < n; i++) {
			(void)buf_printf(out, "%s%s:", i ? "," : "", entries[i].key);
			if (spec_is_secret(entries[i].key))
				return refuse_secrets(doc, key, entries[i].value);
			if (!put_node(doc, key, entries[i].value, depth + 1, out))
				return false;
		}
		(void)buf_puts(out, "}");
		return true;
	}
	if (doc_is_null(node)) {
		(void)buf_puts(out, UNSET);
		return doc_visit(doc, node);
	}
	text = load_text(doc, key, "a value", node, &b);
	if (text)
		(void)buf_puts(out, text);
	return text;
}

char *matrix_text(struct doc *doc, const char *key, const yaml_node_t *node)
{
	cleanup_buf struct buf text = BUF_INIT(MAX_TEXT);
	char *copy;

	if (!put_node(doc, key, node, 0, &text))
		return NULL;
	if (text.failed) {
		diag_error(doc->diag, doc_mark(doc, node), "%s: the value is too long", key);
		return NULL;
	}
	copy = strdup(buf_str(&text));
	if (!copy)
		diag_oom(doc->diag);
	return copy;
}

/* @text is stolen, NULL: it was told why there is none. */
static void add_value(struct matrix_axis *axis, struct doc *doc, char *text, bool unset,
		      const yaml_node_t *at, const yaml_node_t *node)
{
	struct matrix_value *v = NULL;
	bool twice = false;

	if (!text)
		return;
	for (size_t i = 0; i < axis->n; i++)
		twice |= !strcmp(axis->v[i].text, text);
	if (twice) {
		diag_error(doc->diag, doc_mark(doc, at), "%s: '%s' is given twice", axis->key,
			   text);
	} else if (axis->n == MAX_VALUES) {
		diag_error(doc->diag, doc_mark(doc, at), "%s: more than %d values", axis->key,
			   MAX_VALUES);
	} else {
		v = reallocarray(axis->v, axis->n + 1, sizeof(*v));
		if (!v)
			diag_oom(doc->diag);
	}
	if (!v) {
		free(text);
		return;
	}
	axis->v = v;
	v[axis->n++] = (struct matrix_value){ text, unset, doc, node };
}

static void read_labels(struct matrix_axis *axis, struct doc *doc, const yaml_node_t *node)
{
	cleanup_free struct doc_entry *entries = NULL;
	size_t n = 0;

	axis->labelled = true;
	if (!doc_entries(doc, node, &entries, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *value = entries[i].value;
		char *text = strdup(entries[i].key);

		if (!text)
			diag_oom(doc->diag);
		if (!axis->is_key && value->type != YAML_MAPPING_NODE && !doc_is_null(value))
			diag_error(doc->diag, doc_mark(doc, value),
				   "%s: expected a mapping of keys under '%s', got %s", axis->key,
				   entries[i].key, doc_kind(value));
		add_value(axis, doc, text, doc_is_null(value), entries[i].key_node, value);
	}
}

static void read_values(struct matrix_axis *axis, struct doc *doc, const yaml_node_t *node)
{
	const yaml_node_t *item;
	size_t errors = doc->diag->errors;

	if (axis->is_key && node->type != YAML_MAPPING_NODE && spec_is_secret(axis->key)) {
		(void)refuse_secrets(doc, axis->key, node);
		return;
	}
	if (node->type == YAML_MAPPING_NODE)
		read_labels(axis, doc, node);
	for (size_t i = 0; node->type == YAML_SEQUENCE_NODE && (item = doc_item(doc, node, i)); i++)
		add_value(axis, doc, matrix_text(doc, axis->key, item), doc_is_null(item), item,
			  item);
	if (node->type == YAML_SCALAR_NODE && !doc_is_null(node))
		add_value(axis, doc, matrix_text(doc, axis->key, node), false, node, node);
	if (!axis->n && doc->diag->errors == errors)
		diag_error(doc->diag, doc_mark(doc, node), "%s: needs at least one value",
			   axis->key);
}

/* --- axes --- */

static bool is_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return n && !s[n];
}

static struct matrix_axis *add_axis(struct matrix *m, const char *key, struct diag_mark at)
{
	struct matrix_axis *v;

	if (m->n == MAX_AXES) {
		diag_error(m->diag, at, "more than %d axes", MAX_AXES);
		return NULL;
	}
	v = reallocarray(m->v, m->n + 1, sizeof(*v));
	if (!v) {
		diag_oom(m->diag);
		return NULL;
	}
	m->v = v;
	if (!load_is_key(key) && !is_name(key)) {
		diag_error(m->diag, at,
			   "the axis '%s' is no key of a spec, so it may hold letters, digits, '_' "
			   "and '-'",
			   key);
		return NULL;
	}
	v[m->n] = (struct matrix_axis){ .key = strdup(key), .at = at, .is_key = load_is_key(key) };
	if (!v[m->n].key) {
		diag_oom(m->diag);
		return NULL;
	}
	return &v[m->n++];
}

static bool ends_with(const char *key, const char *end)
{
	size_t len = strlen(key), n = strlen(end);

	return len >= n && !strcmp(key + len - n, end) && (len == n || key[len - n - 1] == '.');
}

static bool is_unique(const struct matrix *m, const struct matrix_axis *axis, const char *end)
{
	for (size_t i = 0; i < m->n; i++)
		if (&m->v[i] != axis && ends_with(m->v[i].key, end))
			return false;
	return true;
}

/* Of keys the shortest ends that tell them apart: "transfer". */
static void name_axes(struct matrix *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const char *key = m->v[i].key, *end = key + strlen(key);

		while (end > key &&
		       (end[0] == '\0' || end[-1] != '.' || !is_unique(m, &m->v[i], end)))
			end--;
		m->v[i].name = end;
	}
}

static void read_axes(struct matrix *m, struct doc *doc, const yaml_node_t *node)
{
	cleanup_free struct doc_entry *entries = NULL;
	size_t n = 0;

	if (node->type != YAML_MAPPING_NODE) {
		if (!doc_is_null(node))
			diag_error(doc->diag, doc_mark(doc, node),
				   "matrix: expected a mapping of axes, got %s", doc_kind(node));
		return;
	}
	if (!doc_entries(doc, node, &entries, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		struct matrix_axis *axis;

		if (matrix_is_filter(entries[i].key))
			continue;
		axis = add_axis(m, entries[i].key, doc_mark(doc, entries[i].key_node));
		if (axis)
			read_values(axis, doc, entries[i].value);
	}
	name_axes(m);
	/* They may stand before the axes that they are about. */
	for (size_t i = 0; i < n; i++)
		if (matrix_is_filter(entries[i].key))
			matrix_read_filter(m, doc, entries[i].key, entries[i].value);
}

static const char *find_text(void *arg, const char *name)
{
	struct matrix_axis *axis = matrix_find(arg, name);

	if (!axis)
		return NULL;
	axis->used = true;
	return axis->n ? axis->v[axis->now].text : "";
}

void matrix_read(struct matrix *m, struct doc *doc)
{
	cleanup_free struct doc_entry *entries = NULL;
	struct diag untold = { 0 };
	size_t n = 0;

	m->diag = doc->diag;
	m->names = (struct expand_names){ find_text, m };
	/* What is wrong with the other keys is told with what is below them. */
	doc->diag = &untold;
	(void)doc_entries(doc, doc_root(doc), &entries, &n);
	doc->diag = m->diag;
	doc->visits = 0;
	doc->exhausted = false;
	diag_fini(&untold);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(entries[i].key, "matrix"))
			read_axes(m, doc, entries[i].value);
}

/* --- of --set --- */

static struct doc *parse_value(struct matrix *m, const char *origin, const char *value)
{
	struct doc **docs = reallocarray(m->docs, m->n_docs + 1, sizeof(struct doc *));
	struct doc *doc = calloc(1, sizeof(*doc));

	if (docs)
		m->docs = docs;
	if (!docs || !doc) {
		diag_oom(m->diag);
		free(doc);
		return NULL;
	}
	m->docs[m->n_docs++] = doc;
	return doc_parse(doc, m->diag, origin, value, strlen(value)) ? NULL : doc;
}

/* What --set gives a key, as it is told and stored. */
static const char *shown(const char *key, const char *value)
{
	bool mapping = *value == '{' && (secret_has_name(value) || !strncmp(key, "sinks", 5));

	return mapping || spec_is_secret(key) ? SECRET_HIDDEN : value;
}

/* Of an axis with labels these are chosen from, in the order given. */
static void choose_labels(struct matrix *m, struct matrix_axis *axis, struct diag_mark at,
			  const struct matrix_axis *wanted)
{
	struct matrix_value *v = calloc(wanted->n + 1, sizeof(*v));
	size_t n = 0;

	if (!v)
		diag_oom(m->diag);
	for (size_t w = 0; v && w < wanted->n; w++) {
		size_t i = 0;

		while (i < axis->n &&
		       (!axis->v[i].text || strcmp(axis->v[i].text, wanted->v[w].text)))
			i++;
		if (i == axis->n) {
			diag_error(m->diag, at, "the axis '%s' has no value '%s'", axis->name,
				   shown(axis->key, wanted->v[w].text));
			continue;
		}
		v[n++] = axis->v[i];
		axis->v[i].text = NULL;
	}
	free_values(axis);
	axis->labelled = true;
	axis->v = v;
	axis->n = n;
}

static void set_axis(struct matrix *m, const char *name, const char *origin, const char *value)
{
	struct diag_mark at = { .origin = origin };
	struct matrix_axis *axis = matrix_find(m, name), fresh = { 0 };
	struct doc *doc = parse_value(m, origin, value);
	bool choice;

	if (!doc)
		return;
	if (matrix_is_filter(name)) {
		matrix_read_filter(m, doc, name, doc_root(doc));
		return;
	}
	if (!axis)
		axis = add_axis(m, name, at);
	if (!axis)
		return;
	choice = axis->labelled && doc_root(doc)->type != YAML_MAPPING_NODE; /* of its labels */
	fresh = (struct matrix_axis){ .key = axis->key, .is_key = axis->is_key && !choice };
	read_values(&fresh, doc, doc_root(doc));
	if (choice) {
		choose_labels(m, axis, at, &fresh);
		free_values(&fresh);
	} else {
		free_values(axis);
		axis->v = fresh.v;
		axis->n = fresh.n;
		axis->labelled = fresh.labelled;
	}
	name_axes(m);
}

/* @key is set for all combinations: an axis of it has no other value. */
static void fix_axis(struct matrix *m, const char *key, const char *origin, const char *value)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < m->n; i++) {
		struct matrix_axis *axis = &m->v[i];

		if (!axis->is_key || strncmp(axis->key, key, len) != 0)
			continue;
		if (axis->key[len] == '.')
			diag_error(m->diag, (struct diag_mark){ .origin = origin },
				   "the axis '%s' is below it; set matrix.%s, too", axis->name,
				   axis->name);
		if (axis->key[len])
			continue;
		free_values(axis);
		axis->v = calloc(1, sizeof(*axis->v));
		if (axis->v)
			axis->v->text = strdup(shown(key, value));
		if (!axis->v || !axis->v->text) {
			diag_oom(m->diag);
			continue;
		}
		axis->v->unset = true; /* load_override() sets it */
		axis->n = 1;
	}
}

bool matrix_override(struct matrix *m, const char *setting, char **origin)
{
	static const char prefix[] = "matrix.";
	const char *equals = strchr(setting, '='), *value = equals ? equals + 1 : NULL;
	struct doc *doc;

	if (!equals || equals == setting || !utf8_valid(setting))
		return false;
	if (!*origin)
		*origin = strndup(setting, (size_t)(equals - setting));
	if (!*origin) {
		diag_oom(m->diag);
		return true;
	}
	if (!strcmp(*origin, "matrix")) {
		free_axes(m);
		doc = *value ? parse_value(m, *origin, value) : NULL;
		if (doc)
			read_axes(m, doc, doc_root(doc));
		return true;
	}
	if (!strncmp(*origin, prefix, sizeof(prefix) - 1)) {
		set_axis(m, *origin + sizeof(prefix) - 1, *origin, value);
		return true;
	}
	fix_axis(m, *origin, *origin, value);
	return false;
}
