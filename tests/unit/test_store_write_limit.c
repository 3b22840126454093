// SPDX-License-Identifier: Apache-2.0
/* Limits and file systems arrive in their tables; what is no limit is NULL. */
#include <sqlite3.h>

#include "base/err.h"
#include "fake_run.h"
#include "unit.h"

static int64_t ask(struct fake_run *run, const char *sql)
{
	sqlite3_stmt *st;
	int64_t value;

	assert_int_equal(sqlite3_prepare_v2(store_db(run->store), sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	value = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return value;
}

static void rows_arrive(void **state)
{
	static const struct store_io_limit limit = {
		.owner = FAKE_VICTIM, .dev = FAKE_VDA, .version = 2, .write_bps = 1ull << 40
	};
	static const struct store_filesystem full = { "253:0", "/data", 1000, 0 };
	struct fake_run run;
	struct err err = { 0 };

	(void)state;
	fake_run_begin(&run, NULL);
	fake_run_tick(&run, 0);
	assert_int_equal(store_put_io_limits(run.store, &limit, 1, &err), 0);
	assert_int_equal(ask(&run, "SELECT write_bps FROM io_limit WHERE read_bps IS NULL AND "
				   "read_iops IS NULL AND write_iops IS NULL AND version = 2"),
			 1ull << 40);
	assert_int_equal(store_put_filesystems(run.store, &full, 1, &err), 0);
	assert_int_equal(ask(&run, "SELECT used_bytes FROM filesystem WHERE free_bytes = 0"), 1000);
	fake_run_fini(&run);
}

static void a_run_that_is_over_takes_none(void **state)
{
	static const struct store_io_limit limit = { .owner = FAKE_VICTIM, .dev = FAKE_VDA };
	static const struct store_filesystem full = { "253:0", "/data", 1000, 0 };
	struct fake_run run;
	struct store *s;
	struct err err = { 0 };

	(void)state;
	fake_run_make(&run, NULL);
	s = fake_run_open(&run);
	assert_int_not_equal(store_put_io_limits(s, &limit, 1, &err), 0);
	assert_int_not_equal(store_put_filesystems(s, &full, 1, &err), 0);
	store_close(s);
	fake_run_fini(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_arrive),
		cmocka_unit_test(a_run_that_is_over_takes_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
