// SPDX-License-Identifier: Apache-2.0
/* The time budget of each phase of the tool that a target ran. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "report/budget.h"
#include "report/internal.h"

#define MAX_PHASES 4096

struct phase {
	uint64_t from_ns, to_ns;
	enum use use;
	struct budget budget;
	double seen_bytes;
};

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
			budget_add(&phases[k].budget, tick, use, part);
			phases[k].seen_bytes += part * tick->calls[use][BYTES];
			budget_add(&phases[k].budget, tick, OTHERS, ns / all);
		}
	}
}

static json_t *json_phase(struct building *b, const struct phase *p, sqlite3_stmt *row)
{
	json_t *json = budget_json(b, &p->budget);

	put_column(b, json, "op", row, 0);
	put_column(b, json, "iteration", row, 1);
	put_column(b, json, "begin_ns", row, 2);
	put_column(b, json, "end_ns", row, 3);
	if (sqlite3_column_type(row, 4) != SQLITE_NULL)
		put(b, json, "tool_bytes", json_integer(llround(sqlite3_column_double(row, 4))));
	put(b, json, "seen_bytes", json_integer(llround(p->seen_bytes)));
	return json;
}

#define PHASES                                                                                     \
	"SELECT op, iteration, begin_ns, end_ns, bytes FROM result WHERE target = ? "              \
	"AND op IN ('write', 'read') AND end_ns > begin_ns ORDER BY begin_ns"

/* Phases of the tool by its own clock, and what was seen of the bytes that it tells. */
int budget_build_phases(struct building *b, int64_t target, const struct ticks *t, json_t *budget)
{
	struct phase *phases = calloc(MAX_PHASES, sizeof(*phases));
	json_t *array;
	size_t n = 0, i = 0;
	sqlite3_stmt *row;

	if (!phases)
		return err_set(b->err, -ENOMEM, "reading phases");
	row = query(b, PHASES);
	if (row)
		sqlite3_bind_int64(row, 1, target);
	while (next(b, &row))
		if (n < MAX_PHASES)
			phases[n++] = (struct phase){
				.use = strcmp((const char *)sqlite3_column_text(row, 0), "read")
					       ? WRITES
					       : READS,
				.from_ns = sqlite3_column_int64(row, 2),
				.to_ns = sqlite3_column_int64(row, 3),
			};
	share_out(t, phases, n);
	array = json_array();
	row = query(b, PHASES);
	if (row)
		sqlite3_bind_int64(row, 1, target);
	while (next(b, &row))
		if (i < n)
			put_append(b, array, json_phase(b, &phases[i++], row));
	if (n)
		put(b, budget, "phases", array);
	else
		json_decref(array);
	free(phases);
	return b->err->code;
}
