// SPDX-License-Identifier: Apache-2.0
/* What a threshold may compare; each message is that of `validate` as well. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/expect.h"
#include "unit.h"

static const struct {
	const char *path, *error; /* NULL: none */
} cases[] = {
	{ "block.read.p99", NULL },
	{ "block.write.queue.max", NULL },
	{ "results.anything.bw_mib_s", NULL },
	{ "exit_code", NULL },
	{ "perf.page-faults", NULL },
	{ "blok.read.p99", "unknown metric 'blok'; did you mean 'block'?" },
	{ "block.read.p95", "unknown metric 'p95'; did you mean 'p90'?" },
	{ "block..p99", "unknown metric ''" },
	{ "block", "expected more after 'block', such as read" },
	{ "cgroup", "expected more after 'cgroup', such as a metric" },
	{ "exit_code.x", "'exit_code' has no part 'x'" },
};

static void says_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err err = { 0 };
		int rc = expect_check_path(cases[i].path, &err);

		assert_int_equal(rc, cases[i].error ? -EINVAL : 0);
		if (rc && strcmp(err.text, cases[i].error) != 0)
			fail_msg("%s: %s", cases[i].path, err.text);
	}
}

static void what_is_too_long_is_refused(void **state)
{
	char path[300] = { 0 };
	struct err err;

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	assert_int_equal(expect_check_path(path, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(what_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
