// SPDX-License-Identifier: Apache-2.0
/* Changes: found where they are, and not where there are none. */
#include "stat/series.h"

#include <math.h>

#include "base/cleanup.h"
#include "fake_random.h"
#include "unit.h"

#define ALPHA 0.01

/* Within [-1, 1]. */
static double noise(void)
{
	return (double)(random_u64() % 2001) / 1000 - 1;
}

static void no_change(void **state)
{
	int wrong = 0, rounds = 200;

	(void)state;
	for (int round = 0; round < rounds; round++) {
		struct stat_change changes[8];
		double v[40];

		for (int i = 0; i < 40; i++)
			v[i] = 100 + noise() +
			       (random_u64() % 20 ? 0 : 50); /* now and then one far away */
		wrong += stat_changes(v, 40, ALPHA, (uint64_t)round, changes, 8) != 0;
	}
	/* 1 in 100. */
	assert_in_range(wrong, 0, 7);
}

static void changes_are_found(void **state)
{
	int right = 0;

	(void)state;
	for (int round = 0; round < 50; round++) {
		struct stat_change c[8];
		double v[60];

		for (int i = 0; i < 60; i++)
			v[i] = (i < 25 ? 100 : i < 45 ? 90 : 110) + noise();
		if (stat_changes(v, 60, ALPHA, (uint64_t)round, c, 8) != 2)
			continue;
		right += c[0].at == 25 && c[1].at == 45;
		assert_true(fabs(c[0].before - 100) < 1 && fabs(c[0].after - 90) < 1);
		assert_true(fabs(c[1].before - 90) < 1 && fabs(c[1].after - 110) < 1);
		assert_true(c[0].p <= ALPHA && c[1].p <= ALPHA);
	}
	/* In each of three parts there is one too many once in a hundred times. */
	assert_in_range(right, 45, 50);
}

static const struct {
	const char *why;
	double v[10];
	size_t n;
	int found;
} few[] = {
	{ "nothing", { 0 }, 0, 0 },
	{ "one", { 1 }, 1, 0 },
	{ "three and four are too few", { 1, 1, 1, 2, 2, 2, 2 }, 7, 0 },
	{ "all the same", { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 }, 10, 0 },
	{ "five and five", { 1, 2, 3, 2, 1, 9, 8, 9, 9, 8 }, 10, 1 },
	{ "one that stands out is no change", { 1, 2, 3, 2, 99, 3, 1, 2, 3, 2 }, 10, 0 },
};

static void few_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(few); i++) {
		struct stat_change changes[4];
		int n = stat_changes(few[i].v, few[i].n, ALPHA, 1, changes, 4);

		if (n != few[i].found)
			fail_msg("%s: %d changes", few[i].why, n);
	}
}

/* Of five and five no p is below 2 in 252. */
static void how_sure_it_is_to_be(void **state)
{
	static const double v[] = { 1, 2, 3, 2, 1, 9, 8, 9, 9, 8 };
	struct stat_change changes[4];

	(void)state;
	assert_int_equal(stat_changes(v, 10, 0.05, 1, changes, 4), 1);
	assert_int_equal(stat_changes(v, 10, 0.001, 1, changes, 4), 0);
}

static void no_more_than_there_is_room_for(void **state)
{
	struct stat_change changes[1];
	double v[60];

	(void)state;
	for (int i = 0; i < 60; i++)
		v[i] = i / 20 * 100 + noise();
	assert_int_equal(stat_changes(v, 60, ALPHA, 1, changes, 1), 1);
	assert_int_equal(stat_changes(v, 60, ALPHA, 1, changes, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_change),
		cmocka_unit_test(changes_are_found),
		cmocka_unit_test(few_values),
		cmocka_unit_test(how_sure_it_is_to_be),
		cmocka_unit_test(no_more_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
