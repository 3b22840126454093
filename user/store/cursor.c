// SPDX-License-Identifier: Apache-2.0
/* How far sinks have got: written to a run that is over as well, beside those who read it. */
#include <errno.h>
#include <fcntl.h>
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

static bool has_done(struct store *s)
{
	return sqlite3_table_column_metadata(s->db, "main", "cursor", "done", NULL, NULL, NULL,
					     NULL, NULL) == SQLITE_OK;
}

int store_put_cursor(struct store *s, const char *sink, int64_t seq, bool done, struct err *err)
{
	static const char doing[] = "write how far a sink has got to";
	int rc = SQLITE_OK;

	if (store_begin(s, doing, err))
		return err->code;
	/* A run of before this was told. */
	if (!has_done(s))
		rc = sqlite3_exec(s->db,
				  "ALTER TABLE main.cursor ADD done INTEGER NOT NULL DEFAULT 0",
				  NULL, NULL, NULL);
	if (rc == SQLITE_OK) {
		struct row r = row_of(s, STMT_CURSOR);

		row_text(&r, sink);
		row_int(&r, seq);
		row_int(&r, done);
		rc = row_end(&r);
	}
	return store_end(s, rc, doing, err);
}

int store_get_cursor(struct store *s, const char *sink, int64_t *ret_seq, bool *ret_done,
		     struct err *err)
{
	sqlite3_stmt *st = NULL;
	int rc;

	pthread_mutex_lock(&s->lock);
	rc = sqlite3_prepare_v2(s->db,
				has_done(s) ? "SELECT seq, done FROM main.cursor WHERE sink = ?"
					    : "SELECT seq, 0 FROM main.cursor WHERE sink = ?",
				-1, &st, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(st, 1, sink, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
		*ret_seq = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : -1;
		*ret_done = rc == SQLITE_ROW && sqlite3_column_int(st, 1);
		rc = 0;
	} else {
		rc = store_fail(s, "read how far a sink has got from", err);
	}
	sqlite3_finalize(st);
	pthread_mutex_unlock(&s->lock);
	return rc;
}
