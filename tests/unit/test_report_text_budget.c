// SPDX-License-Identifier: Apache-2.0
/* The bars of where time went, in a terminal and in HTML. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/report.h"
#include "report/table.h"
#include "report/text_parts.h"
#include "unit.h"

static json_t *load(const char *text)
{
	char copy[4096];
	json_t *json;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *p = copy; *p; p++)
		if (*p == '\'')
			*p = '"';
	json = json_loads(copy, 0, NULL);
	assert_non_null(json);
	return json;
}

static const struct {
	const char *json, *text, *never, *why;
} cases[] = {
	{ "{}", "", "0", "nothing is known" },
	{ "{'total_ns': 0}", "", "0", "no time" },
	{ "{'total_ns': 4000, 'cpu_ns': 1000, 'device_ns': 3000}",
	  "[cccccccddddddddddddddddddddd] 4.00 us c 25 % d 75 %", "seen", "parts of the whole" },
	{ "{'total_ns': 4000, 'cpu_ns': 3960, 'journal_ns': 40, 'other_ns': 0}",
	  "] 4.00 us c 99 % o 0 %\n", "j 1 %", "what is left is told, however little" },
	{ "{'total_ns': 4000, 'cpu_ns': 4000, 'phases': [{'op': 'write', 'iteration': 0, "
	  "'total_ns': 4000, "
	  "'cpu_ns': 4000, 'tool_bytes': 1048576, 'seen_bytes': 1048576, 'bounds': 'tool'}]}",
	  "  write 0   [cccccccccccccccccccccccccccc] 4.00 us c 100 %\n", "seen",
	  "a phase whose bytes are the tool's" },
	{ "{'total_ns': 4000, 'cpu_ns': 4000, 'phases': [{'op': 'write', 'iteration': 3, "
	  "'total_ns': 4000, "
	  "'cpu_ns': 4000, 'tool_bytes': 1048576, 'seen_bytes': 524288}]}",
	  "\n            512.0 KiB were seen of 1.0 MiB that the tool tells\n", NULL,
	  "a phase of which half was seen" },
	{ "{'total_ns': 1000, 'cpu_ns': 150, 'runq_ns': 150, 'queue_ns': 150, 'device_ns': 150, "
	  "'journal_ns': 150, 'lock_ns': 250}",
	  "] 1.00 us c 15 % r 15 % q 15 % d 15 %\n"
	  "                                           j 15 % l 25 %\n",
	  NULL, "more parts than there is room for on a line" },
	{ "{'total_ns': 4000, 'cpu_ns': 4000, 'phases': [{'op': 'write', 'iteration': 0, "
	  "'total_ns': 4000, 'cpu_ns': 4000, 'bounds': 'derived'}]}",
	  "\n            when phases were is found by their bytes, to about a tick\n", NULL,
	  "phases that the tool does not date" },
	{ "{'total_ns': 400, 'cpu_ns': 100, 'device_ns': 300, 'timeline': {'begin_ns': 1000, "
	  "'ticks_per_point': 2, 'end_ns': [1100, 1200], 'cpu_ns': [100, 0], 'device_ns': [100, "
	  "200]}}",
	  "c 25 % d 75 %", "nan", "parts over time" },
	{ "{'total_ns': 4000, 'cpu_ns': 4000, 'phases': [{'op': 'write', 'iteration': 0, "
	  "'test': 0, 'total_ns': 4000, 'cpu_ns': 4000}, {'op': 'write', 'iteration': 0, "
	  "'test': 1, 'total_ns': 4000, 'cpu_ns': 4000}]}",
	  "  write 0   [cccccccccccccccccccccccccccc] 4.00 us c 100 %\n"
	  "  1:write 0 [cccccccccccccccccccccccccccc] 4.00 us c 100 %\n",
	  NULL, "phases of two tests" },
	{ "{'total_ns': 4000, 'cpu_ns': 4000, 'phases': [{'op': 'write', 'iteration': 3, "
	  "'total_ns': 4000, "
	  "'cpu_ns': 4000, 'seen_bytes': 524288}]}",
	  "write 3", "seen", "a tool that does not tell what it moved" },
};

static void what_is_known_is_shown(void **state)
{
	struct report_style style = { .width = 80 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cleanup_buf struct buf text = BUF_INIT(65536);
		json_t *json = load(cases[i].json);

		assert_int_equal(text_budget(json, &style, &text), 0);
		if (!strstr(buf_str(&text), cases[i].text) ||
		    (cases[i].never && strstr(buf_str(&text), cases[i].never)))
			fail_msg("%s:\n%s", cases[i].why, buf_str(&text));
		json_decref(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_known_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
