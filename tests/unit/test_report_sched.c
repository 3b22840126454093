// SPDX-License-Identifier: Apache-2.0
/* The scheduler's part of a report, from rows that are written here. */
#include <sqlite3.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/hist.h"
#include "fake_building.h"
#include "store/store.h"
#include "unit.h"

static struct fake_run run;
static struct err err;
static struct building b;

/* Waits of target @target in tick @seq. */
static void waited(int target, int seq, const char *layer, uint64_t ns, unsigned int n)
{
	uint8_t blob[HIST_BLOB_MAX];
	struct hist h = { 0 };
	sqlite3_stmt *row;

	for (unsigned int i = 0; i < n; i++)
		hist_add(&h, ns);
	assert_int_equal(
		sqlite3_prepare_v2(store_db(run.store),
				   "INSERT INTO histogram (seq, target, layer, op, device, "
				   "ios, bytes, errors, count, sum, max, buckets) VALUES "
				   "(?, ?, ?, '', 0, 0, 0, 0, ?, ?, ?, ?)",
				   -1, &row, NULL),
		SQLITE_OK);
	sqlite3_bind_int(row, 1, seq);
	sqlite3_bind_int(row, 2, target);
	sqlite3_bind_text(row, 3, layer, -1, SQLITE_STATIC);
	sqlite3_bind_int(row, 4, n);
	sqlite3_bind_int64(row, 5, n * ns);
	sqlite3_bind_int64(row, 6, ns);
	sqlite3_bind_blob(row, 7, blob, hist_encode(&h, blob), SQLITE_STATIC);
	assert_int_equal(sqlite3_step(row), SQLITE_DONE);
	sqlite3_finalize(row);
}

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

static json_t *sched(size_t target)
{
	return json_object_get(json_array_get(json_object_get(b.report, "targets"), target),
			       "sched");
}

static json_int_t number(const char *key)
{
	const json_t *v = json_object_get(sched(0), key);

	if (!json_is_integer(v))
		fail_msg("no %s", key);
	return json_integer_value(v);
}

static void what_was_not_measured_is_absent(void **state)
{
	(void)state;
	assert_int_equal(build_sched(&b), 0);
	assert_null(sched(0));
	assert_null(sched(1));
}

static void totals_are_the_last_ones(void **state)
{
	(void)state;
	fake_sql(
		&run,
		"UPDATE sample SET sched_oncpu_ns = 100 * (seq + 1), sched_slices = 7 * (seq + 1), "
		"sched_io_ns = 0 WHERE target = 0");
	assert_int_equal(build_sched(&b), 0);
	assert_int_equal(number("oncpu_ns"), 200);
	assert_int_equal(number("slices"), 14);
	assert_int_equal(number("io_wait_sum_ns"), 0);
	assert_null(json_object_get(sched(0), "lock_wait_sum_ns"));
	assert_null(json_object_get(sched(0), "runq_ns"));
	assert_null(sched(1));
}

static void histograms_are_summed_over_ticks(void **state)
{
	const json_t *h;

	(void)state;
	waited(0, 0, "sched_runq", 1000, 3);
	waited(0, 1, "sched_runq", 90000, 1);
	waited(1, 1, "sched_runq", 5, 2);
	waited(0, 1, "sched_lock", 8, 1);
	assert_int_equal(build_sched(&b), 0);
	h = json_object_get(sched(0), "runq_ns");
	assert_int_equal(json_integer_value(json_object_get(h, "count")), 4);
	assert_int_equal(json_integer_value(json_object_get(h, "sum")), 93000);
	assert_int_equal(json_integer_value(json_object_get(h, "max")), 90000);
	assert_int_equal(json_integer_value(
				 json_object_get(json_object_get(sched(1), "runq_ns"), "count")),
			 2);
	assert_int_equal(json_integer_value(
				 json_object_get(json_object_get(sched(0), "lock_wait_ns"), "max")),
			 8);
}

static void who_took_the_cpu_has_a_name(void **state)
{
	const json_t *by;

	(void)state;
	fake_sql(&run, "UPDATE target SET name = 'neighbour' WHERE id = 1");
	fake_sql(&run, "INSERT INTO preemption VALUES (0, 1, 'target', 5), (0, NULL, 'kernel', 3), "
		       "(0, NULL, 'nobody', 2)");
	assert_int_equal(build_sched(&b), 0);
	by = json_object_get(sched(0), "preempted_by");
	assert_int_equal(json_object_size(by), 3);
	assert_int_equal(json_integer_value(json_object_get(by, "(kernel)")), 3);
	assert_int_equal(json_integer_value(json_object_get(by, "(nobody)")), 2);
	assert_int_equal(json_integer_value(json_object_get(by, "neighbour")), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_not_measured_is_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(totals_are_the_last_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(histograms_are_summed_over_ticks, setup, teardown),
		cmocka_unit_test_setup_teardown(who_took_the_cpu_has_a_name, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
