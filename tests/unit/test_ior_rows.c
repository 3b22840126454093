// SPDX-License-Identifier: Apache-2.0
/* The table of options itself: no letter or name twice, presets within limits. */
#include <string.h>
#include <strings.h>

#include "ior/options.h"
#include "unit.h"

static void test_letters_are_unique(void **state)
{
	char seen[128] = { 0 };

	(void)state;
	for (const struct ior_row *row = ior_rows; row->name; row++) {
		if (!row->letter)
			continue;
		if (seen[(int)row->letter]++)
			fail_msg("-%c stands twice", row->letter);
	}
}

static void test_long_names_are_unique(void **state)
{
	(void)state;
	for (const struct ior_row *a = ior_rows; a->name; a++)
		for (const struct ior_row *b = a + 1; b->name; b++)
			if (!strcasecmp(a->name, b->name))
				fail_msg("%s stands twice", a->name);
}

static void test_every_option_of_ior_is_known(void **state)
{
	/* The whole list of IOR's letters; -O is parsed apart. */
	static const char *const letters = "aAbcCdDeEfFgGhHiIjkKlmMNoQrRstTuvwWxXyYzZ";

	(void)state;
	for (const char *at = letters; *at; at++) {
		const struct ior_row *row = ior_rows;

		while (row->name && row->letter != *at)
			row++;
		if (!row->name && *at != 'I')
			fail_msg("-%c is not in the table", *at);
	}
}

static void test_choices_and_limits(void **state)
{
	(void)state;
	for (const struct ior_row *row = ior_rows; row->name; row++) {
		if (row->kind == ROW_CHOICE && !row->choices)
			fail_msg("%s has no choices", row->name);
		if (row->kind == ROW_INT && row->max <= row->min)
			fail_msg("%s has no range", row->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_letters_are_unique),
		cmocka_unit_test(test_long_names_are_unique),
		cmocka_unit_test(test_every_option_of_ior_is_known),
		cmocka_unit_test(test_choices_and_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
