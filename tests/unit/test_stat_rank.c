// SPDX-License-Identifier: Apache-2.0
/* Rank tests: known values, a count by hand of every assignment, and what must hold. */
#include "stat/rank.h"

#include <errno.h>
#include <math.h>

#include "base/cleanup.h"
#include "fake_random.h"
#include "unit.h"

static const struct {
	const char *why;
	double a[6], b[6];
	size_t na, nb;
	double u, p, p_least, delta;
} cases[] = {
	{ "one each: nothing can be told", { 1 }, { 2 }, 1, 1, 1, 1, 1, 1 },
	{ "three each, apart: 2 of 20", { 1, 2, 3 }, { 4, 5, 6 }, 3, 3, 9, 0.1, 0.1, 1 },
	{ "the other way", { 4, 5, 6 }, { 1, 2, 3 }, 3, 3, 0, 0.1, 0.1, -1 },
	{ "in between", { 1, 3, 5 }, { 2, 4, 6 }, 3, 3, 6, 0.7, 0.1, 1 / 3.0 },
	{ "five each, apart: 2 of 252",
	  { 1, 2, 3, 4, 5 },
	  { 6, 7, 8, 9, 10 },
	  5,
	  5,
	  25,
	  2 / 252.0,
	  2 / 252.0,
	  1 },
	{ "all the same", { 7, 7, 7 }, { 7, 7, 7 }, 3, 3, 4.5, 1, 1, 0 },
	{ "one differs, and could be in either: half of the ways",
	  { 7, 7, 7 },
	  { 7, 7, 8 },
	  3,
	  3,
	  6,
	  1,
	  1,
	  1 / 3.0 },
	{ "ties across: 2 of 6, twice", { 1, 2 }, { 2, 3 }, 2, 2, 3.5, 2 / 3.0, 2 / 3.0, 0.75 },
};

static void known_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stat_rank_test t;

		assert_int_equal(
			stat_mann_whitney(cases[i].a, cases[i].na, cases[i].b, cases[i].nb, &t), 0);
		assert_true(t.exact);
		if (t.u != cases[i].u || fabs(t.p - cases[i].p) > 1e-12 ||
		    fabs(t.p_least - cases[i].p_least) > 1e-12 ||
		    fabs(t.delta - cases[i].delta) > 1e-12)
			fail_msg("%s: u %g, p %g, at least %g, delta %g", cases[i].why, t.u, t.p,
				 t.p_least, t.delta);
	}
	assert_int_equal(stat_mann_whitney(NULL, 0, cases[0].b, 1, &(struct stat_rank_test){ 0 }),
			 -EINVAL);
}

static double u_of(const double *all, size_t n, unsigned int in_b)
{
	double u = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			if (in_b >> i & 1 && !(in_b >> k & 1))
				u += all[i] > all[k] ? 1 : all[i] == all[k] ? 0.5 : 0;
	return u;
}

/* Every way to give the same values to both. */
static void all_assignments(void **state)
{
	(void)state;
	for (int round = 0; round < 60; round++) {
		size_t na = 1 + random_u64() % 5, nb = 1 + random_u64() % 5, n = na + nb;
		double all[10], u, below = 0, above = 0, ways = 0;
		struct stat_rank_test t;

		for (size_t i = 0; i < n; i++)
			all[i] = (double)(random_u64() % (round % 2 ? 4 : 1000));
		u = u_of(all, n, ((1u << nb) - 1) << na);
		for (unsigned int in_b = 0; in_b < 1u << n; in_b++) {
			double other;

			if ((size_t)__builtin_popcount(in_b) != nb)
				continue;
			other = u_of(all, n, in_b);
			ways++;
			below += other <= u;
			above += other >= u;
		}
		assert_int_equal(stat_mann_whitney(all, na, all + na, nb, &t), 0);
		assert_true(t.u == u);
		if (fabs(t.p - fmin(1, 2 * fmin(below, above) / ways)) > 1e-12)
			fail_msg("%zu and %zu: p is %g", na, nb, t.p);
		assert_true(t.p_least <= t.p + 1e-12);
	}
}

/* What is larger by any measure that keeps the order, and what happens when both are swapped. */
static void only_the_order_matters(void **state)
{
	(void)state;
	for (int round = 0; round < 100; round++) {
		size_t na = 2 + random_u64() % 30, nb = 2 + random_u64() % 30;
		double a[32], b[32], log_a[32], log_b[32];
		struct stat_rank_test t, swapped, logs;

		for (size_t i = 0; i < na; i++)
			log_a[i] = log(a[i] = 1 + (double)(random_u64() % 50));
		for (size_t i = 0; i < nb; i++)
			log_b[i] = log(b[i] = 1 + (double)(random_u64() % 60));
		assert_int_equal(stat_mann_whitney(a, na, b, nb, &t), 0);
		assert_int_equal(stat_mann_whitney(b, nb, a, na, &swapped), 0);
		assert_int_equal(stat_mann_whitney(log_a, na, log_b, nb, &logs), 0);
		assert_true(t.exact == (na + nb <= STAT_EXACT_MAX));
		assert_true(fabs(t.p - swapped.p) < 1e-12 && fabs(t.delta + swapped.delta) < 1e-12);
		assert_true(t.p == logs.p && t.u == logs.u);
		assert_true(t.p > 0 && t.p <= 1 && fabs(t.delta) <= 1);
	}
}

/* Of samples of the same thing, p is below alpha in no more than alpha of all cases. */
static void p_is_what_it_says(void **state)
{
	int below_5 = 0, below_20 = 0, rounds = 2000;

	(void)state;
	for (int round = 0; round < rounds; round++) {
		double a[7], b[8];
		struct stat_rank_test t;

		for (size_t i = 0; i < 7; i++)
			a[i] = (double)(random_u64() % 30);
		for (size_t i = 0; i < 8; i++)
			b[i] = (double)(random_u64() % 30);
		assert_int_equal(stat_mann_whitney(a, 7, b, 8, &t), 0);
		below_5 += t.p <= 0.05;
		below_20 += t.p <= 0.2;
	}
	/* With three deviations of what is random about it. */
	assert_in_range(below_5, 40, 129);
	assert_in_range(below_20, 250, 453);
}

/* Where both can be had, the approximation is close. */
static void the_approximation(void **state)
{
	double a[25], b[25];

	(void)state;
	for (int round = 0; round < 50; round++) {
		struct stat_rank_test exact, normal;

		for (size_t i = 0; i < 25; i++) {
			a[i] = (double)(random_u64() % 100);
			b[i] = (double)(random_u64() % 120);
		}
		assert_int_equal(stat_mann_whitney(a, 25, b, 25, &exact), 0);
		assert_int_equal(stat_mann_whitney_normal(a, 25, b, 25, &normal), 0);
		assert_true(exact.exact && !normal.exact);
		if (fabs(exact.p - normal.p) > 0.01)
			fail_msg("exactly %g, about %g", exact.p, normal.p);
	}
	for (size_t i = 0; i < 25; i++)
		a[i] = b[i] = 3;
	assert_int_equal(stat_mann_whitney_normal(a, 25, b, 25, &(struct stat_rank_test){ 0 }), 0);
}

static void the_least_p(void **state)
{
	(void)state;
	assert_true(fabs(stat_rank_least(1, 1) - 1) < 1e-12);
	assert_true(fabs(stat_rank_least(3, 3) - 0.1) < 1e-12);
	assert_true(fabs(stat_rank_least(5, 5) - 2 / 252.0) < 1e-12);
	assert_true(fabs(stat_rank_least(2, 3) - 0.2) < 1e-12);
	assert_true(fabs(stat_rank_least(0, 3) - 1) < 1e-12);
	assert_true(fabs(stat_rank_least(8, 8) - 2 / 12870.0) < 1e-12);
}

static void effects(void **state)
{
	static const double a[] = { 1, 2, 3, 4, 5 }, b[] = { 3, 4, 5, 6, 7 }, same[] = { 2, 2, 2 };

	(void)state;
	/* 2 / sqrt(2.5), times 0.9027 for 8 degrees of freedom. */
	assert_true(fabs(stat_hedges_g(a, 5, b, 5) - 1.141925) < 1e-4);
	assert_true(stat_hedges_g(b, 5, a, 5) == -stat_hedges_g(a, 5, b, 5));
	assert_true(isnan(stat_hedges_g(a, 1, b, 5)) && isnan(stat_hedges_g(same, 3, same, 3)));
}

static const struct {
	const char *why;
	double p[5], adjusted[5];
	size_t n;
	int tests;
} holm[] = {
	{ "none", { 0 }, { 0 }, 0, 0 },
	{ "one stays", { 0.03 }, { 0.03 }, 1, 1 },
	{ "the smallest times all, the next times one less",
	  { 0.01, 0.04, 0.03, 0.005 },
	  { 0.03, 0.06, 0.06, 0.02 },
	  4,
	  4 },
	{ "never above 1, never below one before it", { 0.5, 0.9 }, { 1, 1 }, 2, 2 },
	{ "what is no test does not count", { 0.02, NAN, 0.03 }, { 0.04, NAN, 0.04 }, 3, 2 },
};

static void many_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(holm); i++) {
		double adjusted[5];

		assert_int_equal(stat_holm(holm[i].p, holm[i].n, adjusted), holm[i].tests);
		for (size_t k = 0; k < holm[i].n; k++)
			if (isnan(holm[i].adjusted[k])
				    ? !isnan(adjusted[k])
				    : fabs(adjusted[k] - holm[i].adjusted[k]) > 1e-12)
				fail_msg("%s: %g became %g", holm[i].why, holm[i].p[k],
					 adjusted[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(all_assignments),
		cmocka_unit_test(only_the_order_matters),
		cmocka_unit_test(p_is_what_it_says),
		cmocka_unit_test(the_approximation),
		cmocka_unit_test(the_least_p),
		cmocka_unit_test(effects),
		cmocka_unit_test(many_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
