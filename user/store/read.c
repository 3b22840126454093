// SPDX-License-Identifier: Apache-2.0
/* Opening a run for reading, whatever state it was left in. */
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
#include "store/internal.h"

#define READ_BUSY_MS 5000

/* "file:/a%20b?immutable=1": SQLite's URI form of a path. */
static int uri_of(const char *path, struct buf *uri)
{
	buf_puts(uri, "file:");
	for (const char *p = path; *p; p++) {
		if (strchr("%?#", *p))
			buf_printf(uri, "%%%02X", (unsigned char)*p);
		else
			buf_put(uri, p, 1);
	}
	return buf_puts(uri, "?immutable=1");
}

static int try_open(struct store *s, bool immutable)
{
	cleanup_buf struct buf uri = BUF_INIT(16384);
	int rc;

	sqlite3_close(s->db);
	s->db = NULL;
	if (immutable && uri_of(s->path, &uri))
		return SQLITE_NOMEM;
	rc = sqlite3_open_v2(immutable ? buf_str(&uri) : s->path, &s->db,
			     SQLITE_OPEN_READONLY | (immutable ? SQLITE_OPEN_URI : 0), NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(s->db, READ_BUSY_MS);
	/* Opening reads nothing yet; this does. */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(s->db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
	return rc;
}

static bool has_wal(const struct store *s)
{
	cleanup_buf struct buf path = BUF_INIT(8192);
	struct stat st;

	buf_printf(&path, "%s-wal", s->path);
	return !stat(buf_str(&path), &st) && st.st_size > 0;
}

/*
 * A finished run is read as immutable: that leaves no -wal and -shm files behind
 * and works without write permission. The shared lock keeps writers out meanwhile.
 * Whatever has a WAL or a writer is opened the ordinary way.
 */
static int open_any(struct store *s, const char *run_dir, struct err *err)
{
	int rc;

	s->lock_fd = open(run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->lock_fd >= 0 && flock(s->lock_fd, LOCK_SH | LOCK_NB)) {
		close(s->lock_fd);
		s->lock_fd = -1;
	}
	if (s->lock_fd >= 0 && !has_wal(s) && try_open(s, true) == SQLITE_OK)
		return 0;
	rc = try_open(s, false);
	if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_NOTADB && !has_wal(s))
		rc = try_open(s, true);
	if (rc == SQLITE_OK)
		return 0;
	rc = store_fail(s, "read", err);
	if (rc != -EBADMSG && has_wal(s))
		(void)err_wrap(err, "the run was killed and its directory cannot be written; "
				    "copy the directory to a place where it can be");
	return rc;
}

int store_check_schema(struct store *s, struct err *err)
{
	sqlite3_stmt *st = NULL;
	int version = 0;

	if (sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &st, NULL) != SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW) {
		sqlite3_finalize(st);
		return store_fail(s, "read", err);
	}
	version = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	if (version > STORE_SCHEMA_VERSION)
		return err_say(err, -EPROTO,
			       "%s has schema version %d, and this cbpf knows versions up to %d: "
			       "read it with the cbpf that wrote it, or a newer one",
			       s->path, version, STORE_SCHEMA_VERSION);
	if (version < 1)
		return err_say(err, -EBADMSG, "%s holds no run: it ended before it began", s->path);
	return 0;
}

int store_open_dir(const char *run_dir, struct store **ret, struct err *err)
{
	struct store *s = store_new(run_dir);
	int rc;

	if (!s)
		return err_set(err, -ENOMEM, "cannot open %s", run_dir);
	rc = open_any(s, run_dir, err);
	if (!rc)
		rc = store_check_schema(s, err);
	if (rc) {
		store_close(s);
		return rc;
	}
	*ret = s;
	return 0;
}

/* Somebody holds the exclusive lock on the run's directory. */
static bool is_written(const struct store *s)
{
	cleanup_free char *dir = strdup(s->path);
	cleanup_close int fd = -1;

	if (!dir)
		return false;
	*strrchr(dir, '/') = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
}

const char *store_status(struct store *s)
{
	sqlite3_stmt *st = NULL;

	snprintf(s->status, sizeof(s->status), "unknown");
	if (sqlite3_prepare_v2(s->db, "SELECT status FROM run", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW && sqlite3_column_text(st, 0))
		snprintf(s->status, sizeof(s->status), "%s",
			 (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	if (!strcmp(s->status, "running") && !s->writes && !is_written(s))
		snprintf(s->status, sizeof(s->status), "killed");
	return s->status;
}

void store_snapshot_begin(struct store *s)
{
	if (!s->writes)
		(void)sqlite3_exec(store_db(s), "BEGIN", NULL, NULL, NULL); /* what follows tells */
}

void store_snapshot_end(struct store *s)
{
	if (!s->writes && !sqlite3_get_autocommit(store_db(s)))
		(void)sqlite3_exec(store_db(s), "COMMIT", NULL, NULL, NULL); /* nothing to lose */
}
