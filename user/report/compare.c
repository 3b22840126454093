// SPDX-License-Identifier: Apache-2.0
/* A comparison of runs as one JSON object: who they are, and what they have in common. */
#include "report/compare.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/strlist.h"
#include "report/compare_parts.h"
#include "report/format.h"
#include "report/repetitions.h"
#include "report/text_parts.h"

static bool is_unattributed(const json_t *target)
{
	const char *kind = text_in(target, "kind");

	return kind && !strcmp(kind, "unattributed");
}

/* Rows of what is nobody's, one for each reason, are one target here. */
static bool is_called(const json_t *target, const char *name)
{
	const char *is = text_in(target, "name");

	if (!strcmp(name, "unattributed"))
		return is_unattributed(target);
	return is && !strcmp(is, name);
}

uint64_t compare_who_has(const struct compare_run *runs, size_t n, const char *name)
{
	uint64_t who = 0;
	json_t *t;
	size_t i;

	for (size_t r = 0; r < n; r++)
		json_array_foreach(json_object_get(runs[r].report, "targets"), i, t)
			if (is_called(t, name))
				who |= 1ull << r;
	return who;
}

const json_t *compare_target(const json_t *report, const char *name)
{
	json_t *t;
	size_t i;

	json_array_foreach(json_object_get(report, "targets"), i, t)
		if (text_in(t, "name") && !strcmp(text_in(t, "name"), name))
			return t;
	return NULL;
}

json_t *compare_targets(const struct compare_run *runs, size_t n)
{
	static const char *const others[] = { "host", "unattributed" };
	json_t *seen = json_object(), *list = json_array(), *t;
	bool failed = false;
	const char *name;
	size_t i;

	for (size_t r = 0; r < n; r++)
		json_array_foreach(json_object_get(runs[r].report, "targets"), i, t)
			if (is_own_target(t) && text_in(t, "name"))
				failed |=
					json_object_set_new(seen, text_in(t, "name"), json_null());
	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (compare_who_has(runs, n, others[i]))
			failed |= json_object_set_new(seen, others[i], json_null());
	json_object_foreach(seen, name, t)
		failed |= json_array_append_new(list, json_string(name));
	json_decref(seen);
	if (!failed)
		return list;
	json_decref(list);
	return NULL;
}

size_t compare_side(const struct compare_options *o, size_t run)
{
	return o && o->sides ? o->sides[run] : run;
}

size_t compare_sides(const struct compare_options *o, size_t n)
{
	return n ? compare_side(o, n - 1) + 1 : 0;
}

bool compare_counts(const struct compare_run *runs, size_t n, const struct compare_options *o,
		    size_t run)
{
	const char *status = text_in(runs[run].report, "status");
	size_t all = 0;

	for (size_t r = 0; r < n; r++)
		all += compare_side(o, r) == compare_side(o, run);
	return all == 1 || (status && !strcmp(status, "ok"));
}

static json_t *describe(const json_t *report, size_t side)
{
	static const char *const keys[] = { "id",	  "name",    "status",	    "started",
					    "duration_s", "version", "runtime",	    "group",
					    "repetition", "axes",    "spec_sha256", "database" };
	const char *hostname = text_in(json_object_get(report, "host"), "hostname");
	json_t *run = json_object();
	bool failed = !run;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		json_t *v = json_object_get(report, keys[i]);

		failed |= v && json_object_set(run, keys[i], v);
	}
	failed |= hostname && json_object_set_new(run, "hostname", json_string(hostname));
	failed |= json_object_set_new(run, "side", json_integer((json_int_t)side));
	if (!failed)
		return run;
	json_decref(run);
	return NULL;
}

static int add_tests(const struct compare_run *runs, size_t n, bool groups, json_t *all)
{
	json_t *family = NULL, *metrics = json_object_get(all, "metrics");
	int rc = groups ? compare_tests(metrics, &family)
			: compare_repetitions(runs, n, metrics, &family);

	if (rc || !family)
		return rc;
	return json_object_set_new(all, "family", family) ||
			       json_object_set_new(all, "samples",
						   json_string(groups ? "runs" : REPETITIONS_LABEL))
		       ? -ENOMEM
		       : 0;
}

static int add_thresholds(const struct compare_run *runs, size_t n, const struct compare_options *o,
			  json_t *all, struct err *err)
{
	json_t *thresholds = NULL, *t;
	json_int_t crossed = 0;
	int rc = compare_thresholds(runs, n, o, &thresholds, err);
	size_t i;

	if (rc)
		return rc;
	json_array_foreach(thresholds, i, t)
		crossed += json_is_true(json_object_get(t, "crossed"));
	if (json_object_set_new(all, "thresholds", thresholds) ||
	    json_object_set_new(all, "crossed", json_integer(crossed)))
		return err_set(err, -ENOMEM, "judging thresholds");
	return 0;
}

/* All that can only fail without memory. */
static json_t *compare_all(const struct compare_run *runs, size_t n,
			   const struct compare_options *o)
{
	json_t *list = json_array(), *warnings = json_array(), *metrics = json_array();
	json_t *distributions = json_array(), *all;
	bool groups = compare_sides(o, n) < n, failed = false;

	for (size_t r = 0; r < n && !failed; r++)
		failed = json_array_append_new(list, describe(runs[r].report, compare_side(o, r)));
	failed = failed || compare_warnings(runs, n, warnings) ||
		 compare_fold_warnings(o, n, warnings) || compare_metrics(runs, n, o, metrics) ||
		 compare_distributions(runs, n, o, distributions);
	all = json_pack("{s:o, s:o, s:o, s:o, s:s}", "runs", list, "warnings", warnings, "metrics",
			metrics, "distributions", distributions, "basis",
			groups ? "groups" : "single runs");
	if (!failed && all && !add_tests(runs, n, groups, all))
		return all;
	json_decref(all);
	return NULL;
}

int report_compare(const struct compare_run *runs, size_t n, const struct compare_options *o,
		   json_t **ret, struct err *err)
{
	json_t *all;
	int rc = 0;

	if (n > COMPARE_RUNS_MAX || compare_sides(o, n) < 2)
		return err_say(err, -EINVAL, "cannot compare %zu runs", n);
	all = compare_all(runs, n, o);
	if (!all)
		return err_set(err, -ENOMEM, "cannot compare %zu runs", n);
	if (o && o->fail_if && o->fail_if->n)
		rc = add_thresholds(runs, n, o, all, err);
	if (rc) {
		json_decref(all);
		return rc;
	}
	*ret = all;
	return 0;
}
