// SPDX-License-Identifier: Apache-2.0
/* A history of runs: as JSON, and in a terminal. */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "json_case.h"
#include "report/report.h"
#include "report/series.h"

/* @n runs, a tenth slower from @at on. */
static json_t *history_of(size_t n, size_t at)
{
	struct series *s = series_open();
	json_t *runs = json_array(), *all = NULL;
	struct err err = { 0 };

	for (size_t i = 0; i < n; i++) {
		json_t *report =
			json_pack("{s:s, s:[{s:s, s:s, s:[{s:s, s:f}]}]}", "status", "ok",
				  "targets", "name", "a", "kind", "container", "results", "op",
				  "write", "bw_mib_s", (i < at ? 100 : 90) + (double)(i % 3) / 10);

		assert_int_equal(series_add(s, report, i, NULL), 0);
		json_array_append_new(runs, json_pack("{s:s+}", "id", "run-",
						      (const char[]){ (char)('a' + i), '\0' }));
		json_decref(report);
	}
	assert_int_equal(report_history_json(s, runs, &all, &err), 0);
	json_decref(runs);
	series_close(s);
	return all;
}

static void text_is(json_t *history, bool unicode, const char *want)
{
	const struct report_style style = { .width = 80, .unicode = unicode };
	struct buf out = BUF_INIT(1 << 16);

	assert_int_equal(report_history_text(history, &style, &out), 0);
	if (strcmp(buf_str(&out), want) != 0)
		fail_msg("%s", buf_str(&out));
	buf_fini(&out);
	json_decref(history);
}

static void a_change(void **state)
{
	json_t *all = history_of(14, 6);

	(void)state;
	json_case_is(json_object_get(all, "alpha"), "0.05", "one metric");
	json_case_is(json_object_get(all, "needed"), "8", "four on either side");
	text_is(all, false,
		"history  14 runs, run-a to run-n\n"
		"  metric                            trend before after change from run\n"
		"  a.results.write.bw_mib_s ######........    100  90.1  -10 %    run-g\n"
		"1 of 1 metrics changed their level.\n");
}

static void no_change(void **state)
{
	(void)state;
	text_is(history_of(10, 10), true,
		"history  10 runs, run-a to run-j\n0 of 1 metrics changed their level.\n");
}

static void too_few(void **state)
{
	(void)state;
	text_is(history_of(6, 3), true,
		"history  6 runs, run-a to run-f\n0 of 1 metrics changed their level. 6 runs are "
		"not enough to find one among so\nmany metrics: it takes 8, or fewer metrics "
		"(--metric).\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change),
		cmocka_unit_test(no_change),
		cmocka_unit_test(too_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
