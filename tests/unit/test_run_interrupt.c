// SPDX-License-Identifier: Apache-2.0
/* Signals count, and only count. */
#include "run/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/err.h"
#include "unit.h"

/* In the order that a user would do it: the flags never go back. */
static void test_order(void **state)
{
	struct err err = { 0 };
	int fds[2];

	(void)state;
	assert_int_equal(interrupt_install(&err), 0);
	assert_int_equal(interrupt_count(), 0);
	assert_false(atomic_load(interrupt_flag()));

	assert_int_equal(raise(SIGINT), 0);
	assert_int_equal(interrupt_count(), 1);
	assert_true(atomic_load(interrupt_flag()));
	assert_false(atomic_load(interrupt_at_once_flag()));

	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(interrupt_count(), 2);
	assert_true(atomic_load(interrupt_at_once_flag()));

	/* A reader that went away is an error of write(), not the end. */
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_int_equal(write(fds[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_order) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
