// SPDX-License-Identifier: Apache-2.0
/* Parameters of a row: what is absent is NULL, and the first failure is kept. */
#include "store/row.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "fake_run.h"
#include "unit.h"

static void what_is_absent_is_null(void **state)
{
	struct fake_run run;
	struct row r;
	sqlite3_stmt *st;

	(void)state;
	fake_run_begin(&run, NULL);
	r = row_of(run.store, STMT_EXPECT);
	row_text_if(&r, "a < 1");
	row_real(&r, NAN);
	row_int(&r, 1);
	assert_int_equal(row_end(&r), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(store_db(run.store),
					    "SELECT count(*) FROM expect WHERE actual IS NULL", -1,
					    &st, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(st, 0), 1);
	sqlite3_finalize(st);
	fake_run_fini(&run);
}

static void the_first_failure_is_kept(void **state)
{
	struct fake_run run;
	struct row r;

	(void)state;
	fake_run_begin(&run, NULL);
	r = row_of(run.store, STMT_EXPECT);
	for (int i = 0; i < 4; i++) /* one more than there are */
		row_int(&r, i);
	assert_int_equal(row_end(&r), SQLITE_RANGE);
	/* A column that must not be NULL. */
	r = row_of(run.store, STMT_EXPECT);
	row_text_if(&r, "");
	row_null(&r);
	row_int_if(&r, true, 1);
	assert_int_equal(row_end(&r) & 0xff, SQLITE_CONSTRAINT);
	fake_run_fini(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_absent_is_null),
		cmocka_unit_test(the_first_failure_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
