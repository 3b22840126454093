// SPDX-License-Identifier: Apache-2.0
/* Heatmaps: each latency in the row of its size. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/hist.h"
#include "html/heat.h"
#include "unit.h"

static const struct {
	uint64_t ns;
	unsigned int row;
} rows[] = {
	{ 0, 0 },	    { 1, 0 },		{ 2, 2 },	    { 3, 3 },
	{ 4, 4 },	    { 5, 4 },		{ 6, 5 },	    { 7, 5 },
	{ 1024, 20 },	    { 1535, 20 },	{ 1536, 21 },	    { 2047, 21 },
	{ 1ull << 36, 72 }, { 3ull << 36, 75 }, { 1ull << 40, 75 }, { UINT64_MAX, 75 },
};

static void rows_are_halves_of_powers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (heat_row(rows[i].ns) != rows[i].row)
			fail_msg("%llu ns: row %u", (unsigned long long)rows[i].ns,
				 heat_row(rows[i].ns));
}

/* No bucket of a histogram is in two rows: what is counted is exact. */
static void buckets_are_within_rows(void **state)
{
	(void)state;
	for (unsigned int b = hist_bucket(16); b < HIST_BUCKETS - 1; b++)
		if (heat_row(hist_low(b)) != heat_row(hist_high(b) - 1))
			fail_msg("bucket %u is in rows %u and %u", b, heat_row(hist_low(b)),
				 heat_row(hist_high(b) - 1));
}

static void cells_are_sums(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(1024);
	struct hist h = { 0 };
	struct heat heat;

	(void)state;
	hist_add(&h, 1030);
	hist_add(&h, 1500);
	hist_add(&h, 1600);
	assert_int_equal(heat_init(&heat, 3), 0);
	heat_add(&heat, 0, &h);
	heat_add(&heat, 2, &h);
	heat_add(&heat, 2, &h);
	assert_int_equal(heat_json(&heat, &out), 0);
	assert_string_equal(buf_str(&out), "[0,20,2,0,21,1,2,20,4,2,21,2]");
	heat_fini(&heat);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_halves_of_powers),
		cmocka_unit_test(buckets_are_within_rows),
		cmocka_unit_test(cells_are_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
