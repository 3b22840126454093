// SPDX-License-Identifier: Apache-2.0
/* The table of targets: what is refused; that it is used is seen in tests of each probe. */
#include "probe/targets.h"

#include <errno.h>
#include <linux/types.h>

#include "base/err.h"
#include "shared/target.h"
#include "unit.h"

static void closing_nothing_is_fine(void **state)
{
	(void)state;
	probe_targets_close(NULL);
}

static void what_cannot_be_a_target_is_refused(void **state)
{
	struct probe_targets *t;
	struct err err = { 0 };

	(void)state;
	if (probe_targets_open(2, &t, &err)) {
		print_message("no table: %s\n", err.text);
		skip();
	}
	assert_int_equal(probe_targets_count(t), 2);
	assert_int_equal(probe_targets_add(t, 2, 10, 1), -EINVAL); /* there are two */
	assert_int_equal(probe_targets_add(t, 0, 0, 1), -EINVAL); /* no cgroup */
	assert_int_equal(probe_targets_add(t, 0, 10, 0), -EINVAL); /* the root */
	for (unsigned int level = 1; level <= TARGET_LEVELS; level++)
		assert_int_equal(probe_targets_add(t, level % 2, 10 + level, level), 0);
	assert_int_equal(probe_targets_add(t, 1, 99, 2), 0); /* a depth that is known */
	assert_int_equal(probe_targets_add(t, 1, 100, TARGET_LEVELS + 1), -ENOSPC);
	probe_targets_close(t);
}

static void memory_may_be_charged_elsewhere(void **state)
{
	struct probe_targets *t;
	struct err err = { 0 };

	(void)state;
	if (probe_targets_open(2, &t, &err)) {
		print_message("no table: %s\n", err.text);
		skip();
	}
	assert_int_equal(probe_targets_add(t, 0, 10, 1), 0);
	assert_false(probe_targets_have_memory(t, 0));
	assert_int_equal(probe_targets_add_memory(t, 1, 0, 1), -EINVAL); /* no cgroup */
	assert_int_equal(probe_targets_add_memory(t, 1, 10, 1),
			 0); /* the id of another hierarchy */
	assert_false(probe_targets_have_memory(t, 0));
	assert_true(probe_targets_have_memory(t, 1));
	assert_false(probe_targets_have_memory(t, 2));
	probe_targets_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closing_nothing_is_fine),
		cmocka_unit_test(what_cannot_be_a_target_is_refused),
		cmocka_unit_test(memory_may_be_charged_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
