// SPDX-License-Identifier: Apache-2.0
/* From a row of a statement to a point, or to one for each bucket of a histogram. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/feed_internal.h"

static struct point_value *add_field(struct point *p, const struct measure_column *c,
				     const char *name)
{
	struct point_value *v;

	/* More sockets and events than there can be. */
	if (p->n_fields == POINT_FIELDS)
		return NULL;
	v = &p->fields[p->n_fields++];
	v->column = c;
	v->name = name;
	return v;
}

void point_int(struct point *p, const struct measure_column *c, const char *name, int64_t v)
{
	struct point_value *f = add_field(p, c, name);

	if (f)
		f->i = v;
}

void point_real(struct point *p, const struct measure_column *c, const char *name, double v)
{
	struct point_value *f = add_field(p, c, name);

	if (f)
		f->real = v;
}

void point_text(struct point *p, const struct measure_column *c, const char *name, const char *v)
{
	struct point_value *f = add_field(p, c, name);

	if (f)
		f->text = v;
}

/* Counters of 64 bits that do not fit the database's numbers come out of it as negative. */
static bool is_too_large(const struct measure_column *c, int64_t v)
{
	return v < 0 && c->kind != COLUMN_FACT;
}

static void put_tag(struct point *p, const struct measure_column *c, const char *text)
{
	if (!text || p->n_tags == POINT_TAGS)
		return;
	p->tags[p->n_tags++] = (struct point_value){ .column = c, .name = c->name, .text = text };
}

static void put_column(struct point *p, const struct measure_column *c, sqlite3_stmt *row, int at)
{
	int64_t v;

	if (sqlite3_column_type(row, at) == SQLITE_NULL)
		return;
	if (c->kind == COLUMN_TAG) {
		put_tag(p, c, (const char *)sqlite3_column_text(row, at));
		return;
	}
	switch (c->type) {
	case TYPE_INT:
		v = sqlite3_column_int64(row, at);
		if (!is_too_large(c, v))
			point_int(p, c, c->name, v);
		else if (p->n_too_large < POINT_FIELDS)
			p->too_large[p->n_too_large++] = c;
		break;
	case TYPE_REAL: point_real(p, c, c->name, sqlite3_column_double(row, at)); break;
	case TYPE_TEXT:
		point_text(p, c, c->name, (const char *)sqlite3_column_text(row, at));
		break;
	case TYPE_BOOL: add_field(p, c, c->name)->yes = sqlite3_column_int64(row, at) != 0; break;
	}
}

/* All columns that are one; returns the place of what comes after them. */
static int put_columns(struct point *p, sqlite3_stmt *row)
{
	int at = 2;

	p->n_tags = p->n_fields = p->n_hists = p->n_too_large = 0;
	for (const struct measure_column *c = p->measurement->columns; c->name; c++) {
		if (p->measurement->buckets && !strcmp(c->name, "le"))
			break;
		if (!c->many)
			put_column(p, c, row, at++);
	}
	return at;
}

/* What cannot be decoded is none: the numbers beside it say as much. */
static bool decode(sqlite3_stmt *row, int at, struct hist *h)
{
	const void *blob = sqlite3_column_blob(row, at);

	memset(h, 0, sizeof(*h));
	return blob && !hist_decode(blob, sqlite3_column_bytes(row, at), h) && h->count;
}

static void put_hists(struct feed *f, struct point *p, sqlite3_stmt *row, int at)
{
	for (size_t i = 0; p->measurement->hists[i]; i++, at += 3) {
		struct hist *h = &f->hists[i];

		if (!decode(row, at, h))
			continue;
		h->sum = sqlite3_column_int64(row, at + 1);
		h->max = sqlite3_column_int64(row, at + 2);
		p->hists[p->n_hists].name = p->measurement->hists[i];
		p->hists[p->n_hists++].hist = h;
	}
}

static int tell_buckets(struct feed *f, struct point *p, sqlite3_stmt *row, int at, feed_fn *fn,
			void *data, struct err *err)
{
	const struct measure_column *le = measure_column(p->measurement, "le"), *count = le + 1;
	const char *name = sqlite3_column_int(row, at + 1) ? "size" : "";
	size_t n_tags = p->n_tags;
	int64_t seen = 0;

	if (!decode(row, at, &f->hists[0]))
		return 0;
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		bool all = i == HIST_BUCKETS - 1;
		int rc;

		seen += f->hists[0].bucket[i];
		if (!f->hists[0].bucket[i] && !all)
			continue;
		snprintf(f->le, sizeof(f->le), "%" PRId64, point_le(name, i));
		p->n_tags = n_tags;
		p->n_fields = 0;
		put_tag(p, le, all ? "+Inf" : f->le);
		point_int(p, count, count->name, seen);
		point_int(p, count + 1, count[1].name, f->hists[0].bucket[i]);
		rc = fn(data, p, err);
		if (rc)
			return rc;
	}
	return 0;
}

static void set_time(struct feed *f, struct point *p, int64_t mono_ns)
{
	p->time_ns = f->started_wall_ns +
		     ((mono_ns < 0 ? f->tick.end_ns : mono_ns) - f->started_mono_ns);
}

int feed_row(struct feed *f, struct stream *s, feed_fn *fn, void *data, struct err *err)
{
	struct point *p = &f->point;
	int at, rc = 0;

	p->measurement = s->m;
	set_time(f, p, s->mono_ns);
	at = put_columns(p, s->st);
	if (s->m->buckets)
		return tell_buckets(f, p, s->st, at, fn, data, err);
	if (s->m->more) {
		f->row = s->st;
		rc = s->m->more(f, p, err);
	}
	if (rc || !(p->n_fields + p->n_too_large))
		return rc == -ENODATA ? 0 : rc;
	if (s->m->hists && f->config.hists)
		put_hists(f, p, s->st, at);
	return fn(data, p, err);
}

int feed_no_row(struct feed *f, const struct measurement *m, feed_fn *fn, void *data,
		struct err *err)
{
	struct point *p = &f->point;
	int rc;

	p->measurement = m;
	p->n_tags = p->n_fields = p->n_hists = p->n_too_large = 0;
	set_time(f, p, -1);
	rc = m->more(f, p, err);
	if (rc || !p->n_fields)
		return rc == -ENODATA ? 0 : rc;
	return fn(data, p, err);
}
