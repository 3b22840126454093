// SPDX-License-Identifier: Apache-2.0
/* What the runtime does without a process. No root; the rest is tests/integration. */
#include <errno.h>
#include <string.h>

#include "unit.h"

#include "launch/runtime.h"

static void test_closes_nothing(void **state)
{
	(void)state;
	runtime_native.close(NULL);
}

static void test_address(void **state)
{
	char text[32], small[4];

	(void)state;
	assert_int_equal(runtime_native.address(NULL, 0, text, sizeof(text)), 0);
	assert_string_equal(text, "127.0.0.1");
	assert_int_equal(runtime_native.address(NULL, 0, small, sizeof(small)), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closes_nothing),
		cmocka_unit_test(test_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
