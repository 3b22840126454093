// SPDX-License-Identifier: Apache-2.0
/* Groups of runs: what differs, what does not, and what cannot be told. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/strlist.h"
#include "fake_report.h"
#include "json_case.h"
#include "report/compare.h"
#include "report/report.h"

#define MOST 24

/* Runs whose one target has used so much CPU, and had so much memory at most; 0: not known. */
struct group {
	json_t *reports[MOST];
	struct compare_run runs[MOST];
	size_t sides[MOST];
	size_t n;
};

static void add(struct group *g, size_t side, double cpu, double memory)
{
	json_t *cgroup = json_object();

	if (cpu > 0)
		json_object_set_new(cgroup, "cpu_usage_ns", json_real(cpu));
	if (memory > 0)
		json_object_set_new(cgroup, "memory_max_bytes", json_real(memory));
	g->reports[g->n] = json_pack("{s:s, s:s, s:[{s:s, s:s, s:o}]}", "id", "r", "status", "ok",
				     "targets", "name", "a", "kind", "container", "cgroup", cgroup);
	assert_non_null(g->reports[g->n]);
	g->runs[g->n].report = g->reports[g->n];
	g->sides[g->n++] = side;
}

static void set_status(struct group *g, size_t run, const char *status)
{
	json_object_set_new(g->reports[run], "status", json_string(status));
}

static json_t *compare(const struct group *g, const struct str_list *metrics)
{
	const struct compare_options o = { .sides = g->sides, .metrics = metrics };
	struct err err = { 0 };
	json_t *all = NULL;

	if (report_compare(g->runs, g->n, &o, &all, &err))
		fail_msg("%s", err.text);
	return all;
}

static void fini(struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		json_decref(g->reports[i]);
	g->n = 0;
}

static const char *verdict(json_t *all, const char *row)
{
	char path[64];

	snprintf(path, sizeof(path), "metrics.%s.tests.1.verdict", row);
	return json_string_value(fake_at(all, path));
}

static double number(json_t *all, const char *path)
{
	const json_t *v = fake_at(all, path);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

/* Six each, a tenth apart; memory is the same for all. */
static void what_differs(void **state)
{
	struct group g = { 0 };
	json_t *all;

	(void)state;
	for (int i = 0; i < 12; i++)
		add(&g, i / 6, i < 6 ? 1000 + i : 1100 + i, 4096);
	all = compare(&g, NULL);
	assert_string_equal(json_string_value(fake_at(all, "basis")), "groups");
	assert_string_equal(verdict(all, "0"), "differs");
	assert_string_equal(verdict(all, "1"), "no difference");
	assert_true(number(all, "metrics.0.values.0") == 1002.5);
	assert_true(number(all, "metrics.0.values.1") == 1108.5);
	assert_true(fabs(number(all, "metrics.0.change_pct.1") - 10.5736) < 0.001);
	assert_true(number(all, "metrics.0.tests.1.difference") == 106);
	assert_true(number(all, "metrics.0.tests.1.ci.0") > 102);
	assert_true(number(all, "metrics.0.tests.1.ci.1") < 110);
	assert_true(number(all, "metrics.0.tests.1.change_ci_pct.0") > 10);
	assert_true(number(all, "metrics.0.tests.1.change_ci_pct.1") < 11.1);
	assert_true(number(all, "metrics.0.tests.1.cliffs_delta") == 1);
	assert_true(number(all, "metrics.0.tests.1.hedges_g") > 10);
	assert_true(fabs(number(all, "metrics.0.tests.1.p") - 2 / 924.0) < 1e-9);
	/* What is the same in all runs is no test that takes from the others. */
	assert_true(number(all, "family.tests") == 1);
	assert_true(number(all, "metrics.0.tests.1.p_adjusted") ==
		    number(all, "metrics.0.tests.1.p"));
	assert_true(json_is_null(fake_at(all, "metrics.0.tests.0")));
	assert_true(json_is_null(fake_at(all, "metrics.1.tests.1.p_adjusted")));
	assert_true(number(all, "metrics.0.sides.1.median") == 1108.5);
	assert_true(number(all, "metrics.0.sides.1.n") == 6);
	assert_int_equal(json_array_size(fake_at(all, "metrics.0.sides.1.samples")), 6);
	assert_true(number(all, "runs.7.side") == 1);
	json_decref(all);
	fini(&g);
}

static const struct {
	const char *why;
	size_t first, second; /* runs */
	double step, apart;
	const char *verdict;
} verdicts[] = {
	{ "three each can never tell", 3, 3, 1, 1000, "not enough repetitions" },
	{ "four each can, just", 4, 4, 1, 1000, "differs" },
	{ "one against many cannot", 1, 12, 1, 1000, "not enough repetitions" },
	{ "two against ten", 2, 10, 1, 1000, "differs" },
	{ "enough, and mixed", 8, 8, 2, 1, "no difference" },
	{ "three each that are all the same", 3, 3, 0, 0, "no difference" },
};

static void how_many_it_takes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		struct group g = { 0 };
		json_t *all;

		for (size_t r = 0; r < verdicts[i].first; r++)
			add(&g, 0, 1000 + verdicts[i].step * (double)r, 0);
		for (size_t r = 0; r < verdicts[i].second; r++)
			add(&g, 1, 1000 + verdicts[i].apart + verdicts[i].step * (double)r, 0);
		all = compare(&g, NULL);
		if (strcmp(verdict(all, "0"), verdicts[i].verdict) != 0)
			fail_msg("%s: %s", verdicts[i].why, verdict(all, "0"));
		json_decref(all);
		fini(&g);
	}
}

/* Two metrics take more repetitions than one: 2 / 70 is above 0.05 / 2. */
static void more_metrics_take_more(void **state)
{
	struct str_list one = { 0 };
	struct group g = { 0 };
	json_t *all;

	(void)state;
	for (int i = 0; i < 8; i++)
		add(&g, i / 4, i < 4 ? 1000 + i : 2000 + i, i < 4 ? 7000 + i : 8000 + i);
	all = compare(&g, NULL);
	assert_string_equal(verdict(all, "0"), "not enough repetitions");
	assert_string_equal(verdict(all, "1"), "not enough repetitions");
	assert_true(number(all, "family.tests") == 2 && number(all, "family.needed") == 5);
	json_decref(all);
	assert_int_equal(str_list_add(&one, "*.cpu_usage_ns"), 0);
	all = compare(&g, &one);
	assert_int_equal(json_array_size(fake_at(all, "metrics")), 1);
	assert_string_equal(verdict(all, "0"), "differs");
	json_decref(all);
	str_list_fini(&one);
	fini(&g);
}

static void what_did_not_end_well_has_no_part(void **state)
{
	struct group g = { 0 };
	json_t *all;

	(void)state;
	add(&g, 0, 10, 0);
	add(&g, 0, 20, 0);
	add(&g, 0, 900, 0);
	add(&g, 1, 50, 0);
	set_status(&g, 2, "failed");
	set_status(&g, 3, "interrupted"); /* the only one of its side */
	all = compare(&g, NULL);
	assert_true(number(all, "metrics.0.values.0") == 15);
	assert_true(number(all, "metrics.0.values.1") == 50);
	assert_true(json_is_null(fake_at(all, "metrics.0.sides.0.samples.2")));
	assert_true(number(all, "metrics.0.sides.0.n") == 2);
	/* And it is told. */
	assert_string_equal(json_string_value(fake_at(all, "warnings.0.what")), "status");
	assert_int_equal(json_array_size(fake_at(all, "warnings.0.values.0.differ")), 3);
	assert_string_equal(json_string_value(fake_at(all, "warnings.0.values.1")), "interrupted");
	json_decref(all);
	fini(&g);
}

static void what_some_lack(void **state)
{
	struct group g = { 0 };
	json_t *all;

	(void)state;
	add(&g, 0, 10, 0);
	add(&g, 0, 0, 0);
	add(&g, 1, 0, 0);
	add(&g, 1, 0, 0);
	all = compare(&g, NULL);
	assert_true(number(all, "metrics.0.values.0") == 10);
	assert_true(json_is_null(fake_at(all, "metrics.0.values.1")));
	assert_true(json_is_null(fake_at(all, "metrics.0.tests.1")));
	assert_true(json_is_null(fake_at(all, "metrics.0.sides.0.stddev")));
	json_decref(all);
	fini(&g);
}

static void outliers_are_marked_and_kept(void **state)
{
	struct group g = { 0 };
	json_t *all;

	(void)state;
	for (int i = 0; i < 14; i++)
		add(&g, i / 7, i == 9 ? 5000 : 1000 + i % 7, 0);
	all = compare(&g, NULL);
	assert_int_equal(json_array_size(fake_at(all, "metrics.0.sides.0.outliers")), 0);
	assert_int_equal(json_array_size(fake_at(all, "metrics.0.sides.1.outliers")), 1);
	assert_true(number(all, "metrics.0.sides.1.outliers.0") == 9);
	assert_true(number(all, "metrics.0.sides.1.n") == 7);
	assert_true(number(all, "metrics.0.values.1") > 1500);
	json_decref(all);
	fini(&g);
}

static void three_sides(void **state)
{
	struct group g = { 0 };
	json_t *all;

	(void)state;
	for (int i = 0; i < 18; i++)
		add(&g, i / 6, (i / 6 == 2 ? 2000 : 1000) + i % 6, 0);
	all = compare(&g, NULL);
	assert_string_equal(verdict(all, "0"), "no difference");
	assert_string_equal(json_string_value(fake_at(all, "metrics.0.tests.2.verdict")),
			    "differs");
	assert_true(number(all, "family.tests") == 2);
	json_decref(all);
	fini(&g);
}

/* One run on each side is what it was before there were groups. */
static void single_runs(void **state)
{
	struct group g = { 0 };
	json_t *all;

	(void)state;
	add(&g, 0, 10, 0);
	add(&g, 1, 20, 0);
	all = compare(&g, NULL);
	assert_string_equal(json_string_value(fake_at(all, "basis")), "single runs");
	assert_null(json_object_get(json_array_get(json_object_get(all, "metrics"), 0), "tests"));
	assert_null(json_object_get(all, "family"));
	json_decref(all);
	fini(&g);
}

static void in_a_terminal(void **state)
{
	static const char *const wants[] = {
		"\n  1   1 (base)  r",
		"\n  12  2         r",
		" change   95 % of it effect    differs\n",
		"\n  cgroup.cpu_usage_ns     1.00 us 1.11 us  +11 %",
		" +10.3..+10.8  +1.00 yes 0.0022\n",
		"\n  run 12  1 metric  a.cgroup.memory_max_bytes\n",
		"p adjusted for 1 test (Holm), below 0.05",
	};
	const struct report_style style = { .width = 80 };
	cleanup_buf struct buf text = BUF_INIT(1 << 20);
	struct group g = { 0 };
	json_t *all;

	(void)state;
	for (int i = 0; i < 12; i++)
		add(&g, i / 6, i < 6 ? 1000 + i : 1100 + i, i < 11 ? 4096 : 8192);
	all = compare(&g, NULL);
	assert_int_equal(report_compare_text(all, &style, &text), 0);
	for (size_t i = 0; i < ARRAY_SIZE(wants); i++)
		if (!strstr(buf_str(&text), wants[i]))
			fail_msg("no '%s' in:\n%s", wants[i], buf_str(&text));
	assert_null(strstr(buf_str(&text), "not enough repetitions"));
	assert_null(strstr(buf_str(&text), "1 run each"));
	json_decref(all);
	fini(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_differs),
		cmocka_unit_test(how_many_it_takes),
		cmocka_unit_test(more_metrics_take_more),
		cmocka_unit_test(what_did_not_end_well_has_no_part),
		cmocka_unit_test(what_some_lack),
		cmocka_unit_test(outliers_are_marked_and_kept),
		cmocka_unit_test(three_sides),
		cmocka_unit_test(single_runs),
		cmocka_unit_test(in_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
