// SPDX-License-Identifier: Apache-2.0
/* Every table of a run as CSV (RFC 4180): NULL is empty, a blob is hexadecimal. */
#include "sink/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strlist.h"
#include "sink/writer.h"
#include "store/store.h"

#define SEND_AT WRITER_DATA_MAX /* bytes */
#define BUF_MAX (1u << 30) /* bytes: of a row, which SQLite has no larger */

static void put_text(struct buf *b, const char *text)
{
	if (*text && !strpbrk(text, "\",\r\n")) {
		buf_puts(b, text);
		return;
	}
	/* Empty text is quoted too: that tells it from NULL. */
	buf_puts(b, "\"");
	for (; *text; text++)
		buf_put(b, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
	buf_puts(b, "\"");
}

static void put_cell(struct buf *b, sqlite3_stmt *row, int at)
{
	const uint8_t *blob;

	switch (sqlite3_column_type(row, at)) {
	case SQLITE_INTEGER:
		buf_printf(b, "%" PRId64, (int64_t)sqlite3_column_int64(row, at));
		break;
	case SQLITE_FLOAT: buf_printf(b, "%.17g", sqlite3_column_double(row, at)); break;
	case SQLITE_TEXT: put_text(b, (const char *)sqlite3_column_text(row, at)); break;
	case SQLITE_BLOB:
		blob = sqlite3_column_blob(row, at);
		for (int i = 0; i < sqlite3_column_bytes(row, at); i++)
			buf_printf(b, "%02x", blob[i]);
		break;
	}
}

static int send_some(struct writer *w, struct buf *b, size_t at_least, struct err *err)
{
	int rc;

	if (b->failed)
		return err_set(err, b->failed, "a row is too long");
	if (b->len < at_least)
		return 0;
	rc = writer_data(w, WRITER_DATA, b->data, b->len, err);
	buf_reset(b);
	return rc;
}

static int write_rows(sqlite3_stmt *row, struct writer *w, struct err *err)
{
	cleanup_buf struct buf b = BUF_INIT(BUF_MAX);
	int n = sqlite3_column_count(row), rc = 0;

	for (int i = 0; i < n; i++) {
		put_text(&b, sqlite3_column_name(row, i));
		buf_puts(&b, i + 1 < n ? "," : "\r\n");
	}
	while (!rc) {
		int step = sqlite3_step(row);

		if (step == SQLITE_DONE)
			return send_some(w, &b, 1, err);
		if (step != SQLITE_ROW)
			return err_say(err, -EIO, "%s", sqlite3_errmsg(sqlite3_db_handle(row)));
		for (int i = 0; i < n; i++) {
			put_cell(&b, row, i);
			buf_puts(&b, i + 1 < n ? "," : "\r\n");
		}
		rc = send_some(w, &b, SEND_AT, err);
	}
	return rc;
}

static int write_table(struct store *s, const char *table, struct writer *w, struct err *err)
{
	cleanup_free char *sql = NULL;
	sqlite3_stmt *row = NULL;
	int rc;

	if (asprintf(&sql, "SELECT * FROM \"%s\"", table) < 0)
		return err_set(err, -ENOMEM, "cannot write table %s", table);
	if (sqlite3_prepare_v2(store_db(s), sql, -1, &row, NULL) != SQLITE_OK)
		return err_say(err, -EIO, "cannot read table %s of %s: %s", table, store_path(s),
			       sqlite3_errmsg(store_db(s)));
	rc = writer_data(w, WRITER_FILE, table, strlen(table), err);
	if (!rc)
		rc = write_rows(row, w, err);
	sqlite3_finalize(row);
	return rc ? err_wrap(err, "cannot write table %s of %s", table, store_path(s)) : 0;
}

/* Tables of our own making: names with a quote or a slash in them are not. */
static int read_names(struct store *s, struct str_list *names, struct err *err)
{
	sqlite3_stmt *row = NULL;
	int rc = 0;

	if (sqlite3_prepare_v2(store_db(s),
			       "SELECT name FROM sqlite_master WHERE type = 'table' AND "
			       "name NOT GLOB '*[^a-z_]*' ORDER BY name",
			       -1, &row, NULL) != SQLITE_OK)
		return err_say(err, -EIO, "cannot read %s: %s", store_path(s),
			       sqlite3_errmsg(store_db(s)));
	while (!rc && sqlite3_step(row) == SQLITE_ROW)
		rc = str_list_add(names, (const char *)sqlite3_column_text(row, 0));
	sqlite3_finalize(row);
	return rc ? err_set(err, rc, "cannot read %s", store_path(s)) : 0;
}

/* --- the process that writes the files --- */

struct asked {
	const char *dir, *name; /* @name: for messages */
};

struct place {
	const struct asked *asked;
	int fd; /* -1: none is open */
	char path[PATH_MAX],
		part[PATH_MAX]; /* where it is to be, and where it is until it is whole */
	struct err failed; /* nothing more is done */
};

/* The one that is open is whole: it gets its name. */
static void end_file(struct place *p)
{
	if (p->fd >= 0 && close(p->fd))
		err_set(&p->failed, -errno, "cannot write %s", p->path);
	if (p->fd >= 0 && !p->failed.code && rename(p->part, p->path))
		err_set(&p->failed, -errno, "cannot write %s", p->path);
	p->fd = -1;
}

static void begin_file(struct place *p, const char *table)
{
	int rc;

	end_file(p);
	if (p->failed.code)
		return;
	rc = fs_mkdirs(p->asked->dir, 0755);
	if (rc) {
		err_set(&p->failed, rc, "cannot make the directory %s", p->asked->name);
		return;
	}
	if (snprintf(p->path, sizeof(p->path), "%s/%s.csv", p->asked->dir, table) >=
		    (int)sizeof(p->path) ||
	    snprintf(p->part, sizeof(p->part), "%s/%s.csv.part", p->asked->dir, table) >=
		    (int)sizeof(p->part)) {
		err_set(&p->failed, -ENAMETOOLONG, "cannot write to %s", p->asked->name);
		return;
	}
	p->fd = open(p->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (p->fd < 0)
		err_set(&p->failed, -errno, "cannot write %s", p->part);
}

static void take(struct place *p, const char *data, size_t len)
{
	while (len && !p->failed.code) {
		ssize_t n = write(p->fd, data, len);

		if (n <= 0) {
			err_set(&p->failed, n ? -errno : -EIO, "cannot write %s", p->part);
			return;
		}
		data += n;
		len -= n;
	}
}

static void csv_aside(void *asked)
{
	static char data[WRITER_DATA_MAX + 1];
	static struct place p;
	struct writer_ask a;
	size_t len;

	p.asked = asked;
	p.fd = -1;
	while (writer_next(&a, data, &len)) {
		struct writer_answer done = { .number = a.number };

		switch (a.kind) {
		case WRITER_FILE: begin_file(&p, data); break;
		case WRITER_DATA: take(&p, data, len); break;
		case WRITER_FLUSH:
			end_file(&p);
			done.code = p.failed.code;
			writer_say(&done, &p.failed);
			break;
		}
	}
	if (p.fd >= 0)
		(void)unlink(p.part); /* it was given up */
}

/* --- */

static int write_tables(struct store *s, struct writer *w, struct err *err)
{
	struct str_list names = { 0 };
	struct writer_answer done;
	int rc;

	store_snapshot_begin(s);
	rc = read_names(s, &names, err);
	for (size_t i = 0; !rc && i < names.n; i++)
		rc = write_table(s, names.v[i], w, err);
	store_snapshot_end(s);
	str_list_fini(&names);
	return rc ? rc : writer_flush(w, &done, err);
}

int sink_csv(struct store *s, const char *dir, const struct writer_limits *limits, struct err *err)
{
	cleanup_free char *path = writer_path(dir);
	struct asked asked = { path, dir };
	struct writer *w;
	int rc;

	if (!path)
		return err_set(err, -ENOMEM, "cannot write to %s", dir);
	rc = writer_start("cbpf-csv", csv_aside, &asked, limits, &w, err);
	if (rc)
		return rc;
	rc = write_tables(s, w, err);
	writer_end(w);
	/* What was handed over and was not done is told by where that was to be. */
	return rc == -EAGAIN || rc == -ECANCELED ? err_wrap(err, "writing to %s", dir) : rc;
}
