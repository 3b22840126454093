// SPDX-License-Identifier: Apache-2.0
/* What ticks hold, given to the phases that they are of. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/internal.h"
#include "report/phases.h"

static const char *const columns[SAMPLES] = {
	[SAMPLE_CPU] = "cpu_usage_ns",		 [SAMPLE_USER] = "cpu_user_ns",
	[SAMPLE_SYSTEM] = "cpu_system_ns",	 [SAMPLE_CPU_SOME] = "cpu_some_ns",
	[SAMPLE_MEMORY_SOME] = "memory_some_ns", [SAMPLE_IO_SOME] = "io_some_ns",
	[SAMPLE_IO_FULL] = "io_full_ns",	 [SAMPLE_ACCESSED] = "pagecache_accessed",
	[SAMPLE_MISSED] = "pagecache_missed",	 [SAMPLE_DIRTIED] = "pagecache_dirtied",
};

static double part_of_sample(const struct cutting *c, const struct slot *s, size_t k,
			     enum phase_sample what)
{
	if (what == SAMPLE_ACCESSED || what == SAMPLE_MISSED)
		return phases_part(c, s, k, READS);
	return what == SAMPLE_DIRTIED ? phases_part(c, s, k, WRITES) : phases_time_part(c, s, k);
}

static bool is_data(const char *op, enum use use)
{
	return use == READS ? !strcmp(op, "read") || !strcmp(op, "uring_read")
			    : !strcmp(op, "write") || !strcmp(op, "uring_write");
}

/* As the budget does it; a device's discards and flushes are of who writes. */
static enum use use_of(const char *op, bool is_device)
{
	static const char *const writes[] = { "fsync", "fallocate", "truncate" };

	if (is_data(op, READS))
		return READS;
	if (is_data(op, WRITES) || is_device)
		return WRITES;
	for (size_t i = 0; i < ARRAY_SIZE(writes); i++)
		if (!strcmp(op, writes[i]))
			return WRITES;
	return OTHERS;
}

static struct phase_cell *cell_of(struct window *w, enum phase_kind kind, int64_t place,
				  const char *op)
{
	struct phase_cell *cells;

	for (size_t i = 0; i < w->n_cells; i++)
		if (w->cells[i].kind == kind && w->cells[i].place == place &&
		    !strcmp(w->cells[i].op, op))
			return &w->cells[i];
	cells = reallocarray(w->cells, w->n_cells + 1, sizeof(*cells));
	if (!cells)
		return NULL;
	w->cells = cells;
	cells[w->n_cells] = (struct phase_cell){ .kind = kind, .place = place };
	snprintf(cells[w->n_cells].op, sizeof(cells->op), "%s", op);
	return &cells[w->n_cells++];
}

/*
 * Half of a tick has half of its calls: which ones nobody knows, so of each time as many. What rounding
 * takes from one bucket the next has, so that the calls are as many as they should be.
 */
static void merge_part(struct hist *to, const struct hist *from, double part)
{
	uint64_t given = 0;
	double exact = 0;

	if (part >= 1) {
		hist_merge(to, from);
		return;
	}
	for (size_t i = 0; i < HIST_BUCKETS; i++) {
		uint64_t n;

		exact += (double)from->bucket[i] * part;
		n = (uint64_t)llround(exact) - given;
		given += n;
		to->bucket[i] += n;
		to->count += n;
	}
	to->sum += (uint64_t)llround((double)from->sum * part);
	if (from->max > to->max)
		to->max = from->max;
}

/* A row of `histogram`. */
struct counted {
	const char *op;
	enum phase_kind kind;
	int64_t place;
	double ios, bytes, errors;
	bool is_total, counts; /* of requests: of three rows that tell of the same one counts */
	struct hist hist;
};

static bool add_counted(struct cutting *c, const struct slot *s, size_t k, const struct counted *n)
{
	struct window *w = &c->windows[k];
	enum use use = use_of(n->op, n->kind == OF_DEVICE);
	double part = phases_part(c, s, k, use);
	bool edge = s->from_ns < w->from_ns || s->to_ns > w->to_ns;
	struct phase_cell *cell;

	if (!(part > 0))
		return true;
	cell = cell_of(w, n->kind, n->place, n->op);
	if (!cell)
		return false;
	if (n->counts) {
		cell->ios += part * n->ios;
		cell->bytes += part * n->bytes;
		cell->errors += part * n->errors;
		if (edge && n->kind == OF_DEVICE)
			w->edge_device_bytes += n->bytes;
		if (edge && n->kind == OF_CALLS && is_data(n->op, w->use))
			w->edge_bytes += n->bytes;
	}
	if (n->kind != OF_MOUNT)
		merge_part(n->is_total ? &cell->total : &cell->latency, &n->hist, part);
	if (w->wall_ns && n->kind == OF_CALLS && is_data(n->op, w->use)) {
		double begin = fmax(s->from_ns, w->from_ns), end = fmin(s->to_ns, w->to_ns);
		double after = end - fmax(begin, w->wall_ns);

		if (after > 0)
			w->wall_bytes += part * n->bytes * after / (end - begin);
	}
	return true;
}

/* Of leaves, since what is on top of them tells of the same requests; unless it has no other. */
#define LEAVES                                                                                     \
	"(coalesce((SELECT stacked FROM device d WHERE d.dev = h.device), 0) = 0 OR NOT EXISTS "   \
	"(SELECT 1 FROM histogram o JOIN device d ON d.dev = o.device WHERE o.target = ?1 "        \
	"AND o.layer = 'block_device' AND d.stacked = 0))"

#define ROWS                                                                                       \
	"SELECT seq, layer, op, device, ios, bytes, errors, sum, coalesce(max, 0), buckets "       \
	"FROM histogram h WHERE target = ?1 AND (layer = 'vfs' OR (layer IN "                      \
	"('block_device', 'block_total') AND " LEAVES ")) ORDER BY seq"

static int read_counted(struct building *b, sqlite3_stmt *row, struct counted *n)
{
	const char *layer = (const char *)sqlite3_column_text(row, 1);

	*n = (struct counted){ .op = (const char *)sqlite3_column_text(row, 2),
			       .kind = strcmp(layer, "vfs") ? OF_DEVICE : OF_CALLS,
			       .is_total = !strcmp(layer, "block_total"),
			       .place = sqlite3_column_int64(row, 3),
			       .ios = sqlite3_column_double(row, 4),
			       .bytes = sqlite3_column_double(row, 5),
			       .errors = sqlite3_column_double(row, 6) };
	n->counts = !n->is_total;
	n->hist.sum = sqlite3_column_int64(row, 7);
	n->hist.max = sqlite3_column_int64(row, 8);
	if (hist_decode(sqlite3_column_blob(row, 9), sqlite3_column_bytes(row, 9), &n->hist))
		return err_say(b->err, -EBADMSG, "a histogram of tick %lld is damaged",
			       (long long)sqlite3_column_int64(row, 0));
	return 0;
}

static bool give(struct cutting *c, const struct slot *s, struct counted *n)
{
	int64_t mount = n->place;
	bool ok = true;

	for (size_t k = s->first; ok && k < s->last; k++) {
		if (n->kind == OF_DEVICE) {
			ok = add_counted(c, s, k, n);
			continue;
		}
		n->kind = OF_CALLS;
		n->place = 0;
		ok = add_counted(c, s, k, n);
		n->kind = OF_MOUNT;
		n->place = mount;
		ok = ok && add_counted(c, s, k, n);
	}
	return ok;
}

static int fill_counted(struct building *b, struct cutting *c)
{
	sqlite3_stmt *row = query(b, ROWS);
	struct counted *n = malloc(sizeof(*n));
	int rc = n ? 0 : err_set(b->err, -ENOMEM, "cutting to phases");

	if (row)
		sqlite3_bind_int64(row, 1, c->target);
	while (!rc && next(b, &row)) {
		const struct slot *s = phases_slot(c, sqlite3_column_int64(row, 0));

		if (!s || s->first == s->last)
			continue;
		rc = read_counted(b, row, n);
		if (!rc && !give(c, s, n))
			rc = err_set(b->err, -ENOMEM, "cutting to phases");
	}
	sqlite3_finalize(row);
	free(n);
	return b->err->code;
}

/* By how much counters grew in each tick; the first value is of what was before. */
static int fill_samples(struct building *b, struct cutting *c)
{
	char sql[1024] = "SELECT seq";
	double last[SAMPLES];
	sqlite3_stmt *row;

	for (size_t i = 0; i < SAMPLES; i++) {
		size_t used = strlen(sql);

		last[i] = NAN;
		snprintf(sql + used, sizeof(sql) - used, ", %s",
			 has_column(b, "sample", columns[i]) ? columns[i] : "NULL");
	}
	strcat(sql, " FROM sample WHERE target = ?1 ORDER BY seq");
	row = query(b, sql);
	if (row)
		sqlite3_bind_int64(row, 1, c->target);
	while (next(b, &row)) {
		const struct slot *s = phases_slot(c, sqlite3_column_int64(row, 0));

		for (int i = 0; i < SAMPLES; i++) {
			double now = sqlite3_column_type(row, i + 1) == SQLITE_NULL
					     ? NAN
					     : sqlite3_column_double(row, i + 1);
			double grown = now - last[i];

			last[i] = now;
			for (size_t k = s ? s->first : 0; s && grown >= 0 && k < s->last; k++) {
				struct window *w = &c->windows[k];

				w->sums[i] += grown * part_of_sample(c, s, k, i);
				w->known[i] = true;
			}
		}
	}
	return b->err->code;
}

int phases_fill(struct building *b, struct cutting *c)
{
	return fill_counted(b, c) ? b->err->code : fill_samples(b, c);
}
