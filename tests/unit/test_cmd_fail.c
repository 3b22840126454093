// SPDX-License-Identifier: Apache-2.0
/* How a command says why it ended. In parentheses, as cmocka has a macro of this name. */
#include "commands.h"

static void test_fail(void **state)
{
	char text[256];
	struct capture c;
	int status;

	(void)state;
	capture_begin(&c, STDERR_FILENO);
	status = (fail)(EXIT_HOST, "no %s here", "wind");
	capture_end(&c, text, sizeof(text));
	assert_int_equal(status, EXIT_HOST);
	assert_string_equal(text, "cbpf: no wind here\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_fail) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
