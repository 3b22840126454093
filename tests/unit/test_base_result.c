// SPDX-License-Identifier: Apache-2.0
/* Rows of results begin as "not reported". */
#include "base/result.h"

#include <math.h>

#include "unit.h"

static void test_rows(void **state)
{
	struct result_set set = { 0 };
	struct result *r;

	(void)state;
	for (int i = 0; i < 100; i++) {
		r = result_add(&set);
		assert_non_null(r);
		assert_int_equal(r->iteration, -1);
		assert_int_equal(r->tasks, -1);
		assert_true(isnan(r->bytes) && isnan(r->bw_mib_s) && isnan(r->end_ns));
		r->iteration = i;
	}
	assert_int_equal(set.n, 100);
	assert_int_equal(set.v[42].iteration, 42); /* growing keeps what is there */
	result_set_fini(&set);
	assert_null(set.v);
	assert_int_equal(set.n, 0);
	result_set_fini(&set); /* an empty set is fine too */
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(result_status_name(RESULT_OK), "ok");
	assert_string_equal(result_status_name(RESULT_FAILED), "failed");
	assert_string_equal(result_status_name(RESULT_CORRUPT), "corrupt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
