// SPDX-License-Identifier: Apache-2.0
/* When the kernel's times are trusted; what that changes is seen in tests/integration/sharing.bats. */
#include <string.h>

#include "base/cleanup.h"
#include "probe/block_internal.h"
#include "unit.h"

static void only_who_learns_changes(void **state)
{
	static const enum block_times fixed[] = { BLOCK_TIMES_OWN, BLOCK_TIMES_ISSUE,
						  BLOCK_TIMES_KERNEL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++) {
		struct block_probe p = { .times = fixed[i], .now = fixed[i] };

		assert_false(block_probe_learn(&p));
		assert_int_equal(block_probe_times(&p), fixed[i]);
	}
}

static void each_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(block_times_names[BLOCK_TIMES_OWN], "own");
	assert_string_equal(block_times_names[BLOCK_TIMES_ISSUE], "own issue");
	assert_string_equal(block_times_names[BLOCK_TIMES_KERNEL], "kernel");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_who_learns_changes),
		cmocka_unit_test(each_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
