// SPDX-License-Identifier: Apache-2.0
/* Edges of buckets in the unit of what they count. */
#include "sink/point.h"

#include "base/cleanup.h"
#include "base/hist.h"
#include "unit.h"

static const struct {
	const char *name;
	uint64_t value; /* as counted */
	int64_t le;
	const char *why;
} cases[] = {
	{ "total", 0, 0, "nothing is a value too" },
	{ "total", 15, 15, "small ones are exact" },
	{ "total", 32, 33, "two in a bucket: the last" },
	{ "total", 100, 103, "four in a bucket" },
	{ "size", 4095, 4096, "sizes are counted less 1" },
	{ "size", 0, 1, "down to one byte" },
	{ "latency", 1ull << 60, INT64_MAX, "beyond what is told apart: all of it" },
};

static void edges(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t le = point_le(cases[i].name, hist_bucket(cases[i].value));

		if (le != cases[i].le)
			fail_msg("%s: %lld", cases[i].why, (long long)le);
	}
}

static void edges_grow(void **state)
{
	(void)state;
	for (unsigned int i = 1; i < HIST_BUCKETS; i++)
		assert_true(point_le("total", i) > point_le("total", i - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges),
		cmocka_unit_test(edges_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
