// SPDX-License-Identifier: Apache-2.0
/* The HTML report: complete, alone, and deaf to what names say. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "fake_report.h"
#include "report/html_parts.h"
#include "report/report.h"
#include "unit.h"

static const char hostile[] = "<script>alert('\"1&2\"')</script><img src=x onerror=y>";

static const struct {
	const char *text, *want, *why;
} escapes[] = {
	{ "a", "a", "plain" },
	{ "<b>", "&lt;b&gt;", "a tag" },
	{ "&amp;", "&amp;amp;", "an entity is text" },
	{ "\"'", "&quot;&#39;", "quotes, for attributes" },
	{ "a\033b\1", "a?b?", "control characters" },
	{ "äß", "äß", "UTF-8 passes" },
	{ NULL, "", "absent" },
};

static void escaped(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++) {
		cleanup_buf struct buf out = BUF_INIT(1024);

		assert_int_equal(html_text(&out, escapes[i].text), 0);
		if (strcmp(buf_str(&out), escapes[i].want))
			fail_msg("%s: %s", escapes[i].why, buf_str(&out));
	}
}

/* Every text of the report made hostile, wherever it is. */
static void poison(json_t *v)
{
	const char *key;
	void *tmp;
	json_t *of;
	size_t i;

	if (json_is_string(v))
		json_string_set(v, hostile);
	json_array_foreach(v, i, of)
		poison(of);
	json_object_foreach_safe(v, tmp, key, of) {
		/* what decides on layout stays */
		if (strcmp(key, "kind"))
			poison(of);
	}
}

static void hostile_text(void **state)
{
	json_t *report = fake_report(hostile), *block;
	cleanup_buf struct buf out = BUF_INIT(1 << 22);

	(void)state;
	poison(report);
	/* a device's name is a key */
	block = fake_at(report, "targets.0.block");
	json_object_set(block, hostile, json_object_get(block, "vda"));
	json_object_set_new(fake_at(report, "backends"), hostile, json_string(hostile));
	json_object_set_new(fake_at(report, "targets.0.cgroup"), hostile, json_integer(1));
	json_array_append_new(fake_at(report, "findings"),
			      json_pack("{s:s, s:s, s:s, s:s}", "severity", hostile, "target",
					hostile, "text", hostile, "advice", hostile));
	assert_int_equal(report_html(report, &out), 0);
	assert_null(strcasestr(buf_str(&out), "<script"));
	assert_null(strcasestr(buf_str(&out), "<img"));
	assert_null(strstr(buf_str(&out), "alert('"));
	assert_non_null(strstr(buf_str(&out), "&lt;script&gt;"));
	json_decref(report);
}

static const struct {
	const char *want, *why;
} parts[] = {
	{ "loop0 /data/disk.img (stacked on vda)", "a stacked device with its disks" },
	{ "<!DOCTYPE html>", "a document" },
	{ "<svg ", "with histograms" },
	{ "prefers-color-scheme:dark", "dark too" },
	{ "default-src 'none'", "that may fetch nothing" },
	{ ">victim ", "each target" },
	{ "<td>unattributed</td>", "accounting" },
	{ "no resctrl on this host", "losses" },
	{ "aria-label=\"flame graph of 25 samples\"", "where it was on CPUs" },
	{ "<p>Profile: 1.3 % of the 158 expected samples", "and what is not known of that" },
	{ "on_issue", "own cost" },
	{ ">FAIL</td>", "verdicts" },
	{ "20260102T030405-demo-00aa", "which run" },
};

static void complete(void **state)
{
	json_t *report = fake_report(NULL);
	cleanup_buf struct buf out = BUF_INIT(1 << 22);

	(void)state;
	assert_int_equal(report_html(report, &out), 0);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strstr(buf_str(&out), parts[i].want))
			fail_msg("%s: no %s", parts[i].why, parts[i].want);
	/* nothing is fetched from anywhere */
	assert_null(strstr(buf_str(&out), "http://"));
	assert_null(strstr(buf_str(&out), "https://"));
	assert_null(strstr(buf_str(&out), " src="));
	assert_null(strstr(buf_str(&out), " href="));
	json_decref(report);
	/* and an empty report is a page too */
	buf_reset(&out);
	report = json_object();
	assert_int_equal(report_html(report, &out), 0);
	json_decref(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escaped),
		cmocka_unit_test(hostile_text),
		cmocka_unit_test(complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
