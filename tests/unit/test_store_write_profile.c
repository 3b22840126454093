// SPDX-License-Identifier: Apache-2.0
/* A profile arrives: counts, stacks, also those that are told twice or are no text. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "fake_run.h"
#include "unit.h"

static struct fake_run run;
static struct err err;

static int setup(void **state)
{
	(void)state;
	err = (struct err){ 0 };
	fake_run_begin(&run, NULL);
	fake_run_tick(&run, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_run_fini(&run);
	return 0;
}

/* The first value of the first row as text; "NULL" for NULL. */
static const char *ask(const char *sql)
{
	static char text[256];
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(store_db(run.store), sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(store_db(run.store)));
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	snprintf(text, sizeof(text), "%s",
		 sqlite3_column_type(st, 0) == SQLITE_NULL
			 ? "NULL"
			 : (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	return text;
}

static const struct store_profile_stack stacks[] = {
	{ FAKE_VICTIM, "ior;main;write;vfs_write_[k]", 7 },
	{ FAKE_NEIGHBOUR, "ior;main;write;vfs_write_[k]", 3 },
	{ FAKE_VICTIM, "ior;main;write;vfs_write_[k]", 5 },
	{ FAKE_VICTIM,
	  "a\xff"
	  "b;gr\xc3\xbc\xc3\x9f",
	  1 },
	{ FAKE_VICTIM,
	  "a\xfe"
	  "b;gr\xc3\xbc\xc3\x9f",
	  2 },
	{ FAKE_VICTIM, "", 4 },
	{ FAKE_NEIGHBOUR, "it's;\"f(int, char)\"", 1ull << 40 },
};

static const struct {
	const char *sql, *want, *why;
} cases[] = {
	{ "SELECT frequency_hz || ' ' || samples || ' ' || expected || ' ' || idle || ' ' || "
	  "others || ' ' || lost FROM profile_run",
	  "99 1000 1010 600 300 2", "every column is its own" },
	{ "SELECT count(*) FROM profile_run", "1", "one row" },
	{ "SELECT count(*) FROM profile", "5", "a row per target and stack" },
	{ "SELECT samples FROM profile WHERE target = 0 AND stack LIKE 'ior;%'", "12",
	  "told twice: the sum" },
	{ "SELECT samples FROM profile WHERE target = 1 AND stack LIKE 'ior;%'", "3",
	  "of another target it is another" },
	{ "SELECT samples FROM profile WHERE stack = 'a?b;gr\xc3\xbc\xc3\x9f'", "3",
	  "bad bytes are question marks, and what is the same then is one" },
	{ "SELECT samples FROM profile WHERE stack = ''", "4", "no stack at all" },
	{ "SELECT samples FROM profile WHERE stack = 'it''s;\"f(int, char)\"'", "1099511627776",
	  "quotes are text, and many samples fit" },
};

static void rows_arrive(void **state)
{
	const struct store_profile p = { 99, 1000, 1010, 600, 300, 2, stacks, ARRAY_SIZE(stacks) };

	(void)state;
	if (store_put_profile(run.store, &p, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got = ask(cases[i].sql);

		if (strcmp(got, cases[i].want))
			fail_msg("%s: %s", cases[i].why, got);
	}
}

static void what_is_not_known_is_absent(void **state)
{
	const struct store_profile p = { .frequency_hz = 49 };

	(void)state;
	if (store_put_profile(run.store, &p, &err))
		fail_msg("%s", err.text);
	assert_string_equal(ask("SELECT expected FROM profile_run"), "NULL");
	assert_string_equal(ask("SELECT lost FROM profile_run"), "0");
	assert_string_equal(ask("SELECT count(*) FROM profile"), "0");
}

/* A failure in its midst. */
static void all_or_nothing(void **state)
{
	const struct store_profile p = { 99, 1000, 0, 600, 300, 2, stacks, ARRAY_SIZE(stacks) };

	(void)state;
	assert_int_equal(sqlite3_exec(store_db(run.store),
				      "CREATE TEMP TRIGGER full BEFORE INSERT ON main.profile "
				      "WHEN new.target = 1 BEGIN SELECT raise(ABORT, 'no'); END",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	assert_true(store_put_profile(run.store, &p, &err) < 0);
	assert_non_null(strstr(err.text, "cannot write a profile to "));
	assert_string_equal(ask("SELECT count(*) FROM profile_run"), "0");
	assert_string_equal(ask("SELECT count(*) FROM profile"), "0");
	/* and the next call may begin again */
	assert_int_equal(sqlite3_exec(store_db(run.store), "DROP TRIGGER temp.full", NULL, NULL,
				      NULL),
			 SQLITE_OK);
	assert_int_equal(store_put_profile(run.store, &p, &err), 0);
	assert_string_equal(ask("SELECT count(*) FROM profile"), "5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_arrive, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_known_is_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(all_or_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
