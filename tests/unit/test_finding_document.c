// SPDX-License-Identifier: Apache-2.0
/* The document of findings is what the table says, and so is its copy. */
#include "finding/document.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "finding/finding.h"
#include "unit.h"

static void copy_is_not_old(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(1 << 20);
	cleanup_buf struct buf file = BUF_INIT(1 << 20);

	(void)state;
	assert_int_equal(findings_document(&out), 0);
	assert_int_equal(fs_slurp_at(AT_FDCWD, "specs/FINDINGS.md", &file), 0);
	if (strcmp(buf_str(&file), buf_str(&out)) != 0)
		fail_msg("specs/FINDINGS.md is not what cbpf help --findings prints: make specs");
}

static void has_all(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(1 << 20);
	char text[128];

	(void)state;
	assert_int_equal(findings_document(&out), 0);
	for (const struct finding_rule *const *r = finding_rules; *r; r++) {
		snprintf(text, sizeof(text), "\n## %s\n", (*r)->id);
		assert_non_null(strstr(buf_str(&out), text));
		assert_non_null(strstr(buf_str(&out), (*r)->advice));
		for (const struct finding_threshold *t = (*r)->thresholds; t->name; t++) {
			snprintf(text, sizeof(text), "- `%s.%s`: ", (*r)->id, t->name);
			assert_non_null(strstr(buf_str(&out), text));
		}
	}
}

static void no_room_is_told(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(100);

	(void)state;
	assert_int_not_equal(findings_document(&out), 0);
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
