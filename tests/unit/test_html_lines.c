// SPDX-License-Identifier: Apache-2.0
/* Counters become rates, gauges levels, and what is not known a gap. */
#include <string.h>

#include "base/cleanup.h"
#include "fake_report.h"
#include "fake_series.h"
#include "unit.h"

static json_t *find(json_t *series, const char *metric, int target)
{
	json_t *l;
	size_t i;

	json_array_foreach(json_object_get(series, "lines"), i, l)
		if (!strcmp(json_string_value(json_object_get(l, "metric")), metric) &&
		    json_integer_value(json_object_get(l, "target")) == target)
			return l;
	return NULL;
}

/* Of a full run: metric n of the victim is n * 1000 * (tick + 1), and a tick 100 ms. */
static const struct {
	const char *metric;
	int target;
	double first, second; /* -1: there is none */
	const char *why;
} values[] = {
	{ "cpu", 0, -1, 1000 / 0.1 / 1e9, "a counter of ns, per second" },
	{ "cpu", 1, -1, 0.5, "of another target" },
	{ "memory", 0, 7000, 14000, "a gauge" },
	{ "dirty", 0, 13000 + 14000, 2 * (13000 + 14000), "two gauges, added" },
	{ "cgroup_read", 0, -1, 20000 / 0.1, "a counter of bytes" },
	{ "llc", 0, 2 * 1048576, 2 * 1048576, "a gauge of two domains" },
	{ "mbm_total", 0, -1, 2 * 1000000 / 0.1, "counters of two domains" },
	{ "share", 0, 11 / 0.1 / 1e9, 11 / 0.1 / 1e9, "a part of the time" },
};

static void check(const json_t *line, size_t at, double want, const char *why)
{
	const json_t *v = json_array_get(json_object_get(line, "mean"), at);
	double is = json_number_value(v);

	if (want < 0 ? !json_is_null(v) : !(is >= want * 0.9999 && is <= want * 1.0001))
		fail_msg("%s: %g at %zu, not %g", why, is, at, want);
}

static void each_is_what_it_says(void **state)
{
	json_t *series = fake_series(html_lines, 4, 100, NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		json_t *line = find(series, values[i].metric, values[i].target);

		if (!line)
			fail_msg("%s: there is none", values[i].why);
		check(line, 0, values[i].first, values[i].why);
		check(line, 1, values[i].second, values[i].why);
		assert_int_equal(json_array_size(json_object_get(line, "mean")), 4);
	}
	/* What nobody measured has no line, rather than one at zero. */
	assert_null(find(series, "memory", 1));
	assert_null(find(series, "cpu", 2));
	assert_string_equal(json_string_value(json_object_get(find(series, "share", 0), "device")),
			    "vda");
	json_decref(series);
}

static void what_fell_began_anew(void **state)
{
	json_t *series =
		fake_series(html_lines, 4, 100,
			    "UPDATE sample SET cpu_usage_ns = 5 WHERE target = 1 AND seq = 2");
	json_t *line = find(series, "cpu", 1);

	(void)state;
	check(line, 1, 0.5, "before");
	check(line, 2, -1, "when it fell");
	assert_true(json_number_value(json_array_get(json_object_get(line, "mean"), 3)) > 1);
	json_decref(series);
}

static void what_was_not_read_is_no_zero(void **state)
{
	json_t *series = fake_series(html_lines, 4, 100,
				     "UPDATE sample SET cpu_usage_ns = NULL, memory_bytes = NULL "
				     "WHERE seq = 2; UPDATE rdt SET llc_occupancy_bytes = NULL "
				     "WHERE seq = 2 AND domain = 1");

	(void)state;
	check(find(series, "memory", 0), 2, -1, "a gauge");
	check(find(series, "llc", 0), 2, -1, "one of two domains");
	check(find(series, "cpu", 1), 2, -1, "a counter");
	check(find(series, "cpu", 1), 3, 0.5, "over both ticks");
	json_decref(series);
}

static void peaks_are_kept(void **state)
{
	json_t *series = fake_series(
		html_lines, 40, 4,
		"UPDATE sample SET memory_bytes = 999000 WHERE target = 0 AND seq = 17; "
		"INSERT INTO share VALUES (17, 3, 265289728, 60000000, 1, 1), "
		"(17, 99, 265289728, 30000000, 1, 1)");
	json_t *line = find(series, "memory", 0);

	(void)state;
	assert_int_equal(json_array_size(json_object_get(line, "mean")), 4);
	assert_int_equal(json_number_value(json_array_get(json_object_get(line, "max"), 1)),
			 999000);
	assert_int_equal(json_number_value(json_array_get(json_object_get(line, "min"), 1)), 77000);
	/* Others are one: their shares of a tick are added, and it had nothing in all other ticks. */
	line = find(series, "share", -1);
	assert_non_null(line);
	check(line, 1, 0.09, "of ten ticks, one");
	assert_true(json_number_value(json_array_get(json_object_get(line, "max"), 1)) > 0.899);
	check(line, 0, 0, "nothing");
	json_decref(series);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_what_it_says),
		cmocka_unit_test(what_fell_began_anew),
		cmocka_unit_test(what_was_not_read_is_no_zero),
		cmocka_unit_test(peaks_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
