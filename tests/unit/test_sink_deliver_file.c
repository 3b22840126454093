// SPDX-License-Identifier: Apache-2.0
/* A file has every row once, though its cursor is older, and whatever happened to it. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/loss.h"
#include "fake_run.h"
#include "sink/deliver.h"
#include "sink/file.h"
#include "sink/sink.h"
#include "store/store.h"
#include "unit.h"

static struct fake_run run;

static int setup(void **state)
{
	(void)state;
	fake_run_make(&run, "victim");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_run_fini(&run);
	return 0;
}

static struct store *open_run(void)
{
	struct err err = { 0 };
	struct store *s;

	if (store_open_rw(NULL, run.dir, &s, NULL, &err))
		fail_msg("%s", err.text);
	return s;
}

static struct delivery *begin_sink(struct sink *to, struct store *s)
{
	struct err err = { 0 };
	struct delivery *d;

	if (delivery_open(&(struct delivery_config){ .sink = to, .reader = s, .cursor = s }, &d,
			  &err))
		fail_msg("%s", err.text);
	return d;
}

static char *contents(const char *path)
{
	struct buf text = BUF_INIT(1 << 24);

	assert_int_equal(fs_slurp_at(AT_FDCWD, path, &text), 0);
	return buf_steal(&text);
}

static void deliver_file(const char *path, bool may_end, int want)
{
	struct store *s = open_run();
	struct losses losses = LOSSES_INIT;
	struct err err = { 0 };
	struct delivery *d;
	struct sink *to;
	int rc;

	assert_int_equal(file_jsonl_open(&(struct sink_file_config){ path, true, NULL, 0 }, &losses,
					 &to, &err),
			 0);
	rc = delivery_open(&(struct delivery_config){ .sink = to, .reader = s, .cursor = s }, &d,
			   &err);
	if (!rc) {
		rc = delivery_round(d, may_end, &err);
		delivery_close(d);
	}
	if (rc != want)
		fail_msg("%d, not %d: %s", rc, want, err.text);
	assert_ptr_equal(to->losses, &losses);
	sink_close(to);
	store_close(s);
}

/* The cursor as it is kept, or put back as it was: whoever kept it was killed before it did so again. */
static void keep_cursor(const char *sql)
{
	char path[512];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%.400s/run.db", run.dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

#define KEEP "CREATE TABLE kept AS SELECT * FROM cursor"
#define PUT_BACK "DELETE FROM cursor; INSERT INTO cursor SELECT * FROM kept"

/* Rows that a file got and no cursor knows of are in it once, whatever others wrote after them. */
static void test_older_cursor(void **state)
{
	static const char *const others[] = { "", "{\"measurement\":\"of another run\"}\n" };
	char path[600], once[600];

	(void)state;
	snprintf(once, sizeof(once), "%.400s/once.jsonl", run.root);
	deliver_file(once, true, 0);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		for (int ticks = 0; ticks < 2; ticks++) {
			cleanup_free char *want = contents(once), *before = NULL, *got = NULL;
			cleanup_buf struct buf all = BUF_INIT(1 << 24);
			FILE *f;

			snprintf(path, sizeof(path), "%.400s/%zu-%d.jsonl", run.root, i, ticks);
			if (ticks) /* else it was killed before its first acknowledgement */
				deliver_file(path, false, 0);
			else
				keep_cursor("DELETE FROM cursor");
			before = ticks ? contents(path) : strdup("");
			if (!ticks) {
				/* What is noted before the first point is. */
				char sql[900];

				snprintf(sql, sizeof(sql),
					 "INSERT INTO cursor (sink, seq, done, position) VALUES "
					 "('jsonl %s', -1, 0, 0)",
					 path);
				keep_cursor(sql);
			}
			keep_cursor(KEEP);
			deliver_file(path, true, 0);
			f = fopen(path, "a");
			fputs(others[i], f);
			fputs("{\"measurement\":\"torn", f);
			fclose(f);
			keep_cursor(PUT_BACK);
			keep_cursor("DROP TABLE kept");
			deliver_file(path, true, 0);
			deliver_file(path, true, 0); /* and it has all already */
			got = contents(path);
			buf_printf(&all, "%s%s", want, others[i]);
			assert_string_equal(got, buf_str(&all));
			assert_true(strlen(before) < strlen(want));
		}
	}
}

/* A run's first rows are noted to be at the end of what others wrote. */
static void test_first_position(void **state)
{
	struct store_cursor c;
	char path[600], where[700];
	struct err err = { 0 };
	struct store *s;
	bool known;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%.400s/others.jsonl", run.root);
	snprintf(where, sizeof(where), "jsonl %s", path);
	f = fopen(path, "w");
	fputs("{\"measurement\":1}\n", f);
	fclose(f);
	s = open_run();
	assert_int_equal(store_get_cursor(s, where, &c, &known, &err), 0);
	assert_false(known);
	{
		struct losses losses = LOSSES_INIT;
		struct delivery *d;
		struct sink *to;

		assert_int_equal(file_jsonl_open(&(struct sink_file_config){ path, true, NULL, 0 },
						 &losses, &to, &err),
				 0);
		d = begin_sink(to, s);
		assert_int_equal(store_get_cursor(s, where, &c, &known, &err), 0);
		assert_true(known);
		assert_int_equal(c.seq, -1);
		assert_int_equal(c.position, strlen("{\"measurement\":1}\n"));
		delivery_close(d);
		sink_close(to);
	}
	store_close(s);
}

/* A file that was cut by somebody gets what it lacks. */
static void test_cut_file(void **state)
{
	cleanup_free char *whole_text = NULL, *got = NULL;
	char path[600];

	(void)state;
	snprintf(path, sizeof(path), "%.400s/cut.jsonl", run.root);
	deliver_file(path, true, 0);
	whole_text = contents(path);
	assert_int_equal(truncate(path, (off_t)strlen(whole_text) / 3), 0);
	deliver_file(path, true, 0);
	got = contents(path);
	assert_string_equal(got, whole_text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_older_cursor),
		cmocka_unit_test(test_first_position),
		cmocka_unit_test(test_cut_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
