// SPDX-License-Identifier: Apache-2.0
/* The time budget of one target by interval: arrays of parts, whose points are sums of ticks. */
#include <math.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/budget.h"
#include "report/internal.h"

#define MAX_POINTS 600

static const char *const keys[] = {
	"excess_ns", "cpu_ns", "runq_ns",    "throttle_ns", "queue_ns",
	"device_ns", "io_ns",  "journal_ns", "lock_ns",	    "other_ns",
};

static bool called(const struct tick *tick)
{
	for (int use = 0; use < USES; use++)
		for (int k = TOTAL; k < BYTES; k++)
			if (tick->calls[use][k] > 0)
				return true;
	return false;
}

static void put_point(struct building *b, json_t *arrays, const struct ticks *t,
		      const struct tick *v, size_t n)
{
	struct budget sum = { 0 };
	json_t *point;

	for (size_t i = 0; i < n; i++)
		for (int use = 0; use < USES; use++)
			budget_add(&sum, &v[i], use, 1);
	point = budget_json(b, t, &sum);
	put_append(b, json_object_get(arrays, "end_ns"), json_integer(v[n - 1].to_ns));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (json_object_get(point, keys[i]))
			put_append(b, json_object_get(arrays, keys[i]),
				   json_incref(json_object_get(point, keys[i])));
	json_decref(point);
}

/*
 * What of the run's time on CPUs was a wait that was missed, at which of the points is not known:
 * each has as much of it as it has of that time.
 */
static void spread_unseen(json_t *line, const json_t *budget)
{
	json_t *cpu = json_object_get(line, "cpu_ns"), *other = json_object_get(line, "other_ns");
	double unseen = json_number_value(json_object_get(budget, "unseen_ns"));
	double all = unseen + json_number_value(json_object_get(budget, "cpu_ns"));

	for (size_t i = 0; unseen > 0 && i < json_array_size(cpu); i++) {
		json_t *from = json_array_get(cpu, i), *to = json_array_get(other, i);
		json_int_t n = llround(json_integer_value(from) * (unseen / all));

		json_integer_set(from, json_integer_value(from) - n);
		json_integer_set(to, json_integer_value(to) + n);
	}
}

int budget_build_timeline(struct building *b, const struct ticks *t, json_t *budget)
{
	size_t first = 0, end = t->n, each;
	json_t *line;

	while (first < end && !called(&t->v[first]))
		first++;
	while (end > first && !called(&t->v[end - 1]))
		end--;
	if (first == end)
		return b->err->code;
	each = (end - first + MAX_POINTS - 1) / MAX_POINTS;
	line = json_object();
	put(b, line, "begin_ns", json_integer(t->v[first].from_ns));
	put(b, line, "ticks_per_point", json_integer(each));
	put(b, line, "end_ns", json_array());
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (json_object_get(budget, keys[i]))
			put(b, line, keys[i], json_array());
	for (size_t i = first; i < end; i += each)
		put_point(b, line, t, &t->v[i], end - i < each ? end - i : each);
	spread_unseen(line, budget);
	put(b, budget, "timeline", line);
	return b->err->code;
}
