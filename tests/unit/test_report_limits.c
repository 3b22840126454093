// SPDX-License-Identifier: Apache-2.0
/* What is reached of a limit is the rate of the longest time without gaps. */
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
	fake_sql(&run, "DELETE FROM histogram");
	fake_sql(&run, "DELETE FROM tick");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_building_end(&b, &run);
	return 0;
}

static json_t *limit(void)
{
	return json_array_get(json_object_get(json_array_get(json_object_get(b.report, "targets"),
							     0),
					      "io_limits"),
			      0);
}

/* Ticks @from to @to of 100 ms, in each of which @bytes were read by @ios requests. */
static void reads(int from, int to, int bytes, int ios)
{
	fake_sql(&run,
		 "WITH RECURSIVE k(n) AS (SELECT %d UNION ALL SELECT n + 1 FROM k WHERE n < %d) "
		 "INSERT INTO tick SELECT n, n * 100000000, n * 100000000, n * 100000000, 0 FROM k",
		 from, to);
	fake_sql(&run,
		 "INSERT INTO histogram (seq, target, layer, op, device, ios, bytes, errors, "
		 "count, sum) SELECT seq, 0, 'block_total', 'read', %u, %d, %d, 0, %d, 1 FROM tick "
		 "WHERE seq BETWEEN %d AND %d",
		 FAKE_VDA, ios, bytes, ios, from, to);
}

static void the_longest_piece(void **state)
{
	(void)state;
	fake_sql(&run, "INSERT INTO io_limit VALUES (0, %u, 2, NULL, 7, NULL, NULL)", FAKE_VDA);
	reads(100, 115, 9000, 9);
	reads(130, 160, 1000, 2);
	assert_int_equal(build_limits(&b), 0);
	assert_int_equal(json_integer_value(json_object_get(limit(), "write_bps")), 7);
	assert_null(json_object_get(limit(), "read_bps"));
	assert_true(json_number_value(json_object_get(limit(), "read_bps_reached")) == 10000);
	assert_true(json_number_value(json_object_get(limit(), "read_iops_reached")) == 20);
	assert_null(json_object_get(limit(), "write_bps_reached"));
}

static void too_short_to_tell(void **state)
{
	(void)state;
	fake_sql(&run, "INSERT INTO io_limit VALUES (0, %u, 1, 9, NULL, NULL, NULL)", FAKE_VDA);
	reads(100, 105, 9000, 9);
	assert_int_equal(build_limits(&b), 0);
	assert_int_equal(json_integer_value(json_object_get(limit(), "version")), 1);
	assert_null(json_object_get(limit(), "read_bps_reached"));
}

static void file_systems(void **state)
{
	const json_t *list;

	(void)state;
	fake_sql(&run, "INSERT INTO filesystem VALUES ('8:1', '/data', 1000, 10)");
	assert_int_equal(build_limits(&b), 0);
	assert_null(limit());
	list = json_object_get(b.report, "filesystems");
	assert_int_equal(json_array_size(list), 1);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "free_bytes")),
			 10);
}

static void older_databases_have_neither(void **state)
{
	(void)state;
	fake_sql(&run, "DROP TABLE io_limit");
	fake_sql(&run, "DROP TABLE filesystem");
	assert_int_equal(build_limits(&b), 0);
	assert_null(json_object_get(b.report, "filesystems"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_longest_piece),
		TEST(too_short_to_tell),
		TEST(file_systems),
		TEST(older_databases_have_neither),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
