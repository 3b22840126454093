// SPDX-License-Identifier: Apache-2.0
/* The document of measurements is what the tables say, and so is its copy. */
#include "sink/document.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "sink/measure.h"
#include "unit.h"

static void copy_is_not_old(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(1 << 20);
	cleanup_buf struct buf file = BUF_INIT(1 << 20);

	(void)state;
	assert_int_equal(measure_document(&out), 0);
	assert_int_equal(fs_slurp_at(AT_FDCWD, "specs/MEASUREMENTS.md", &file), 0);
	if (strcmp(buf_str(&file), buf_str(&out)) != 0)
		fail_msg("specs/MEASUREMENTS.md is not what cbpf help --measurements prints: make "
			 "specs");
}

static void has_all(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(1 << 20);
	char text[128];

	(void)state;
	assert_int_equal(measure_document(&out), 0);
	for (const struct measurement *const *m = measurements; *m; m++) {
		const char *at;

		snprintf(text, sizeof(text), "\n### %s\n", (*m)->name);
		at = strstr(buf_str(&out), text);
		assert_non_null(at);
		for (const struct measure_column *c = (*m)->columns; c->name; c++) {
			snprintf(text, sizeof(text), "\n| `%s` | ", c->name);
			at = strstr(at, text);
			if (!at)
				fail_msg("%s: %s", (*m)->name, c->name);
		}
	}
}

static void no_room_is_told(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(100);

	(void)state;
	assert_int_not_equal(measure_document(&out), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copy_is_not_old),
		cmocka_unit_test(has_all),
		cmocka_unit_test(no_room_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
