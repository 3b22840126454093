// SPDX-License-Identifier: Apache-2.0
/* Ranks arrive in their table. */
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
	static const struct store_rank v[] = { { FAKE_VICTIM, 0, FAKE_NEIGHBOUR },
					       { FAKE_VICTIM, 70000, FAKE_VICTIM } };
	struct fake_run run;
	struct err err = { 0 };

	(void)state;
	fake_run_begin(&run, NULL);
	fake_run_tick(&run, 0);
	assert_int_equal(store_put_ranks(run.store, v, 2, &err), 0);
	assert_int_equal(store_put_ranks(run.store, v, 1, &err), 0);
	assert_int_equal(ask(&run, "SELECT count(*) FROM rank"), 2);
	assert_int_equal(ask(&run, "SELECT host FROM rank WHERE workload = 0 AND rank = 0"),
			 FAKE_NEIGHBOUR);
	assert_int_equal(ask(&run, "SELECT host FROM rank WHERE rank = 70000"), FAKE_VICTIM);
	fake_run_fini(&run);
}

static void a_run_that_is_over_takes_none(void **state)
{
	static const struct store_rank v = { FAKE_VICTIM, 0, FAKE_VICTIM };
	struct fake_run run;
	struct store *s;
	struct err err = { 0 };

	(void)state;
	fake_run_make(&run, NULL);
	s = fake_run_open(&run);
	assert_int_not_equal(store_put_ranks(s, &v, 1, &err), 0);
	assert_int_not_equal(err.code, 0);
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
