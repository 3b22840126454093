// SPDX-License-Identifier: Apache-2.0
/* The part of a report that resctrl tells, from rows that are written here. */
#include <math.h>
#include <sqlite3.h>

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
	json_object_set_new(b.report, "host", json_pack("{s:{s:{s:i}}}", "rdt", "l3", "ways", 20));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_building_end(&b, &run);
	return 0;
}

static json_t *rdt(size_t target)
{
	return json_object_get(json_array_get(json_object_get(b.report, "targets"), target), "rdt");
}

static json_t *domain(size_t i)
{
	return json_array_get(json_object_get(rdt(0), "domains"), i);
}

#define ABSENT -1

static json_int_t number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_number(v) ? (json_int_t)json_number_value(v) : ABSENT;
}

static void what_was_not_measured_is_absent(void **state)
{
	(void)state;
	assert_int_equal(build_rdt(&b), 0);
	assert_null(rdt(0));
	assert_null(rdt(1));
}

static void totals_and_rates(void **state)
{
	(void)state;
	fake_sql(&run,
		 "REPLACE INTO sample (seq, target, rdt_llc_occupancy_bytes, rdt_mbm_total_bytes) "
		 "VALUES (0, 0, 2000, 500), (1, 0, 1000, 1000)");
	assert_int_equal(build_rdt(&b), 0);
	assert_int_equal(number(rdt(0), "llc_occupancy_max_bytes"), 2000);
	assert_int_equal(number(rdt(0), "llc_occupancy_mean_bytes"), 1500);
	assert_int_equal(number(rdt(0), "mbm_total_bytes"), 1000);
	assert_int_equal(number(rdt(0), "mbm_local_bytes"), ABSENT);
	assert_true(number(rdt(0), "mbm_total_bytes_per_s") > 0);
	assert_null(json_object_get(rdt(0), "class"));
	assert_null(rdt(1));
}

/* A gap in one cache is a gap of the sum, and nothing else is. */
static void each_cache(void **state)
{
	(void)state;
	fake_sql(&run, "REPLACE INTO sample (seq, target, rdt_mbm_total_bytes) VALUES (0, 0, 300)");
	fake_sql(&run, "INSERT INTO rdt VALUES (0, 0, 0, 64, 100, 50), (0, 0, 2, 32, 200, NULL), "
		       "(1, 0, 0, NULL, 150, 50), (1, 0, 2, 96, NULL, NULL)");
	assert_int_equal(build_rdt(&b), 0);
	assert_int_equal(number(rdt(0), "mbm_total_bytes"), 300);
	assert_int_equal(json_array_size(json_object_get(rdt(0), "domains")), 2);
	assert_int_equal(number(domain(0), "domain"), 0);
	assert_int_equal(number(domain(0), "mbm_total_bytes"), 150);
	assert_int_equal(number(domain(0), "mbm_local_bytes"), 50);
	assert_int_equal(number(domain(1), "domain"), 2);
	assert_int_equal(number(domain(1), "llc_occupancy_mean_bytes"), 64);
	assert_int_equal(number(domain(1), "mbm_total_bytes"), 200);
	assert_int_equal(number(domain(1), "mbm_local_bytes"), ABSENT);
}

static void the_last_class(void **state)
{
	(void)state;
	fake_sql(&run, "INSERT INTO rdt_class VALUES (0, 0, '/', 'cbpf.x.victim', 'L3:0=fffff'), "
		       "(1, 0, 'gold', 'cbpf.x.victim', 'L3:0=f')");
	fake_sql(&run, "INSERT INTO rdt_alloc VALUES (0, 0, 'L3', 0, 1048575, 20, NULL), "
		       "(1, 0, 'L3', 0, 15, 4, NULL), (1, 0, 'MB', 0, 50, NULL, NULL), "
		       "(1, 0, 'SMBA', 0, 2048, NULL, NULL)");
	assert_int_equal(build_rdt(&b), 0);
	assert_string_equal(json_string_value(json_object_get(rdt(0), "class")), "gold");
	assert_string_equal(json_string_value(json_object_get(rdt(0), "mon_group")),
			    "cbpf.x.victim");
	assert_int_equal(number(rdt(0), "class_changes"), 1);
	assert_string_equal(json_string_value(json_object_get(domain(0), "l3_mask")), "f");
	assert_int_equal(number(domain(0), "l3_ways"), 4);
	assert_int_equal(number(domain(0), "l3_allocation_pct"), 20);
	assert_int_equal(number(domain(0), "mba"), 50);
	assert_int_equal(number(domain(0), "smba"), 2048);
}

static void code_and_data_have_masks_of_their_own(void **state)
{
	(void)state;
	json_object_del(json_object_get(b.report, "host"), "rdt");
	fake_sql(&run, "INSERT INTO rdt_class VALUES (0, 0, '/', 'cbpf.x.victim', NULL)");
	fake_sql(&run, "INSERT INTO rdt_alloc VALUES (0, 0, 'L3CODE', 0, 240, 4, NULL), "
		       "(0, 0, 'L3DATA', 0, 15, 4, NULL)");
	assert_int_equal(build_rdt(&b), 0);
	assert_string_equal(json_string_value(json_object_get(domain(0), "l3code_mask")), "f0");
	assert_string_equal(json_string_value(json_object_get(domain(0), "l3data_mask")), "f");
	assert_null(json_object_get(domain(0), "l3_mask"));
	/* A share of a cache whose ways are not known is no share. */
	assert_null(json_object_get(domain(0), "l3code_allocation_pct"));
	assert_null(json_object_get(rdt(0), "schemata"));
}

static void a_run_of_an_older_version(void **state)
{
	(void)state;
	fake_sql(&run, "DROP TABLE rdt_class");
	assert_int_equal(build_rdt(&b), 0);
	assert_null(rdt(0));
	fake_sql(&run, "CREATE TABLE rdt_class (seq, target, class, mon_group, schemata)");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_not_measured_is_absent),
		TEST(totals_and_rates),
		TEST(each_cache),
		TEST(the_last_class),
		TEST(code_and_data_have_masks_of_their_own),
		TEST(a_run_of_an_older_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
