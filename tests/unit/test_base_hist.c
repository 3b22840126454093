// SPDX-License-Identifier: Apache-2.0
/* Histograms: bucket edges, error bound, merging, deltas, encoding. */
#include "base/hist.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"

/* xorshift64: the same numbers each time, so that a failure can be repeated. */
static uint64_t seed = 88172645463325252ull;

static uint64_t random_u64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

static void fill_random(struct hist *h, unsigned int n, unsigned int bits)
{
	while (n--)
		hist_add(h, random_u64() >> (64 - bits) >> random_u64() % bits);
}

static void assert_same(const struct hist *a, const struct hist *b)
{
	assert_memory_equal(a, b, sizeof(*a));
}

static void edges(void **state)
{
	static const struct {
		const char *why;
		uint64_t value;
		unsigned int bucket;
	} cases[] = {
		{ "zero has the first bucket", 0, 0 },
		{ "one has the second", 1, 1 },
		{ "the last value with a bucket of its own", 15, 15 },
		{ "the first power that is cut in 16 is still exact", 16, 16 },
		{ "and so is its last value", 31, 31 },
		{ "from 32 on two values share a bucket", 32, 32 },
		{ "the second of the first pair", 33, 32 },
		{ "the next pair", 34, 33 },
		{ "the largest value that is resolved", (1ull << 37) - 1, HIST_BUCKETS - 1 },
		{ "the first that is not", 1ull << 37, HIST_BUCKETS - 1 },
		{ "the largest of all", UINT64_MAX, HIST_BUCKETS - 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (hist_bucket(cases[i].value) != cases[i].bucket)
			fail_msg("%s: %u instead of %u", cases[i].why, hist_bucket(cases[i].value),
				 cases[i].bucket);
}

static void buckets_tile_the_range(void **state)
{
	(void)state;
	assert_int_equal(hist_low(0), 0);
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		assert_true(hist_low(i) < hist_high(i));
		assert_int_equal(hist_bucket(hist_low(i)), i);
		assert_int_equal(hist_bucket(hist_high(i) - 1), i);
		if (i + 1 < HIST_BUCKETS)
			assert_int_equal(hist_high(i), hist_low(i + 1));
	}
	assert_int_equal(hist_high(HIST_BUCKETS - 1), 1ull << (HIST_MAX_EXP + 1));
}

static void neighbours_of_powers(void **state)
{
	(void)state;
	for (unsigned int exp = 0; exp <= HIST_MAX_EXP; exp++) {
		uint64_t power = 1ull << exp;

		for (uint64_t v = power - 1; v <= power + 1; v++) {
			unsigned int b = hist_bucket(v);

			assert_true(hist_low(b) <= v && v < hist_high(b));
		}
		assert_int_equal(hist_low(hist_bucket(power)), power);
		assert_int_equal(hist_bucket(power - 1) + 1, hist_bucket(power));
	}
}

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
		double truth = v[rank ? rank - 1 : 0];
		double got = hist_quantile(&h, quantiles[i]);

		if (fabs(got - truth) > truth * 0.032)
			fail_msg("%s: quantile %g is %.0f, not %.0f", what, quantiles[i], got,
				 truth);
	}
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

static void beyond_the_range(void **state)
{
	struct hist h = { 0 };

	(void)state;
	hist_add(&h, 1ull << 40);
	assert_int_equal(hist_quantile(&h, 0.5), 1ull << 40);
	assert_int_equal(h.max, 1ull << 40);
	assert_int_equal(h.sum, 1ull << 40);
}

static void empty_has_no_quantile(void **state)
{
	struct hist h = { 0 };

	(void)state;
	assert_int_equal(hist_quantile(&h, 0.5), 0);
}

static void merging(void **state)
{
	static struct hist a, b, c, left, right, swapped, empty;

	(void)state;
	fill_random(&a, 1000, 20);
	fill_random(&b, 500, 40);
	fill_random(&c, 10, 5);
	left = a;
	hist_merge(&left, &b);
	hist_merge(&left, &c);
	right = b;
	hist_merge(&right, &c);
	swapped = right;
	hist_merge(&right, &a);
	assert_same(&left, &right);
	hist_merge(&a, &swapped);
	assert_same(&left, &a);
	hist_merge(&a, &empty);
	assert_same(&left, &a);
	assert_int_equal(left.count, 1510);
}

static void delta_of_equals_is_empty(void **state)
{
	static struct hist a, delta, empty;

	(void)state;
	fill_random(&a, 1000, 30);
	memset(&delta, 0xff, sizeof(delta));
	hist_delta(&a, &a, &delta);
	assert_same(&delta, &empty);
}

static void delta_is_what_came_between(void **state)
{
	static struct hist before, between, now, delta;

	(void)state;
	fill_random(&before, 1000, 20);
	fill_random(&between, 300, 22);
	hist_add(&between, 1ull << 30); /* so that its maximum is known */
	now = before;
	hist_merge(&now, &between);
	hist_delta(&now, &before, &delta);
	assert_same(&delta, &between);
}

static void max_of_an_interval(void **state)
{
	static const struct {
		const char *why;
		uint64_t before, between, max;
	} cases[] = {
		{ "a new maximum is known", 100, 5000, 5000 },
		{ "else it is the upper edge of the highest bucket", 5000, 100, 103 },
		{ "but no more than the maximum of all", 101, 100, 101 },
		{ "the last bucket has no upper edge but the maximum of all", 1ull << 41,
		  1ull << 39, 1ull << 41 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hist before = { 0 }, now, delta;

		hist_add(&before, cases[i].before);
		now = before;
		hist_add(&now, cases[i].between);
		hist_delta(&now, &before, &delta);
		if (delta.max != cases[i].max)
			fail_msg("%s: %llu", cases[i].why, (unsigned long long)delta.max);
	}
}

static void encoding_round_trip(void **state)
{
	static uint8_t blob[HIST_BLOB_MAX];
	static struct hist h, back;

	(void)state;
	assert_int_equal(hist_encode(&h, blob), 0);
	for (unsigned int n = 1; n <= 4096; n *= 8) {
		memset(&h, 0, sizeof(h));
		memset(&back, 0, sizeof(back));
		fill_random(&h, n, 45);
		assert_int_equal(hist_decode(blob, hist_encode(&h, blob), &back), 0);
		assert_int_equal(back.count, h.count);
		assert_memory_equal(back.bucket, h.bucket, sizeof(h.bucket));
	}
	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		h.bucket[i] = UINT64_MAX;
	memset(&back, 0, sizeof(back));
	assert_true(hist_encode(&h, blob) <= HIST_BLOB_MAX);
	assert_int_equal(hist_decode(blob, hist_encode(&h, blob), &back), 0);
	assert_memory_equal(back.bucket, h.bucket, sizeof(h.bucket));
}

static void garbage_is_refused(void **state)
{
	static const struct {
		const char *why;
		size_t len;
		uint8_t blob[16];
	} cases[] = {
		{ "a step without a count", 1, { 3 } },
		{ "a number that does not end", 2, { 3, 0x80 } },
		{ "a count of zero", 2, { 3, 0 } },
		{ "a step past the last bucket", 3, { 0xa0, 0x04, 1 } },
		{ "steps that add up past the last bucket", 6, { 0x9f, 0x04, 1, 0x01, 1, 1 } },
		{ "a step that would wrap around",
		  11,
		  { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 1 } },
		{ "a count of more than 64 bits",
		  11,
		  { 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 } },
		{ "a count of more than ten bytes",
		  12,
		  { 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hist h = { 0 };

		if (hist_decode(cases[i].blob, cases[i].len, &h) != -EBADMSG)
			fail_msg("accepted: %s", cases[i].why);
	}
}

static void any_bytes_are_survived(void **state)
{
	static struct hist h;
	uint8_t blob[64];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t len = random_u64() % sizeof(blob);

		for (size_t i = 0; i < len; i++)
			blob[i] = random_u64() >> random_u64() % 8;
		(void)hist_decode(blob, len, &h); /* must only not read or write out of bounds */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges),
		cmocka_unit_test(buckets_tile_the_range),
		cmocka_unit_test(neighbours_of_powers),
		cmocka_unit_test(error_is_bounded),
		cmocka_unit_test(beyond_the_range),
		cmocka_unit_test(empty_has_no_quantile),
		cmocka_unit_test(merging),
		cmocka_unit_test(delta_of_equals_is_empty),
		cmocka_unit_test(delta_is_what_came_between),
		cmocka_unit_test(max_of_an_interval),
		cmocka_unit_test(encoding_round_trip),
		cmocka_unit_test(garbage_is_refused),
		cmocka_unit_test(any_bytes_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
