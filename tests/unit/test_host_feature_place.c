// SPDX-License-Identifier: Apache-2.0
/* Checks of programs and room, without any and on this host. */
#include "feature_case.h"

static const struct feature_case cases[] = {

	{ "no mpirun in PATH", "mpirun", { { 0 } }, FEATURE_DEGRADED, "no mpirun" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		feature_run(features_place, &cases[i]);
}

/* How much there is depends on the host; where it is looked for does not. */
static void test_nearest(void **state)
{
	struct feature_env env = { .root = AT_FDCWD };
	const struct feature *f = feature_find(features_place, "space");
	struct feature_result r = { 0 };
	char dir[64], store[128];

	(void)state;
	scratch_make(dir);
	snprintf(store, sizeof(store), "%s/not/there/yet", dir);
	env.store = store;
	f->check(f, &env, &r);
	assert_int_equal(fs_remove_tree(dir), 0);
	assert_non_null(strstr(r.why, dir));
	assert_null(strstr(r.why, "/not"));
}

static void test_here(void **state)
{
	(void)state;
	feature_run_real(features_place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
