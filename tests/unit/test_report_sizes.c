// SPDX-License-Identifier: Apache-2.0
/* Sizes of requests: Darshan's buckets at their edges, percentiles as the largest size. */
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "fake_report.h"
#include "report/internal.h"
#include "unit.h"

#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* As the block probe counts: bytes less 1. */
static void add(struct hist *h, uint64_t bytes, uint64_t n)
{
	while (n--)
		hist_add(h, bytes - 1);
}

static json_t *sizes_of(const struct hist *h)
{
	struct building b = { 0 };
	json_t *json = json_sizes(&b, h);

	assert_false(b.out_of_memory);
	return json;
}

static int64_t whole(json_t *json, const char *path)
{
	return json_integer_value(fake_at(json, path));
}

static const struct {
	uint64_t bytes;
	const char *bucket, *sentence;
} edges[] = {
	{ 1, "0_100", "the smallest there is" },
	{ 100, "0_100", "a limit belongs to what is below" },
	{ 101, "100_1K", "one more" },
	{ 512, "100_1K", "a sector" },
	{ 1024, "100_1K", "a limit that is a power of two" },
	{ 1025, "1K_10K", "one more than that" },
	{ 4096, "1K_10K", "a page" },
	{ 10240, "1K_10K", "ten of 1024, not of 1000" },
	{ 10241, "10K_100K", "one more than ten" },
	{ 102400, "10K_100K", "a hundred" },
	{ 102401, "100K_1M", "one more than a hundred" },
	{ MIB, "100K_1M", "the next unit" },
	{ MIB + 1, "1M_4M", "one more than a unit" },
	{ 4 * MIB, "1M_4M", "four, as Darshan has it" },
	{ 4 * MIB + 1, "4M_10M", "one more than four" },
	{ 10 * MIB, "4M_10M", "ten" },
	{ 10 * MIB + 1, "10M_100M", "one more than ten of the unit" },
	{ 100 * MIB, "10M_100M", "a hundred of the unit" },
	{ 100 * MIB + 1, "100M_1G", "one more than a hundred of the unit" },
	{ GIB, "100M_1G", "the last limit" },
	{ GIB + 1, "1G_PLUS", "beyond all limits" },
	{ 4 * GIB - 512, "1G_PLUS", "the largest request that can be told" },
};

static void edges_are_darshans(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(edges); i++) {
		struct hist h = { 0 };
		json_t *json, *darshan;

		add(&h, edges[i].bytes, 1);
		json = sizes_of(&h);
		darshan = fake_at(json, "darshan");
		if (json_integer_value(json_object_get(darshan, edges[i].bucket)) != 1 ||
		    json_object_size(darshan) != 1)
			fail_msg("%s: %llu is not in %s but %s", edges[i].sentence,
				 (unsigned long long)edges[i].bytes, edges[i].bucket,
				 json_object_iter_key(json_object_iter(darshan)));
		json_decref(json);
	}
}

/* All sizes at once: each bucket has its own, and nothing is in two of them. */
static void every_request_is_in_one_bucket(void **state)
{
	struct hist h = { 0 };
	int64_t in_darshan = 0, in_buckets = 0, last = 0;
	const char *name;
	json_t *json, *v;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(edges); i++)
		add(&h, edges[i].bytes, i + 1);
	json = sizes_of(&h);
	json_object_foreach(fake_at(json, "darshan"), name, v) {
		int64_t want = 0;

		for (i = 0; i < ARRAY_SIZE(edges); i++)
			want += strcmp(edges[i].bucket, name) ? 0 : i + 1;
		if (json_integer_value(v) != want)
			fail_msg("%s has %lld", name, (long long)json_integer_value(v));
		in_darshan += want;
	}
	json_array_foreach(fake_at(json, "buckets"), i, v) {
		/* Of a bucket its largest size is told, in order. */
		assert_true(json_integer_value(json_array_get(v, 0)) > last);
		last = json_integer_value(json_array_get(v, 0));
		in_buckets += json_integer_value(json_array_get(v, 1));
	}
	assert_int_equal(in_darshan, h.count);
	assert_int_equal(in_buckets, h.count);
	json_decref(json);
}

static void powers_of_two_are_exact(void **state)
{
	static const char *const keys[] = { "p50", "p90", "p99", "p999", "max", "buckets.0.0" };

	(void)state;
	for (int exp = 0; exp <= 32; exp++) {
		struct hist h = { 0 };
		json_t *json;

		add(&h, 1ull << exp, 1000);
		/* and max is not what makes it so */
		add(&h, 1ull << 33, 1);
		json = sizes_of(&h);
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
			if (strcmp(keys[i], "max") && whole(json, keys[i]) != 1ll << exp)
				fail_msg("2^%d: %s is %lld", exp, keys[i],
					 (long long)whole(json, keys[i]));
		assert_int_equal(whole(json, "max"), 1ll << 33);
		json_decref(json);
	}
}

static const struct {
	struct {
		uint64_t bytes, n;
	} sizes[4];
	uint64_t sum, p50, p90, p99, p999, max;
	const char *sentence;
} cases[] = {
	{ { { 4096, 1 } }, 4096, 4096, 4096, 4096, 4096, 4096, "a single request" },
	{ { { 4096, 50 }, { 131072, 50 } },
	  6758400,
	  4096,
	  131072,
	  131072,
	  131072,
	  131072,
	  "half and half: the lower one is the median" },
	{ { { 4096, 89 }, { 16384, 9 }, { MIB, 2 } },
	  2609152,
	  4096,
	  16384,
	  MIB,
	  MIB,
	  MIB,
	  "a few large ones" },
	{ { { 4608, 999 }, { 65536, 1 } },
	  4668928,
	  4608,
	  4608,
	  4608,
	  4608,
	  65536,
	  "an odd number of sectors" },
	{ { { 3, 1 }, { 5, 1 }, { 7, 1 } }, 15, 5, 7, 7, 7, 7, "below 17 each size has its own" },
	{ { { 5000, 100 } },
	  500000,
	  5000,
	  5000,
	  5000,
	  5000,
	  5000,
	  "within a bucket: no more than the largest of all" },
	{ { { 5000, 100 }, { MIB, 1 } },
	  1548576,
	  5120,
	  5120,
	  5120,
	  MIB,
	  MIB,
	  "else the largest size of the bucket" },
};

static void percentiles_are_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hist h = { 0 };
		json_t *json;

		print_message("%s\n", cases[i].sentence);
		for (size_t k = 0; k < ARRAY_SIZE(cases[i].sizes); k++)
			add(&h, cases[i].sizes[k].bytes, cases[i].sizes[k].n);
		json = sizes_of(&h);
		assert_int_equal(whole(json, "count"), h.count);
		assert_int_equal(whole(json, "sum"), cases[i].sum);
		assert_int_equal(whole(json, "p50"), cases[i].p50);
		assert_int_equal(whole(json, "p90"), cases[i].p90);
		assert_int_equal(whole(json, "p99"), cases[i].p99);
		assert_int_equal(whole(json, "p999"), cases[i].p999);
		assert_int_equal(whole(json, "max"), cases[i].max);
		assert_true(fabs(json_real_value(fake_at(json, "mean")) -
				 (double)cases[i].sum / h.count) < 1e-6);
		json_decref(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges_are_darshans),
		cmocka_unit_test(every_request_is_in_one_bucket),
		cmocka_unit_test(powers_of_two_are_exact),
		cmocka_unit_test(percentiles_are_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
