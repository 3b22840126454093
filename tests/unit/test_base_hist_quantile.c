// SPDX-License-Identifier: Apache-2.0
/* Percentiles of histograms against exact order statistics. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hist.h"
#include "fake_random.h"
#include "unit.h"

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void check_quantiles(const char *what, uint64_t *v, size_t n)
{
	static const double quantiles[] = { 0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1 };
	struct hist h = { 0 };

	for (size_t i = 0; i < n; i++)
		hist_add(&h, v[i]);
	qsort(v, n, sizeof(*v), by_value);
	for (size_t i = 0; i < ARRAY_SIZE(quantiles); i++) {
		size_t rank = ceil(quantiles[i] * n);
		uint64_t exact = v[rank ? rank - 1 : 0];
		uint64_t high = hist_quantile_high(&h, quantiles[i]);
		double truth = exact, got = hist_quantile(&h, quantiles[i]);

		if (fabs(got - truth) > truth * 0.032)
			fail_msg("%s: quantile %g is %.0f, not %.0f", what, quantiles[i], got,
				 truth);
		/* In whole numbers, where a bound is a bound. */
		if (high < exact || high - exact > exact / 16)
			fail_msg("%s: quantile %g is at most %.0f, not %.0f", what, quantiles[i],
				 (double)high, truth);
	}
	assert_true(hist_quantile_high(&h, 1) == v[n - 1]);
}

static void error_is_bounded(void **state)
{
	static uint64_t v[4096];
	size_t n = ARRAY_SIZE(v);

	(void)state;
	for (unsigned int bits = 1; bits <= HIST_MAX_EXP; bits++) {
		for (size_t i = 0; i < n; i++)
			v[i] = random_u64() >> (64 - bits);
		check_quantiles("uniform", v, n);
		for (size_t i = 0; i < n; i++)
			v[i] = random_u64() >> (64 - bits) >> random_u64() % bits;
		check_quantiles("exponential", v, n);
	}
	for (unsigned int b = 0; b < HIST_BUCKETS; b++) {
		for (size_t i = 0; i < 100; i++)
			v[i] = i % 2 ? hist_low(b) : hist_high(b) - 1;
		check_quantiles("both ends of one bucket", v, 100);
		for (size_t i = 0; i < 100; i++)
			v[i] = i ? hist_low(b) : hist_high(HIST_BUCKETS - 1) - 1;
		check_quantiles("one outlier above the low end of a bucket", v, 100);
		for (size_t i = 0; i < 100; i++)
			v[i] = i ? hist_high(b) - 1 : 0;
		check_quantiles("one zero below the high end of a bucket", v, 100);
		v[0] = hist_low(b);
		check_quantiles("a single value", v, 1);
	}
}

#define US 1000ull
#define SEC 1000000000ull

/* Uniform in [@low, @high]. */
static uint64_t between(uint64_t low, uint64_t high)
{
	return low + random_u64() % (high - low + 1);
}

static uint64_t within(double ns)
{
	return ns < US ? US : ns > 60 * SEC ? 60 * SEC : (uint64_t)ns;
}

static uint64_t uniform(size_t i)
{
	(void)i;
	return between(US, 60 * SEC);
}

static uint64_t exponential(size_t i)
{
	static const double mean_ns[] = { 5e3, 80e3, 2e6, 0.5e9, 10e9 };

	return within(-mean_ns[i % ARRAY_SIZE(mean_ns)] *
		      log((between(1, UINT32_MAX) - 0.5) / UINT32_MAX));
}

/* A cache that hits nine times in ten, and a device behind it. */
static uint64_t bimodal(size_t i)
{
	(void)i;
	return random_u64() % 10 ? between(90 * US, 110 * US) : between(8000 * US, 12000 * US);
}

/* Exactly half and half: the median is the last of the lower ones. */
static uint64_t two_values(size_t i)
{
	return i % 2 ? 60 * SEC : US;
}

static uint64_t log_uniform(size_t i)
{
	(void)i;
	return within(exp(log(US) + (log(60e9) - log(US)) * (random_u64() >> 11) / 0x1p53));
}

static uint64_t powers_of_two(size_t i)
{
	/* 1024 ns to 34 s, and the values beside them */
	return (1ull << (10 + i / 3 % 26)) + i % 3 - 1;
}

static uint64_t constant(size_t i)
{
	(void)i;
	return 123456789;
}

static uint64_t shortest(size_t i)
{
	(void)i;
	return US;
}

static uint64_t longest(size_t i)
{
	(void)i;
	return 60 * SEC;
}

static uint64_t one_outlier(size_t i)
{
	return i ? US : 60 * SEC;
}

/* Whatever the latencies of a run look like. */
static void error_is_bounded_from_1_us_to_60_s(void **state)
{
	static const struct {
		const char *sentence;
		uint64_t (*draw)(size_t i);
	} cases[] = {
		{ "uniform", uniform },
		{ "exponential, of several means", exponential },
		{ "bimodal", bimodal },
		{ "two values far apart, half each", two_values },
		{ "every order of magnitude", log_uniform },
		{ "powers of two and their neighbours", powers_of_two },
		{ "always the same", constant },
		{ "always the shortest", shortest },
		{ "always the longest", longest },
		{ "a single outlier", one_outlier },
	};
	static const size_t sizes[] = { 1, 2, 3, 10, 100, 999, 1000, 1001, 20000 };
	static uint64_t v[20000];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t k = 0; k < ARRAY_SIZE(sizes); k++) {
			for (size_t n = 0; n < sizes[k]; n++)
				v[n] = cases[i].draw(n);
			check_quantiles(cases[i].sentence, v, sizes[k]);
		}
}

/* What sizes rely on: as bytes less 1, a power of two is told as it is. */
static void powers_of_two_less_one_are_exact(void **state)
{
	(void)state;
	for (unsigned int exp = 0; exp <= HIST_MAX_EXP; exp++) {
		uint64_t size = 1ull << exp;
		struct hist h = { 0 };

		hist_add(&h, size - 1);
		hist_add(&h, size - 1);
		hist_add(&h, (1ull << 40) - 1); /* so that max does not help */
		assert_true(hist_quantile_high(&h, 0.5) == size - 1);
		/* Between two powers from 32 on, every sixteenth is exact too. */
		for (uint64_t k = 1; exp >= 5 && exp < HIST_MAX_EXP && k < 16; k++) {
			uint64_t between_them = size + k * size / 16;

			memset(&h, 0, sizeof(h));
			hist_add(&h, between_them - 1);
			hist_add(&h, (1ull << 40) - 1);
			assert_true(hist_quantile_high(&h, 0.5) == between_them - 1);
		}
	}
}

static void beyond_the_range(void **state)
{
	struct hist h = { 0 };

	(void)state;
	hist_add(&h, 1ull << 40);
	assert_int_equal(hist_quantile(&h, 0.5), 1ull << 40);
	assert_int_equal(hist_quantile_high(&h, 0.5), 1ull << 40);
	assert_int_equal(h.max, 1ull << 40);
	assert_int_equal(h.sum, 1ull << 40);
}

static void empty_has_no_quantile(void **state)
{
	struct hist h = { 0 };

	(void)state;
	assert_int_equal(hist_quantile(&h, 0.5), 0);
	assert_int_equal(hist_quantile_high(&h, 0.5), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(error_is_bounded),
		cmocka_unit_test(error_is_bounded_from_1_us_to_60_s),
		cmocka_unit_test(powers_of_two_less_one_are_exact),
		cmocka_unit_test(beyond_the_range),
		cmocka_unit_test(empty_has_no_quantile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
