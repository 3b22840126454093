// SPDX-License-Identifier: Apache-2.0
/* Order, errors, shares and losses in a terminal: what is there is told, and only that. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/report.h"
#include "report/table.h"
#include "report/text_parts.h"
#include "unit.h"

#define WIDTH 80

typedef int part_fn(const json_t *json, const struct report_style *style, struct buf *out);

struct row {
	const char *json, *want, *never, *why;
};

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

static void check_width(const char *text, const char *why)
{
	char copy[8192], *rest = copy, *line;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((line = strsep(&rest, "\n")))
		if (text_width(line) > WIDTH)
			fail_msg("%s: %zu columns: %s", why, text_width(line), line);
}

static void check(part_fn *part, const struct row *rows, size_t n)
{
	struct report_style style = { .width = WIDTH };

	for (size_t i = 0; i < n; i++) {
		cleanup_buf struct buf out = BUF_INIT(65536);
		json_t *json = load(rows[i].json);

		assert_int_equal(part(json, &style, &out), 0);
		if (!strstr(buf_str(&out), rows[i].want) ||
		    (rows[i].never && strstr(buf_str(&out), rows[i].never)))
			fail_msg("%s:\n%s", rows[i].why, buf_str(&out));
		check_width(buf_str(&out), rows[i].why);
		json_decref(json);
	}
}

#define SIZE "'size': {'p50': 4096, 'p99': 16384, 'max': 1048576}"

static const struct row accesses[] = {
	{ "{}", "", "requests", "no block layer: no table" },
	{ "{'block': {'sda': {'read': {'ios': 5}}}}", "", "requests", "no sizes: no table" },
	{ "{'block': {'sda': {'read': {'ios': 5, " SIZE "}}}}",
	  "  sda read 4.0 KiB 16.0 KiB 1.0 MiB        -      -      -        -\n", "0 %",
	  "sizes, and the rest is not known" },
	{ "{'block': {'sda': {'read': {'ios': 5, " SIZE ", 'sequential_ratio': 0.25, 'merges': 0, "
	  "'splits': 7, 'requeues': 12345678}}}}",
	  "     25 %      0      7   12.3 M\n", "-", "each column has its own" },
	{ "{'block': {'sda': {'read': {'ios': 5, " SIZE ", 'sequential_ratio': 0.0}}}}",
	  "MiB      0 %", NULL, "not one in order is a value" },
	{ "{'block': {'sda': {'write': {" SIZE "}, 'read': {" SIZE "}, 'flush': {'ios': 3}}}}",
	  "MiB        -      -      -        -\n  sda write", "flush",
	  "reads come first, and a flush has no size" },
	{ "{'block': {'sda': {'read': {'errors_by_status': {'I/O error': 2, 'timeout': 1}}}}}",
	  "  sda read failed with \"I/O error\": 2\n  sda read failed with \"timeout\": 1\n",
	  "requests", "errors without a size" },
	{ "{'block': {'sda': {'read': {" SIZE
	  ", 'errors_by_status': {'medium': 1}}, 'write': {" SIZE "}}}}",
	  "-\n  sda read failed with \"medium\": 1\n", NULL, "errors come below the table" },
};

static void how_requests_lay(void **state)
{
	(void)state;
	check(text_access, accesses, ARRAY_SIZE(accesses));
}

#define PROBE(more)                                                                                \
	"'name': 'sda', 'probe': {'busy_ns': 250000000, 'depth_mean': 1.5, 'depth_max': 9" more "}"
#define SHARE(name, ratio)                                                                         \
	"{'name': '" name "', 'kind': 'container', 'sharing': {'sda': {'share_ratio': " ratio      \
	", 'depth_mean': 0.5, 'depth_max': 3}}}"
#define REPORT(more, targets)                                                                      \
	"{'duration_s': 1, 'devices': [{" PROBE(more) "}], 'targets': [" targets "]"

static const struct row shares[] = {
	{ "{}", "", "sharing", "nothing is known" },
	{ "{'devices': [{'name': 'sda'}]}", "", "sharing", "the probe did not look" },
	{ REPORT("", SHARE("load", "0.75")) "}",
	  "  sda busy 250 ms (25 %)  share  in flight  at most\n"
	  "    load                   75 %       0.50        3\n"
	  "    all                   100 %       1.50        9\n",
	  "kernel", "a device and who was in it" },
	{ REPORT("", SHARE("load", "0.75") ", " SHARE("other", "0.25")) "}",
	  "    other                  25 %       0.50        3\n", "interference",
	  "two of them, and nobody disturbed the other" },
	{ "{'devices': [{" PROBE("") "}], 'targets': [" SHARE("load", "1") "]}",
	  "  sda busy 250 ms (-)  share", "nan", "a run that lasts has no duration yet" },
	{ REPORT("",
		 "{'name': 'load', 'kind': 'container', 'sharing': {'sda': {'depth_max': 3}}}") "}",
	  "    load                      -          -        3\n", "nan",
	  "what is absent is a dash" },
	{ REPORT("", SHARE("load", "1") ", {'name': 'crumb', 'kind': 'cgroup', 'sharing': {'sda': "
					"{'share_ratio': 0.0009}}}") "}",
	  "load", "crumb", "a bystander that hardly counts is left out" },
	{ REPORT("", SHARE("load", "1") ", {'name': 'other', 'sharing': {'sdb': {}}}") "}", "load",
	  "other", "who was in another device is not here" },
	{ REPORT("",
		 SHARE("a-target-with-quite-a-long-name-that-must-be-cut-somewhere-in-the-middle",
		       "1")) "}",
	  "~  100 %", NULL, "a long name is cut" },
	{ REPORT("", SHARE("\\u001b[2J", "1")) "}", "?[2J", "\033", "control characters are not" },
	{ REPORT(", 'clock_requests': 100, 'clock_early': 0, 'clock_unset': 0",
		 SHARE("load", "1")) "}",
	  "9\n\n", "kernel", "the kernel's times are right: nothing to say" },
	{ REPORT(", 'clock_requests': 100, 'clock_unset': 50", SHARE("load", "1")) "}", "50 %",
	  "early", "the kernel has no times" },
	{ REPORT(", 'clock_requests': 0, 'clock_unset': 0", SHARE("load", "1")) "}", "9\n\n",
	  "kernel", "none was compared" },
};

static void who_was_in_a_device(void **state)
{
	(void)state;
	check(text_sharing, shares, ARRAY_SIZE(shares));
}

static const struct row clocks[] = {
	{ REPORT(", 'clock_requests': 1000, 'clock_early': 125, 'clock_unset': 3, "
		 "'clock_early_max_ns': 123456789",
		 SHARE("load", "1")) "}",
	  "12 %", NULL, "how many, and by how much at most" },
};

static void early_clocks_are_told(void **state)
{
	(void)state;
	check(text_sharing, clocks, ARRAY_SIZE(clocks));
}

#define BUSY_LOAD                                                                                  \
	"{'name': 'load', 'kind': 'container', 'block': {'sda': {'read': {'total_ns': {'sum': "    \
	"300}}, 'write': "                                                                         \
	"{'total_ns': {'sum': 100}}, 'flush': {'ios': 1}}, 'sdb': {'read': {'total_ns': {'sum': "  \
	"99}}}}, 'sharing': {'sda': {}}}, {'name': 'other'}"

static const struct row pairs[] = {
	{ REPORT("", BUSY_LOAD) ", 'interference': [{'victim': 'load', 'aggressor': 'other', "
				"'device': 'sda', 'ns': 100}]}",
	  "  interference  lost to  on     time  of its requests' time\n"
	  "    load        other    sda  100 ns                   25 %\n",
	  "more", "of all of its requests' time on that device" },
	{ REPORT("", BUSY_LOAD) ", 'interference': [{'victim': 'other', 'aggressor': 'load', "
				"'device': 'sda', 'ns': 100}]}",
	  "    other       load     sda  100 ns                      -\n", "inf",
	  "its requests have no times" },
	{ REPORT("", BUSY_LOAD) ", 'interference': []}", "load", "interference", "none" },
};

static void what_they_lost(void **state)
{
	(void)state;
	check(text_sharing, pairs, ARRAY_SIZE(pairs));
}

static const struct {
	size_t n, shown;
	const char *more, *why;
} many[] = {
	{ 12, 12, NULL, "all of them" },
	{ 13, 12, "    and 1 more pairs\n", "one too many" },
	{ 100, 12, "    and 88 more pairs\n", "those that lost most" },
};

static void the_largest_losses_are_shown(void **state)
{
	struct report_style style = { .width = WIDTH };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
		cleanup_buf struct buf out = BUF_INIT(65536);
		json_t *report = load(REPORT("", BUSY_LOAD) "}"), *list = json_array();
		size_t shown = 0;

		for (size_t k = 0; k < many[i].n; k++)
			json_array_append_new(list, json_pack("{sssssssI}", "victim", "load",
							      "aggressor", "other", "device", "sda",
							      "ns", (json_int_t)(1000 - k)));
		json_object_set_new(report, "interference", list);
		assert_int_equal(text_sharing(report, &style, &out), 0);
		for (const char *p = buf_str(&out); (p = strstr(p, "    load ")); p++)
			shown++;
		/* its own row in the device's table, too */
		if (shown != many[i].shown + 1 ||
		    (many[i].more ? !strstr(buf_str(&out), many[i].more)
				  : strstr(buf_str(&out), "more") != NULL))
			fail_msg("%s: %zu\n%s", many[i].why, shown, buf_str(&out));
		json_decref(report);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_requests_lay),
		cmocka_unit_test(who_was_in_a_device),
		cmocka_unit_test(early_clocks_are_told),
		cmocka_unit_test(what_they_lost),
		cmocka_unit_test(the_largest_losses_are_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
