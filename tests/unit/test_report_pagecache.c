// SPDX-License-Identifier: Apache-2.0
/* The page cache's part of a report, from rows that are written here. */
#include <sqlite3.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "fake_building.h"
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

static json_t *cache(size_t target)
{
	return json_object_get(json_array_get(json_object_get(b.report, "targets"), target),
			       "pagecache");
}

#define ABSENT -1

static json_int_t number(const char *key)
{
	const json_t *v = json_object_get(cache(0), key);

	return json_is_integer(v) ? json_integer_value(v) : ABSENT;
}

static void what_was_not_measured_is_absent(void **state)
{
	(void)state;
	assert_int_equal(build_pagecache(&b), 0);
	assert_null(cache(0));
	assert_null(cache(1));
}

static void totals_are_the_last_ones(void **state)
{
	(void)state;
	fake_sql(&run,
		 "UPDATE sample SET pagecache_accessed = 500 * (seq + 1), "
		 "pagecache_missed = 100 * (seq + 1), pagecache_asked = 15 * (seq + 1), "
		 "pagecache_fetched = 150 * (seq + 1), pagecache_wasted = seq, "
		 "pagecache_faults = 4, pagecache_fault_missed = 3, pagecache_fault_took = 40, "
		 "pagecache_fault_added = 20, "
		 "pagecache_other_added = 5, "
		 "pagecache_dirtied = 7 WHERE target = 0");
	assert_int_equal(build_pagecache(&b), 0);
	assert_int_equal(number("accessed_pages"), 1000);
	assert_int_equal(number("missed_pages"), 200);
	assert_true(json_real_value(json_object_get(cache(0), "hit_ratio")) == 0.8);
	assert_int_equal(number("added_pages"), 325);
	assert_int_equal(number("read_added_pages"), 300);
	assert_int_equal(number("readahead_pages"), 270);
	assert_int_equal(number("readahead_used_pages"), 210);
	assert_int_equal(number("readahead_wasted_pages"), 1);
	assert_int_equal(number("faults"), 4);
	assert_int_equal(number("missed_faults"), 3);
	assert_true(json_real_value(json_object_get(cache(0), "fault_hit_ratio")) == 0.25);
	assert_int_equal(number("fault_added_pages"), 20);
	assert_int_equal(number("dirtied_pages"), 7);
	assert_int_equal(number("written_pages"), ABSENT);
	assert_int_equal(number("evicted_pages"), ABSENT);
	assert_null(cache(1));
}

static void nothing_read_has_no_ratio(void **state)
{
	(void)state;
	fake_sql(&run,
		 "UPDATE sample SET pagecache_accessed = 0, pagecache_missed = 0 WHERE target = 0");
	assert_int_equal(build_pagecache(&b), 0);
	assert_int_equal(number("accessed_pages"), 0);
	assert_null(json_object_get(cache(0), "hit_ratio"));
	assert_int_equal(number("added_pages"), ABSENT);
	assert_int_equal(number("readahead_pages"), ABSENT);
}

/* What programs missed, of how many runs. */
static void missed_is(long long missed, json_int_t runs)
{
	fake_sql(&run,
		 "DELETE FROM loss WHERE what LIKE 'pagecache.%%'; INSERT INTO loss (what, count, "
		 "reason) "
		 "VALUES ('pagecache.on_read.missed', %lld, 'x')",
		 missed);
	json_object_set_new(b.report, "self",
			    json_pack("{s:[{s:s, s:I}, {s:s, s:I}]}", "probes", "program",
				      "pagecache.on_read", "runs", runs, "program", "vfs.on_read",
				      "runs", (json_int_t)1000000));
	assert_int_equal(build_pagecache(&b), 0);
}

static void when_much_was_missed_there_is_no_ratio(void **state)
{
	(void)state;
	fake_sql(&run, "UPDATE sample SET pagecache_accessed = 2000, pagecache_missed = 100, "
		       "pagecache_faults "
		       "= 1000, "
		       "pagecache_fault_missed = 3 WHERE target = 0");
	missed_is(10, 1000);
	assert_non_null(json_object_get(cache(0), "hit_ratio"));
	assert_non_null(json_object_get(cache(0), "fault_hit_ratio"));
	missed_is(11, 1000);
	assert_null(json_object_get(cache(0), "hit_ratio"));
	assert_null(json_object_get(cache(0), "fault_hit_ratio"));
	assert_int_equal(number("accessed_pages"), 2000);
	assert_int_equal(number("missed_faults"), 3);
}

/* It may all have been this target's. */
static void when_much_of_a_targets_own_may_be_missing_it_has_no_ratio(void **state)
{
	(void)state;
	fake_sql(&run, "UPDATE sample SET pagecache_accessed = 2000, pagecache_missed = 100, "
		       "pagecache_faults = 1000, pagecache_fault_missed = 3 WHERE target = 0");
	missed_is(11, 100000);
	assert_non_null(json_object_get(cache(0), "hit_ratio"));
	assert_null(json_object_get(cache(0), "fault_hit_ratio"));
	missed_is(21, 100000);
	assert_null(json_object_get(cache(0), "hit_ratio"));
}

static void more_misses_than_accesses_are_no_ratio_below_zero(void **state)
{
	(void)state;
	fake_sql(&run, "UPDATE sample SET pagecache_accessed = 10, pagecache_missed = 12, "
		       "pagecache_asked = 4, pagecache_fetched = 3 WHERE target = 0");
	assert_int_equal(build_pagecache(&b), 0);
	assert_int_equal(number("missed_pages"), 10);
	assert_true(json_real_value(json_object_get(cache(0), "hit_ratio")) == 0);
	assert_int_equal(number("readahead_pages"), 0);
	assert_int_equal(number("readahead_used_pages"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_not_measured_is_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(totals_are_the_last_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_read_has_no_ratio, setup, teardown),
		cmocka_unit_test_setup_teardown(when_much_was_missed_there_is_no_ratio, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			when_much_of_a_targets_own_may_be_missing_it_has_no_ratio, setup, teardown),
		cmocka_unit_test_setup_teardown(more_misses_than_accesses_are_no_ratio_below_zero,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
