// SPDX-License-Identifier: Apache-2.0
/* Rows of limits and of what file systems have left. */
#include "base/err.h"
#include "store/internal.h"
#include "store/row.h"

int store_put_io_limits(struct store *s, const struct store_io_limit *v, size_t n, struct err *err)
{
	int rc = SQLITE_OK;

	if (store_begin(s, "write limits to", err))
		return err->code;
	for (size_t i = 0; rc == SQLITE_OK && i < n; i++) {
		struct row r = row_of(s, STMT_IO_LIMIT);

		row_int(&r, v[i].owner);
		row_int(&r, v[i].dev);
		row_int(&r, v[i].version);
		row_int_if(&r, v[i].read_bps, v[i].read_bps);
		row_int_if(&r, v[i].write_bps, v[i].write_bps);
		row_int_if(&r, v[i].read_iops, v[i].read_iops);
		row_int_if(&r, v[i].write_iops, v[i].write_iops);
		rc = row_end(&r);
	}
	return store_end(s, rc, "write limits to", err);
}

int store_put_filesystems(struct store *s, const struct store_filesystem *v, size_t n,
			  struct err *err)
{
	int rc = SQLITE_OK;

	if (store_begin(s, "write file systems to", err))
		return err->code;
	for (size_t i = 0; rc == SQLITE_OK && i < n; i++) {
		struct row r = row_of(s, STMT_FILESYSTEM);

		row_text(&r, v[i].dev);
		row_text(&r, v[i].at);
		row_int(&r, v[i].used_bytes);
		row_int(&r, v[i].free_bytes);
		rc = row_end(&r);
	}
	return store_end(s, rc, "write file systems to", err);
}
