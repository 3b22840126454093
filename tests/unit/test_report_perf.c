// SPDX-License-Identifier: Apache-2.0
/* The perf collector's part of a report, from rows that are written here. */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "fake_building.h"
#include "report/report.h"
#include "report/text_parts.h"
#include "store/store.h"
#include "unit.h"

static struct fake_run run;
static struct err err;
static struct building b;

static int setup(void **state)
{
	(void)state;
	fake_building_begin(&b, &run, &err);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_building_end(&b, &run);
	return 0;
}

/* Event @id of target 0, at the last tick. */
static void count(int id, const char *name, long long value, int enabled, int running)
{
	fake_sql(&run, "INSERT OR IGNORE INTO perf_event VALUES (%d, '%s', 1)", id, name);
	fake_sql(&run, "INSERT INTO perf VALUES (1, 0, %d, %lld, %d, %d)", id, value, enabled,
		 running);
}

static json_t *perf(void)
{
	return json_object_get(json_array_get(json_object_get(b.report, "targets"), 0), "perf");
}

static void what_was_not_measured_is_absent(void **state)
{
	(void)state;
	assert_int_equal(build_perf(&b), 0);
	assert_null(perf());
	assert_null(json_object_get(b.report, "perf"));
}

static void totals_are_the_last_ones_and_scaled(void **state)
{
	const json_t *event;

	(void)state;
	count(0, "instructions", 1000, 400, 100);
	fake_sql(&run, "INSERT INTO perf VALUES (0, 0, 0, 10, 4, 1)");
	count(1, "page-faults", 7, 400, 400);
	count(2, "cache-misses", 0, 400, 0);
	count(3, "cycles", 0, 0, 0);
	assert_int_equal(build_perf(&b), 0);
	assert_int_equal(json_integer_value(json_object_get(perf(), "instructions")), 4000);
	assert_int_equal(json_integer_value(json_object_get(perf(), "page-faults")), 7);
	assert_null(json_object_get(perf(), "cache-misses")); /* never had a counter */
	assert_true(json_is_integer(json_object_get(perf(), "cycles"))); /* it never ran: 0 it is */
	event = json_object_get(json_object_get(perf(), "events"), "instructions");
	assert_int_equal(json_integer_value(json_object_get(event, "counted")), 1000);
	assert_true(json_real_value(json_object_get(event, "running_pct")) == 25);
	event = json_object_get(json_object_get(perf(), "events"), "cache-misses");
	assert_true(json_real_value(json_object_get(event, "running_pct")) == 0);
}

#define ABSENT -1.0
#define NOTHING -2.0 /* null */

/* Of eight counts, in this order; -1: not counted. And the part of time, in percent, of the first. */
static const struct {
	long long instructions, cycles, references, misses, branches, mispredicted, stalls, l3;
	int running;
	double ipc, miss_rate, branch_rate, stalled, l3_part, theoretical;
	const char *why;
} rows[] = {
	{ 200, 100, 50, 5, 40, 1, 60, 15, 100, 2, 0.1, 2.5, 60, 25, 5, "all of them" },
	{ -1, 100, 50, 5, 40, 1, 60, 15, 100, ABSENT, 0.1, 2.5, 60, 25, ABSENT, "none retired" },
	{ 200, -1, -1, 5, -1, 1, -1, 15, 100, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT,
	  "nothing to divide by" },
	{ 200, 0, 0, 0, 0, 0, 0, 0, 100, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING,
	  "nothing happened" },
	{ 200, 100, 50, 5, 40, 1, 100, 15, 100, 2, 0.1, 2.5, 100, 15, NOTHING, "all stalled" },
	{ 200, 100, 50, 5, 40, 1, 120, 15, 100, 2, 0.1, 2.5, 120, 12.5, NOTHING,
	  "more than all, as estimates may be" },
	{ 200, 100, 50, 5, 40, 1, 60, 15, 19, NOTHING, 0.1, 2.5, 60, 25, NOTHING,
	  "a counter for less than a fifth of the time" },
	{ 200, 100, 50, 5, 40, 1, 60, 15, 20, 10, 0.1, 2.5, 60, 25, 25, "and for just that" },
	{ 200, 100, 50, 5, 40, 1, 60, 15, 0, NOTHING, 0.1, 2.5, 60, 25, NOTHING, "for none of it" },
};

static double value_of(const char *key)
{
	const json_t *v = json_object_get(perf(), key);

	return !v ? ABSENT : json_is_null(v) ? NOTHING : json_number_value(v);
}

static void derived_from_what_is_known(void **state)
{
	static const char *const names[] = { "instructions", "cpu-cycles",    "cache-references",
					     "cache-misses", "branches",      "branch-misses",
					     "stalls_total", "stalls_l3_miss" };
	static const char *const keys[] = { "instructions_per_cycle", "cache_miss_rate",
					    "branch_miss_rate",	      "stalled_cycles_percent",
					    "stalls_l3_miss_percent", "theoretical_ipc" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const long long *counts = &rows[i].instructions;
		const double *want = &rows[i].ipc;

		setup(NULL);
		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			if (counts[k] >= 0)
				count(k, names[k], counts[k], 100, k ? 100 : rows[i].running);
		assert_int_equal(build_perf(&b), 0);
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
			if (fabs(value_of(keys[k]) - want[k]) > 1e-9)
				fail_msg("%s: %s is %g", rows[i].why, keys[k], value_of(keys[k]));
		teardown(NULL);
	}
}

static void what_all_have_is_compared_with_the_cpus(void **state)
{
	const json_t *sum;

	(void)state;
	count(0, "task-clock", 70, 70, 70);
	fake_sql(&run, "INSERT INTO perf VALUES (0, 0, 0, 60, 60, 60), (1, 1, 0, 20, 20, 20), "
		       "(1, -1, 0, 900, 900, 900), (1, -2, 0, 1000, 1000, 1000)");
	assert_int_equal(build_perf(&b), 0);
	sum = json_object_get(json_object_get(b.report, "perf"), "task-clock");
	assert_int_equal(json_integer_value(json_object_get(sum, "targets")), 90);
	assert_int_equal(json_integer_value(json_object_get(sum, "others")), 900);
	assert_int_equal(json_integer_value(json_object_get(sum, "residual")), 10);
}

static void the_text_tells_each_with_its_part_of_time(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(4096);
	const struct report_style style = { .width = 200 };

	(void)state;
	count(0, "task-clock", 1500000, 100, 100);
	count(1, "instructions", 1000, 100, 50);
	count(2, "cycles", 500, 100, 100);
	count(3, "branch-misses", 0, 100, 0);
	assert_int_equal(build_perf(&b), 0);
	assert_int_equal(text_perf(json_array_get(json_object_get(b.report, "targets"), 0), &style,
				   &out),
			 0);
	assert_string_equal(buf_str(&out),
			    "  perf      task-clock 1.50 ms, instructions 2000 (50 %), cycles 500, "
			    "branch-misses - (0 %)\n"
			    "            4.00 instructions per cycle\n");
	buf_reset(&out);
	assert_int_equal(text_perf(json_array_get(json_object_get(b.report, "targets"), 1), &style,
				   &out),
			 0);
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_not_measured_is_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(totals_are_the_last_ones_and_scaled, setup,
						teardown),
		cmocka_unit_test(derived_from_what_is_known),
		cmocka_unit_test_setup_teardown(what_all_have_is_compared_with_the_cpus, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_text_tells_each_with_its_part_of_time, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
