// SPDX-License-Identifier: Apache-2.0
/* The combinations of a matrix, one after the other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/strlist.h"
#include "spec/load.h"
#include "spec/matrix.h"
#include "spec/spec.h"

#define MAX_PRODUCT 100000 /* before `exclude:` */

void matrix_settle(struct matrix *m)
{
	size_t product = 1;

	for (size_t i = 0; i < m->n; i++) {
		product *= m->v[i].n;
		if (product <= MAX_PRODUCT)
			continue;
		diag_error(m->diag, m->v[0].at, "matrix: more than %d combinations", MAX_PRODUCT);
		return;
	}
}

static bool has_value(const struct str_list *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->v[i], text))
			return true;
	return false;
}

static bool is_about(const struct matrix *m, const struct matrix_rule *rule)
{
	for (size_t i = 0; i < rule->n && i < m->n; i++)
		if (rule->values[i].n && !has_value(&rule->values[i], m->v[i].v[m->v[i].now].text))
			return false;
	return true;
}

static bool is_left_out(const struct matrix *m)
{
	bool only = false, wanted = false;

	for (size_t r = 0; r < m->n_rules; r++) {
		bool about = is_about(m, &m->rules[r]);

		if (about && !m->rules[r].only)
			return true;
		only |= m->rules[r].only;
		wanted |= about && m->rules[r].only;
	}
	return only && !wanted;
}

/* The last axis is the fastest. */
static bool advance(struct matrix *m)
{
	for (size_t i = m->n; i > 0; i--) {
		struct matrix_axis *axis = &m->v[i - 1];

		if (++axis->now < axis->n)
			return true;
		axis->now = 0;
	}
	return false;
}

bool matrix_next(struct matrix *m)
{
	do {
		if (m->begun && !advance(m))
			return false;
		m->begun = true;
	} while (is_left_out(m));
	return true;
}

/* The keys below a label of a named axis. */
static void apply_keys(const struct matrix_value *v, struct spec *spec)
{
	cleanup_free struct doc_entry *entries = NULL;
	size_t n = 0;

	if (!doc_entries(v->doc, v->node, &entries, &n))
		return;
	for (size_t i = 0; i < n; i++)
		load_key(spec, v->doc, entries[i].key, doc_mark(v->doc, entries[i].key_node),
			 entries[i].value);
}

void matrix_apply(const struct matrix *m, struct spec *spec)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct matrix_axis *axis = &m->v[i];
		const struct matrix_value *v = &axis->v[axis->now];

		if (v->unset)
			continue;
		v->doc->names = &m->names;
		if (axis->is_key)
			load_key(spec, v->doc, axis->key, axis->at, v->node);
		else if (axis->labelled)
			apply_keys(v, spec);
	}
}

void matrix_label(const struct matrix *m, struct buf *out)
{
	for (size_t i = 0; i < m->n; i++)
		(void)buf_printf(out, "%s%s=%s", i ? " " : "", m->v[i].name, /* cut when too long */
				 m->v[i].v[m->v[i].now].text);
}

int matrix_note(const struct matrix *m, struct spec *spec)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_map_set(&spec->axes, m->v[i].name, m->v[i].v[m->v[i].now].text))
			return -ENOMEM;
	return 0;
}

void matrix_check_used(struct matrix *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (!m->v[i].is_key && !m->v[i].labelled && !m->v[i].used)
			diag_error(m->diag, m->v[i].at,
				   "'%s' is no key of a spec, and no ${matrix.%s} takes its values",
				   m->v[i].key, m->v[i].name);
}
