// SPDX-License-Identifier: Apache-2.0
/*
 * Requests and calls of targets over time: rates, and latencies as percentiles of all those of a
 * bin, merged from the histograms of its ticks, and as a heatmap. Stacked devices are left out:
 * their requests are those of what they rest upon.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/hist.h"
#include "html/heat.h"
#include "html/parts.h"
#include "report/internal.h"

/* Of each owner and layer, so many operations that took the most time; others are told of. */
#define OPS_MAX 4

struct series {
	size_t owner;
	char layer[16], op[16];
	struct rate ios, bytes;
	struct hist bin; /* of bin @at */
	size_t at; /* bins of the axis: none yet */
	double *count, *p50, *p99, *most; /* of each bin */
	struct heat heat;
};

struct all_series {
	const struct axis *axis;
	const struct owners *owners;
	struct series *v;
	size_t n;
	size_t left_out; /* operations */
};

static void series_fini(struct series *s)
{
	rate_fini(&s->ios);
	rate_fini(&s->bytes);
	free(s->count);
	free(s->p50);
	free(s->p99);
	free(s->most);
	heat_fini(&s->heat);
}

static double *nothing(size_t n)
{
	double *v = malloc((n + 1) * sizeof(*v));

	for (size_t i = 0; v && i < n; i++)
		v[i] = NAN;
	return v;
}

static int series_init(struct series *s, const struct axis *axis)
{
	s->at = axis->bins;
	s->count = nothing(axis->bins);
	s->p50 = nothing(axis->bins);
	s->p99 = nothing(axis->bins);
	s->most = nothing(axis->bins);
	if (!s->count || !s->p50 || !s->p99 || !s->most || rate_init(&s->ios, axis) ||
	    rate_init(&s->bytes, axis) || heat_init(&s->heat, axis->columns))
		return -ENOMEM;
	return 0;
}

static void series_flush(struct series *s, const struct axis *axis)
{
	if (s->at < axis->bins && s->bin.count) {
		s->count[s->at] = s->bin.count;
		s->p50[s->at] = hist_quantile(&s->bin, 0.5);
		s->p99[s->at] = hist_quantile(&s->bin, 0.99);
		s->most[s->at] = s->bin.max;
		heat_add(&s->heat, s->at / axis->bins_per_column, &s->bin);
	}
	s->bin = (struct hist){ 0 };
}

static struct series *find(struct all_series *all, size_t owner, const char *layer, const char *op)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].owner == owner && !strcmp(all->v[i].layer, layer) &&
		    !strcmp(all->v[i].op, op))
			return &all->v[i];
	return NULL;
}

/* The layers that are shown over time, of what is no stacked device. */
#define FROM_WHERE                                                                                 \
	" FROM histogram WHERE layer IN ('vfs', 'sched_runq') OR (layer = 'block_total' AND "      \
	"device NOT IN (SELECT dev FROM device WHERE stacked = 1))"

static size_t of_owner_and_layer(const struct all_series *all, size_t owner, const char *layer)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += all->v[i].owner == owner && !strcmp(all->v[i].layer, layer);
	return n;
}

/* Which series there are, those that took most time first. */
static int choose(struct building *b, struct all_series *all)
{
	sqlite3_stmt *row = query(b, "SELECT target, layer, op, sum(sum) AS t, sum(ios)" FROM_WHERE
				     " GROUP BY target, layer, op HAVING sum(ios) + sum(count) > 0 "
				     "ORDER BY t DESC, target, layer, op");
	struct series *grown;

	while (next(b, &row)) {
		size_t owner = owners_find(all->owners, sqlite3_column_int64(row, 0));
		const char *layer = (const char *)sqlite3_column_text(row, 1);
		const char *op = (const char *)sqlite3_column_text(row, 2);

		if (find(all, owner, layer, op))
			continue;
		if (of_owner_and_layer(all, owner, layer) >= OPS_MAX) {
			all->left_out++;
			continue;
		}
		grown = reallocarray(all->v, all->n + 1, sizeof(*grown));
		if (!grown) {
			sqlite3_finalize(row);
			return -ENOMEM;
		}
		all->v = grown;
		grown[all->n] = (struct series){ .owner = owner };
		(void)strncpy(grown[all->n].layer, layer, sizeof(grown->layer) - 1); /* they fit */
		(void)strncpy(grown[all->n].op, op, sizeof(grown->op) - 1);
		all->n++;
		if (series_init(&grown[all->n - 1], all->axis)) {
			sqlite3_finalize(row);
			return -ENOMEM;
		}
	}
	return 0;
}

static void add_row(struct all_series *all, sqlite3_stmt *row)
{
	const struct axis *axis = all->axis;
	size_t i = axis_find(axis, sqlite3_column_int64(row, 0)), bin;
	struct series *s = find(all, owners_find(all->owners, sqlite3_column_int64(row, 1)),
				(const char *)sqlite3_column_text(row, 2),
				(const char *)sqlite3_column_text(row, 3));
	struct hist one = { 0 };

	if (!s || i == axis->n)
		return;
	bin = i / axis->per;
	if (s->at != bin)
		series_flush(s, axis);
	s->at = bin;
	rate_add(&s->ios, i, sqlite3_column_double(row, 4));
	rate_add(&s->bytes, i, sqlite3_column_double(row, 5));
	/* What is no histogram has no latency. */
	if (hist_decode(sqlite3_column_blob(row, 6), sqlite3_column_bytes(row, 6), &one))
		return;
	one.max = sqlite3_column_int64(row, 7);
	hist_merge(&s->bin, &one);
}

static void put_series(struct buf *out, struct series *s, const struct all_series *all)
{
	size_t n = all->axis->bins;

	buf_printf(out, "%s{\"target\":%" PRId64 ",\"layer\":\"%s\",\"op\":\"%s\",",
		   s == all->v ? "" : ",\n", owners_id(all->owners, s->owner), s->layer, s->op);
	buf_puts(out, "\"ios\":{");
	(void)bins_json(&s->ios.bins, out); /* @out keeps the failure */
	if (!bins_empty(&s->bytes.bins)) {
		buf_puts(out, "},\"bytes\":{");
		(void)bins_json(&s->bytes.bins, out);
	}
	buf_puts(out, "},\"count\":");
	html_json_numbers(out, s->count, n);
	buf_puts(out, ",\"p50\":");
	html_json_numbers(out, s->p50, n);
	buf_puts(out, ",\"p99\":");
	html_json_numbers(out, s->p99, n);
	buf_puts(out, ",\"most\":");
	html_json_numbers(out, s->most, n);
	buf_puts(out, ",\"heat\":");
	heat_json(&s->heat, out);
	buf_puts(out, "}");
}

int html_latency(struct building *b, const struct axis *axis, const struct owners *o,
		 struct buf *out)
{
	struct all_series all = { .axis = axis, .owners = o };
	int rc = choose(b, &all);
	sqlite3_stmt *row = NULL;

	if (!rc && !b->err->code)
		row = query(b, "SELECT seq, target, layer, op, ios, bytes, buckets, max" FROM_WHERE
			       " ORDER BY seq");
	while (next(b, &row))
		add_row(&all, row);
	buf_puts(out, "\"latency\":[");
	for (size_t i = 0; i < all.n; i++) {
		series_flush(&all.v[i], axis);
		rate_end(&all.v[i].ios);
		rate_end(&all.v[i].bytes);
		put_series(out, &all.v[i], &all);
	}
	buf_printf(out, "],\"latency_left_out\":%zu", all.left_out);
	for (size_t i = 0; i < all.n; i++)
		series_fini(&all.v[i]);
	free(all.v);
	if (rc)
		return err_set(b->err, rc, "cannot make series of %zu targets", o->n);
	return b->err->code;
}
