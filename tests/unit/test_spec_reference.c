// SPDX-License-Identifier: Apache-2.0
/* The Markdown reference has every key, and the committed copy is current. */
#include <fcntl.h>
#include <stdio.h>

#include "base/fs.h"
#include "spec/rows.h"
#include "spec_case.h"

static void the_committed_tables_are_current(void **state)
{
	struct buf out = BUF_INIT(1 << 20), file = BUF_INIT(1 << 20);

	(void)state;
	buf_puts(&out, "<!-- reference begins -->\n");
	assert_int_equal(spec_reference(&out), 0);
	buf_puts(&out, "<!-- reference ends -->\n");
	assert_int_equal(fs_slurp_at(AT_FDCWD, "specs/README.md", &file), 0);
	if (!strstr(buf_str(&file), buf_str(&out)))
		fail_msg("specs/README.md does not hold what cbpf validate --reference prints");
	buf_fini(&out);
	buf_fini(&file);
}

static void check_rows(const char *text, const struct option_row *rows)
{
	for (; rows->name; rows++) {
		char cell[64];

		snprintf(cell, sizeof(cell), "| `%s`", rows->name);
		if (!strstr(text, cell) || !strstr(text, rows->help))
			fail_msg("no row for %s", rows->name);
		if (rows->rows)
			check_rows(text, rows->rows);
	}
}

static void every_row_is_there(void **state)
{
	struct buf out = BUF_INIT(1 << 20);

	(void)state;
	assert_int_equal(spec_reference(&out), 0);
	check_rows(buf_str(&out), spec_rows);
	assert_non_null(strstr(buf_str(&out), "### `containers.NAME.workload.ior`"));
	assert_non_null(strstr(buf_str(&out), "| `containers` (required) |"));
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_committed_tables_are_current),
		cmocka_unit_test(every_row_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
