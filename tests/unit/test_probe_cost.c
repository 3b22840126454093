// SPDX-License-Identifier: Apache-2.0
/* What the kernel does not tell costs nothing and is not told. */
#include "probe/cost.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

static void what_is_no_program_has_no_cost(void **state)
{
	struct probe_cost cost = { .program = "untouched" };
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_false(probe_cost_read(-1, "block", "on_issue", &cost));
	assert_false(probe_cost_read(fd, "block", "on_issue", &cost));
	assert_string_equal(cost.program, "untouched");
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_program_has_no_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
