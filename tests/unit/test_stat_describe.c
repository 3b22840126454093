// SPDX-License-Identifier: Apache-2.0
/* Middle, spread and outliers, by hand and by what must hold for any values. */
#include "stat/describe.h"

#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "fake_random.h"
#include "unit.h"

static const struct {
	const char *why;
	double v[8];
	size_t n;
	double mean, median, stddev, ci_low;
} cases[] = {
	{ "nothing", { 0 }, 0, NAN, NAN, NAN, NAN },
	{ "one value has no spread", { 3 }, 1, 3, 3, NAN, NAN },
	{ "two: t with one degree of freedom is 12.706",
	  { 1, 3 },
	  2,
	  2,
	  2,
	  M_SQRT2,
	  2 - 12.706205 },
	{ "an even number: the median is between two",
	  { 4, 1, 3, 2 },
	  4,
	  2.5,
	  2.5,
	  1.290994,
	  0.445739 },
	{ "all the same", { 5, 5, 5 }, 3, 5, 5, 0, 5 },
	{ "textbook: of 2 4 4 4 5 5 7 9",
	  { 2, 4, 4, 4, 5, 5, 7, 9 },
	  8,
	  5,
	  4.5,
	  2.138090,
	  3.212511 },
	{ "below zero, not in order", { -1, -5, -3 }, 3, -3, -3, 2, -7.968275 },
};

static void same(const char *why, const char *what, double got, double want)
{
	if (isnan(want) ? !isnan(got) : !(fabs(got - want) < 1e-5))
		fail_msg("%s: %s is %g, not %g", why, what, got, want);
}

static void known_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stat_summary s;

		assert_int_equal(stat_describe(cases[i].v, cases[i].n, &s), 0);
		assert_int_equal(s.n, cases[i].n);
		same(cases[i].why, "mean", s.mean, cases[i].mean);
		same(cases[i].why, "median", s.median, cases[i].median);
		same(cases[i].why, "stddev", s.stddev, cases[i].stddev);
		same(cases[i].why, "low end", s.ci_low, cases[i].ci_low);
		same(cases[i].why, "high end", s.ci_high, 2 * cases[i].mean - cases[i].ci_low);
	}
}

static void quantiles(void **state)
{
	static const double v[] = { 10, 20, 30, 40 };

	(void)state;
	same("least", "q", stat_quantile(v, 4, 0), 10);
	same("most", "q", stat_quantile(v, 4, 1), 40);
	same("a third of the way is the second", "q", stat_quantile(v, 4, 1 / 3.0), 20);
	same("between two", "q", stat_quantile(v, 4, 0.9), 37);
	same("none", "q", stat_quantile(v, 0, 0.5), NAN);
}

static const struct {
	const char *why;
	double v[10];
	size_t n;
	const char *marks;
} outliers[] = {
	{ "too few to tell", { 1, 1, 1, 100 }, 4, "...." },
	{ "one far above", { 10, 11, 9, 10.5, 50, 9.5 }, 6, "....x." },
	{ "one far below", { 1, 100, 101, 99, 102, 98 }, 6, "x....." },
	{ "two", { 10, 11, 9, 10.5, 50, 9.5, -40 }, 7, "....x.x" },
	{ "an even spread", { 1, 2, 3, 4, 5, 6 }, 6, "......" },
	{ "all the same", { 7, 7, 7, 7, 7 }, 5, "....." },
	{ "most are the same, one is not", { 7, 7, 7, 7, 7, 7, 8 }, 7, "......x" },
};

static void what_stands_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(outliers); i++) {
		bool marks[10];
		int n = stat_outliers(outliers[i].v, outliers[i].n, marks), want = 0;

		for (size_t k = 0; k < outliers[i].n; k++) {
			want += outliers[i].marks[k] == 'x';
			if (marks[k] != (outliers[i].marks[k] == 'x'))
				fail_msg("%s: %g is %s", outliers[i].why, outliers[i].v[k],
					 marks[k] ? "marked" : "not marked");
		}
		assert_int_equal(n, want);
	}
}

/* Times 2 and 3 more: what is measured in other units is the same, in other units. */
static void units_do_not_matter(void **state)
{
	(void)state;
	for (int round = 0; round < 200; round++) {
		size_t n = 2 + random_u64() % 30;
		struct stat_summary s, t;
		bool marks[32], others[32];
		double v[32], w[32];

		for (size_t i = 0; i < n; i++) {
			v[i] = (double)(random_u64() % 1000);
			w[i] = v[i] * 2 + 3;
		}
		assert_int_equal(stat_describe(v, n, &s), 0);
		assert_int_equal(stat_describe(w, n, &t), 0);
		same("scaled", "mean", t.mean, s.mean * 2 + 3);
		same("scaled", "median", t.median, s.median * 2 + 3);
		same("scaled", "stddev", t.stddev, s.stddev * 2);
		same("scaled", "low end", t.ci_low, s.ci_low * 2 + 3);
		assert_true(s.min <= s.median && s.median <= s.max);
		assert_true(s.ci_low <= s.mean && s.mean <= s.ci_high);
		assert_int_equal(stat_outliers(v, n, marks), stat_outliers(w, n, others));
		assert_memory_equal(marks, others, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(quantiles),
		cmocka_unit_test(what_stands_out),
		cmocka_unit_test(units_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
