// SPDX-License-Identifier: Apache-2.0
/* Every option is in the help and in the manual page, with its words. */
#include "ior/help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ior/options.h"
#include "unit.h"

static const struct {
	const char *why;
	void (*print)(FILE *f);
} texts[] = {
	{ "help", ior_help },
	{ "manual page", ior_man },
};

static void test_every_option_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *text = NULL;
		size_t size;
		FILE *f = open_memstream(&text, &size);

		texts[i].print(f);
		fclose(f);
		for (const struct ior_row *row = ior_rows; row->name; row++) {
			char dashed[8], mdoc[8];

			snprintf(dashed, sizeof(dashed), "-%c", row->letter);
			snprintf(mdoc, sizeof(mdoc), "Fl %c", row->letter);
			if (row->letter && !strstr(text, dashed) && !strstr(text, mdoc))
				fail_msg("%s: -%c is missing", texts[i].why, row->letter);
			if (!ior_row_refused(row) &&
			    (!strstr(text, row->name) || !strstr(text, row->help)))
				fail_msg("%s: %s is missing", texts[i].why, row->name);
		}
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_option_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
