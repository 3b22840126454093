// SPDX-License-Identifier: Apache-2.0
/* A target's bytes against its own cgroup's: what was not counted there is absent. */
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/internal.h"
#include "unit.h"

static const struct {
	const char *target, *want, *why;
} cases[] = {
	{ "{'block_total': {'write': {'bytes': 10}}, 'cgroup': {'io_write_bytes': 12}}",
	  "{'write': {'bytes': 10, 'cgroup_bytes': 12, 'residual_bytes': 2}}",
	  "what the cgroup has more of" },
	{ "{'block_total': {'read': {'bytes': 10}}, 'cgroup': {'io_read_bytes': 10}}",
	  "{'read': {'bytes': 10, 'cgroup_bytes': 10, 'residual_bytes': 0}}", "the same" },
	{ "{'block_total': {}, 'cgroup': {'io_discard_bytes': 4096}}",
	  "{'discard': {'bytes': 0, 'cgroup_bytes': 4096, 'residual_bytes': 4096}}",
	  "all of it is missing" },
	{ "{'block_total': {'write': {'bytes': 10}}, 'cgroup': {}}", NULL,
	  "the cgroup does not count: nothing to compare with" },
	{ "{'block_total': {}, 'cgroup': {'io_write_bytes': 0}}", NULL, "nothing on either side" },
	{ "{}", NULL, "nothing is known" },
};

static json_t *load(const char *text)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *p = copy; *p; p++)
		if (*p == '\'')
			*p = '"';
	return json_loads(copy, 0, NULL);
}

static void residuals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err err = { 0 };
		struct building b = { .err = &err };
		json_t *want = cases[i].want ? load(cases[i].want) : NULL;

		b.report = json_pack("{s:[o]}", "targets", load(cases[i].target));
		assert_int_equal(build_residual(&b), 0);
		if (!json_equal(json_object_get(json_array_get(json_object_get(b.report, "targets"),
							       0),
						"io_check"),
				want) &&
		    want)
			fail_msg("%s", cases[i].why);
		if (!want)
			assert_null(json_object_get(
				json_array_get(json_object_get(b.report, "targets"), 0),
				"io_check"));
		json_decref(want);
		json_decref(b.report);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(residuals) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
