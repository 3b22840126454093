// SPDX-License-Identifier: Apache-2.0
/* What each target did with the page cache. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/internal.h"

/* Totals of one target; -1: not known. */
struct cache_totals {
	int64_t accessed, missed, asked, fetched, wasted, faults, fault_missed, fault_took,
		fault_added, other_added, dirtied, written, evicted;
};

static void put_known(struct building *b, json_t *to, const char *key, int64_t n)
{
	if (n >= 0)
		put(b, to, key, json_integer(n));
}

static int64_t at_most(int64_t n, int64_t most)
{
	return most >= 0 && n > most ? most : n;
}

/* What is fetched and what is read are counted one after the other, and a tick is between. */
static int64_t rest(int64_t all, int64_t part)
{
	return all < 0 || part < 0 ? -1 : part < all ? all - part : 0;
}

#define PREFIX "pagecache."
#define MOST_MISSED 100 /* one of that many */

/*
 * The kernel does not run a program for a task while another one is within it, which happens where programs
 * are preempted (PREEMPT_RT). What it left out is of nobody, and may be all of one target's: a ratio is to be
 * trusted where that is little of all, and of what the target did. This is how many were left out;
 * -1: too much of all.
 */
static int64_t left_out(struct building *b)
{
	sqlite3_stmt *row =
		query(b, "SELECT sum(count) FROM loss WHERE what LIKE '" PREFIX "%.missed'");
	int64_t missed = 0, runs = 0;
	const json_t *probe;
	size_t i;

	while (next(b, &row))
		missed = sqlite3_column_int64(row, 0);
	json_array_foreach(json_object_get(json_object_get(b->report, "self"), "probes"), i,
			   probe) {
		const char *name = json_string_value(json_object_get(probe, "program"));

		if (name && !strncmp(name, PREFIX, strlen(PREFIX)))
			runs += json_integer_value(json_object_get(probe, "runs"));
	}
	return missed <= runs / MOST_MISSED ? missed : -1;
}

static void put_ratio(struct building *b, json_t *cache, const char *key, int64_t all,
		      int64_t missed, int64_t left_out)
{
	if (all > 0 && missed >= 0 && left_out >= 0 && left_out <= all / MOST_MISSED)
		put(b, cache, key, json_real((double)(all - missed) / all));
}

static json_t *cache_json(struct building *b, const struct cache_totals *t, int64_t left_out)
{
	json_t *cache = json_object();
	int64_t missed = at_most(t->missed, t->accessed), ahead = rest(t->fetched, t->asked);
	int64_t used = rest(missed, t->asked);
	int64_t missed_faults = t->faults < 0 ? -1 : at_most(t->fault_missed, t->faults);

	put_known(b, cache, "accessed_pages", t->accessed);
	put_known(b, cache, "missed_pages", missed);
	put_ratio(b, cache, "hit_ratio", t->accessed, missed, left_out);
	if (t->fetched >= 0 && t->fault_added >= 0 && t->other_added >= 0)
		put_known(b, cache, "added_pages", t->fetched + t->fault_added + t->other_added);
	put_known(b, cache, "read_added_pages", t->fetched);
	put_known(b, cache, "readahead_pages", ahead);
	if (used >= 0 && t->fault_took > 0)
		used += t->fault_took;
	put_known(b, cache, "readahead_used_pages", at_most(used, ahead));
	put_known(b, cache, "readahead_wasted_pages", t->wasted);
	put_known(b, cache, "faults", t->faults);
	put_known(b, cache, "missed_faults", missed_faults);
	put_ratio(b, cache, "fault_hit_ratio", t->faults, missed_faults, left_out);
	put_known(b, cache, "fault_added_pages", t->fault_added);
	put_known(b, cache, "dirtied_pages", t->dirtied);
	put_known(b, cache, "written_pages", t->written);
	put_known(b, cache, "evicted_pages", t->evicted);
	return cache;
}

static int64_t column(sqlite3_stmt *row, int at)
{
	return sqlite3_column_type(row, at) == SQLITE_NULL ? -1 : sqlite3_column_int64(row, at);
}

/* Counters that begin with the target: the largest is the last. */
int build_pagecache(struct building *b)
{
	sqlite3_stmt *row;
	int64_t missed;

	if (!has_column(b, "sample", "pagecache_accessed"))
		return 0;
	missed = left_out(b);
	row = query(b, "SELECT target, max(pagecache_accessed), max(pagecache_missed), "
		       "max(pagecache_asked), max(pagecache_fetched), max(pagecache_wasted), "
		       "max(pagecache_faults), max(pagecache_fault_missed), "
		       "max(pagecache_fault_took), max(pagecache_fault_added), "
		       "max(pagecache_other_added), "
		       "max(pagecache_dirtied), max(pagecache_written), "
		       "max(pagecache_evicted) FROM sample "
		       "WHERE pagecache_accessed IS NOT NULL GROUP BY target");
	while (next(b, &row)) {
		json_t *target = target_of(b, sqlite3_column_int64(row, 0));
		const struct cache_totals totals = {
			.accessed = column(row, 1),
			.missed = column(row, 2),
			.asked = column(row, 3),
			.fetched = column(row, 4),
			.wasted = column(row, 5),
			.faults = column(row, 6),
			.fault_missed = column(row, 7),
			.fault_took = column(row, 8),
			.fault_added = column(row, 9),
			.other_added = column(row, 10),
			.dirtied = column(row, 11),
			.written = column(row, 12),
			.evicted = column(row, 13),
		};

		if (target)
			put(b, target, "pagecache", cache_json(b, &totals, missed));
	}
	return b->err->code;
}
