// SPDX-License-Identifier: Apache-2.0
#include "probe/cpus.h"

#include <unistd.h>

#include "unit.h"

static void as_many_as_the_c_library_has(void **state)
{
	cpu_set_t online;

	(void)state;
	assert_int_equal(probe_cpus_online(&online), 0);
	assert_int_equal(CPU_COUNT(&online), sysconf(_SC_NPROCESSORS_ONLN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_as_the_c_library_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
