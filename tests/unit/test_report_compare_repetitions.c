// SPDX-License-Identifier: Apache-2.0
/* Single runs, whose repetitions are samples: which rows get any, and what the tests say. */
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "json_case.h"
#include "report/compare.h"
#include "unit.h"

/* A run whose tool did @op so fast, one after the other; ends with -1. */
static json_t *run(const char *op, const double *bw, const char *more)
{
	json_t *report = json_case("{'id': 'r', 'status': 'ok', 'targets': [{'name': 'a', 'kind': "
				   "'container', 'results': []}]}");
	json_t *results =
		json_object_get(json_array_get(json_object_get(report, "targets"), 0), "results");

	for (int i = 0; bw[i] >= 0; i++)
		json_array_append_new(results, json_pack("{s:s, s:i, s:f}", "op", op, "iteration",
							 i, "bw_mib_s", bw[i]));
	if (more)
		json_array_append_new(results, json_case(more));
	return report;
}

static json_t *compare(json_t *a, json_t *b)
{
	const struct compare_run runs[] = { { a, NULL }, { b, NULL } };
	struct err err = { 0 };
	json_t *all = NULL;

	assert_int_equal(report_compare(runs, 2, NULL, &all, &err), 0);
	json_decref(a);
	json_decref(b);
	return all;
}

static const json_t *row(const json_t *all, const char *path)
{
	json_t *m;
	size_t i;

	json_array_foreach(json_object_get(all, "metrics"), i, m)
		if (!strcmp(json_string_value(json_object_get(m, "path")), path))
			return m;
	return NULL;
}

static const char *verdict(const json_t *all)
{
	const json_t *tests = json_object_get(row(all, "results.write.bw_mib_s"), "tests");

	return json_string_value(json_object_get(json_array_get(tests, 1), "verdict"));
}

static const struct {
	const char *why;
	double a[8], b[8];
	const char *verdict; /* NULL: not tested */
} rows[] = {
	{ "wholly apart", { 1, 2, 3, 4, -1 }, { 5, 6, 7, 8, -1 }, "differs" },
	{ "mixed", { 1, 3, 5, 7, -1 }, { 2, 4, 6, 8, -1 }, "no difference" },
	{ "two of each", { 1, 2, -1 }, { 5, 6, -1 }, "not enough repetitions" },
	{ "one that was not repeated", { 1, 2, 3, 4, 5, -1 }, { 9, -1 }, "not enough repetitions" },
	{ "neither was", { 1, -1 }, { 9, -1 }, NULL },
	{ "unequal numbers", { 1, 2, 3, -1 }, { 5, 6, 7, 8, 9, 9.5, -1 }, "differs" },
};

static void verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *all = compare(run("write", rows[i].a, NULL), run("write", rows[i].b, NULL));
		const char *is = verdict(all);

		if (!is != !rows[i].verdict || (is && strcmp(is, rows[i].verdict) != 0))
			fail_msg("%s: %s", rows[i].why, is ? is : "not tested");
		assert_string_equal(json_string_value(json_object_get(all, "basis")),
				    "single runs");
		/* What samples are is told where there are any, and only then. */
		assert_int_equal(json_object_get(all, "family") != NULL, is != NULL);
		if (is)
			json_case_is(json_object_get(all, "samples"),
				     "'repetitions within one run'", rows[i].why);
		else
			assert_null(json_object_get(all, "samples"));
		json_decref(all);
	}
}

static void samples_are_of_each_repetition(void **state)
{
	json_t *all = compare(run("write", (const double[]){ 100, 101, 99, 7, 100, -1 }, NULL),
			      run("write", (const double[]){ 50, 100, 101, -1 },
				  "{'op': 'write', 'iteration': 3}"));
	const json_t *sides = json_object_get(row(all, "results.write.bw_mib_s"), "sides");
	const json_t *a = json_array_get(sides, 0), *b = json_array_get(sides, 1);

	(void)state;
	json_case_is(json_object_get(a, "samples"), "[100, 101, 99, 7, 100]", "base");
	json_case_is(json_object_get(a, "outliers"), "[3]", "what stands out");
	json_case_is(json_object_get(b, "samples"), "[50, 100, 101, null]", "one does not tell");
	json_case_is(json_object_get(b, "n"), "3", "so it has no part");
	json_case_is(json_object_get(b, "warm_up"), "1", "warm-up is told");
	/* The values themselves are means over all, as ever. */
	json_case_is(json_array_get(json_object_get(row(all, "results.write.bw_mib_s"), "values"),
				    0),
		     "81.4", "the mean of all");
	json_decref(all);
}

/* Repetitions of different jobs are no samples of one thing. */
static void jobs_are_not_mixed(void **state)
{
	static const double bw[] = { 1, 2, 3, 4, -1 };
	json_t *all = compare(run("write", bw, "{'op': 'write', 'job': 'x', 'bw_mib_s': 9}"),
			      run("write", bw, NULL));
	const json_t *sides = json_object_get(row(all, "results.write.bw_mib_s"), "sides");

	(void)state;
	json_case_is(json_object_get(json_array_get(sides, 0), "n"), "0", "two jobs");
	json_case_is(json_object_get(json_array_get(sides, 1), "n"), "4", "one");
	assert_true(json_is_null(
		json_array_get(json_object_get(row(all, "results.write.bw_mib_s"), "tests"), 1)));
	json_decref(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts),
		cmocka_unit_test(samples_are_of_each_repetition),
		cmocka_unit_test(jobs_are_not_mixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
