// SPDX-License-Identifier: Apache-2.0
/* Down-sampling: means by time, and no extreme lost. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "html/bins.h"
#include "unit.h"

/* @n ticks of 100 ms, the first of which began 50 ms after the run. */
static struct axis axis_of(size_t n, size_t most_bins, size_t most_columns)
{
	struct axis a = { .n = n, .begin_ns = 1000000000 };

	a.seq = calloc(n + 1, sizeof(*a.seq));
	a.at_ns = calloc(n + 1, sizeof(*a.at_ns));
	for (size_t i = 0; i < n; i++) {
		a.seq[i] = 3 * i;
		a.at_ns[i] = a.begin_ns + 50000000 + i * 100000000;
	}
	axis_divide(&a, most_bins, most_columns);
	return a;
}

static const struct {
	size_t n, most_bins, most_columns, per, bins, bins_per_column, columns;
	const char *why;
} divisions[] = {
	{ 10, 10, 10, 1, 10, 1, 10, "as many as there is room for" },
	{ 11, 10, 10, 2, 6, 1, 6, "one too many" },
	{ 36000, 500, 200, 72, 500, 3, 167, "an hour" },
	{ 1, 500, 200, 1, 1, 1, 1, "one tick" },
	{ 0, 500, 200, 1, 0, 1, 0, "none" },
};

static void ticks_are_divided(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(divisions); i++) {
		struct axis a =
			axis_of(divisions[i].n, divisions[i].most_bins, divisions[i].most_columns);

		if (a.per != divisions[i].per || a.bins != divisions[i].bins ||
		    a.bins_per_column != divisions[i].bins_per_column ||
		    a.columns != divisions[i].columns)
			fail_msg("%s: %zu ticks each of %zu bins, %zu each of %zu columns",
				 divisions[i].why, a.per, a.bins, a.bins_per_column, a.columns);
		axis_fini(&a);
	}
}

static void ticks_are_found(void **state)
{
	struct axis a = axis_of(5, 2, 1);

	(void)state;
	for (size_t i = 0; i < a.n; i++)
		assert_int_equal(axis_find(&a, 3 * i), i);
	assert_int_equal(axis_find(&a, 4), a.n);
	assert_int_equal(axis_find(&a, 99), a.n);
	/* The first is shorter, as is the last bin. */
	assert_float_equal(axis_seconds(&a, 0), 0.05, 1e-9);
	assert_float_equal(axis_seconds(&a, 4), 0.1, 1e-9);
	assert_float_equal(axis_bin_seconds(&a, 0), 0.25, 1e-9);
	assert_float_equal(axis_bin_seconds(&a, 1), 0.2, 1e-9);
	axis_fini(&a);
}

static void extremes_are_kept(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(1 << 16);
	struct axis a = axis_of(12, 3, 3);
	struct bins b;

	(void)state;
	assert_int_equal(bins_init(&b, &a), 0);
	assert_true(bins_empty(&b));
	bins_add(&b, 0, 1, 1);
	bins_add(&b, 1, 9, 3);
	bins_add(&b, 2, NAN, 1); /* is not known */
	bins_add(&b, 3, 5, 0); /* took no time */
	bins_add(&b, 11, -2, 1);
	assert_false(bins_empty(&b));
	assert_int_equal(bins_json(&b, &out), 0);
	assert_string_equal(buf_str(&out),
			    "\"mean\":[7,null,-2],\"min\":[1,null,-2],\"max\":[9,null,-2]");
	bins_fini(&b);
	axis_fini(&a);
}

static void what_is_its_own_extreme_has_none(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(1 << 16);
	struct axis a = axis_of(2, 10, 3);
	struct bins b;

	(void)state;
	assert_int_equal(bins_init(&b, &a), 0);
	bins_add(&b, 1, 1.0 / 3, 1);
	assert_int_equal(bins_json(&b, &out), 0);
	assert_string_equal(buf_str(&out), "\"mean\":[null,0.33333]");
	bins_fini(&b);
	axis_fini(&a);
}

static void rates_are_of_all_time(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(1 << 16);
	struct axis a = axis_of(6, 3, 3); /* bins of 0.15 s, 0.2 s and 0.2 s */
	struct rate r;

	(void)state;
	assert_int_equal(rate_init(&r, &a), 0);
	rate_add(&r, 1, 10);
	rate_add(&r, 1, 20); /* of the same tick: 300 in a second */
	rate_add(&r, 4, 8);
	rate_add(&r, 5, 4);
	rate_end(&r);
	assert_int_equal(bins_json(&r.bins, &out), 0);
	assert_string_equal(buf_str(&out),
			    "\"mean\":[200,0,60],\"min\":[0,0,40],\"max\":[300,0,80]");
	rate_fini(&r);
	buf_reset(&out);
	/* Who had nothing has no line. */
	assert_int_equal(rate_init(&r, &a), 0);
	rate_end(&r);
	assert_true(bins_empty(&r.bins));
	rate_fini(&r);
	axis_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ticks_are_divided),
		cmocka_unit_test(ticks_are_found),
		cmocka_unit_test(extremes_are_kept),
		cmocka_unit_test(what_is_its_own_extreme_has_none),
		cmocka_unit_test(rates_are_of_all_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
