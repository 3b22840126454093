// SPDX-License-Identifier: Apache-2.0
/* How far sinks have got: written to a run that is over as well, beside those who read it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "store/internal.h"
#include "store/row.h"

#define BUSY_MS 5000
#define CLOSE_TRIES 20 /* for those who read it to be done */
#define CLOSE_STEP_NS (50 * NSEC_PER_MSEC)

/*
 * A run that is over is read as if nothing could change it (read.c), and so it must be: what is
 * written goes to the WAL, which such a reader does not know of, and into the database only while
 * this lock keeps all of them out. The one that made the run has had it all along.
 */
bool store_may_checkpoint(struct store *s)
{
	if (s->dir_fd < 0)
		return true;
	for (int i = 0; i < CLOSE_TRIES; i++) {
		if (i)
			clock_sleep_until(clock_mono_ns() + CLOSE_STEP_NS);
		if (flock(s->dir_fd, LOCK_EX | LOCK_NB) == 0)
			break;
		if (errno != EWOULDBLOCK || i == CLOSE_TRIES - 1)
			return false;
	}
	/* From here on SQLite may do it when it closes. */
	return sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL) == SQLITE_OK;
}

/* SQLite opens what cannot be written for reading, and says nothing. */
static int check_writable(struct store *s, const char *run_dir, struct err *err)
{
	const char *where = access(s->path, W_OK)   ? s->path
			    : access(run_dir, W_OK) ? run_dir
						    : NULL;

	if (!where && !sqlite3_db_readonly(s->db, "main"))
		return 0;
	return err_say(err, where ? -errno : -EROFS,
		       "cannot write to %s how far a sink has got: %s; copy the run's directory to "
		       "a place where it can be written",
		       where ? where : s->path, strerror(where ? errno : EROFS));
}

static int open_rw(struct store *s, const char *run_dir, struct err *err)
{
	int rc;

	s->dir_fd = open(run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd < 0)
		return err_set(err, -errno, "cannot open %s", run_dir);
	rc = sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE, NULL);
	if (rc != SQLITE_OK)
		return store_fail(s, "open", err);
	rc = check_writable(s, run_dir, err);
	if (rc)
		return rc;
	if (sqlite3_busy_timeout(s->db, BUSY_MS) != SQLITE_OK ||
	    sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) != SQLITE_OK ||
	    sqlite3_wal_autocheckpoint(s->db, 0) != SQLITE_OK ||
	    sqlite3_exec(s->db, "PRAGMA synchronous=NORMAL", NULL, NULL, NULL) != SQLITE_OK)
		return store_fail(s, "open", err);
	return store_check_schema(s, err);
}

int store_open_dir_rw(const char *run_dir, struct store **ret, struct err *err)
{
	struct store *s = store_new(run_dir);
	int rc;

	if (!s)
		return err_set(err, -ENOMEM, "cannot open %s", run_dir);
	rc = open_rw(s, run_dir, err);
	if (rc) {
		store_close(s);
		return rc;
	}
	*ret = s;
	return 0;
}

static bool has(struct store *s, const char *column)
{
	return sqlite3_table_column_metadata(s->db, "main", "cursor", column, NULL, NULL, NULL,
					     NULL, NULL) == SQLITE_OK;
}

/* A run of before these were told. */
static int add_columns(struct store *s)
{
	int rc = SQLITE_OK;

	if (!has(s, "done"))
		rc = sqlite3_exec(s->db,
				  "ALTER TABLE main.cursor ADD done INTEGER NOT NULL DEFAULT 0",
				  NULL, NULL, NULL);
	if (rc == SQLITE_OK && !has(s, "position"))
		rc = sqlite3_exec(s->db, "ALTER TABLE main.cursor ADD position INTEGER", NULL, NULL,
				  NULL);
	return rc;
}

int store_put_cursor(struct store *s, const char *sink, const struct store_cursor *c,
		     struct err *err)
{
	static const char doing[] = "write how far a sink has got to";
	int rc;

	if (store_begin(s, doing, err))
		return err->code;
	rc = add_columns(s);
	if (rc == SQLITE_OK) {
		struct row r = row_of(s, STMT_CURSOR);

		row_text(&r, sink);
		row_int(&r, c->seq);
		row_int(&r, c->done);
		row_int_if(&r, c->position >= 0, c->position);
		rc = row_end(&r);
	}
	return store_end(s, rc, doing, err);
}

/* Called locked. SQLITE_ROW, SQLITE_DONE, or what failed. */
static int read_cursor(struct store *s, const char *sink, struct store_cursor *ret)
{
	sqlite3_stmt *st = NULL;
	char sql[128];
	int rc;

	snprintf(sql, sizeof(sql), "SELECT seq, %s, %s FROM main.cursor WHERE sink = ?",
		 has(s, "done") ? "done" : "0", has(s, "position") ? "position" : "NULL");
	rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(st, 1, sink, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*ret = (struct store_cursor){
			.seq = sqlite3_column_int64(st, 0),
			.done = sqlite3_column_int(st, 1),
			.position = sqlite3_column_type(st, 2) == SQLITE_NULL
					    ? -1
					    : sqlite3_column_int64(st, 2),
		};
	sqlite3_finalize(st);
	return rc;
}

int store_get_cursor(struct store *s, const char *sink, struct store_cursor *ret, bool *ret_known,
		     struct err *err)
{
	struct store_cursor c = { .seq = -1, .position = -1 };
	int rc;

	pthread_mutex_lock(&s->lock);
	rc = read_cursor(s, sink, &c);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		rc = store_fail(s, "read how far a sink has got from", err);
	} else {
		if (ret_known)
			*ret_known = rc == SQLITE_ROW;
		*ret = c;
		rc = 0;
	}
	pthread_mutex_unlock(&s->lock);
	return rc;
}
