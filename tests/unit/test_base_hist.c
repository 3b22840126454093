// SPDX-License-Identifier: Apache-2.0
/* Histograms: bucket edges, merging, deltas, encoding; percentiles are test_base_hist_quantile.c. */
#include "base/hist.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "fake_random.h"
#include "unit.h"

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

/* The definition, without its shifts: 16 below 16, then 16 to each power of two. */
static unsigned int bucket_by_definition(uint64_t value)
{
	unsigned int i = 16;

	if (value < 16)
		return value;
	for (uint64_t power = 16; power < 1ull << 37; power *= 2)
		for (uint64_t k = 1; k <= 16; k++, i++)
			if (value < power + k * power / 16)
				return i;
	return HIST_BUCKETS - 1;
}

static void buckets_by_definition(void **state)
{
	(void)state;
	for (unsigned int exp = 0; exp < 64; exp++) {
		uint64_t power = 1ull << exp;

		for (int k = -2; k <= 2; k++) {
			uint64_t v = power + k; /* below 0 it is one of the largest */

			if (hist_bucket(v) != bucket_by_definition(v))
				fail_msg("2^%u %+d: bucket %u", exp, k, hist_bucket(v));
		}
	}
	assert_int_equal(hist_bucket(0), bucket_by_definition(0));
	assert_int_equal(hist_bucket(UINT64_MAX), HIST_BUCKETS - 1);
	for (int i = 0; i < 20000; i++) {
		uint64_t v = random_u64() >> random_u64() % 64;

		assert_int_equal(hist_bucket(v), bucket_by_definition(v));
	}
}

/* Whatever the buckets lose: count, sum and max are those of the values. */
static void counted_exactly(void **state)
{
	(void)state;
	for (unsigned int bits = 1; bits <= 54; bits++) {
		struct hist h = { 0 };
		uint64_t sum = 0, max = 0, counted = 0;

		for (int i = 0; i < 500; i++) {
			uint64_t v = random_u64() >> (64 - bits) >> random_u64() % bits;

			hist_add(&h, v);
			sum += v;
			max = v > max ? v : max;
		}
		for (unsigned int i = 0; i < HIST_BUCKETS; i++)
			counted += h.bucket[i];
		assert_int_equal(h.count, 500);
		assert_int_equal(counted, 500);
		assert_true(h.sum == sum);
		assert_true(h.max == max);
	}
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

/* Random shapes, and those that are worst for somebody. */
static void fill(struct hist *h, unsigned int shape)
{
	memset(h, 0, sizeof(*h));
	switch (shape % 8) {
	case 0: break; /* empty */
	case 1: hist_add(h, 0); break;
	case 2: hist_add(h, UINT64_MAX >> 1); break;
	case 3:
		for (unsigned int i = 0; i < HIST_BUCKETS; i++)
			hist_add(h, hist_low(i));
		break;
	case 4:
		for (unsigned int i = 0; i < HIST_BUCKETS; i++)
			hist_add(h, hist_high(i) - 1);
		break;
	case 5:
		for (unsigned int exp = 0; exp <= 40; exp++)
			hist_add(h, 1ull << exp);
		break;
	default: fill_random(h, random_u64() % 300, 1 + random_u64() % 50);
	}
}

static struct hist merged(const struct hist *a, const struct hist *b)
{
	struct hist sum = *a;

	hist_merge(&sum, b);
	return sum;
}

static void merge_is_a_sum(void **state)
{
	static struct hist a, b, c, one, two;

	(void)state;
	for (unsigned int i = 0; i < 8 * 8 * 8; i++) {
		fill(&a, i);
		fill(&b, i / 8);
		fill(&c, i / 64);
		/* in any order */
		one = merged(&a, &b);
		two = merged(&b, &a);
		assert_same(&one, &two);
		/* and grouped in any way */
		one = merged(&one, &c);
		two = merged(&b, &c);
		two = merged(&a, &two);
		assert_same(&one, &two);
		assert_int_equal(one.count, a.count + b.count + c.count);
		assert_true(one.sum == a.sum + b.sum + c.sum);
	}
}

static void delta_undoes_merge(void **state)
{
	static struct hist a, b, sum, delta;

	(void)state;
	for (unsigned int i = 0; i < 2000; i++) {
		fill(&a, i);
		fill(&b, i / 8);
		sum = merged(&a, &b);
		memset(&delta, 0xff, sizeof(delta));
		hist_delta(&sum, &a, &delta);
		assert_int_equal(delta.count, b.count);
		assert_true(delta.sum == b.sum);
		assert_memory_equal(delta.bucket, b.bucket, sizeof(b.bucket));
		/* The max of an interval can only be bounded: never too small, nor more than all. */
		assert_true(delta.max >= b.max && delta.max <= sum.max);
		if (b.max > a.max || !b.count)
			assert_true(delta.max == b.max);
		else if (b.max < hist_low(HIST_BUCKETS - 1)) /* which has no end */
			assert_true(delta.max - b.max <= b.max / 16);
	}
}

/* As the kernel side would have counted it, @base having been in each bucket before. */
static void to_live(const struct hist *h, uint32_t base, unsigned int which, struct hist_set *ret)
{
	ret->of[which].sum = h->sum;
	ret->of[which].max = h->max;
	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		ret->bucket[i][which] = base + (uint32_t)h->bucket[i];
}

static void live_delta_is_delta(void **state)
{
	static const struct {
		const char *sentence;
		uint32_t base;
	} cases[] = {
		{ "from nothing", 0 },
		{ "far from the wrap", 1u << 31 },
		{ "one before the wrap", UINT32_MAX },
		{ "some counts wrap, some do not", UINT32_MAX - 2 },
	};
	static struct hist a, b, sum, want, got;
	static struct hist_set before, now;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++)
		for (unsigned int i = 0; i < 500; i++) {
			fill(&a, i);
			fill(&b, i / 8);
			sum = merged(&a, &b);
			hist_delta(&sum, &a, &want);
			to_live(&a, cases[k].base, i % HIST_SET, &before);
			to_live(&sum, cases[k].base, i % HIST_SET, &now);
			memset(&got, 0xff, sizeof(got));
			hist_set_delta(&now, &before, i % HIST_SET, &got);
			if (memcmp(&want, &got, sizeof(want)))
				fail_msg("%s: shape %u", cases[k].sentence, i);
		}
	/* The most that can be told apart. */
	memset(&before, 0, sizeof(before));
	memset(&now, 0, sizeof(now));
	before.bucket[7][1] = 5;
	now.bucket[7][1] = 4;
	hist_set_delta(&now, &before, 1, &got);
	assert_int_equal(got.count, UINT32_MAX);
}

static void live_banks_add_up(void **state)
{
	static struct hist a, b, sum, got;
	static struct hist_set bank, banks, nothing;

	(void)state;
	for (unsigned int i = 0; i < 500; i++) {
		fill(&a, i);
		fill(&b, i / 8);
		sum = merged(&a, &b);
		memset(&banks, 0, sizeof(banks));
		/* Each histogram of a set is its own. */
		for (unsigned int k = 0; k < HIST_SET; k++)
			to_live(k % 2 ? &a : &b, 0, k, &bank);
		hist_set_add(&bank, &banks);
		for (unsigned int k = 0; k < HIST_SET; k++)
			to_live(k == 3 ? &a : &b, 0, k, &bank);
		hist_set_add(&bank, &banks);
		hist_set_delta(&banks, &nothing, 1, &got);
		assert_same(&got, &sum);
		sum = merged(&b, &b);
		hist_set_delta(&banks, &nothing, 2, &got);
		assert_same(&got, &sum);
		sum = merged(&a, &a);
		hist_set_delta(&banks, &nothing, 3, &got);
		assert_same(&got, &sum);
	}
}

static void delta_of_equals_is_empty(void **state)
{
	static struct hist a, delta, empty;

	(void)state;
	fill_random(&a, 1000, 30);
	memset(&delta, 0xff, sizeof(delta));
	hist_delta(&a, &a, &delta);
	assert_same(&delta, &empty);
	for (unsigned int shape = 0; shape < 64; shape++) {
		static struct hist_set live;

		fill(&a, shape);
		memset(&delta, 0xff, sizeof(delta));
		hist_delta(&a, &a, &delta);
		assert_same(&delta, &empty);
		to_live(&a, UINT32_MAX, 2, &live);
		memset(&delta, 0xff, sizeof(delta));
		hist_set_delta(&live, &live, 2, &delta);
		assert_same(&delta, &empty);
	}
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
	for (unsigned int shape = 0; shape < 512; shape++) {
		fill(&h, shape);
		memset(&back, 0, sizeof(back));
		assert_int_equal(hist_decode(blob, hist_encode(&h, blob), &back), 0);
		assert_int_equal(back.count, h.count);
		assert_memory_equal(back.bucket, h.bucket, sizeof(h.bucket));
		/* It adds to what is there, as the merge of the two would. */
		assert_int_equal(hist_decode(blob, hist_encode(&h, blob), &back), 0);
		assert_int_equal(back.count, 2 * h.count);
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
		cmocka_unit_test(buckets_by_definition),
		cmocka_unit_test(counted_exactly),
		cmocka_unit_test(merging),
		cmocka_unit_test(merge_is_a_sum),
		cmocka_unit_test(delta_undoes_merge),
		cmocka_unit_test(live_delta_is_delta),
		cmocka_unit_test(live_banks_add_up),
		cmocka_unit_test(delta_of_equals_is_empty),
		cmocka_unit_test(delta_is_what_came_between),
		cmocka_unit_test(max_of_an_interval),
		cmocka_unit_test(encoding_round_trip),
		cmocka_unit_test(garbage_is_refused),
		cmocka_unit_test(any_bytes_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
