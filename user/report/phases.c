// SPDX-License-Identifier: Apache-2.0
/* A run's numbers cut to the phases of the tool that a target ran. */
#include "report/phases.h"
#include "report/ranks.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/internal.h"

#define MAX_PHASES 4096

static double overlap(const struct slot *s, const struct window *w)
{
	double begin = fmax(s->from_ns, w->from_ns), end = fmin(s->to_ns, w->to_ns);

	return end > begin ? end - begin : 0;
}

double phases_part(const struct cutting *c, const struct slot *s, size_t k, enum use use)
{
	double same = 0, all = 0, mine = overlap(s, &c->windows[k]);

	for (size_t i = s->first; i < s->last; i++) {
		double ns = overlap(s, &c->windows[i]);

		all += ns;
		if (c->windows[i].use == use)
			same += ns;
	}
	if (!(mine > 0))
		return 0;
	if (!(same > 0))
		return mine / all;
	return c->windows[k].use == use ? mine / same : 0;
}

double phases_time_part(const struct cutting *c, const struct slot *s, size_t k)
{
	return s->to_ns > s->from_ns ? overlap(s, &c->windows[k]) / (double)(s->to_ns - s->from_ns)
				     : 0;
}

const struct slot *phases_slot(const struct cutting *c, int64_t seq)
{
	size_t low = 0, high = c->n_slots;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (c->slots[mid].seq < seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low < c->n_slots && c->slots[low].seq == seq ? &c->slots[low] : NULL;
}

static int read_slots(struct building *b, struct cutting *c)
{
	sqlite3_stmt *row =
		query(b, "SELECT seq, coalesce(lag(begin_ns) OVER (ORDER BY seq), begin_ns), "
			 "end_ns, (SELECT count(*) FROM tick) FROM tick ORDER BY seq");

	while (next(b, &row)) {
		if (!c->slots)
			c->slots = calloc(sqlite3_column_int64(row, 3) + 1, sizeof(*c->slots));
		if (!c->slots) {
			sqlite3_finalize(row);
			return err_set(b->err, -ENOMEM, "cutting to phases");
		}
		c->slots[c->n_slots++] = (struct slot){ .seq = sqlite3_column_int64(row, 0),
							.from_ns = sqlite3_column_int64(row, 1),
							.to_ns = sqlite3_column_int64(row, 2) };
	}
	return b->err->code;
}

/* Windows are in the order of their begin, and tools run one after the other. */
static void place_windows(struct cutting *c)
{
	size_t first = 0;

	for (size_t i = 0; i < c->n_slots; i++) {
		struct slot *s = &c->slots[i];
		size_t last;

		while (first < c->n_windows && c->windows[first].to_ns <= s->from_ns)
			first++;
		for (last = first; last < c->n_windows && c->windows[last].from_ns < s->to_ns;)
			last++;
		s->first = first;
		s->last = last;
		for (size_t k = first; k < last; k++) {
			struct window *w = &c->windows[k];

			w->ticks++;
			w->edge_ticks += s->from_ns < w->from_ns || s->to_ns > w->to_ns;
			w->shared_ticks += last - first > 1;
		}
	}
}

/* As the budget has them: those with bounds of the tool's own clock, or all without. */
#define PHASES(whose, of_all, test, and)                                                           \
	"WITH whose AS (" whose "), rows AS (SELECT result.*, part, "                              \
	"coalesce(end_ns > begin_ns, 0) AS bounds FROM result JOIN whose ON target = workload "    \
	"WHERE op IN ('write', 'read') " and                                                       \
		") "                                                                               \
		"SELECT op, iteration, " test                                                      \
		" AS test, begin_ns, end_ns, bytes * part AS bytes, "                              \
		"bw_mib_s * part AS bw_mib_s, iops * part AS iops, "                               \
		"CAST(round(tasks * part) AS INTEGER) AS tasks, "                                  \
		"open_s, wrrd_s AS transfer_s, close_s, total_s, " of_all ", xfer_kib FROM rows "  \
		"WHERE bounds = (SELECT max(bounds) FROM rows) ORDER BY begin_ns, id"

enum { OP, ITERATION, TEST, BEGIN, END, BYTES_TOLD, BW, IOPS, TASKS, OPEN_S };
#define STONEWALL 13

static sqlite3_stmt *query_phases(struct building *b)
{
	static const char old[] = PHASES(RANKS_OWN, "NULL AS stonewall_s", "NULL", ""),
			  own[] = PHASES(RANKS_OWN, "stonewall_s", "test", "AND rank IS NULL"),
			  ranks[] = PHASES(RANKS_PART, "stonewall_s", "test", "AND rank IS NULL");

	if (has_column(b, "rank", "rank"))
		return query(b, ranks);
	return query(b, has_column(b, "result", "stonewall_s") ? own : old);
}

static double column_or_nan(sqlite3_stmt *row, int at)
{
	return sqlite3_column_type(row, at) == SQLITE_NULL ? NAN : sqlite3_column_double(row, at);
}

/* What the tool says of the phase. What follows the stonewall until the last rank is done is wear-out. */
static json_t *json_tool(struct building *b, sqlite3_stmt *row)
{
	double stonewall = column_or_nan(row, STONEWALL), transfer = column_or_nan(row, 10);
	json_t *tool = json_object();

	for (int i = BYTES_TOLD; i < sqlite3_column_count(row); i++)
		put_column(b, tool, sqlite3_column_name(row, i), row, i);
	if (json_object_get(tool, "bytes"))
		put(b, tool, "bytes",
		    json_integer(llround(sqlite3_column_double(row, BYTES_TOLD))));
	if (!isnan(stonewall) && !isnan(transfer))
		put(b, tool, "wear_out_s", json_real(fmax(transfer - stonewall, 0)));
	return tool;
}

static void add_window(struct building *b, struct cutting *c, sqlite3_stmt *row,
		       const json_t *derived, json_t *phases)
{
	struct window *w = &c->windows[c->n_windows];
	const char *op = (const char *)sqlite3_column_text(row, OP);
	double stonewall = column_or_nan(row, STONEWALL), open = column_or_nan(row, OPEN_S);
	bool told = sqlite3_column_int64(row, END) > sqlite3_column_int64(row, BEGIN);

	snprintf(w->op, sizeof(w->op), "%s", op);
	w->use = strcmp(op, "read") ? WRITES : READS;
	w->from_ns = told ? sqlite3_column_int64(row, BEGIN)
			  : json_integer_value(json_object_get(derived, "begin_ns"));
	w->to_ns = told ? sqlite3_column_int64(row, END)
			: json_integer_value(json_object_get(derived, "end_ns"));
	if (w->to_ns <= w->from_ns)
		return;
	if (!isnan(stonewall))
		w->wall_ns = w->from_ns + (uint64_t)((stonewall + (isnan(open) ? 0 : open)) * 1e9);
	w->json = json_object();
	put(b, w->json, "op", json_string(op));
	for (int i = ITERATION; i <= TEST; i++)
		put_column(b, w->json, sqlite3_column_name(row, i), row, i);
	put(b, w->json, "begin_ns", json_integer(w->from_ns));
	put(b, w->json, "end_ns", json_integer(w->to_ns));
	put(b, w->json, "bounds", json_string(told ? "tool" : "derived"));
	put(b, w->json, "tool", json_tool(b, row));
	put_append(b, phases, w->json);
	c->n_windows++;
}

/* @budget: of the target; where the tool does not tell, it has found when its phases were. */
static int read_windows(struct building *b, struct cutting *c, const json_t *budget, json_t *phases)
{
	const json_t *found = json_object_get(budget, "phases");
	sqlite3_stmt *row = query_phases(b);
	size_t i = 0;

	c->windows = calloc(MAX_PHASES, sizeof(*c->windows));
	if (row)
		sqlite3_bind_int64(row, 1, c->target);
	while (next(b, &row)) {
		if (c->windows && c->n_windows < MAX_PHASES)
			add_window(b, c, row, json_array_get(found, i), phases);
		i++;
	}
	if (!c->windows)
		return err_set(b->err, -ENOMEM, "cutting to phases");
	return b->err->code;
}

static void cutting_fini(struct cutting *c)
{
	for (size_t i = 0; i < c->n_windows; i++)
		free(c->windows[i].cells);
	free(c->windows);
	free(c->slots);
}

static int build_one(struct building *b, json_t *target)
{
	struct cutting c = { .target = json_integer_value(json_object_get(target, "id")),
			     .ratios = json_object_get(json_object_get(target, "pagecache"),
						       "hit_ratio") };
	json_t *phases = json_array();
	int rc = read_windows(b, &c, json_object_get(target, "budget"), phases);

	if (!rc && c.n_windows) {
		rc = read_slots(b, &c);
		place_windows(&c);
		rc = rc ? rc : phases_fill(b, &c);
		if (!rc) {
			phases_put(b, &c);
			put(b, target, "phases", json_incref(phases));
		}
	}
	cutting_fini(&c);
	json_decref(phases);
	return rc;
}

int build_phases(struct building *b)
{
	json_t *target;
	size_t i;

	json_array_foreach(json_object_get(b->report, "targets"), i, target)
		if (build_one(b, target))
			break;
	return b->err->code;
}
