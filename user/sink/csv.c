// SPDX-License-Identifier: Apache-2.0
/* Every table of a run as CSV (RFC 4180): NULL is empty, a blob is hexadecimal. */
#include "sink/csv.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strlist.h"
#include "store/store.h"

static void put_text(FILE *f, const char *text)
{
	if (*text && !strpbrk(text, "\",\r\n")) {
		fputs(text, f);
		return;
	}
	/* Empty text is quoted too: that tells it from NULL. */
	fputc('"', f);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', f);
		fputc(*text, f);
	}
	fputc('"', f);
}

static void put_cell(FILE *f, sqlite3_stmt *row, int at)
{
	const uint8_t *blob;

	switch (sqlite3_column_type(row, at)) {
	case SQLITE_INTEGER: fprintf(f, "%" PRId64, (int64_t)sqlite3_column_int64(row, at)); break;
	case SQLITE_FLOAT: fprintf(f, "%.17g", sqlite3_column_double(row, at)); break;
	case SQLITE_TEXT: put_text(f, (const char *)sqlite3_column_text(row, at)); break;
	case SQLITE_BLOB:
		blob = sqlite3_column_blob(row, at);
		for (int i = 0; i < sqlite3_column_bytes(row, at); i++)
			fprintf(f, "%02x", blob[i]);
		break;
	}
}

static int write_rows(sqlite3_stmt *row, FILE *f)
{
	int n = sqlite3_column_count(row), rc;

	for (int i = 0; i < n; i++) {
		put_text(f, sqlite3_column_name(row, i));
		fputs(i + 1 < n ? "," : "\r\n", f);
	}
	while ((rc = sqlite3_step(row)) == SQLITE_ROW) {
		for (int i = 0; i < n; i++) {
			put_cell(f, row, i);
			fputs(i + 1 < n ? "," : "\r\n", f);
		}
	}
	return rc == SQLITE_DONE ? 0 : -EIO;
}

static int write_table(struct store *s, const char *table, const char *dir, struct err *err)
{
	cleanup_free char *path = NULL, *sql = NULL;
	sqlite3_stmt *row = NULL;
	FILE *f;
	int rc;

	if (asprintf(&path, "%s/%s.csv", dir, table) < 0 ||
	    asprintf(&sql, "SELECT * FROM \"%s\"", table) < 0)
		return err_set(err, -ENOMEM, "cannot write table %s", table);
	if (sqlite3_prepare_v2(store_db(s), sql, -1, &row, NULL) != SQLITE_OK)
		return err_say(err, -EIO, "cannot read table %s of %s: %s", table, store_path(s),
			       sqlite3_errmsg(store_db(s)));
	f = fopen(path, "we");
	if (!f) {
		sqlite3_finalize(row);
		return err_set(err, -errno, "cannot write %s", path);
	}
	rc = write_rows(row, f);
	sqlite3_finalize(row);
	if (rc) {
		fclose(f);
		return err_say(err, rc, "cannot read table %s of %s: %s", table, store_path(s),
			       sqlite3_errmsg(store_db(s)));
	}
	rc = ferror(f) ? -EIO : 0;
	if (fclose(f) || rc)
		return err_set(err, errno ? -errno : -EIO, "cannot write %s", path);
	return 0;
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

int sink_csv(struct store *s, const char *dir, struct err *err)
{
	struct str_list names = { 0 };
	int rc = fs_mkdirs(dir, 0755);

	if (rc)
		return err_set(err, rc, "cannot make the directory %s", dir);
	store_snapshot_begin(s);
	rc = read_names(s, &names, err);
	for (size_t i = 0; !rc && i < names.n; i++)
		rc = write_table(s, names.v[i], dir, err);
	store_snapshot_end(s);
	str_list_fini(&names);
	return rc;
}
