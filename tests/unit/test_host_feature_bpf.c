// SPDX-License-Identifier: Apache-2.0
/* Checks of BPF on this host: an answer with a reason, whatever it is. */
#include "feature_case.h"

static void test_here(void **state)
{
	(void)state;
	feature_run_real(features_bpf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
