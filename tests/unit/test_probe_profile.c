// SPDX-License-Identifier: Apache-2.0
/* The profile probe without a kernel that helps; what it finds is seen in tests/integration/profile.bats. */
#include "probe/profile.h"

#include "probe/profile_internal.h"
#include "unit.h"

static void closing_nothing_is_fine(void **state)
{
	(void)state;
	profile_probe_close(NULL);
	profile_folded_free(NULL, 0);
}

static void layout_is_the_same_on_both_sides(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct profile_key), 24); /* hashed whole: nothing between fields */
	assert_int_equal(sizeof(struct profile_cpu), 64); /* a cache line of its own */
	assert_int_equal(sizeof(struct profile_target), 64);
	assert_int_equal(sizeof(struct profile_news), 16);
	assert_int_equal(sizeof(struct profile_stack), 40 + 8 * (PROFILE_KERNEL + PROFILE_USER));
}

static void totals_are_of_all_cpus(void **state)
{
	const struct profile_cpu cpus[3] = { { .samples = 10, .idle = 4, .others = 3 },
					     { .samples = 0 },
					     { .samples = 7, .idle = 7 } };
	const struct profile_target targets[2] = { { .lost = 1 }, { .lost = 4 } };
	/* Two of three are online, for 1.5 s. */
	struct profile_probe p = { .n_cpus = 3,
				   .n_online = 2,
				   .frequency = 100,
				   .cpus = cpus,
				   .targets = targets,
				   .n_targets = 2,
				   .begin_ns = 1000000000,
				   .end_ns = 2500000000 };
	struct profile_totals t;

	(void)state;
	profile_probe_totals(&p, &t);
	assert_int_equal(t.samples, 17);
	assert_int_equal(t.idle, 11);
	assert_int_equal(t.others, 3);
	assert_int_equal(t.lost, 5);
	assert_int_equal(t.expected, 300);
	assert_int_equal(profile_probe_frequency(&p), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closing_nothing_is_fine),
		cmocka_unit_test(layout_is_the_same_on_both_sides),
		cmocka_unit_test(totals_are_of_all_cpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
