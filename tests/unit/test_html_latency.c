// SPDX-License-Identifier: Apache-2.0
/* Latencies over time: merged, not averaged, and each request once. */
#include <string.h>

#include "base/cleanup.h"
#include "fake_full.h"
#include "fake_series.h"
#include "unit.h"

static json_t *find(json_t *series, const char *layer, const char *op, int target)
{
	json_t *l;
	size_t i;

	json_array_foreach(json_object_get(series, "latency"), i, l)
		if (!strcmp(json_string_value(json_object_get(l, "layer")), layer) &&
		    !strcmp(json_string_value(json_object_get(l, "op")), op) &&
		    json_integer_value(json_object_get(l, "target")) == target)
			return l;
	return NULL;
}

static double at(const json_t *series, const char *key, size_t i)
{
	return json_number_value(json_array_get(json_object_get(series, key), i));
}

/* Each tick of the full run has five latencies: three of 100 ns, two of 1000 ns. */
static void ticks_are_merged(void **state)
{
	json_t *series = fake_series(html_latency, 8, 4, NULL);
	json_t *s = find(series, "block_total", "read", 0);

	(void)state;
	assert_non_null(s);
	assert_int_equal(json_array_size(json_object_get(s, "p50")), 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(at(s, "count", i), 10);
		assert_true(at(s, "p50", i) > 96 && at(s, "p50", i) < 104);
		assert_true(at(s, "p99", i) > 960 && at(s, "p99", i) <= 1000);
		assert_int_equal(at(s, "most", i), 1000);
		/* Rows of 96 to 127 ns, and of 768 to 1023. */
		assert_int_equal(at(s, "heat", 6 * i), i);
		assert_int_equal(at(s, "heat", 6 * i + 1), 13);
		assert_int_equal(at(s, "heat", 6 * i + 2), 6);
		assert_int_equal(at(s, "heat", 6 * i + 4), 19);
		assert_int_equal(at(s, "heat", 6 * i + 5), 4);
	}
	assert_int_equal(at(json_object_get(s, "ios"), "mean", 0), 60);
	assert_int_equal(at(json_object_get(s, "bytes"), "mean", 0), 245760);
	json_decref(series);
}

static void mounts_are_added_and_stacked_devices_are_not(void **state)
{
	json_t *series = fake_series(html_latency, 4, 4, NULL);
	json_t *s = find(series, "vfs", "read", 0);

	(void)state;
	/* Of two mounts, in each tick. */
	assert_int_equal(at(s, "count", 1), 2 * FAKE_FULL_COUNT);
	assert_int_equal(at(json_object_get(s, "ios"), "mean", 1), 120);
	assert_null(find(series, "block_total", "write", 0)); /* of a loop device */
	assert_non_null(find(series, "sched_runq", "", 0));
	assert_null(find(series, "vfs_size", "read", 0)); /* are no times */
	json_decref(series);
}

static void ticks_without_requests_have_no_latency(void **state)
{
	json_t *series = fake_series(html_latency, 4, 4, "DELETE FROM histogram WHERE seq = 2");
	json_t *s = find(series, "block_total", "read", 0);

	(void)state;
	assert_true(json_is_null(json_array_get(json_object_get(s, "p99"), 2)));
	assert_true(json_is_null(json_array_get(json_object_get(s, "count"), 2)));
	assert_int_equal(at(json_object_get(s, "ios"), "mean", 2), 0);
	assert_int_equal(at(s, "count", 3), FAKE_FULL_COUNT);
	json_decref(series);
}

static void the_operations_that_took_most_time(void **state)
{
	json_t *series =
		fake_series(html_latency, 4, 4,
			    "WITH o(op) AS (VALUES ('close'), ('stat'), ('fsync'), ('unlink')) "
			    "INSERT INTO histogram SELECT 1, 0, 'vfs', op, 1, 1, 0, 0, 1, "
			    "iif(op = 'stat', 1, 1000000000), 1, 1, 1, 1, 1, NULL FROM o");

	(void)state;
	assert_non_null(find(series, "vfs", "fsync", 0));
	assert_null(find(series, "vfs", "stat", 0));
	assert_int_equal(json_integer_value(json_object_get(series, "latency_left_out")), 2);
	json_decref(series);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ticks_are_merged),
		cmocka_unit_test(mounts_are_added_and_stacked_devices_are_not),
		cmocka_unit_test(ticks_without_requests_have_no_latency),
		cmocka_unit_test(the_operations_that_took_most_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
