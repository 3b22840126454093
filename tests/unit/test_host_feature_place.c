// SPDX-License-Identifier: Apache-2.0
/* Checks of programs and room, without any and on this host. */
#include "feature_case.h"

static const struct feature_case cases[] = {

	{ "no mpirun in PATH", "mpirun", { { 0 } }, FEATURE_DEGRADED, "no mpirun" },
	{ "room is looked for where the store would be", "space", { { 0 } }, FEATURE_YES, "in /" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		feature_run(features_place, &cases[i]);
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
		cmocka_unit_test(test_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
