// SPDX-License-Identifier: Apache-2.0
/* Folded stacks for other tools: a line each, whatever names say. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "fake_report.h"
#include "report/report.h"
#include "unit.h"

static const struct {
	const char *report, *want, *why;
} rows[] = {
	{ "{}", "", "nothing" },
	{ "{\"targets\": [{\"name\": \"a\"}, {\"name\": \"b\", \"profile\": {\"stacks\": []}}]}",
	  "", "nobody was found" },
	{ "{\"targets\": [{\"name\": \"a\", \"profile\": {\"stacks\": [{\"stack\": \"sh;f(int, "
	  "char)\", \"samples\": 4}, {\"stack\": \"sh\", \"samples\": 1}]}}, {\"name\": \"b\", "
	  "\"profile\": {\"stacks\": [{\"stack\": \"sh\", \"samples\": 1099511627776}]}}]}",
	  "a;sh;f(int, char) 4\na;sh 1\nb;sh 1099511627776\n", "each of each target" },
	{ "{\"targets\": [{\"name\": \"a;b\\nc d\", \"profile\": {\"stacks\": [{\"stack\": "
	  "\"s\\nh;\\r\\u007f\", \"samples\": 4}]}}]}",
	  "a_b_c d;s_h;__ 4\n", "what would part a line" },
	{ "{\"targets\": [{\"name\": \"a\", \"profile\": {\"stacks\": [{\"stack\": \"\", "
	  "\"samples\": 4}]}}]}",
	  "a 4\n", "no stack at all" },
};

static void lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *report = json_loads(rows[i].report, 0, NULL);
		cleanup_buf struct buf out = BUF_INIT(4096);

		assert_non_null(report);
		assert_int_equal(report_folded(report, &out), 0);
		if (strcmp(buf_str(&out), rows[i].want))
			fail_msg("%s: %s", rows[i].why, buf_str(&out));
		json_decref(report);
	}
}

static void of_a_run(void **state)
{
	json_t *report = fake_report("vic;tim");
	cleanup_buf struct buf out = BUF_INIT(4096);

	(void)state;
	assert_int_equal(report_folded(report, &out), 0);
	assert_non_null(strstr(buf_str(&out), "vic_tim;cbpf-ior;main;walk;walk;walk 2\n"));
	assert_non_null(strstr(buf_str(&out), "\nneighbour;dd;main;read;vfs_read_[k] 10\n"));
	json_decref(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(of_a_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
