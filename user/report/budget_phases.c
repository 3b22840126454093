// SPDX-License-Identifier: Apache-2.0
/* The time budget of each phase of the tool that a target ran. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "report/budget.h"
#include "report/internal.h"
#include "report/ranks.h"

#define MAX_PHASES 4096

static double overlap(const struct tick *t, const struct phase *p)
{
	double begin = fmax(t->from_ns, p->from_ns), end = fmin(t->to_ns, p->to_ns);

	return end > begin ? end - begin : 0;
}

/*
 * Calls that write belong to the phases of writing that the tick is in, by how long each
 * was; so do those that read. Others belong to whatever was going on: a phase has as much
 * of them as it has of the tick.
 */
static void share_out(const struct ticks *t, struct phase *phases, size_t n)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct tick *tick = &t->v[i];
		double of_use[USES] = { 0 }, all = 0;

		for (size_t k = 0; k < n; k++) {
			of_use[phases[k].use] += overlap(tick, &phases[k]);
			all += overlap(tick, &phases[k]);
		}
		all = fmax(all, tick->to_ns - tick->from_ns);
		for (size_t k = 0; k < n; k++) {
			double ns = overlap(tick, &phases[k]), part;
			enum use use = phases[k].use;

			if (ns <= 0)
				continue;
			part = ns / of_use[use];
			/* All of a tick's: calls may have been in the phase's part of it alone. */
			phases[k].budget.oncpu_ns += tick->oncpu_ns;
			budget_add(&phases[k].budget, tick, use, part);
			phases[k].seen_bytes += part * tick->calls[use][BYTES];
			budget_add(&phases[k].budget, tick, OTHERS, ns / all);
		}
	}
}

static json_t *json_phase(struct building *b, const struct ticks *t, const struct phase *p,
			  bool derived)
{
	json_t *json = budget_json(b, t, &p->budget);

	put(b, json, "op", json_string(p->op));
	put(b, json, "iteration", json_integer(p->iteration));
	if (p->test >= 0)
		put(b, json, "test", json_integer(p->test));
	put(b, json, "begin_ns", json_integer(p->from_ns));
	put(b, json, "end_ns", json_integer(p->to_ns));
	put(b, json, "bounds", json_string(derived ? "derived" : "tool"));
	if (!isnan(p->tool_bytes))
		put(b, json, "tool_bytes", json_integer(llround(p->tool_bytes)));
	put(b, json, "seen_bytes", json_integer(llround(p->seen_bytes)));
	return json;
}

static double column_or_nan(sqlite3_stmt *row, int at)
{
	return sqlite3_column_type(row, at) == SQLITE_NULL ? NAN : sqlite3_column_double(row, at);
}

/* Those with bounds of the tool's own clock alone, or all without when there are none. */
#define PHASES(whose, test, and)                                                                   \
	"WITH whose AS (" whose "), rows AS (SELECT result.id, op, coalesce(iteration, 0) AS "     \
	"iteration, begin_ns, end_ns, bytes * part AS bytes, total_s, " test " AS test, "          \
	"coalesce(end_ns > begin_ns, 0) AS bounds FROM result JOIN whose "                         \
	"ON target = workload WHERE op IN ('write', 'read') " and                                  \
		") "                                                                               \
		"SELECT op, iteration, begin_ns, end_ns, bytes, total_s, coalesce(test, -1) FROM " \
		"rows "                                                                            \
		"WHERE bounds = (SELECT max(bounds) FROM rows) ORDER BY begin_ns, id"

static size_t read_phases(struct building *b, int64_t target, struct phase *phases)
{
	static const char no_ranks[] = PHASES(RANKS_OWN, "NULL", ""),
			  own[] = PHASES(RANKS_OWN, "test", "AND result.rank IS NULL"),
			  ranks[] = PHASES(RANKS_PART, "test", "AND result.rank IS NULL");
	sqlite3_stmt *row = query(b, has_column(b, "rank", "rank")     ? ranks
				     : has_column(b, "result", "rank") ? own
								       : no_ranks);
	size_t n = 0;

	if (row)
		sqlite3_bind_int64(row, 1, target);
	while (next(b, &row)) {
		struct phase p = { .iteration = sqlite3_column_int64(row, 1),
				   .from_ns = sqlite3_column_int64(row, 2),
				   .to_ns = sqlite3_column_int64(row, 3),
				   .tool_bytes = column_or_nan(row, 4),
				   .total_s = column_or_nan(row, 5),
				   .test = sqlite3_column_int64(row, 6) };

		snprintf(p.op, sizeof(p.op), "%s", (const char *)sqlite3_column_text(row, 0));
		p.use = strcmp(p.op, "read") ? WRITES : READS;
		if (n < MAX_PHASES)
			phases[n] = p;
		n++;
	}
	return n;
}

static void put_phases(struct building *b, const struct ticks *t, const struct phase *phases,
		       size_t n, bool derived, json_t *budget)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		put_append(b, array, json_phase(b, t, &phases[i], derived));
	put(b, budget, "phases", array);
}

static int build(struct building *b, int64_t target, const struct ticks *t, struct phase *phases,
		 json_t *budget)
{
	cleanup_buf struct buf why = BUF_INIT(1024);
	size_t all = read_phases(b, target, phases), n = all < MAX_PHASES ? all : MAX_PHASES;
	bool derived = n && phases[0].to_ns <= phases[0].from_ns;

	if (b->err->code)
		return b->err->code;
	if (derived && budget_find_phases(t, phases, n, &n, &why))
		return err_set(b->err, -ENOMEM, "looking for phases");
	if (!why.len && n < all)
		buf_printf(&why, "there are more than %d", MAX_PHASES);
	share_out(t, phases, n);
	if (n)
		put_phases(b, t, phases, n, derived, budget);
	if (why.len)
		put(b, budget, "phases_absent", json_string(buf_str(&why)));
	return 0;
}

int budget_build_phases(struct building *b, int64_t target, const struct ticks *t, json_t *budget)
{
	struct phase *phases = calloc(MAX_PHASES, sizeof(*phases));
	int rc = phases ? build(b, target, t, phases, budget)
			: err_set(b->err, -ENOMEM, "reading phases");

	free(phases);
	return rc;
}
