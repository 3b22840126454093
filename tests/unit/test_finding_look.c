// SPDX-License-Identifier: Apache-2.0
/* Looking things up in a report. */
#include <math.h>

#include "finding/judging.h"
#include "unit.h"

static void test_paths(void **state)
{
	json_t *o = json_pack("{s:{s:{s:i, s:s}}}", "a", "b", "n", 7, "t", "words");

	(void)state;
	assert_true(number_at(o, "a.b.n") == 7);
	assert_true(isnan(number_at(o, "a.b.t")));
	assert_true(isnan(number_at(o, "a.c.n")));
	assert_true(isnan(number_at(NULL, "a")));
	assert_string_equal(text_at(o, "a.b.t"), "words");
	assert_null(text_at(o, "a.b.n"));
	assert_null(value_at(o,
			     "a.a-key-that-is-far-longer-than-any-key-of-a-report-can-be-so-that-"
			     "it-is-none.b"));
	json_decref(o);
}

/* Bytes of a stacked device are seen again below it. */
static void test_devices(void **state)
{
	json_t *t = json_pack("{s:{s:{s:{s:i}}, s:{s:{s:i}}, s:{s:{s:i, s:b}}}}", "block", "vda",
			      "read", "bytes", 5, "vdb", "read", "bytes", 7, "loop0", "read",
			      "bytes", 100, "stacked", 1);

	(void)state;
	assert_true(over_devices(t, "read", "bytes") == 12);
	assert_true(isnan(over_devices(t, "write", "bytes")));
	assert_true(isnan(over_devices(NULL, "read", "bytes")));
	json_decref(t);
}

static void test_results(void **state)
{
	json_t *t = json_pack("{s:[{s:s, s:s, s:s}, {s:s, s:n}]}", "results", "tool", "ior", "op",
			      "write", "command", "ior -w", "tool", "ior", "op");

	(void)state;
	assert_true(ran_ior(t, NULL));
	assert_true(ran_ior(t, "write"));
	assert_false(ran_ior(t, "read"));
	assert_string_equal(command_of(t), "ior -w");
	assert_null(command_of(NULL));
	json_decref(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_results),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
