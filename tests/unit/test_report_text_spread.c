// SPDX-License-Identifier: Apache-2.0
/* Rows of the spread of repetitions, and the line below them. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "json_case.h"
#include "report/report.h"
#include "report/spread.h"
#include "report/table.h"
#include "unit.h"

static const struct {
	const char *why, *spread, *row, *below;
} rows[] = {
	{ "warm-up, and the mean without it",
	  "{'n': 3, 'mean': 84, 'median': 100, 'stddev': 29.5, 'ci': [10.8, 157], 'outliers': [], "
	  "'settled': 'found', 'warm_up': 1, 'steady_mean': 101}",
	  "  m      3   84    100   29.5    10.8..157 -        first 1\n",
	  "    m: mean 84, 101 without the first 1\n" },
	{ "what stands out, by its number from one",
	  "{'n': 6, 'mean': 84, 'median': 100, 'stddev': 29.5, 'ci': [10.8, 157], 'outliers': [0, "
	  "4], 'settled': 'none'}",
	  "  m      6   84    100   29.5    10.8..157 1, 5     none\n", "" },
	{ "one value", "{'n': 1, 'mean': 84, 'median': 84, 'outliers': [], 'settled': 'too few'}",
	  "  m      1   84     84      -            - -        too few\n", "" },
	{ "it has not settled",
	  "{'n': 3, 'mean': 2, 'median': 2, 'stddev': 1, 'ci': [1, 3], 'outliers': [], 'settled': "
	  "'not settled'}",
	  "  m      3    2      2      1         1..3 -        not settled\n", "" },
};

static void as_text(void **state)
{
	const struct report_style style = { .width = 80 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct table t = { .align = SPREAD_ALIGN, .heading = true, .indent = 2, .gap = 1 };
		cleanup_buf struct buf out = BUF_INIT(1 << 16), below = BUF_INIT(1 << 16);
		json_t *spread = json_case(rows[i].spread);

		spread_heading(&t);
		spread_row(&t, "m", "results.write.bw_mib_s", spread, 1);
		assert_int_equal(table_print(&t, &style, &out), 0);
		table_fini(&t);
		if (!strstr(buf_str(&out), rows[i].row))
			fail_msg("%s: %s", rows[i].why, buf_str(&out));
		assert_int_equal(
			spread_steady(&below, &style, "m", "results.write.bw_mib_s", spread), 0);
		assert_string_equal(buf_str(&below), rows[i].below);
		json_decref(spread);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
