// SPDX-License-Identifier: Apache-2.0
/* A run database's life: made, opened for reading, closed. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "store/internal.h"

#define BUSY_MS 5000 /* a reader holds the database for a checkpoint's time at most */

struct store *store_new(const char *run_dir)
{
	struct store *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	pthread_mutex_init(&s->lock, NULL);
	s->lock_fd = s->dir_fd = -1;
	s->path = fs_join(run_dir, "run.db");
	if (!s->path) {
		store_close(s);
		return NULL;
	}
	return s;
}

static int sqlite_errno(int code)
{
	switch (code & 0xff) {
	case SQLITE_FULL: return -ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return -EBUSY;
	case SQLITE_READONLY: return -EROFS;
	case SQLITE_NOMEM: return -ENOMEM;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT: return -EBADMSG;
	case SQLITE_PERM: return -EACCES;
	case SQLITE_CANTOPEN: return -ENOENT;
	}
	return -EIO;
}

int store_fail(struct store *s, const char *doing, struct err *err)
{
	int code = s->db ? sqlite3_extended_errcode(s->db) : SQLITE_NOMEM;
	int sys = s->db ? sqlite3_system_errno(s->db) : 0, rc = sqlite_errno(code);

	/* What SQLite calls an I/O error may well be a full disk. */
	if (rc == -EIO && (sys == ENOSPC || sys == EDQUOT))
		rc = -ENOSPC;
	return err_say(err, rc, "cannot %s %s: %s%s", doing, s->path,
		       s->db ? sqlite3_errmsg(s->db) : "out of memory",
		       rc == -ENOSPC ? "; free some space or choose another place with --store"
				     : "");
}

static int exec(struct store *s, const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

static void bind_text(sqlite3_stmt *st, int at, const char *text)
{
	(void)sqlite3_bind_text(st, at, text, -1, SQLITE_STATIC); /* NULL binds NULL */
}

static int insert_metrics(struct store *s)
{
	static const struct {
		const char *name, *kind, *unit, *source;
	} rows[] = {
#define METRIC_ROW(name, kind, unit, source) { #name, #kind, unit, source },
		METRICS(METRIC_ROW)
#undef METRIC_ROW
	};
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(s->db, "INSERT INTO metric VALUES (?, lower(?), ?, ?)", -1, &st,
				    NULL);

	for (size_t i = 0; rc == SQLITE_OK && i < ARRAY_SIZE(rows); i++) {
		bind_text(st, 1, rows[i].name);
		bind_text(st, 2, rows[i].kind);
		bind_text(st, 3, rows[i].unit);
		bind_text(st, 4, rows[i].source);
		rc = sqlite3_step(st) == SQLITE_DONE ? sqlite3_reset(st) : SQLITE_ERROR;
	}
	sqlite3_finalize(st);
	return rc;
}

static int insert_run(struct store *s, const struct store_run *run)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(s->db,
				    "INSERT INTO run VALUES (?1, ?2, ?3, ?4, 'running', ?5, ?6, "
				    "?7, ?8, ?9, ?10, NULL, ?11, ?12, ?13, ?14, NULL, ?15, "
				    "nullif(?16, 0), ?17, ?18, nullif(?19, 0))",
				    -1, &st, NULL);

	if (rc != SQLITE_OK)
		return rc;
	bind_text(st, 1, run->id);
	bind_text(st, 2, run->group);
	(void)sqlite3_bind_int64(st, 3, run->repetition);
	bind_text(st, 4, run->name);
	bind_text(st, 5, run->spec);
	bind_text(st, 6, run->spec_sha256);
	bind_text(st, 7, run->version);
	bind_text(st, 8, run->runtime);
	(void)sqlite3_bind_int64(st, 9, run->started_wall_ns);
	(void)sqlite3_bind_int64(st, 10, run->started_mono_ns);
	(void)sqlite3_bind_int64(st, 11, run->interval_ns);
	(void)sqlite3_bind_int(st, 12, getpid());
	bind_text(st, 13, run->host_json);
	bind_text(st, 14, run->backends_json);
	bind_text(st, 15, run->description);
	(void)sqlite3_bind_int64(st, 16, run->duration_ns);
	bind_text(st, 17, run->scheduler);
	bind_text(st, 18, run->axes_json);
	(void)sqlite3_bind_int64(st, 19, run->group_runs);
	rc = sqlite3_step(st) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
	sqlite3_finalize(st);
	return rc;
}

int store_create(const char *run_dir, const struct store_run *run, struct store **ret,
		 struct err *err)
{
	struct store *s = store_new(run_dir);
	cleanup_close int fd = -1;
	int rc;

	if (!s)
		return err_set(err, -ENOMEM, "cannot make %s/run.db", run_dir);
	fd = open(s->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0) {
		rc = err_set(err, -errno, "cannot make %s", s->path);
		goto out;
	}
	/* A file system without locks costs only the difference of killed and running. */
	s->lock_fd = open(run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->lock_fd >= 0)
		(void)flock(s->lock_fd, LOCK_EX | LOCK_NB);
	/* All of the schema or nothing: a reader never meets half of it. */
	if (sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
	    sqlite3_busy_timeout(s->db, BUSY_MS) != SQLITE_OK ||
	    exec(s, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
		    "BEGIN IMMEDIATE; PRAGMA user_version=" CBPF_STR(STORE_SCHEMA_VERSION)) !=
		    SQLITE_OK ||
	    exec(s, store_schema_sql()) != SQLITE_OK || insert_metrics(s) != SQLITE_OK ||
	    insert_run(s, run) != SQLITE_OK || exec(s, "COMMIT") != SQLITE_OK) {
		rc = store_fail(s, "make", err);
		goto out;
	}
	s->writes = true;
	*ret = s;
	return 0;
out:
	store_close(s);
	return rc;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < STMT_COUNT; i++)
		sqlite3_finalize(s->stmt[i]);
	/* Fails while a reader is there; then the WAL stays, which is as good. */
	if (s->db && !sqlite3_db_readonly(s->db, "main") && store_may_checkpoint(s))
		(void)sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
						NULL);
	(void)sqlite3_close(s->db);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	if (s->dir_fd >= 0)
		close(s->dir_fd);
	pthread_mutex_destroy(&s->lock);
	free(s->path);
	free(s);
}

struct sqlite3 *store_db(struct store *s)
{
	return s->db;
}

const char *store_path(const struct store *s)
{
	return s->path;
}
