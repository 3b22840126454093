// SPDX-License-Identifier: Apache-2.0
/* Events of each target, scaled where they shared counters, and what follows from them. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/internal.h"

/* An event that had a counter for less of its time says too little to divide by. */
#define LEAST_RUNNING 0.2

/* What an event has counted, if its counter was its own all the time; NAN: not known. */
static double scaled(sqlite3_stmt *row, int value_at)
{
	double value = sqlite3_column_double(row, value_at);
	double enabled = sqlite3_column_double(row, value_at + 1);
	double running = sqlite3_column_double(row, value_at + 2);

	if (running >= enabled)
		return value;
	return running > 0 ? value * (enabled / running) : NAN;
}

static double running_part(const json_t *event)
{
	double enabled = json_number_value(json_object_get(event, "enabled_ns"));

	return enabled > 0 ? json_number_value(json_object_get(event, "running_ns")) / enabled : 1;
}

static void put_event(struct building *b, json_t *perf, sqlite3_stmt *row)
{
	const char *name = (const char *)sqlite3_column_text(row, 1);
	json_t *events = json_object_get(perf, "events"), *event = json_object();
	double value = scaled(row, 2);

	if (!isnan(value))
		put(b, perf, name, json_integer(llround(value)));
	put(b, event, "counted", json_integer(sqlite3_column_int64(row, 2)));
	put_column(b, event, "enabled_ns", row, 3);
	put_column(b, event, "running_ns", row, 4);
	put(b, event, "running_pct", json_real(100 * running_part(event)));
	put(b, events, name, event);
}

/* What derived metrics are made of, by all names that perf list has for it. */
enum input {
	NONE,
	INSTRUCTIONS,
	CYCLES,
	CACHE_REFERENCES,
	CACHE_MISSES,
	BRANCHES,
	BRANCH_MISSES,
	STALLS,
	STALLS_L3_MISS,
	INPUTS
};
static const char *const inputs[INPUTS][2] = {
	[INSTRUCTIONS] = { "instructions" },
	[CYCLES] = { "cycles", "cpu-cycles" },
	[CACHE_REFERENCES] = { "cache-references" },
	[CACHE_MISSES] = { "cache-misses" },
	[BRANCHES] = { "branch-instructions", "branches" },
	[BRANCH_MISSES] = { "branch-misses" },
	[STALLS] = { "stalls_total" },
	[STALLS_L3_MISS] = { "stalls_l3_miss" },
};

/* times * part / (of - less), by the names and in the units of container-bench. */
static const struct {
	const char *key;
	enum input part, of, less;
	double times;
} derived[] = {
	{ "instructions_per_cycle", INSTRUCTIONS, CYCLES, NONE, 1 },
	{ "cache_miss_rate", CACHE_MISSES, CACHE_REFERENCES, NONE, 1 },
	{ "branch_miss_rate", BRANCH_MISSES, BRANCHES, NONE, 100 },
	{ "stalled_cycles_percent", STALLS, CYCLES, NONE, 100 },
	{ "stalls_l3_miss_percent", STALLS_L3_MISS, STALLS, NONE, 100 },
	{ "theoretical_ipc", INSTRUCTIONS, CYCLES, STALLS, 1 },
};

/* False: not counted. NAN: it was, but for too little of the time. */
static bool find_input(const json_t *perf, enum input input, double *ret)
{
	const json_t *events = json_object_get(perf, "events");

	*ret = 0;
	if (input == NONE)
		return true;
	for (size_t i = 0; i < 2 && inputs[input][i]; i++) {
		const json_t *event = json_object_get(events, inputs[input][i]);
		const json_t *value = json_object_get(perf, inputs[input][i]);

		if (!event)
			continue;
		*ret = value && running_part(event) >= LEAST_RUNNING ? json_number_value(value)
								     : NAN;
		return true;
	}
	return false;
}

/* null: all of it is counted, and still there is no answer. */
static void put_derived(struct building *b, json_t *perf)
{
	for (size_t i = 0; i < ARRAY_SIZE(derived); i++) {
		double part, of, less, value;

		if (!find_input(perf, derived[i].part, &part) ||
		    !find_input(perf, derived[i].of, &of) ||
		    !find_input(perf, derived[i].less, &less))
			continue;
		value = of - less > 0 ? derived[i].times * part / (of - less) : NAN;
		put(b, perf, derived[i].key, isnan(value) ? json_null() : json_real(value));
	}
}

static json_t *perf_of(struct building *b, int64_t id)
{
	json_t *target = id < 0 ? NULL : target_of(b, id), *perf = json_object_get(target, "perf");

	if (target && !perf) {
		perf = json_object();
		put(b, perf, "events", json_object());
		put(b, target, "perf", perf);
	}
	return perf;
}

/* Does what all have add up to what the CPUs have counted? Only where these are known. */
static int build_sums(struct building *b)
{
	sqlite3_stmt *row = query(
		b,
		"SELECT e.name, (SELECT max(value) FROM perf WHERE event = e.id AND target = -2), "
		"(SELECT max(value) FROM perf WHERE event = e.id AND target = -1), "
		"(SELECT sum(last) FROM (SELECT max(value) AS last FROM perf "
		"WHERE event = e.id AND target >= 0 GROUP BY target)) "
		"FROM perf_event e ORDER BY e.id");
	json_t *sums = json_object();

	while (next(b, &row)) {
		json_int_t cpus = sqlite3_column_int64(row, 1),
			   others = sqlite3_column_int64(row, 2),
			   targets = sqlite3_column_int64(row, 3);

		if (sqlite3_column_type(row, 1) == SQLITE_NULL)
			continue;
		put(b, sums, (const char *)sqlite3_column_text(row, 0),
		    json_pack("{s:I, s:I, s:I, s:I}", "cpus", cpus, "targets", targets, "others",
			      others, "residual", cpus - targets - others));
	}
	if (json_object_size(sums))
		put(b, b->report, "perf", sums);
	else
		json_decref(sums);
	return b->err->code;
}

/* Counters that begin with the target: the largest is the last. */
int build_perf(struct building *b)
{
	sqlite3_stmt *row;
	json_t *target;
	size_t i;

	if (!has_column(b, "perf", "value"))
		return b->err->code;
	row = query(b, "SELECT p.target, e.name, max(p.value), max(p.enabled_ns), "
		       "max(p.running_ns) FROM perf p JOIN perf_event e ON e.id = p.event "
		       "GROUP BY p.target, e.id ORDER BY p.target, e.id");
	while (next(b, &row)) {
		json_t *perf = perf_of(b, sqlite3_column_int64(row, 0));

		if (perf)
			put_event(b, perf, row);
	}
	json_array_foreach(json_object_get(b->report, "targets"), i, target) {
		json_t *perf = json_object_get(target, "perf");

		if (perf)
			put_derived(b, perf);
	}
	return b->err->code ? b->err->code : build_sums(b);
}
