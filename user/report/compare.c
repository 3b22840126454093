// SPDX-License-Identifier: Apache-2.0
/* A comparison of runs as one JSON object: who they are, and what they have in common. */
#include "report/compare.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/compare_parts.h"
#include "report/format.h"
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

static json_t *describe(const json_t *report)
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
	if (!failed)
		return run;
	json_decref(run);
	return NULL;
}

int report_compare(const struct compare_run *runs, size_t n, json_t **ret, struct err *err)
{
	json_t *list = json_array(), *warnings = json_array(), *metrics = json_array(), *all;
	bool failed = false;

	if (n < 2 || n > COMPARE_RUNS_MAX)
		failed = true;
	for (size_t r = 0; r < n && !failed; r++)
		failed = json_array_append_new(list, describe(runs[r].report));
	failed = failed || compare_warnings(runs, n, warnings) || compare_metrics(runs, n, metrics);
	/* One run each, whatever group they are of: repetitions are not averaged. */
	all = json_pack("{s:o, s:o, s:o, s:s}", "runs", list, "warnings", warnings, "metrics",
			metrics, "basis", "single runs");
	if (failed || !all) {
		json_decref(all);
		return n < 2 || n > COMPARE_RUNS_MAX
			       ? err_say(err, -EINVAL, "cannot compare %zu runs", n)
			       : err_set(err, -ENOMEM, "cannot compare %zu runs", n);
	}
	*ret = all;
	return 0;
}
