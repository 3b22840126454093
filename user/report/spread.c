// SPDX-License-Identifier: Apache-2.0
/* Mean, deviation, interval, outliers and warm-up of repetitions as JSON. */
#include "report/spread.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/compare_parts.h"
#include "stat/describe.h"
#include "stat/warm_up.h"

static json_t *outliers_of(const double *v, const size_t *of, size_t n)
{
	cleanup_free bool *marks = calloc(n + 1, sizeof(*marks));
	json_t *list = json_array();
	bool failed = !marks || stat_outliers(v, n, marks) < 0;

	for (size_t i = 0; i < n && !failed; i++)
		failed = marks[i] && json_array_append_new(list, json_integer((json_int_t)of[i]));
	if (!failed)
		return list;
	json_decref(list);
	return NULL;
}

/* 0 or -1: no memory. */
static int put_warm_up(json_t *o, const double *v, size_t n, bool rises)
{
	struct stat_warm_up found = stat_warm_up_repeated(v, n, rises);
	int rc = json_object_set_new(o, "settled", json_string(stat_settled_name(found.settled)));

	if (rc || found.settled != STAT_WARM_UP)
		return rc;
	return json_object_set_new(o, "warm_up", json_integer((json_int_t)found.n)) ||
			       json_object_set_new(o, "steady_mean",
						   compare_number(
							   stat_mean(v + found.n, n - found.n)))
		       ? -1
		       : 0;
}

json_t *spread_json(const double *v, const size_t *of, size_t n, bool rises)
{
	struct stat_summary about;
	json_t *o;
	int rc;

	if (stat_describe(v, n, &about))
		return NULL;
	o = json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "n", (json_int_t)n, "mean",
		      compare_number(about.mean), "median", compare_number(about.median), "min",
		      compare_number(about.min), "max", compare_number(about.max), "outliers",
		      outliers_of(v, of, n));
	rc = o ? put_warm_up(o, v, n, rises) : -1;
	if (!rc && n > 1)
		rc = json_object_set_new(o, "stddev", compare_number(about.stddev)) ||
		     json_object_set_new(o, "ci",
					 json_pack("[o, o]", compare_number(about.ci_low),
						   compare_number(about.ci_high)));
	if (!rc)
		return o;
	json_decref(o);
	return NULL;
}

bool spread_rises(const char *path)
{
	const char *last = path ? strrchr(path, '.') : NULL;

	return last && !strncmp(path, "results.", 8) &&
	       (!strcmp(last, ".bw_mib_s") || !strcmp(last, ".iops"));
}
