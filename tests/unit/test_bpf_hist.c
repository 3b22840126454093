// SPDX-License-Identifier: Apache-2.0
/* The kernel side's histograms, compiled for here: the same buckets, sums and maxima as ours. */
#include <linux/types.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hist.h"
#include "unit.h"

#define __noinline __attribute__((noinline))
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#define hist_bucket kernel_bucket
#define hist_record static_record
int static_record(struct hist_set *set, __u32 which, __u64 v);
#include "hist.bpf.h"
#undef hist_bucket
#undef hist_record

static void check(uint64_t v)
{
	if (kernel_bucket(v) != hist_bucket(v))
		fail_msg("%llu: %u, not %u", (unsigned long long)v, kernel_bucket(v),
			 hist_bucket(v));
}

static void buckets_are_the_same(void **state)
{
	(void)state;
	for (uint64_t v = 0; v < 100000; v++)
		check(v);
	for (int bit = 0; bit < 64; bit++)
		for (int64_t off = -2; off <= 2; off++)
			check((1ull << bit) + off);
	srandom(1);
	for (int i = 0; i < 200000; i++)
		check(((uint64_t)random() << 32 | random()) >> random() % 64);
	check(UINT64_MAX);
}

static void what_is_recorded_comes_back(void **state)
{
	static struct hist_set set, nothing;
	static struct hist want[HIST_SET], got;

	(void)state;
	srandom(2);
	for (int i = 0; i < 20000; i++) {
		uint64_t v = (uint64_t)random() << 8 >> random() % 40;
		unsigned int which = random() % HIST_SET;

		static_record(&set, which, v);
		hist_add(&want[which], v);
	}
	for (unsigned int k = 0; k < HIST_SET; k++) {
		hist_set_delta(&set, &nothing, k, &got);
		assert_memory_equal(&got, &want[k], sizeof(got));
	}
	assert_int_equal(static_record(NULL, 0, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_are_the_same),
		cmocka_unit_test(what_is_recorded_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
