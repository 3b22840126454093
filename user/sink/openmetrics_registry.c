// SPDX-License-Identifier: Apache-2.0
/* The state of a run, kept from its points: what happened is summed, a state is replaced. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/hist.h"
#include "base/loss.h"
#include "base/mend.h"
#include "sink/openmetrics_parts.h"
#include "sink/point.h"

#define LABELS_MAX (64 << 10) /* bytes of one set */

/* Edges are powers of two: there, counts of a log-linear histogram are exact. */
#define EDGE_NS 8 /* 256 ns */
#define EDGE_NS_LAST 36 /* 69 s; the histogram has no more */
#define EDGE_BYTES 9 /* 512 bytes */
#define EDGE_BYTES_LAST 30 /* 1 GiB */

static bool in_bytes(const struct om_family *f)
{
	return !strcmp(f->unit, "bytes");
}

/* What the histogram has less than: sizes are in there less 1. */
static uint64_t edge_end(const struct om_family *f, size_t i)
{
	return 1ull << (i + (in_bytes(f) ? EDGE_BYTES : EDGE_NS));
}

uint64_t om_edge(const struct om_family *f, size_t i)
{
	return edge_end(f, i) - !in_bytes(f);
}

size_t om_edges(const struct om_family *f)
{
	return in_bytes(f) ? EDGE_BYTES_LAST - EDGE_BYTES + 1 : EDGE_NS_LAST - EDGE_NS + 1;
}

int om_escape(struct buf *b, const char *text, bool *ret_mended)
{
	cleanup_free char *mended = mend_utf8(text);

	if (!mended)
		return -ENOMEM;
	*ret_mended = strcmp(mended, text) != 0;
	for (const char *c = mended; *c; c++) {
		switch (*c) {
		case '\\': buf_puts(b, "\\\\"); break;
		case '"': buf_puts(b, "\\\""); break;
		case '\n': buf_puts(b, "\\n"); break;
		default: buf_put(b, c, 1);
		}
	}
	return b->failed;
}

void om_registry_init(struct om_registry *r, size_t max_series, struct losses *losses)
{
	*r = (struct om_registry){ .max_series = max_series, .losses = losses, .last_seq = -1 };
}

static void row_free(struct om_row *row)
{
	for (size_t i = 0; i < row->n_many; i++)
		free(row->many[i].text);
	for (size_t i = 0; i < OM_HISTS; i++)
		free(row->hists[i]);
	free(row->many);
	free(row->values);
	free(row->labels);
	free(row);
}

void om_registry_fini(struct om_registry *r)
{
	for (size_t i = 0; i < r->n_measures; i++) {
		struct om_measure *m = &r->measures[i];

		for (size_t j = 0; j < m->n_rows; j++)
			row_free(m->rows[j]);
		free(m->rows);
		free(m->families);
	}
	for (size_t i = 0; i < r->n_targets; i++)
		free(r->targets[i].id);
	free(r->targets);
	free(r->measures);
	free(r->table);
	*r = (struct om_registry){ 0 };
}

/* Another measurement may, with its columns, make the same name: the first one has it. */
static bool is_taken(const struct om_registry *r, const struct om_measure *more,
		     const struct om_family *f)
{
	for (size_t i = 0; i <= r->n_measures; i++) {
		const struct om_measure *m = i < r->n_measures ? &r->measures[i] : more;

		for (size_t j = 0; j < m->n_columns; j++)
			if (&m->families[j] != f && m->families[j].name[0] &&
			    om_clash(&m->families[j], f))
				return true;
		for (size_t j = 0; j < m->n_hists; j++)
			if (&m->hists[j] != f && om_clash(&m->hists[j], f))
				return true;
	}
	return false;
}

static void tell_taken(struct om_registry *r, const struct om_family *f)
{
	loss_add(r->losses, "sink.openmetrics", 1,
		 "%s is what another column is called, too: only the first is served", f->name);
}

static struct om_measure *find_measure(struct om_registry *r, const struct measurement *m)
{
	struct om_measure *grown, new = { .measurement = m };

	for (size_t i = 0; i < r->n_measures; i++)
		if (r->measures[i].measurement == m)
			return &r->measures[i];
	while (m->columns[new.n_columns].name)
		new.n_columns++;
	new.families = calloc(new.n_columns + 1, sizeof(*new.families));
	grown = realloc(r->measures, (r->n_measures + 1) * sizeof(*grown));
	if (grown)
		r->measures = grown;
	if (!new.families || !grown) {
		free(new.families);
		return NULL;
	}
	for (size_t i = 0; i < new.n_columns; i++) {
		struct om_family *f = &new.families[i];

		if (om_family(m, &m->columns[i], f))
			continue;
		new.n_served++;
		if (!is_taken(r, &new, f))
			continue;
		tell_taken(r, f);
		f->name[0] = '\0';
	}
	r->measures[r->n_measures] = new;
	return &r->measures[r->n_measures++];
}

static uint64_t hash_of(size_t measure, const char *labels)
{
	uint64_t h = 14695981039346656037ull ^ measure; /* FNV-1a */

	for (; *labels; labels++)
		h = (h ^ (unsigned char)*labels) * 1099511628211ull;
	return h;
}

static void place(struct om_row **table, size_t cap, struct om_row *row)
{
	size_t i = row->hash & (cap - 1);

	while (table[i])
		i = (i + 1) & (cap - 1);
	table[i] = row;
}

static int grow_table(struct om_registry *r)
{
	size_t cap = r->cap_table ? r->cap_table * 2 : 64;
	struct om_row **table = calloc(cap, sizeof(struct om_row *));

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < r->cap_table; i++)
		if (r->table[i])
			place(table, cap, r->table[i]);
	free(r->table);
	r->table = table;
	r->cap_table = cap;
	return 0;
}

static struct om_row *look_up(const struct om_registry *r, size_t measure, const char *labels,
			      uint64_t hash)
{
	for (size_t i = hash & (r->cap_table - 1); r->table[i]; i = (i + 1) & (r->cap_table - 1))
		if (r->table[i]->hash == hash && r->table[i]->measure == measure &&
		    !strcmp(r->table[i]->labels, labels))
			return r->table[i];
	return NULL;
}

static struct om_row *add_row(struct om_registry *r, struct om_measure *m, const char *labels,
			      uint64_t hash)
{
	struct om_row *row = calloc(1, sizeof(*row));

	if (!row)
		return NULL;
	row->measure = m - r->measures;
	row->hash = hash;
	row->seq = -1;
	row->labels = strdup(labels);
	row->values = calloc(m->n_columns + 1, sizeof(*row->values));
	if (m->n_rows == m->cap_rows) {
		size_t cap = m->cap_rows ? m->cap_rows * 2 : 8;
		struct om_row **rows = realloc(m->rows, cap * sizeof(struct om_row *));

		if (rows) {
			m->rows = rows;
			m->cap_rows = cap;
		}
	}
	if (!row->labels || !row->values || m->n_rows == m->cap_rows) {
		row_free(row);
		return NULL;
	}
	m->rows[m->n_rows++] = row;
	place(r->table, r->cap_table, row);
	r->n_table++;
	return row;
}

static void refuse(struct om_registry *r)
{
	r->n_refused++;
	loss_add(r->losses, "sink.openmetrics", 1,
		 "more than %zu series, or of histograms three quarters of that, are not served",
		 r->max_series);
}

/* Whether @n more series fit into @max; when not, that is told. */
static bool has_room(struct om_registry *r, size_t n, size_t max)
{
	if (r->n_series + n <= max) {
		r->n_series += n;
		return true;
	}
	refuse(r);
	return false;
}

static int labels_of(struct om_registry *r, const struct point *p, struct buf *out)
{
	for (size_t i = 0; i < p->n_tags; i++) {
		const struct point_value *tag = &p->tags[i];
		bool mended = false;

		if (!*tag->text) /* the same as a label that is not there */
			continue;
		buf_printf(out, "%s%s=\"", out->len ? "," : "", tag->name);
		if (om_escape(out, tag->text, &mended) || buf_puts(out, "\""))
			return -ENOMEM;
		if (mended)
			loss_add(r->losses, "sink.openmetrics", 1,
				 "%s of %s is no UTF-8: bytes that are none are served as '?'",
				 tag->name, p->measurement->name);
	}
	return out->failed;
}

static void set_value(struct om_value *to, const struct point_value *v)
{
	to->real = v->column->type == TYPE_REAL;
	if (to->real)
		to->d = v->real;
	else
		to->i = v->column->type == TYPE_BOOL ? v->yes : v->i;
}

static void add_value(struct om_value *to, const struct point_value *v)
{
	if (!to->real && v->column->type == TYPE_INT) {
		int64_t sum;

		if (!__builtin_add_overflow(to->i, v->i, &sum)) {
			to->i = sum;
			return;
		}
	}
	if (!to->real) {
		to->d = to->i;
		to->real = true;
	}
	to->d += v->column->type == TYPE_REAL ? v->real : (double)v->i;
}

static bool is_number(struct om_registry *r, const struct point *p, const struct point_value *v)
{
	double value = v->column->type == TYPE_REAL  ? v->real
		       : v->column->type == TYPE_INT ? (double)v->i
						     : v->yes;
	bool counts = v->column->kind != COLUMN_GAUGE;

	if (isfinite(value) && !(counts && value < 0))
		return true;
	loss_add(r->losses, "sink.openmetrics", 1, "%s of %s is %s: it is left out", v->name,
		 p->measurement->name,
		 isfinite(value) ? "a counter below zero" : "no finite number");
	return false;
}

/* The value of one of many, made when new; NULL with *@rc 0: there is no room. */
static struct om_value *find_many(struct om_registry *r, struct om_row *row, size_t column,
				  const char *name, int *rc)
{
	cleanup_buf struct buf text = BUF_INIT(LABELS_MAX);
	struct om_many *many;
	bool mended;

	*rc = om_escape(&text, name, &mended);
	if (*rc)
		return NULL;
	for (size_t i = 0; i < row->n_many; i++)
		if (row->many[i].column == column && !strcmp(row->many[i].text, buf_str(&text)))
			return &row->many[i].value;
	if (!has_room(r, 1, r->max_series))
		return NULL;
	many = realloc(row->many, (row->n_many + 1) * sizeof(*many));
	*rc = many ? 0 : -ENOMEM;
	if (!many)
		return NULL;
	row->many = many;
	many[row->n_many] = (struct om_many){ .column = column, .text = buf_steal(&text) };
	if (!many[row->n_many].text) {
		*rc = -ENOMEM;
		return NULL;
	}
	return &many[row->n_many++].value;
}

static int put_field(struct om_registry *r, struct om_row *row, const struct point *p,
		     const struct point_value *v)
{
	size_t column = v->column - p->measurement->columns;
	struct om_value *to = &row->values[column];
	int rc = 0;

	if (!r->measures[row->measure].families[column].name[0] || !is_number(r, p, v))
		return 0;
	if (v->column->many)
		to = find_many(r, row, column, v->name, &rc);
	else if (!to->present && !has_room(r, 1, r->max_series))
		to = NULL;
	if (!to)
		return rc;
	if (to->present && v->column->kind == COLUMN_TICK)
		add_value(to, v);
	else
		set_value(to, v);
	to->present = true;
	return 0;
}

/* Which histogram of its measurement; OM_HISTS: is not served. */
static size_t find_hist(struct om_registry *r, struct om_measure *m, const char *name)
{
	struct om_family *f = &m->hists[m->n_hists];

	for (size_t i = 0; i < m->n_hists; i++)
		if (!strcmp(m->hist_names[i], name))
			return i;
	if (m->n_hists == OM_HISTS || strlen(name) >= sizeof(m->hist_names[0]))
		return OM_HISTS;
	om_family_hist(m->measurement, name, f);
	if (is_taken(r, m, f)) {
		tell_taken(r, f);
		return OM_HISTS;
	}
	strcpy(m->hist_names[m->n_hists], name);
	return m->n_hists++;
}

static int put_hist(struct om_registry *r, struct om_row *row, const char *name,
		    const struct hist *from)
{
	struct om_measure *m = &r->measures[row->measure];
	size_t which = find_hist(r, m, name), n, bucket = 0;
	struct om_hist *to;
	uint64_t below = 0;

	if (which == OM_HISTS)
		return 0;
	n = om_edges(&m->hists[which]);
	if (!row->hists[which]) {
		if (!has_room(r, n + 3, r->max_series / 4 * 3)) /* +Inf, sum and count */
			return 0;
		row->hists[which] = calloc(1, sizeof(*to));
		if (!row->hists[which])
			return -ENOMEM;
	}
	to = row->hists[which];
	to->count += from->count;
	to->sum += from->sum;
	for (size_t i = 0; i < n; i++) {
		for (; hist_high(bucket) <= edge_end(&m->hists[which], i); bucket++)
			below += from->bucket[bucket];
		to->below[i] += below;
	}
	return 0;
}

static int put_row(struct om_registry *r, struct om_row *row, const struct point *p)
{
	int rc = 0;

	/* Told again it says the same; the end of a run may have more than one of a kind. */
	if (p->seq != INT64_MAX && p->seq <= row->seq)
		return 0;
	row->seq = p->seq;
	if (row->target != SIZE_MAX)
		r->targets[row->target].seq = p->seq;
	for (size_t i = 0; !rc && i < p->n_fields; i++)
		rc = put_field(r, row, p, &p->fields[i]);
	for (size_t i = 0; !rc && i < p->n_hists; i++)
		rc = put_hist(r, row, p->hists[i].name, p->hists[i].hist);
	return rc;
}

static const char *tag_of(const struct point *p, const char *name)
{
	for (size_t i = 0; i < p->n_tags; i++)
		if (!strcmp(p->tags[i].name, name))
			return p->tags[i].text;
	return NULL;
}

/* Whose state it is: of what has an end, which others have not. */
static int find_target(struct om_registry *r, const struct point *p, size_t *ret)
{
	const char *id = tag_of(p, "target_id"), *kind = tag_of(p, "kind");
	struct om_target *grown;

	*ret = SIZE_MAX;
	if (!id || !kind || (strcmp(kind, "container") && strcmp(kind, "workload")))
		return 0;
	for (*ret = 0; *ret < r->n_targets; ++*ret)
		if (!strcmp(r->targets[*ret].id, id))
			return 0;
	*ret = SIZE_MAX;
	grown = realloc(r->targets, (r->n_targets + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	r->targets = grown;
	grown[r->n_targets] = (struct om_target){ .id = strdup(id), .seq = -1 };
	if (!grown[r->n_targets].id)
		return -ENOMEM;
	*ret = r->n_targets++;
	return 0;
}

int om_registry_put(struct om_registry *r, const struct point *p)
{
	cleanup_buf struct buf labels = BUF_INIT(LABELS_MAX);
	struct om_measure *m;
	struct om_row *row;
	uint64_t hash;

	r->n_points++;
	if (p->seq != INT64_MAX && p->seq > r->last_seq) {
		r->last_seq = p->seq;
		r->last_time_ns = p->time_ns;
		r->n_ticks++;
	}
	if (!om_has(p->measurement))
		return 0;
	m = find_measure(r, p->measurement);
	if (!m)
		return -ENOMEM;
	if (!m->n_served && !p->n_hists)
		return 0;
	if (labels_of(r, p, &labels) || (r->n_table * 2 >= r->cap_table && grow_table(r)))
		return -ENOMEM;
	hash = hash_of(m - r->measures, buf_str(&labels));
	row = look_up(r, m - r->measures, buf_str(&labels), hash);
	if (!row) {
		/* A row that nothing of can be served is not kept either. */
		if (r->n_table >= r->max_series || r->n_series >= r->max_series) {
			refuse(r);
			return 0;
		}
		row = add_row(r, m, buf_str(&labels), hash);
		if (row && find_target(r, p, &row->target))
			return -ENOMEM;
	}
	return row ? put_row(r, row, p) : -ENOMEM;
}
