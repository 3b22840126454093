// SPDX-License-Identifier: Apache-2.0
/* Who has series of its own. */
#include "base/cleanup.h"
#include "html/parts.h"
#include "unit.h"

static void those_of_the_run_and_nobody(void **state)
{
	json_t *report = json_loads(
		"{\"targets\": [{\"id\": 0, \"kind\": \"container\"}, {\"id\": 1, \"kind\": "
		"\"cgroup\"}, {\"id\": 4, \"kind\": \"unattributed\"}, {\"id\": 5, \"kind\": "
		"\"host\"}, {\"id\": 6, \"kind\": \"cgroup\", \"start_ns\": 7}, {\"id\": 8}]}",
		0, NULL);
	static const int64_t own[] = { 0, 4, 5, 6 };
	struct owners o;

	(void)state;
	assert_int_equal(owners_load(&o, report), 0);
	assert_int_equal(o.n, ARRAY_SIZE(own));
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		assert_int_equal(owners_find(&o, own[i]), i);
		assert_int_equal(owners_id(&o, i), own[i]);
	}
	/* All others are one. */
	assert_int_equal(owners_find(&o, 1), o.n);
	assert_int_equal(owners_find(&o, 99), o.n);
	assert_int_equal(owners_id(&o, o.n), HTML_OTHERS);
	owners_fini(&o);
	json_decref(report);
}

static void a_report_without_targets(void **state)
{
	json_t *report = json_object();
	struct owners o;

	(void)state;
	assert_int_equal(owners_load(&o, report), 0);
	assert_int_equal(o.n, 0);
	owners_fini(&o);
	json_decref(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_of_the_run_and_nobody),
		cmocka_unit_test(a_report_without_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
