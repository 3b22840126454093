// SPDX-License-Identifier: Apache-2.0
/* How far sinks have got is kept: in a run that lasts, was killed or is over, whoever reads it. */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "fake_run.h"
#include "store/store.h"
#include "unit.h"

static struct store *open_rw(const struct fake_run *r)
{
	struct err err = { 0 };
	struct store *s = NULL;

	if (store_open_rw(r->store_dir, "latest", &s, NULL, &err))
		fail_msg("%s", err.text);
	return s;
}

static void put(struct store *s, const char *sink, int64_t seq, bool done)
{
	struct err err = { 0 };

	if (store_put_cursor(s, sink, &(struct store_cursor){ seq, done, seq * 10 }, &err))
		fail_msg("%s", err.text);
}

static void want(struct store *s, const char *sink, int64_t seq, bool done)
{
	struct err err = { 0 };
	struct store_cursor got = { -7, !done, -7 };

	if (store_get_cursor(s, sink, &got, NULL, &err))
		fail_msg("%s", err.text);
	if (got.seq != seq || got.done != done)
		fail_msg("%s is at %lld, %d", sink, (long long)got.seq, got.done);
	if (got.position != (seq < 0 || !strcmp(sink, "old") ? -1 : seq * 10))
		fail_msg("%s is at byte %lld", sink, (long long)got.position);
}

static bool has_file(const struct fake_run *r, const char *name)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	return !access(path, F_OK);
}

static void kept_by_sink(void **state)
{
	struct fake_run r;

	(void)state;
	fake_run_begin(&r, NULL);
	want(r.store, "a", -1, false);
	put(r.store, "a", 3, false);
	put(r.store, "influxdb http://h:8086 bucket=b's", -1, false);
	put(r.store, "a", 4, true);
	want(r.store, "a", 4, true);
	want(r.store, "influxdb http://h:8086 bucket=b's", -1, false);
	put(r.store, "a", 0, false); /* all of it is wanted again */
	want(r.store, "a", 0, false);
	fake_run_fini(&r);
}

static void of_a_run_that_is_over(void **state)
{
	struct fake_run r;
	struct store *s;

	(void)state;
	fake_run_make(&r, NULL);
	s = open_rw(&r);
	assert_string_equal(store_status(s), "ok");
	want(s, "a", -1, false);
	put(s, "a", 4, true);
	store_close(s);
	/* one file again, which has it */
	assert_false(has_file(&r, "run.db-wal"));
	assert_false(has_file(&r, "run.db-shm"));
	s = fake_run_open(&r);
	want(s, "a", 4, true);
	store_close(s);
	fake_run_fini(&r);
}

static void of_a_run_that_was_killed(void **state)
{
	struct fake_run r;
	struct store *s;
	pid_t pid;

	(void)state;
	fake_run_begin(&r, NULL);
	store_close(r.store);
	r.store = NULL;
	pid = fork();
	if (!pid) {
		/* dies with its rows in the WAL */
		s = open_rw(&r);
		put(s, "a", 2, false);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	assert_true(has_file(&r, "run.db-wal"));
	s = open_rw(&r);
	assert_string_equal(store_status(s), "killed");
	want(s, "a", 2, false);
	put(s, "a", 3, true);
	store_close(s);
	assert_false(has_file(&r, "run.db-wal"));
	s = fake_run_open(&r);
	want(s, "a", 3, true);
	store_close(s);
	fake_run_fini(&r);
}

static void beside_the_writer(void **state)
{
	int status = -1, fds[2];
	struct fake_run r;
	struct store *s;
	char byte;
	pid_t pid;

	(void)state;
	fake_run_begin(&r, NULL);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct err err = { 0 };

		if (store_open_rw(r.store_dir, "latest", &s, NULL, &err) ||
		    strcmp(store_status(s), "running"))
			_exit(1);
		for (int i = 0; i < 100; i++)
			if (store_put_cursor(s, "a", &(struct store_cursor){ i, false, 10 * i },
					     &err))
				_exit(2);
		if (write(fds[1], "x", 1) != 1)
			_exit(3);
		store_close(s);
		_exit(0);
	}
	for (uint64_t seq = 0; seq < FAKE_TICKS; seq++)
		fake_run_tick(&r, seq);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	want(r.store, "a", 99, false);
	fake_run_end(&r, "ok");
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	store_close(r.store);
	r.store = NULL;
	assert_false(has_file(&r, "run.db-wal"));
	s = fake_run_open(&r);
	want(s, "a", 99, false);
	store_close(s);
	close(fds[0]);
	close(fds[1]);
	fake_run_fini(&r);
}

/* Who reads a run that is over takes it for unchangeable: it must be so. */
static void beside_a_reader(void **state)
{
	struct store *reader, *s;
	struct stat before, after;
	char path[PATH_MAX + 32];
	struct fake_run r;

	(void)state;
	fake_run_make(&r, NULL);
	snprintf(path, sizeof(path), "%s/run.db", r.dir);
	reader = fake_run_open(&r);
	assert_int_equal(stat(path, &before), 0);
	s = open_rw(&r);
	for (int i = 0; i < 2000; i++)
		put(s, "a", i, false);
	store_close(s);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	assert_int_equal(before.st_size, after.st_size);
	want(reader, "a", -1, false);
	assert_true(has_file(&r, "run.db-wal"));
	store_close(reader);
	reader = fake_run_open(&r); /* who comes later sees it */
	want(reader, "a", 1999, false);
	store_close(reader);
	store_close(open_rw(&r)); /* and who may write makes it one file */
	assert_false(has_file(&r, "run.db-wal"));
	fake_run_fini(&r);
}

static void of_a_run_of_before(void **state)
{
	struct fake_run r;
	struct store *s;
	sqlite3 *raw;
	char path[PATH_MAX + 32];

	(void)state;
	fake_run_make(&r, NULL);
	snprintf(path, sizeof(path), "%s/run.db", r.dir);
	assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(raw,
			     "ALTER TABLE cursor DROP COLUMN done; "
			     "ALTER TABLE cursor DROP COLUMN position; PRAGMA user_version = "
			     "1; INSERT INTO cursor VALUES ('old', 2)",
			     NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(raw);
	s = fake_run_open(&r);
	want(s, "old", 2, false);
	want(s, "a", -1, false);
	store_close(s);
	s = open_rw(&r);
	want(s, "old", 2, false);
	put(s, "a", 4, true);
	want(s, "a", 4, true);
	want(s, "old", 2, false);
	store_close(s);
	fake_run_fini(&r);
}

static void where_nothing_can_be_written(void **state)
{
	char path[PATH_MAX + 32];
	struct fake_run r;
	int status = -1;
	pid_t pid;

	(void)state;
	fake_run_make(&r, NULL);
	snprintf(path, sizeof(path), "%s/run.db", r.dir);
	assert_int_equal(chmod(r.root, 0755), 0);
	assert_int_equal(chmod(path, 0444), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct store *s = NULL;
		struct err err = { 0 };

		/* root may write whatever it says */
		if (!geteuid() && setuid(65534))
			_exit(1);
		if (store_open_rw(r.store_dir, "latest", &s, NULL, &err) != -EACCES || s)
			_exit(2);
		_exit(strstr(err.text, "run.db how far a sink has got: Permission denied; copy")
			      ? 0
			      : 3);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	fake_run_fini(&r);
}

static void no_run(void **state)
{
	struct store *s = NULL;
	struct err err = { 0 };
	struct fake_run r;

	(void)state;
	fake_run_make(&r, NULL);
	assert_int_equal(store_open_rw(r.store_dir, "nothing", &s, NULL, &err), -ENOENT);
	assert_null(s);
	fake_run_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept_by_sink),
		cmocka_unit_test(of_a_run_that_is_over),
		cmocka_unit_test(of_a_run_that_was_killed),
		cmocka_unit_test(beside_the_writer),
		cmocka_unit_test(beside_a_reader),
		cmocka_unit_test(of_a_run_of_before),
		cmocka_unit_test(where_nothing_can_be_written),
		cmocka_unit_test(no_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
