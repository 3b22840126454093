// SPDX-License-Identifier: Apache-2.0
/* Repetitions within one run: their spread, and what they are. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "json_case.h"
#include "report/report.h"
#include "report/text_parts.h"
#include "unit.h"

static const struct {
	const char *why, *target, *want;
} rows[] = {
	{ "none", "{}", "" },
	{ "times alone are in JSON",
	  "{'repetitions': [{'op': 'write', 'path': 'results.write.total_s', 'n': 3, 'mean': 84, "
	  "'median': 100, 'stddev': 29.5, 'ci': [10.5, 157], 'outliers': [2], 'settled': 'none'}]}",
	  "" },
	{ "numbers are those of the tool, from 0; warm-up has a line",
	  "{'repetitions': [{'op': 'write', 'path': 'results.write.bw_mib_s', 'n': 3, 'mean': 84, "
	  "'median': 100, 'stddev': 29.5, 'ci': [10.5, 157], 'outliers': [2], 'settled': 'found', "
	  "'warm_up': 1, 'steady_mean': 101}, {'op': 'write', 'path': 'results.write.iops', 'n': "
	  "3, 'mean': 84, 'median': 100, 'stddev': 29.5, 'ci': [10.5, 157], 'outliers': [2], "
	  "'settled': 'too few', 'test': 1}, {'op': 'write', 'path': 'results.write.total_s', 'n': "
	  "3, 'mean': 84, 'median': 100, 'stddev': 29.5, 'ci': [10.5, 157], 'outliers': [2], "
	  "'settled': 'none'}]}",
	  "  metric        n mean median stddev 95 % of mean outliers warm-up\n"
	  "  write MiB/s   3   84    100   29.5    10.5..157 2        first 1\n"
	  "  1: write IOPS 3   84    100   29.5    10.5..157 2        too few\n"
	  "    write MiB/s: mean 84, 101 without the first 1\n"
	  "    of repetitions within one run: less independent than separate runs (repeat:)\n" },
};

static void as_text(void **state)
{
	const struct report_style style = { .width = 80 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_buf struct buf out = BUF_INIT(1 << 16);
		json_t *target = json_case(rows[i].target);

		assert_int_equal(text_repetitions(target, &style, &out), 0);
		if (strcmp(buf_str(&out), rows[i].want) != 0)
			fail_msg("%s:\n%s", rows[i].why, buf_str(&out));
		json_decref(target);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
