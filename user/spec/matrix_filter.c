// SPDX-License-Identifier: Apache-2.0
/* `exclude:` and `only:` of a matrix: reading what leaves combinations out. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/option.h"
#include "spec/load.h"
#include "spec/matrix.h"

#define MAX_RULES 1000

static const char *const filters[] = { "exclude", "only" };

bool matrix_is_filter(const char *key)
{
	return !strcmp(key, filters[0]) || !strcmp(key, filters[1]);
}

void matrix_forget(struct matrix *m, bool only)
{
	size_t kept = 0;

	for (size_t r = 0; r < m->n_rules; r++) {
		if (m->rules[r].only != only) {
			m->rules[kept++] = m->rules[r];
			continue;
		}
		for (size_t i = 0; i < m->rules[r].n; i++)
			str_list_fini(&m->rules[r].values[i]);
		free(m->rules[r].values);
	}
	m->n_rules = kept;
	if (!kept) {
		free(m->rules);
		m->rules = NULL;
	}
}

static void add_wanted(struct matrix *m, struct matrix_rule *rule, struct doc *doc,
		       const struct doc_entry *entry, const yaml_node_t *node)
{
	struct matrix_axis *axis = matrix_find(m, entry->key);
	cleanup_free char *text = matrix_text(doc, entry->key, node);
	bool known = false;

	if (!text)
		return;
	for (size_t i = 0; i < axis->n; i++)
		known |= !strcmp(axis->v[i].text, text);
	if (!known)
		diag_error(doc->diag, doc_mark(doc, node), "%s: the axis '%s' has no value '%s'",
			   filters[rule->only], axis->name, text);
	else if (str_list_add(&rule->values[axis - m->v], text))
		diag_oom(doc->diag);
}

static void unknown_axis(struct matrix *m, struct diag_mark at, const char *name)
{
	cleanup_free struct option_row *rows = calloc(m->n + 1, sizeof(*rows));

	for (size_t i = 0; rows && i < m->n; i++)
		rows[i].name = m->v[i].name;
	check_unknown_name(m->diag, at, "axis", name, rows ? option_nearest(rows, name) : NULL);
}

static struct matrix_rule *add_rule(struct matrix *m, bool only)
{
	struct matrix_rule *v = reallocarray(m->rules, m->n_rules + 1, sizeof(*v));

	if (v) {
		m->rules = v;
		v[m->n_rules] = (struct matrix_rule){
			.only = only,
			.values = calloc(m->n + 1, sizeof(*v->values)),
			.n = m->n,
		};
	}
	if (v && v[m->n_rules].values)
		return &v[m->n_rules++];
	diag_oom(m->diag);
	return NULL;
}

static void read_rule(struct matrix *m, struct doc *doc, bool only, const yaml_node_t *node)
{
	cleanup_free struct doc_entry *entries = NULL;
	struct matrix_rule *rule;
	size_t n = 0;

	if (node->type != YAML_MAPPING_NODE) {
		diag_error(doc->diag, doc_mark(doc, node),
			   "%s: expected a mapping of axes to values, got %s", filters[only],
			   doc_kind(node));
		return;
	}
	rule = add_rule(m, only);
	if (!rule || !doc_entries(doc, node, &entries, &n))
		return;
	if (!n)
		diag_error(doc->diag, doc_mark(doc, node), "%s: {} names no axis", filters[only]);
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *value = entries[i].value, *item;

		if (!matrix_find(m, entries[i].key))
			unknown_axis(m, doc_mark(doc, entries[i].key_node), entries[i].key);
		else if (value->type != YAML_SEQUENCE_NODE)
			add_wanted(m, rule, doc, &entries[i], value);
		else
			for (size_t k = 0; (item = doc_item(doc, value, k)); k++)
				add_wanted(m, rule, doc, &entries[i], item);
	}
}

void matrix_read_filter(struct matrix *m, struct doc *doc, const char *key, const yaml_node_t *node)
{
	bool only = !strcmp(key, filters[1]);
	const yaml_node_t *item;

	matrix_forget(m, only);
	if (doc_is_null(node))
		return;
	if (node->type != YAML_SEQUENCE_NODE) {
		diag_error(doc->diag, doc_mark(doc, node), "%s: expected a list, got %s",
			   filters[only], doc_kind(node));
		return;
	}
	if (node->data.sequence.items.top - node->data.sequence.items.start > MAX_RULES) {
		diag_error(doc->diag, doc_mark(doc, node), "%s: more than %d", filters[only],
			   MAX_RULES);
		return;
	}
	for (size_t i = 0; (item = doc_item(doc, node, i)); i++)
		read_rule(m, doc, only, item);
}
