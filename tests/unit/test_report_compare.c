// SPDX-License-Identifier: Apache-2.0
/* Whole comparisons: of runs of known numbers, which targets they are about, and how many there may be. */
#include "report/compare.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "fake_report.h"
#include "fake_run.h"
#include "json_case.h"
#include "report/compare_parts.h"

#define TARGET(name, kind) "{'name':'" name "','kind':'" kind "'}"
#define TARGETS(list) "{'targets':[" list "]}"

static const struct {
	const char *first, *second, *want, *who; /* names, and bits of who has each */
	const char *why;
} targets[] = {
	{ "{}", "{}", "[]", "[]", "none" },
	{ TARGETS(TARGET("a", "container")), TARGETS(TARGET("a", "container")), "['a']", "[3]",
	  "one in both" },
	{ TARGETS(TARGET("b", "container") "," TARGET("a", "workload")),
	  TARGETS(TARGET("c", "container") "," TARGET("b", "container")), "['b','a','c']",
	  "[3,1,2]", "in the order of the first" },
	{ TARGETS(TARGET("host", "host") "," TARGET("a", "container")),
	  TARGETS(TARGET("unattributed (metadata)", "unattributed") "," TARGET(
		  "unattributed", "unattributed") "," TARGET("/x.slice", "cgroup")),
	  "['a','host','unattributed']", "[1,1,2]", "others at the end, bystanders not at all" },
	{ TARGETS(TARGET("unattributed (flush)", "unattributed")), "{}", "['unattributed']", "[1]",
	  "all that is nobody's is one" },
};

static void targets_in_common(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		json_t *first = json_case(targets[i].first), *second = json_case(targets[i].second);
		const struct compare_run runs[] = { { first, NULL }, { second, NULL } };
		json_t *names = compare_targets(runs, 2), *who = json_array(), *name;
		size_t k;

		json_case_is(names, targets[i].want, targets[i].why);
		json_array_foreach(names, k, name)
			json_array_append_new(who, json_integer((json_int_t)compare_who_has(
							   runs, 2, json_string_value(name))));
		json_case_is(who, targets[i].who, targets[i].why);
		json_decref(who);
		json_decref(names);
		json_decref(second);
		json_decref(first);
	}
}

static json_t *compare(const json_t *first, const json_t *second)
{
	const struct compare_run runs[] = { { first, NULL }, { second, NULL } };
	struct err err = { 0 };
	json_t *all = NULL;

	if (report_compare(runs, 2, NULL, &all, &err))
		fail_msg("%s", err.text);
	return all;
}

/* A run and itself: no change at all. */
static void one_run_twice(void **state)
{
	json_t *report = fake_report(NULL), *all = compare(report, report), *row, *change;
	size_t i, k;

	(void)state;
	json_case_is(fake_at(all, "basis"), "'single runs'", "one run each");
	assert_string_equal(json_string_value(fake_at(all, "runs.0.id")), FAKE_ID);
	json_case_is(fake_at(all, "runs.1.hostname"), "'bench1'", "where it was made");
	json_case_is(fake_at(all, "runs.1.duration_s"), "0.4", "how long it took");
	assert_true(json_array_size(fake_at(all, "metrics")) > 20);
	json_array_foreach(fake_at(all, "metrics"), i, row) {
		assert_int_equal(json_array_size(fake_at(row, "values")), 2);
		json_array_foreach(fake_at(row, "change_pct"), k, change)
			json_case_is(change, "0", json_string_value(fake_at(row, "path")));
	}
	json_decref(all);
	json_decref(report);
}

/* The same again: nothing depends on the order of hashes. */
static void stable_order(void **state)
{
	json_t *first = fake_report(NULL), *second = fake_report("other");
	json_t *a = compare(first, second), *b = compare(first, second);
	cleanup_free char *one = json_dumps(a, 0), *two = json_dumps(b, 0);

	(void)state;
	assert_string_equal(one, two);
	json_decref(b);
	json_decref(a);
	json_decref(second);
	json_decref(first);
}

static void how_many(void **state)
{
	struct compare_run runs[COMPARE_RUNS_MAX + 1];
	json_t *report = json_case("{'id':'x','status':'ok'}"), *all = NULL;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i <= COMPARE_RUNS_MAX; i++)
		runs[i] = (struct compare_run){ report, NULL };
	assert_int_equal(report_compare(runs, 1, NULL, &all, &err), -EINVAL);
	assert_non_null(strstr(err.text, "cannot compare 1 runs"));
	assert_int_equal(report_compare(runs, COMPARE_RUNS_MAX + 1, NULL, &all, &err), -EINVAL);
	assert_null(all);
	assert_int_equal(report_compare(runs, COMPARE_RUNS_MAX, NULL, &all, &err), 0);
	assert_int_equal(json_array_size(fake_at(all, "runs")), COMPARE_RUNS_MAX);
	json_decref(all);
	json_decref(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_in_common),
		cmocka_unit_test(one_run_twice),
		cmocka_unit_test(stable_order),
		cmocka_unit_test(how_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
