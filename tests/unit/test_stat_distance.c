// SPDX-License-Identifier: Apache-2.0
/* Distances of histograms. */
#include "stat/distance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hist.h"
#include "fake_random.h"
#include "unit.h"

static const struct {
	const char *why;
	uint64_t a[4], b[4]; /* ended by 0; below 16 a value is its bucket */
	double ks, wasserstein;
} cases[] = {
	{ "the same", { 1, 2, 3 }, { 1, 2, 3 }, 0, 0 },
	{ "as many of each, twice", { 1, 2 }, { 2, 1 }, 0, 0 },
	{ "apart", { 1 }, { 5 }, 1, 4 },
	{ "half moved by 2", { 1, 1 }, { 1, 3 }, 0.5, 1 },
	{ "a third is larger by 9", { 1, 2, 3 }, { 1, 2, 12 }, 1 / 3.0, 3 },
	{ "spread to both sides", { 5, 5 }, { 3, 7 }, 0.5, 2 },
};

static void fill(struct hist *h, const uint64_t *v)
{
	memset(h, 0, sizeof(*h));
	for (; *v; v++)
		hist_add(h, *v);
}

static void known_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hist a, b;

		fill(&a, cases[i].a);
		fill(&b, cases[i].b);
		if (fabs(stat_hist_ks(&a, &b) - cases[i].ks) > 1e-12 ||
		    fabs(stat_hist_wasserstein(&a, &b) - cases[i].wasserstein) > 1e-12)
			fail_msg("%s: %g and %g", cases[i].why, stat_hist_ks(&a, &b),
				 stat_hist_wasserstein(&a, &b));
	}
}

static void nothing_is_not_near(void **state)
{
	struct hist a = { 0 }, b = { 0 };

	(void)state;
	hist_add(&a, 5);
	assert_true(isnan(stat_hist_ks(&a, &b)) && isnan(stat_hist_ks(&b, &a)));
	assert_true(isnan(stat_hist_wasserstein(&a, &b)) && isnan(stat_hist_wasserstein(&b, &a)));
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Of as many values each, it is the mean distance in order; buckets add 3.2 % of a value. */
static void it_is_that_of_the_values(void **state)
{
	(void)state;
	for (int round = 0; round < 30; round++) {
		uint64_t a[200], b[200];
		struct hist ha = { 0 }, hb = { 0 };
		double truth = 0, bound = 0;

		for (int i = 0; i < 200; i++) {
			hist_add(&ha, a[i] = 1000 + random_u64() % 1000000);
			hist_add(&hb, b[i] = 1000 + random_u64() % 2000000);
		}
		qsort(a, 200, sizeof(*a), by_value);
		qsort(b, 200, sizeof(*b), by_value);
		for (int i = 0; i < 200; i++) {
			truth += fabs((double)a[i] - (double)b[i]) / 200;
			bound += 0.032 * (double)(a[i] + b[i]) / 200;
		}
		assert_true(fabs(stat_hist_wasserstein(&ha, &hb) - truth) <= bound);
		assert_true(stat_hist_wasserstein(&ha, &hb) == stat_hist_wasserstein(&hb, &ha));
		assert_true(stat_hist_ks(&ha, &hb) == stat_hist_ks(&hb, &ha));
		assert_true(stat_hist_ks(&ha, &hb) > 0.3 && stat_hist_ks(&ha, &hb) < 0.7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(nothing_is_not_near),
		cmocka_unit_test(it_is_that_of_the_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
