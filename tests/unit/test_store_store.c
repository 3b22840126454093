// SPDX-License-Identifier: Apache-2.0
/* A database survives its writer: killed at any moment, every acknowledged tick is there. */
#include "store/store.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "fake_run.h"
#include "unit.h"

static uint64_t ask_int(struct store *s, const char *sql)
{
	sqlite3_stmt *st;
	uint64_t v;

	assert_int_equal(sqlite3_prepare_v2(store_db(s), sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return v;
}

static void assert_sound(struct store *s)
{
	sqlite3_stmt *st;

	assert_int_equal(sqlite3_prepare_v2(store_db(s), "PRAGMA integrity_check", -1, &st, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(st, 0), "ok");
	sqlite3_finalize(st);
}

/* Commits ticks for ever; after each, its number goes down the pipe. */
static void write_ticks(struct fake_run *r, int fd)
{
	struct err err = { 0 };

	for (uint64_t seq = 10;; seq++) {
		r->frame.seq = seq;
		if (store_put_frame(r->store, &r->frame, r->owners, &err) ||
		    write(fd, &seq, sizeof(seq)) != sizeof(seq))
			_exit(1);
	}
}

static void killed_writer(unsigned int acks)
{
	uint64_t seq = 0, kept;
	struct fake_run r;
	struct store *s;
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		/* The path goes first, then the ticks. */
		fake_run_begin(&r, NULL);
		fake_run_tick(&r, 1);
		if (write(fds[1], &r, sizeof(r)) != sizeof(r))
			_exit(1);
		write_ticks(&r, fds[1]);
	}
	close(fds[1]);
	for (size_t got = 0; got < sizeof(r);) {
		ssize_t n = read(fds[0], (char *)&r + got, sizeof(r) - got);

		assert_true(n > 0);
		got += n;
	}
	for (unsigned int i = 0; i < acks; i++)
		assert_int_equal(read(fds[0], &seq, sizeof(seq)), sizeof(seq));
	/* while it lasts, it can be read, and tells that it lasts */
	s = fake_run_open(&r);
	assert_string_equal(store_status(s), "running");
	assert_true(ask_int(s, "SELECT max(seq) FROM tick") >= seq);
	store_close(s);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* what it had acknowledged before it died */
	while (read(fds[0], &seq, sizeof(seq)) == sizeof(seq))
		;
	close(fds[0]);
	s = fake_run_open(&r);
	assert_sound(s);
	assert_string_equal(store_status(s), "killed");
	kept = ask_int(s, "SELECT max(seq) FROM tick");
	assert_true(kept >= seq);
	assert_int_equal(ask_int(s, "SELECT count(*) FROM tick"), kept - 10 + 2);
	assert_int_equal(ask_int(s, "SELECT count(*) FROM histogram"), 28 * (kept - 10 + 2));
	store_close(s);
	/* the child's pointers are not ours */
	r.store = NULL;
	r.owners = NULL;
	r.frame = (struct frame){ 0 };
	fake_run_fini(&r);
}

static void killed_at_any_moment(void **state)
{
	(void)state;
	for (unsigned int acks = 1; acks <= 200; acks += 33)
		killed_writer(acks);
}

static void one_database_per_run(void **state)
{
	struct store_run run = { .id = "x" };
	struct err err = { 0 };
	struct store *s = NULL;
	struct fake_run r;

	(void)state;
	fake_run_begin(&r, NULL);
	assert_int_equal(store_create(r.dir, &run, &s, &err), -EEXIST);
	assert_null(s);
	assert_int_equal(store_create("/proc/nowhere", &run, &s, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/proc/nowhere/run.db"));
	fake_run_fini(&r);
}

static void closed_is_one_file(void **state)
{
	struct fake_run r;
	char path[PATH_MAX + 16];
	struct store *s;

	(void)state;
	fake_run_make(&r, NULL);
	s = fake_run_open(&r);
	assert_int_equal(ask_int(s, "SELECT count(*) FROM tick"), FAKE_TICKS);
	store_close(s);
	snprintf(path, sizeof(path), "%s/run.db-wal", r.dir);
	assert_int_not_equal(access(path, F_OK), 0);
	snprintf(path, sizeof(path), "%s/run.db-shm", r.dir);
	assert_int_not_equal(access(path, F_OK), 0);
	store_close(NULL);
	fake_run_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_any_moment),
		cmocka_unit_test(one_database_per_run),
		cmocka_unit_test(closed_is_one_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
