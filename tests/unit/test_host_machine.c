// SPDX-License-Identifier: Apache-2.0
/* The machine that runs the test says something of itself. */
#include "host/machine.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "unit.h"

static void test_machine(void **state)
{
	struct machine m;
	struct utsname u;

	(void)state;
	machine_read(&m);
	assert_int_equal(uname(&u), 0);
	assert_string_equal(m.kernel, u.release);
	assert_string_equal(m.arch, u.machine);
	assert_string_equal(m.hostname, u.nodename);
	assert_int_equal(m.cpus, sysconf(_SC_NPROCESSORS_ONLN));
	assert_true(m.memory_bytes >= 1u << 20);
	/* One line each, without the quotes of os-release or the tabs of cpuinfo. */
	assert_null(strpbrk(m.os, "\n\"="));
	assert_null(strpbrk(m.cpu_model, "\n\t"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_machine) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
