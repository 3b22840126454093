// SPDX-License-Identifier: Apache-2.0
/* The scheduler probe without a kernel; what it counts is seen in tests/integration/sched.bats. */
#include "probe/sched.h"

#include "unit.h"

static void closing_nothing_is_fine(void **state)
{
	(void)state;
	sched_probe_close(NULL);
}

static void layout_is_the_same_on_both_sides(void **state)
{
	(void)state;
	/* What the kernel rounds up to 8 bytes is read as an array. */
	assert_int_equal(sizeof(struct sched_slot) % 64, 0);
	assert_int_equal(sizeof(struct sched_running), 64); /* a cache line */
	assert_int_equal(sizeof(struct sched_pair), 8);
	assert_int_equal(SCHED_HISTS, HIST_SET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closing_nothing_is_fine),
		cmocka_unit_test(layout_is_the_same_on_both_sides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
