// SPDX-License-Identifier: Apache-2.0
/* Databases of earlier versions: tables and columns that they lack are made up, without a value. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "sink/feed_internal.h"
#include "store/store.h"

#define SQL_MAX (64 * 1024)

static bool has_table(sqlite3 *db, const char *table)
{
	return sqlite3_table_column_metadata(db, "main", table, NULL, NULL, NULL, NULL, NULL,
					     NULL) == SQLITE_OK;
}

static bool has_column(sqlite3 *db, const char *table, const char *column)
{
	return sqlite3_table_column_metadata(db, "main", table, column, NULL, NULL, NULL, NULL,
					     NULL) == SQLITE_OK;
}

/* ", NULL AS a, NULL AS b": columns of this version's table that the database's has not. */
static int missing(struct feed *f, sqlite3 *now, const char *table, struct buf *out)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(now, "SELECT name FROM pragma_table_info(?)", -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(st, 1, table, -1, SQLITE_STATIC);
	while (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
		const char *column = (const char *)sqlite3_column_text(st, 0);

		if (!has_column(f->db, table, column))
			buf_printf(out, ", NULL AS \"%s\"", column);
	}
	sqlite3_finalize(st);
	return rc == SQLITE_OK ? out->failed : -ENOMEM;
}

/* A table or view of the same name in temp is what statements find first. */
static int complete(struct feed *f, sqlite3 *now, const char *table, const char *ddl,
		    struct err *err)
{
	cleanup_buf struct buf sql = BUF_INIT(SQL_MAX), columns = BUF_INIT(SQL_MAX);
	int rc = 0;

	if (!has_table(f->db, table))
		buf_printf(&sql, "CREATE TEMP TABLE %s", ddl + strlen("CREATE TABLE "));
	else
		rc = missing(f, now, table, &columns);
	if (columns.len)
		buf_printf(&sql, "CREATE TEMP VIEW \"%s\" AS SELECT *%s FROM main.\"%s\"", table,
			   buf_str(&columns), table);
	if (rc || sql.failed)
		return err_set(err, rc ? rc : sql.failed, "reading a run");
	if (!sql.len)
		return 0;
	if (sqlite3_exec(f->db, buf_str(&sql), NULL, NULL, NULL) != SQLITE_OK)
		return feed_fail(f, err);
	f->old = true;
	return 0;
}

static int complete_all(struct feed *f, sqlite3 *now, struct err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = 0;

	if (sqlite3_exec(now, store_schema_sql(), NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(now, "SELECT name, sql FROM sqlite_master WHERE type = 'table'", -1,
			       &st, NULL) != SQLITE_OK)
		return err_say(err, -ENOMEM, "cannot make this version's tables: %s",
			       sqlite3_errmsg(now));
	while (!rc && sqlite3_step(st) == SQLITE_ROW) {
		const char *table = (const char *)sqlite3_column_text(st, 0);

		/* That is written to meanwhile, which a view cannot be. */
		if (strcmp(table, "cursor") != 0)
			rc = complete(f, now, table, (const char *)sqlite3_column_text(st, 1), err);
	}
	sqlite3_finalize(st);
	return rc;
}

int feed_old_begin(struct feed *f, struct err *err)
{
	sqlite3 *now = NULL;
	int rc;

	if (sqlite3_exec(f->db, "PRAGMA temp_store = memory", NULL, NULL, NULL) != SQLITE_OK)
		return feed_fail(f, err);
	if (sqlite3_open(":memory:", &now) == SQLITE_OK)
		rc = complete_all(f, now, err);
	else
		rc = err_set(err, -ENOMEM, "reading a run");
	sqlite3_close(now);
	return rc;
}

void feed_old_end(struct feed *f)
{
	cleanup_buf struct buf sql = BUF_INIT(SQL_MAX);
	sqlite3_stmt *st = NULL;

	if (!f->old || sqlite3_prepare_v2(f->db, "SELECT type, name FROM sqlite_temp_master", -1,
					  &st, NULL) != SQLITE_OK)
		return;
	while (sqlite3_step(st) == SQLITE_ROW)
		buf_printf(&sql, "DROP %s temp.\"%s\";", (const char *)sqlite3_column_text(st, 0),
			   (const char *)sqlite3_column_text(st, 1));
	sqlite3_finalize(st);
	/* What is left of it is gone with the connection. */
	(void)sqlite3_exec(f->db, buf_str(&sql), NULL, NULL, NULL);
}
