// SPDX-License-Identifier: Apache-2.0
/* Warm-up: found where there is one, of the length that it has, and not in noise. */
#include "stat/warm_up.h"

#include <math.h>

#include "base/cleanup.h"
#include "fake_random.h"
#include "unit.h"

#define TRIALS 200
#define MOST 600

/* Within (0, 1). */
static double uniform(void)
{
	return ((double)(random_u64() >> 11) + 0.5) / (double)(1ull << 53);
}

/* Box and Muller. */
static double normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

static const struct {
	const char *why;
	double v[12];
	size_t n;
	enum stat_settled settled;
	size_t cut;
} rows[] = {
	{ "too few", { 1, 9, 9, 9, 9 }, 5, STAT_TOO_FEW, 0 },
	{ "steady", { 9, 10, 9, 10, 9, 10, 9, 10 }, 8, STAT_STEADY, 0 },
	{ "all the same", { 9, 9, 9, 9, 9, 9, 9 }, 7, STAT_STEADY, 0 },
	{ "the first is slow", { 20, 100, 101, 99, 100, 102, 98 }, 7, STAT_WARM_UP, 1 },
	{ "the first two are", { 20, 60, 100, 101, 99, 100, 102, 98 }, 8, STAT_WARM_UP, 2 },
	{ "the first is fast", { 500, 100, 101, 99, 100, 102, 98 }, 7, STAT_WARM_UP, 1 },
	{ "the last is slow", { 100, 101, 99, 100, 102, 98, 20 }, 7, STAT_STEADY, 0 },
	{ "half and half", { 10, 10, 11, 10, 90, 91, 90, 90 }, 8, STAT_UNSETTLED, 0 },
	{ "the first is next to nothing of what varies much",
	  { 2, 100, 60, 140, 90, 70, 130, 110, 60, 120, 90, 105 },
	  12,
	  STAT_WARM_UP,
	  1 },
	{ "of what can be below nothing that is not told",
	  { 2, 100, 60, 140, 90, 70, 130, 110, 60, 120, 90, -1 },
	  12,
	  STAT_STEADY,
	  0 },
	{ "of six the first is a little off", { 95, 100, 102, 98, 101, 99 }, 6, STAT_STEADY, 0 },
};

static void of_few(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct stat_warm_up found = stat_warm_up(rows[i].v, rows[i].n);

		if (found.settled != rows[i].settled || found.n != rows[i].cut)
			fail_msg("%s: %s, the first %zu", rows[i].why,
				 stat_settled_name(found.settled), found.n);
	}
}

static const struct {
	const char *why;
	double v[8];
	size_t n;
	enum stat_settled settled;
	size_t cut;
} risen[] = {
	{ "two are no rise", { 1, 2 }, 2, STAT_TOO_FEW, 0 },
	{ "three: the first", { 100, 195, 200 }, 3, STAT_WARM_UP, 1 },
	{ "three: the last is alone", { 100, 150, 200 }, 3, STAT_UNSETTLED, 0 },
	{ "a small one", { 100, 102, 104 }, 3, STAT_TOO_FEW, 0 },
	{ "up and down", { 100, 150, 120, 200 }, 4, STAT_TOO_FEW, 0 },
	{ "five: the first two", { 50, 80, 118, 119, 120 }, 5, STAT_WARM_UP, 2 },
	{ "eight that never settle", { 10, 20, 30, 40, 50, 60, 70, 80 }, 8, STAT_UNSETTLED, 0 },
	{ "nothing", { 0 }, 0, STAT_TOO_FEW, 0 },
};

static void of_repetitions(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(risen); i++) {
		struct stat_warm_up found = stat_warm_up_repeated(risen[i].v, risen[i].n, true);

		if (found.settled != risen[i].settled || found.n != risen[i].cut)
			fail_msg("%s: %s, the first %zu", risen[i].why,
				 stat_settled_name(found.settled), found.n);
		/* Where more is not better, only MSER counts. */
		found = stat_warm_up_repeated(risen[i].v, risen[i].n, false);
		assert_int_equal(found.settled, stat_warm_up(risen[i].v, risen[i].n).settled);
	}
}

enum noise { NORMAL, EVEN, LATENCIES, KEPT };

/* One more value; of KEPT half of what the one before was off is kept. */
static double more(enum noise noise, double before)
{
	switch (noise) {
	case EVEN: return 100 + 20 * uniform();
	case LATENCIES: return 100 * exp(normal() / 2);
	case KEPT: return 100 + (before - 100) / 2 + 5 * normal();
	default: return 100 + 5 * normal();
	}
}

static void make(enum noise noise, double *v, size_t n)
{
	double before = 100;

	for (size_t i = 0; i < n; i++)
		before = v[i] = more(noise, before);
}

static void of_noise(void **state)
{
	static const size_t lengths[] = { 20, 49, 50, 120, MOST };
	double v[MOST];

	(void)state;
	for (enum noise noise = NORMAL; noise <= KEPT; noise++)
		for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
			int wrong = 0;

			for (int trial = 0; trial < TRIALS; trial++) {
				make(noise, v, lengths[i]);
				wrong += stat_warm_up(v, lengths[i]).settled != STAT_STEADY;
			}
			if (wrong > TRIALS / 20)
				fail_msg("noise %d, %zu values: %d of %d", noise, lengths[i], wrong,
					 TRIALS);
		}
}

/*
 * A step is found, to the batch or a few more; of a ramp more than its worse half, and not twice of
 * it, unless it is lost in noise as large as latencies have.
 */
static void of_what_is_there(void **state)
{
	double v[MOST];

	(void)state;
	for (enum noise noise = NORMAL; noise <= KEPT; noise++) {
		int step = 0, ramp = 0;

		for (int trial = 0; trial < TRIALS; trial++) {
			make(noise, v, MOST);
			for (size_t i = 0; i < 100; i++)
				v[i] *= 0.1;
			step += stat_warm_up(v, MOST).n >= 95 && stat_warm_up(v, MOST).n <= 150;
			make(noise, v, MOST);
			for (size_t i = 0; i < 100; i++)
				v[i] *= (double)i / 100;
			ramp += stat_warm_up(v, MOST).n >= 50 && stat_warm_up(v, MOST).n <= 200;
		}
		if (step < TRIALS * 8 / 10 || (noise != LATENCIES && ramp < TRIALS * 9 / 10))
			fail_msg("noise %d: %d steps and %d ramps of %d", noise, step, ramp,
				 TRIALS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_few),
		cmocka_unit_test(of_repetitions),
		cmocka_unit_test(of_noise),
		cmocka_unit_test(of_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
