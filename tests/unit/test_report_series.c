// SPDX-License-Identifier: Apache-2.0
/* Numbers of runs in their order: what is kept of them, and what is concluded. */
#include "report/series.h"

#include <math.h>

#include "base/cleanup.h"
#include "base/strlist.h"
#include "json_case.h"
#include "report/compare.h"

/* A run whose one target used so much CPU; below 0: none was measured. */
static void add(struct series *s, size_t run, double cpu, const struct compare_options *o)
{
	json_t *cgroup = cpu < 0 ? json_object() : json_pack("{s:f}", "cpu_usage_ns", cpu);
	json_t *report =
		json_pack("{s:s, s:[{s:s, s:s, s:o, s:{s:i}}]}", "status", "ok", "targets", "name",
			  "a", "kind", "container", "cgroup", cgroup, "pagecache", "hit_ratio", 1);

	assert_int_equal(series_add(s, report, run, o), 0);
	json_decref(report);
}

static void what_some_lack_is_null(void **state)
{
	struct series *s = series_open();
	json_t *spread;

	(void)state;
	add(s, 4, -1, NULL);
	add(s, 5, 10, NULL);
	add(s, 7, -1, NULL);
	add(s, 9, 30, NULL);
	assert_int_equal(series_runs(s), 4);
	spread = series_spread(s);
	assert_int_equal(json_array_size(spread), 2);
	json_case_is(json_object_get(json_array_get(spread, 1), "samples"), "[null,10,null,30]",
		     "CPU");
	json_case_is(json_object_get(json_array_get(spread, 1), "n"), "2", "how many have it");
	json_case_is(json_object_get(json_array_get(spread, 1), "mean"), "20", "their mean");
	json_case_is(json_object_get(json_array_get(spread, 0), "samples"), "[1,1,1,1]", "hits");
	json_decref(spread);
	series_close(s);
}

static void runs_are_named(void **state)
{
	static const double cpu[] = { 10, 11, 9, 10, 11, 99, 9, 10 };
	struct series *s = series_open();
	json_t *spread;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cpu); i++)
		add(s, 20 + 2 * i, cpu[i], NULL);
	spread = series_spread(s);
	json_case_is(json_object_get(json_array_get(spread, 1), "outliers"), "[30]", "an outlier");
	assert_null(json_object_get(json_array_get(spread, 1), "warm_up"));
	json_case_is(json_object_get(json_array_get(spread, 1), "settled"), "'none'", "warm-up");
	json_decref(spread);
	series_close(s);
}

static void a_change_is_found(void **state)
{
	struct series *s = series_open();
	json_t *changes, *c;

	(void)state;
	for (size_t i = 0; i < 24; i++)
		add(s, i, (i < 12 ? 100 : 110) + (double)(i * 7 % 5) / 5, NULL);
	changes = series_changes(s);
	json_case_is(json_object_get(json_array_get(changes, 0), "changes"), "[]", "hits");
	c = json_array_get(json_object_get(json_array_get(changes, 1), "changes"), 0);
	json_case_is(json_object_get(c, "run"), "12", "the first that is different");
	assert_true(fabs(json_number_value(json_object_get(c, "change_pct")) - 10) < 0.3);
	assert_true(json_number_value(json_object_get(c, "p")) <= COMPARE_ALPHA / 2);
	assert_true(json_number_value(json_object_get(c, "before")) < 101);
	assert_true(json_number_value(json_object_get(c, "after")) >= 110);
	json_decref(changes);
	series_close(s);
}

static void only_what_is_wanted(void **state)
{
	struct str_list patterns = { 0 };
	const struct compare_options o = { .metrics = &patterns };
	struct series *s = series_open();
	json_t *spread;

	(void)state;
	assert_int_equal(str_list_add(&patterns, "*.hit_ratio"), 0);
	add(s, 0, 10, &o);
	spread = series_spread(s);
	assert_int_equal(json_array_size(spread), 1);
	json_decref(spread);
	series_close(s);
	str_list_fini(&patterns);
}

static void none(void **state)
{
	struct series *s = series_open();
	json_t *spread = series_spread(s), *changes = series_changes(s);

	(void)state;
	json_case_is(spread, "[]", "no spread");
	json_case_is(changes, "[]", "no changes");
	json_decref(spread);
	json_decref(changes);
	series_close(s);
	series_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_some_lack_is_null),
		cmocka_unit_test(runs_are_named),
		cmocka_unit_test(a_change_is_found),
		cmocka_unit_test(only_what_is_wanted),
		cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
