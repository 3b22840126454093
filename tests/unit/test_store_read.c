// SPDX-License-Identifier: Apache-2.0
/* Runs are read in whatever state they are; what is no run is refused in words. */
#include "store/store.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "fake_run.h"
#include "unit.h"

static const struct {
	const char *sql; /* done to the database before */
	const char *content; /* or the whole file */
	int rc;
	const char *want, *why;
} cases[] = {
	{ "PRAGMA user_version = 2", NULL, 0, "", "as written" },
	{ "PRAGMA user_version = 1", NULL, 0, "", "an older schema" },
	{ "PRAGMA user_version = 3", NULL, -EPROTO, "has schema version 3",
	  "a newer schema is refused" },
	{ "PRAGMA user_version = 3", NULL, -EPROTO, "versions up to 2", "and says what is known" },
	{ "PRAGMA user_version = 0", NULL, -EBADMSG, "ended before it began",
	  "a database without tables" },
	{ NULL, "", -EBADMSG, "ended before it began", "killed right after the file was made" },
	{ NULL,
	  "this is a text file that is long enough to be looked at as a database header .....",
	  -EBADMSG, "not a database", "a text file" },
};

static void states(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *db = NULL;
		struct err err = { 0 };
		struct store *s = NULL;
		struct fake_run r;
		sqlite3 *raw;
		int rc;

		fake_run_make(&r, NULL);
		db = fs_join(r.dir, "run.db");
		if (cases[i].sql) {
			sqlite3_open(db, &raw);
			sqlite3_exec(raw, cases[i].sql, NULL, NULL, NULL);
			sqlite3_close(raw);
		} else {
			fs_create_at(-1, db, cases[i].content, strlen(cases[i].content));
		}
		rc = store_open(r.store_dir, "latest", &s, NULL, &err);
		if (rc != cases[i].rc || !strstr(err.text, cases[i].want))
			fail_msg("%s: rc %d, '%s'", cases[i].why, rc, err.text);
		store_close(s);
		fake_run_fini(&r);
	}
}

static const struct {
	const char *status, *want, *why;
} statuses[] = {
	{ "ok", "ok", "as finished" },
	{ "interrupted", "interrupted", "so with the others" },
	{ NULL, "killed", "running, but nobody holds the lock" },
};

static void status_of_a_run(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		struct fake_run r;
		struct store *s;

		fake_run_begin(&r, NULL);
		fake_run_tick(&r, 0);
		s = fake_run_open(&r);
		assert_string_equal(store_status(s), "running");
		store_close(s);
		assert_string_equal(store_status(r.store), "running");
		if (statuses[i].status)
			fake_run_end(&r, statuses[i].status);
		store_close(r.store);
		r.store = NULL;
		s = fake_run_open(&r);
		if (strcmp(store_status(s), statuses[i].want))
			fail_msg("%s: %s", statuses[i].why, store_status(s));
		store_close(s);
		fake_run_fini(&r);
	}
}

/* Characters that mean something in a URI. */
static void odd_paths(void **state)
{
	cleanup_free char *odd = NULL;
	struct err err = { 0 };
	struct store *s = NULL;
	struct fake_run r;

	(void)state;
	fake_run_make(&r, NULL);
	odd = fs_join(r.root, "a b%20?#&=");
	assert_int_equal(rename(r.dir, odd), 0);
	if (store_open(NULL, odd, &s, NULL, &err))
		fail_msg("%s", err.text);
	assert_string_equal(store_status(s), "ok");
	store_close(s);
	fake_run_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states),
		cmocka_unit_test(status_of_a_run),
		cmocka_unit_test(odd_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
