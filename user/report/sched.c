// SPDX-License-Identifier: Apache-2.0
/* What the scheduler did with each target: time on CPUs, in run queues, and off CPUs by reason. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/internal.h"

static const struct {
	const char *column, *key;
} totals[] = {
	{ "sched_oncpu_ns", "oncpu_ns" },	   { "sched_slices", "slices" },
	{ "sched_preempted", "preempted" },	   { "sched_missed", "missed" },
	{ "sched_runq_ns", "runq_sum_ns" },	   { "sched_io_ns", "io_wait_sum_ns" },
	{ "sched_lock_ns", "lock_wait_sum_ns" },   { "sched_blocked_ns", "blocked_sum_ns" },
	{ "sched_sleep_ns", "sleep_sum_ns" },	   { "sched_throttle_ns", "throttle_sum_ns" },
	{ "sched_inode_ns", "inode_lock_sum_ns" }, { "sched_journal_ns", "journal_sum_ns" },
};

static const struct {
	const char *layer, *key;
} layers[] = {
	{ "sched_runq", "runq_ns" },
	{ "sched_io", "io_wait_ns" },
	{ "sched_lock", "lock_wait_ns" },
	{ "sched_other", "other_wait_ns" },
};

/* targets[@id].sched, made when it is not there; NULL when there is no such target. */
static json_t *sched_of(struct building *b, int64_t id)
{
	json_t *t = target_of(b, id), *sched = json_object_get(t, "sched");

	if (t && !sched) {
		sched = json_object();
		put(b, t, "sched", sched);
	}
	return sched;
}

/* Counters that begin with the target: the largest is the last. */
static int build_totals(struct building *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(totals) && !b->err->code; i++) {
		char *sql = sqlite3_mprintf("SELECT target, max(%s) FROM sample "
					    "WHERE %s IS NOT NULL GROUP BY target",
					    totals[i].column, totals[i].column);
		sqlite3_stmt *row = sql ? query(b, sql) : NULL;

		sqlite3_free(sql);
		while (next(b, &row)) {
			json_t *sched = sched_of(b, sqlite3_column_int64(row, 0));

			if (sched)
				put_column(b, sched, totals[i].key, row, 1);
		}
	}
	return b->err->code;
}

static int put_hist(struct building *b, int64_t target, size_t layer, const struct hist *h)
{
	json_t *sched = target < 0 ? NULL : sched_of(b, target);

	if (sched && h->count)
		put(b, sched, layers[layer].key, json_hist(b, h));
	return b->err->code;
}

static int build_hists(struct building *b, size_t layer)
{
	char *sql = sqlite3_mprintf("SELECT target, sum, max, buckets FROM histogram "
				    "WHERE layer = %Q ORDER BY target",
				    layers[layer].layer);
	sqlite3_stmt *row = sql ? query(b, sql) : NULL;
	struct hist h = { 0 };
	int64_t target = -1;

	sqlite3_free(sql);
	while (next(b, &row)) {
		int64_t of = sqlite3_column_int64(row, 0);
		uint64_t max = sqlite3_column_int64(row, 2);

		if (of != target) {
			put_hist(b, target, layer, &h);
			memset(&h, 0, sizeof(h));
			target = of;
		}
		h.sum += sqlite3_column_int64(row, 1);
		if (max > h.max)
			h.max = max;
		if (hist_decode(sqlite3_column_blob(row, 3), sqlite3_column_bytes(row, 3), &h))
			err_say(b->err, -EBADMSG, "a histogram of the scheduler is damaged");
	}
	return put_hist(b, target, layer, &h);
}

/* {"other": 3, "kernel": 7}: names of targets, and of what is none. */
static int build_preemptions(struct building *b)
{
	sqlite3_stmt *row = query(b, "SELECT p.victim, coalesce(t.name, '(' || p.by || ')'), "
				     "sum(p.count) FROM preemption p "
				     "LEFT JOIN target t ON t.id = p.by_target "
				     "GROUP BY 1, 2 ORDER BY 1, 3 DESC");

	while (next(b, &row)) {
		json_t *sched = sched_of(b, sqlite3_column_int64(row, 0));
		json_t *by = json_object_get(sched, "preempted_by");

		if (!sched)
			continue;
		if (!by) {
			by = json_object();
			put(b, sched, "preempted_by", by);
		}
		put_column(b, by, (const char *)sqlite3_column_text(row, 1), row, 2);
	}
	return b->err->code;
}

int build_sched(struct building *b)
{
	int rc;

	if (!has_column(b, "sample", "sched_journal_ns"))
		return 0;
	rc = build_totals(b);
	for (size_t i = 0; i < ARRAY_SIZE(layers) && !rc; i++)
		rc = build_hists(b, i);
	return rc ? rc : build_preemptions(b);
}
