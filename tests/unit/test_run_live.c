// SPDX-License-Identifier: Apache-2.0
/* What progress shows is what frames held since the last look. */
#include "run/live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "sample/frame.h"

#include <cmocka.h>

static void add(struct live *l, uint32_t owner, uint8_t layer, uint64_t value_ns)
{
	uint8_t blob[HIST_BLOB_MAX];
	struct hist h = { 0 };
	struct frame_hist row = { .owner = owner, .layer = layer, .ios = 1, .bytes = 4096 };
	struct frame f = { .n_hists = 1, .hists = &row, .blobs = blob };

	hist_add(&h, value_ns);
	row.count = h.count;
	row.sum = h.sum;
	row.max = h.max;
	row.blob_len = hist_encode(&h, blob);
	live_add(l, &f);
}

static void test_take(void **state)
{
	struct live_target got;
	struct live l;

	(void)state;
	assert_int_equal(live_init(&l, 2), 0);
	add(&l, 0, LAYER_BLOCK_TOTAL, 1000);
	add(&l, 0, LAYER_BLOCK_TOTAL, 9000);
	add(&l, 0, LAYER_BLOCK_QUEUE, 5); /* the same requests again: not counted twice */
	add(&l, 7, LAYER_BLOCK_TOTAL, 5); /* not a target of the run */

	live_take(&l, 0, &got);
	assert_int_equal(got.ios, 2);
	assert_int_equal(got.bytes, 8192);
	assert_int_equal(got.total.count, 2);
	assert_int_equal(got.total.sum, 10000);
	assert_int_equal(got.total.max, 9000);

	live_take(&l, 0, &got);
	assert_int_equal(got.ios, 0);
	live_take(&l, 1, &got);
	assert_int_equal(got.total.count, 0);
	live_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_take) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
