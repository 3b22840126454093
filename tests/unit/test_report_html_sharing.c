// SPDX-License-Identifier: Apache-2.0
/* Shares and interference in the HTML report; names from outside are harmless. */
#include <string.h>

#include "base/buf.h"
#include "fake_report.h"
#include "report/html_parts.h"
#include "unit.h"

static void owners_and_pairs_are_there(void **state)
{
	static const char *const want[] = { "<h3>vda</h3>", "victim", "neighbour", "Interference",
					    "at most" };
	json_t *report = fake_report(NULL);
	struct buf out = BUF_INIT(1 << 20);

	(void)state;
	assert_int_equal(html_sharing(&out, report), 0);
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++)
		if (!strstr(buf_str(&out), want[i]))
			fail_msg("no %s in %s", want[i], buf_str(&out));
	buf_fini(&out);
	json_decref(report);
}

static void nothing_known_is_nothing_told(void **state)
{
	json_t *report = json_loads("{\"devices\": [{\"name\": \"vda\"}]}", 0, NULL);
	struct buf out = BUF_INIT(4096);

	(void)state;
	assert_int_equal(html_sharing(&out, report), 0);
	assert_int_equal(out.len, 0);
	buf_fini(&out);
	json_decref(report);
}

static void hostile_names_are_text(void **state)
{
	json_t *report = json_loads("{\"devices\": [{\"name\": \"vda\", \"probe\": {}}], "
				    "\"interference\": [{\"victim\": \"<script>\", \"ns\": 1}]}",
				    0, NULL);
	struct buf out = BUF_INIT(1 << 16);

	(void)state;
	assert_int_equal(html_sharing(&out, report), 0);
	assert_null(strstr(buf_str(&out), "<script>"));
	buf_fini(&out);
	json_decref(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners_and_pairs_are_there),
		cmocka_unit_test(nothing_known_is_nothing_told),
		cmocka_unit_test(hostile_names_are_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
