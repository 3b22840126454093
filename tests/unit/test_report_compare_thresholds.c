// SPDX-License-Identifier: Apache-2.0
/* Expressions of --fail-if: which are crossed, and by what. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/strlist.h"
#include "fake_report.h"
#include "json_case.h"
#include "report/compare.h"
#include "report/junit.h"
#include "report/report.h"

#define MOST 16

static const struct {
	const char *why, *expr;
	size_t each; /* runs */
	double base, other, step; /* values of a run are @step apart */
	const char *by;
	bool crossed;
	const char *text; /* words in it */
} cases[] = {
	{ "a tenth more than allowed", "a.cgroup.cpu_usage_ns > +10%", 6, 1e6, 1.2e6, 1e3, "test",
	  true, "2: 1.20 ms, base 1.00 ms: +20 % (" },
	{ "no more than allowed", "a.cgroup.cpu_usage_ns > +30%", 6, 1e6, 1.2e6, 1e3, "value",
	  false, "of 6 and 6 runs" },
	{ "less, where less is bad", "a.cgroup.cpu_usage_ns < -10%", 6, 1e6, 0.8e6, 1e3, "test",
	  true, ": -20 % (" },
	{ "beyond it, but all over the place", "a.cgroup.cpu_usage_ns > +1%", 6, 1e6, 1.05e6, 4e5,
	  "test", false, "; may be noise" },
	{ "too few for a test", "a.cgroup.cpu_usage_ns > +10%", 2, 1e6, 1.2e6, 1e3, "few", true,
	  "; not enough repetitions to tell it from noise" },
	{ "one run each", "a.cgroup.cpu_usage_ns > +10%", 1, 1e6, 1.2e6, 0, "few", true,
	  "of 1 and 1 run;" },
	{ "what is not to stay as it was", "a.cgroup.cpu_usage_ns > -5%", 6, 1e6, 1e6, 1e3, "value",
	  true, ": 0 %" },
	{ "a value, whatever the base", "a.cgroup.cpu_usage_ns > 1ms", 3, 1e3, 2e6, 0, "value",
	  true, "2: 2.00 ms, base 1.00 us" },
	{ "a value that is all right", "a.cgroup.cpu_usage_ns > 3ms", 3, 1e3, 2e6, 0, "value",
	  false, "" },
	{ "what nobody measured", "a.vfs.read.p99 > +10%", 3, 1, 1, 0, "absent", true,
	  "2: -, base -, of 0 and 0 runs; no such value" },
	{ "what is not there to be measured", "host.block.read.ios > 5", 3, 1, 1, 0, "absent", true,
	  "" },
};

static json_t *run(double cpu)
{
	json_t *r = json_pack("{s:s, s:s, s:[{s:s, s:s, s:{s:f}}]}", "id", "r", "status", "ok",
			      "targets", "name", "a", "kind", "container", "cgroup", "cpu_usage_ns",
			      cpu);

	assert_non_null(r);
	return r;
}

/* Both sides' values are @step apart, around the same middle of theirs. */
static int compare(size_t each, double base, double other, double step,
		   const struct str_list *exprs, json_t **ret, struct err *err)
{
	struct compare_run runs[MOST] = { 0 };
	json_t *reports[MOST];
	size_t sides[MOST] = { 0 };
	const struct compare_options o = { .sides = sides, .fail_if = exprs };
	int rc;

	for (size_t i = 0; i < 2 * each; i++) {
		double off = ((double)(i % each) - (double)(each - 1) / 2) * step;

		reports[i] = run((i < each ? base : other) + off);
		runs[i] = (struct compare_run){ reports[i], NULL };
		sides[i] = i / each;
	}
	rc = report_compare(runs, 2 * each, &o, ret, err);
	for (size_t i = 0; i < 2 * each; i++)
		json_decref(reports[i]);
	return rc;
}

static void what_decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct str_list exprs = { 0 };
		struct err err = { 0 };
		json_t *t;
		json_t *all = NULL;

		assert_int_equal(str_list_add(&exprs, cases[i].expr), 0);
		if (compare(cases[i].each, cases[i].base, cases[i].other, cases[i].step, &exprs,
			    &all, &err))
			fail_msg("%s: %s", cases[i].why, err.text);
		t = fake_at(all, "thresholds.0");
		if (strcmp(json_string_value(fake_at(t, "by")), cases[i].by) != 0 ||
		    json_is_true(fake_at(t, "crossed")) != cases[i].crossed ||
		    !strstr(json_string_value(fake_at(t, "text")), cases[i].text))
			fail_msg("%s: by %s, %s, %s", cases[i].why,
				 json_string_value(fake_at(t, "by")),
				 json_is_true(fake_at(t, "crossed")) ? "crossed" : "held",
				 json_string_value(fake_at(t, "text")));
		assert_int_equal(json_integer_value(fake_at(all, "crossed")), cases[i].crossed);
		json_decref(all);
		str_list_fini(&exprs);
	}
}

static const struct {
	const char *expr, *error;
} wrong[] = {
	{ "a.cgroup", "expected TARGET.METRIC CMP VALUE" },
	{ "a.cgroup.cpu_usage_ns > 10%", "expected a change of the base such as +10%" },
	{ "a.vfs.sync.p99 > +10%", "unknown metric 'sync'; did you mean 'fsync'?" },
	{ "b.vfs.read.p99 > +10%", "no run has a target 'b', which 'b.vfs.read.p99 > +10%' names" },
};

static void what_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct str_list exprs = { 0 };
		struct err err = { 0 };
		json_t *all = NULL;

		assert_int_equal(str_list_add(&exprs, "a.exit_code == 0"), 0);
		assert_int_equal(str_list_add(&exprs, wrong[i].expr), 0);
		assert_int_equal(compare(2, 1, 1, 0, &exprs, &all, &err), -EINVAL);
		if (!strstr(err.text, wrong[i].error))
			fail_msg("%s: %s", wrong[i].expr, err.text);
		assert_null(all);
		str_list_fini(&exprs);
	}
}

/* Two expressions of four runs each: neither p can be below 0.05 times two. */
static void they_are_one_family(void **state)
{
	struct str_list exprs = { 0 };
	struct err err = { 0 };
	json_t *all = NULL;

	(void)state;
	assert_int_equal(str_list_add(&exprs, "a.cgroup.cpu_usage_ns > +10%"), 0);
	assert_int_equal(compare(4, 100, 200, 1, &exprs, &all, &err), 0);
	assert_string_equal(json_string_value(fake_at(all, "thresholds.0.by")), "test");
	json_decref(all);
	assert_int_equal(str_list_add(&exprs, "a.cgroup.cpu_usage_ns < -10%"), 0);
	assert_int_equal(compare(4, 100, 200, 1, &exprs, &all, &err), 0);
	assert_string_equal(json_string_value(fake_at(all, "thresholds.0.by")), "few");
	json_decref(all);
	str_list_fini(&exprs);
}

static void in_a_terminal_and_for_ci(void **state)
{
	const struct report_style style = { .width = 80 };
	cleanup_buf struct buf text = BUF_INIT(1 << 20), xml = BUF_INIT(1 << 20);
	struct str_list exprs = { 0 };
	struct err err = { 0 };
	json_t *all = NULL;

	(void)state;
	assert_int_equal(str_list_add(&exprs, "a.cgroup.cpu_usage_ns > +10%"), 0);
	assert_int_equal(str_list_add(&exprs, "a.cgroup.cpu_usage_ns < 1ns"), 0);
	assert_int_equal(compare(1, 100, 200, 0, &exprs, &all, &err), 0);
	assert_int_equal(report_compare_text(all, &style, &text), 0);
	assert_non_null(strstr(buf_str(&text),
			       "\nthresholds\n  crossed  a.cgroup.cpu_usage_ns > +10%\n"
			       "           2: 200 ns, base 100 ns: +100 %, of 1 and 1 run; not "
			       "enough\n           repetitions to tell it from noise\n"
			       "  held     a.cgroup.cpu_usage_ns < 1ns\n"));
	assert_int_equal(junit_comparison(all, &xml), 0);
	assert_non_null(strstr(buf_str(&xml), "tests=\"2\" failures=\"1\""));
	assert_non_null(strstr(buf_str(&xml),
			       "name=\"a.cgroup.cpu_usage_ns &gt; +10%\">\n      <failure "
			       "message=\"2: 200 ns, base 100 ns: +100 %, of 1 and 1 run; not"));
	assert_non_null(strstr(buf_str(&xml), "name=\"a.cgroup.cpu_usage_ns &lt; 1ns\"/>\n"));
	json_decref(all);
	str_list_fini(&exprs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_decides),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(they_are_one_family),
		cmocka_unit_test(in_a_terminal_and_for_ci),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
