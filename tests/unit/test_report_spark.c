// SPDX-License-Identifier: Apache-2.0
/* Buckets over columns of a logarithmic axis. */
#include "report/spark.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "unit.h"

static const struct {
	const char *hist;
	size_t n;
	bool unicode;
	const char *want, *why;
} rows[] = {
	{ "{\"buckets\": [[1024, 7], [1048576, 7]]}", 8, true, "█      █", "both ends" },
	{ "{\"buckets\": [[1024, 7], [1048576, 7]]}", 8, false, "#      #", "in ASCII" },
	{ "{\"buckets\": [[1024, 1], [1048576, 1000000]]}", 8, true, "▁      █",
	  "a single request shows beside a million" },
	{ "{\"buckets\": [[1024, 5]]}", 1, true, "█", "one column" },
	{ "{\"buckets\": [[0, 5]]}", 3, true, "   ", "zero has no logarithm: nothing is drawn" },
	{ "{\"buckets\": []}", 3, true, "   ", "nothing" },
	{ "{}", 2, true, "  ", "no histogram" },
};

static void drawn(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *h = json_loads(rows[i].hist, 0, NULL);
		cleanup_buf struct buf out = BUF_INIT(1024);
		struct spark_axis axis = { 0 };

		spark_include(&axis, h);
		assert_int_equal(spark_put(&out, &axis, h, rows[i].n, rows[i].unicode), 0);
		if (strcmp(buf_str(&out), rows[i].want))
			fail_msg("%s: '%s'", rows[i].why, buf_str(&out));
		json_decref(h);
	}
}

static void nothing_is_lost(void **state)
{
	json_t *h = json_loads("{\"buckets\": [[16, 3], [17, 2], [1000, 10], [123456, 1], "
			       "[99999999, 4]]}",
			       0, NULL);
	struct spark_axis axis = { 0 };
	double columns[SPARK_MAX];

	(void)state;
	spark_include(&axis, h);
	for (size_t n = 1; n <= SPARK_MAX; n++) {
		double sum = 0, most = spark_columns(&axis, h, n, columns), max = 0;

		for (size_t i = 0; i < n; i++) {
			sum += columns[i];
			max = fmax(max, columns[i]);
		}
		assert_true(fabs(sum - 20) < 1e-6);
		assert_true(most == max);
	}
	json_decref(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drawn),
		cmocka_unit_test(nothing_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
