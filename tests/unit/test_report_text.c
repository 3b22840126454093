// SPDX-License-Identifier: Apache-2.0
/*
 * The whole text against files that a person has looked at. With
 * CBPF_UPDATE_GOLDEN set they are written anew; look at the difference.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "fake_report.h"
#include "report/report.h"
#include "report/table.h"
#include "unit.h"

static const struct {
	const char *file;
	struct report_style style;
	const char *why;
} goldens[] = {
	{ "tests/data/report/wide.txt", { .unicode = true, .width = 120 }, "a wide terminal" },
	{ "tests/data/report/unicode.txt", { .unicode = true, .width = 80 }, "80 columns" },
	{ "tests/data/report/ascii.txt", { .width = 80 }, "a terminal without UTF-8" },
};

/* What the fake run lacks: a limit that was reached, and one of reads that was not. */
static void put_limits(json_t *report)
{
	json_t *limits = json_pack("[{s:s, s:I, s:f, s:I}]", "device", "vda", "write_bps",
				   (json_int_t)16777216, "write_bps_reached", 16400000.0,
				   "read_iops", (json_int_t)5000);

	assert_int_equal(json_object_set_new(fake_at(report, "targets.0"), "io_limits", limits), 0);
}

static void golden(void **state)
{
	json_t *report = fake_report(NULL);

	(void)state;
	put_limits(report);
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++) {
		cleanup_buf struct buf want = BUF_INIT(1 << 20), got = BUF_INIT(1 << 20);

		assert_int_equal(report_text(report, &goldens[i].style, &got), 0);
		if (getenv("CBPF_UPDATE_GOLDEN"))
			assert_int_equal(fs_create_at(AT_FDCWD, goldens[i].file, got.data, got.len),
					 0);
		assert_int_equal(fs_slurp_at(AT_FDCWD, goldens[i].file, &want), 0);
		if (strcmp(buf_str(&want), buf_str(&got)))
			fail_msg("%s (%s) has changed:\n%s", goldens[i].why, goldens[i].file,
				 buf_str(&got));
	}
	json_decref(report);
}

static void every_line_fits(void **state)
{
	json_t *report = fake_report("a-target-with-quite-a-long-name-that-must-be-cut-somewhere");
	struct report_style style = { .unicode = true, .width = 80 };
	cleanup_buf struct buf out = BUF_INIT(1 << 20);
	char *rest, *line;

	(void)state;
	assert_int_equal(report_text(report, &style, &out), 0);
	rest = out.data;
	while ((line = strsep(&rest, "\n")))
		/* a title is as long as its name: the terminal wraps it */
		if (*line == ' ' && text_width(line) > 80)
			fail_msg("%zu columns: %s", text_width(line), line);
	json_decref(report);
}

/* What an attacker calls a container does not reach the terminal. */
static void hostile_names(void **state)
{
	json_t *report = fake_report("\033]0;owned\007\033[2J");
	struct report_style style = { .width = 80 };
	cleanup_buf struct buf out = BUF_INIT(1 << 20);

	(void)state;
	assert_int_equal(report_text(report, &style, &out), 0);
	assert_null(strchr(buf_str(&out), '\033'));
	assert_null(strchr(buf_str(&out), '\007'));
	json_decref(report);
}

/* A run that was killed before its first tick has next to nothing. */
static void empty_report(void **state)
{
	struct report_style style = { .width = 80 };
	cleanup_buf struct buf out = BUF_INIT(1 << 20);
	json_t *report = json_object();

	(void)state;
	assert_int_equal(report_text(report, &style, &out), 0);
	assert_non_null(strstr(buf_str(&out), "losses  none"));
	json_decref(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
		cmocka_unit_test(every_line_fits),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(empty_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
