// SPDX-License-Identifier: Apache-2.0
/* Repetitions of single runs in a terminal: what the samples are is said beside the tests. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "json_case.h"
#include "report/compare_parts.h"
#include "report/report.h"
#include "unit.h"

#define TESTED(n)                                                                                  \
	"{'runs': [{}, {}], 'basis': 'single runs', 'family': {'tests': 1, 'alpha': 0.05, "        \
	"'needed': 4}, 'metrics': [{'target': 'a', 'path': 'block.read.ios', 'values': [1, 2], "   \
	"'change_pct': [0, 100]}, {'target': 'a', 'path': 'results.write.bw_mib_s', 'values': "    \
	"[100, 200], 'change_pct': [0, 100], 'sides': [{'n': 5}, {'n': 5}], 'tests': [null, "      \
	"{'change_ci_pct': [95, 105], 'cliffs_delta': 1, 'p_adjusted': 0.016, 'verdict': "         \
	"'differs'}]}, {'target': 'a', 'path': 'results.read.iops', 'values': [7, 7], "            \
	"'change_pct': [0, 0], 'sides': [{'n': 5}, {'n': " n                                       \
	"}], 'tests': [null, {'cliffs_delta': 0, 'verdict': 'not enough repetitions'}]}]}"

static const struct {
	const char *why, *comparison, *want;
} rows[] = {
	{ "nothing was repeated", "{'runs': [{}, {}], 'metrics': []}", "" },
	{ "how many of each side", TESTED("1"),
	  "repetitions  samples: repetitions within one run (5, 1..5)\n\n"
	  "a\n"
	  "  metric                   1   2 change 95 % of it effect   differs\n"
	  "  results.write.bw_mib_s 100 200 +100 %  +95..+105  +1.00 yes 0.016\n"
	  "  results.read.iops        7   7    0 %          -  +0.00   unknown\n\n"
	  "differs: by Mann and Whitney's U, p adjusted for 1 test (Holm), below 0.05.\n"
	  "effect: Cliff's delta. unknown: not enough repetitions for so many metrics; 4 of\n"
	  "each side would be, or fewer metrics (--metric).\n"
	  "Repetitions within a run have its files, caches and placement in common: they\n"
	  "tell less than separate runs (repeat:) would.\n\n" },
};

static void as_text(void **state)
{
	const struct report_style style = { .width = 80 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_buf struct buf out = BUF_INIT(1 << 16);
		json_t *comparison = json_case(rows[i].comparison);

		assert_int_equal(compare_text_repetitions(comparison, &style, &out), 0);
		if (strcmp(buf_str(&out), rows[i].want) != 0)
			fail_msg("%s:\n%s", rows[i].why, buf_str(&out));
		json_decref(comparison);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
