// SPDX-License-Identifier: Apache-2.0
/* One metric of a comparison: what it is on each side, and how much its runs spread. */
#include <errno.h>
#include <math.h>
#include <stdbool.h>

#include "report/compare_parts.h"
#include "report/report.h"
#include "stat/describe.h"

#define EXACT 9007199254740992.0 /* whole numbers below it are what they look like */

json_t *compare_number(double v)
{
	if (!isfinite(v))
		return json_null();
	return v == floor(v) && fabs(v) < EXACT ? json_integer((json_int_t)v) : json_real(v);
}

double compare_change(double v, double base)
{
	if (isnan(v) || isnan(base))
		return NAN;
	if (v == base)
		return 0;
	return base != 0 ? 100 * (v - base) / fabs(base) : NAN;
}

/* Those of one side's runs that count and have a value. */
struct samples {
	double v[COMPARE_RUNS_MAX];
	size_t run[COMPARE_RUNS_MAX];
	size_t n;
	json_t *all; /* of each run, null where it has no part; owned until it is told */
};

static json_t *outliers_of(const struct samples *s)
{
	bool marks[COMPARE_RUNS_MAX];
	json_t *list = json_array();

	if (stat_outliers(s->v, s->n, marks) < 0) {
		json_decref(list);
		return NULL;
	}
	for (size_t i = 0; i < s->n; i++)
		if (marks[i] && json_array_append_new(list, json_integer((json_int_t)s->run[i]))) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *side_json(const struct samples *s, const struct stat_summary *about)
{
	return json_pack("{s:I, s:o, s:o, s:[o, o], s:o, s:O}", "n", (json_int_t)s->n, "median",
			 compare_number(about->median), "stddev", compare_number(about->stddev),
			 "ci", compare_number(about->ci_low), compare_number(about->ci_high),
			 "outliers", outliers_of(s), "samples", s->all);
}

struct row {
	json_t *values, *changes, *sides;
	double base;
	bool failed;
};

static void add_side(struct row *row, const struct samples *s)
{
	struct stat_summary about;
	double mean;

	if (stat_describe(s->v, s->n, &about)) {
		row->failed = true;
		return;
	}
	mean = about.mean;
	if (!json_array_size(row->values))
		row->base = mean;
	if (json_array_append_new(row->values, compare_number(mean)) ||
	    json_array_append_new(row->changes, compare_number(compare_change(mean, row->base))) ||
	    json_array_append_new(row->sides, side_json(s, &about)))
		row->failed = true;
}

json_t *compare_row(const struct compare_run *runs, size_t n, const struct compare_options *o,
		    const char *target, const char *path)
{
	struct row row = { .values = json_array(), .changes = json_array(), .sides = json_array() };
	size_t sides = compare_sides(o, n), r = 0;
	json_t *all;

	for (size_t side = 0; side < sides; side++) {
		struct samples s = { .all = json_array() };

		for (; r < n && compare_side(o, r) == side; r++) {
			double v = compare_counts(runs, n, o, r)
					   ? report_value(runs[r].report, target, path)
					   : NAN;

			row.failed |= json_array_append_new(s.all, compare_number(v)) != 0;
			if (!isfinite(v))
				continue;
			s.v[s.n] = v;
			s.run[s.n++] = r;
		}
		add_side(&row, &s);
		json_decref(s.all);
	}
	all = json_pack("{s:s, s:s, s:o, s:o}", "target", target, "path", path, "values",
			row.values, "change_pct", row.changes);
	if (all && sides < n && json_object_set(all, "sides", row.sides))
		row.failed = true;
	json_decref(row.sides);
	if (!row.failed)
		return all;
	json_decref(all);
	return NULL;
}
