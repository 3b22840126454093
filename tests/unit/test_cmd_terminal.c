// SPDX-License-Identifier: Apache-2.0
/* What is assumed of an output that is no terminal. */
#include "cmd/terminal.h"

#include "commands.h"

static const struct {
	const char *label, *columns;
	int width;
} cases[] = {
	{ "eighty columns where nothing is said", NULL, 80 },
	{ "COLUMNS counts", "120", 120 },
	{ "but not below what can be read", "7", 40 },
	{ "nor when it is no number", "wide", 80 },
};

static void test_width(void **state)
{
	FILE *file = tmpfile();
	int saved = dup(STDOUT_FILENO);

	(void)state;
	assert_non_null(file);
	(void)fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct report_style style;

		if (cases[i].columns)
			setenv("COLUMNS", cases[i].columns, 1);
		else
			unsetenv("COLUMNS");
		style = terminal_style(false);
		if (style.width != cases[i].width || style.colour) {
			dup2(saved, STDOUT_FILENO);
			fail_msg("%s: %d", cases[i].label, style.width);
		}
	}
	dup2(saved, STDOUT_FILENO);
	close(saved);
	(void)fclose(file);
}

static void test_unicode(void **state)
{
	(void)state;
	setenv("LC_ALL", "C", 1);
	assert_false(terminal_style(false).unicode);
	setenv("LC_ALL", "C.UTF-8", 1);
	assert_true(terminal_style(false).unicode);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_unicode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
