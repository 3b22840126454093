// SPDX-License-Identifier: Apache-2.0
/* The limit of descriptors: raised by what is asked for, within the hard one, and put back. */
#include "base/fd_limit.h"

#include <sys/resource.h>

#include "unit.h"

static rlim_t soft(void)
{
	struct rlimit now;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
	return now.rlim_cur;
}

static void raised_and_put_back(void **state)
{
	struct rlimit now;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
	now.rlim_cur = 100;
	now.rlim_max = 300;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
	fd_limit_restore(); /* nothing to put back yet */
	assert_int_equal(soft(), 100);
	fd_limit_raise(0);
	assert_int_equal(soft(), 100);
	fd_limit_raise(50);
	assert_int_equal(soft(), 150);
	fd_limit_raise(50);
	assert_int_equal(soft(), 200);
	fd_limit_raise((size_t)-1);
	assert_int_equal(soft(), 300);
	fd_limit_restore();
	assert_int_equal(soft(), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raised_and_put_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
