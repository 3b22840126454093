// SPDX-License-Identifier: Apache-2.0
/* Histograms as SVG. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/html_parts.h"
#include "unit.h"

static const struct {
	const char *op, *want;
	size_t bars;
	const char *why;
} rows[] = {
	{ "{}", "", 0, "no histogram, no picture" },
	{ "{\"total_ns\": {\"buckets\": [[1000000, 1]]}}", "<g class=\"total\">", 60,
	  "a single bucket fills its axis" },
	{ "{\"queue_ns\": {\"buckets\": [[1024, 1]]}, \"total_ns\": {\"buckets\": [[1048576, "
	  "100000]]}}",
	  "<g class=\"queue\">", 2, "a bar per bucket, on one axis" },
	{ "{\"total_ns\": {\"buckets\": [[512, 1], [2097152, 1]]}}", ">100 us</text>", 2,
	  "powers of ten are marked" },
};

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what))) {
		n++;
		text++;
	}
	return n;
}

static void pictures(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *op = json_loads(rows[i].op, 0, NULL);
		cleanup_buf struct buf out = BUF_INIT(1 << 16);

		assert_int_equal(html_histograms(&out, op), 0);
		if (!strstr(buf_str(&out), rows[i].want) ||
		    count(buf_str(&out), "<rect") != rows[i].bars || strstr(buf_str(&out), "nan") ||
		    strstr(buf_str(&out), "inf"))
			fail_msg("%s: %s", rows[i].why, buf_str(&out));
		json_decref(op);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(pictures) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
