// SPDX-License-Identifier: Apache-2.0
/* Rows of where ranks ran. */
#include "base/err.h"
#include "store/internal.h"
#include "store/row.h"

int store_put_ranks(struct store *s, const struct store_rank *v, size_t n, struct err *err)
{
	int rc = SQLITE_OK;

	if (store_begin(s, "write ranks to", err))
		return err->code;
	for (size_t i = 0; rc == SQLITE_OK && i < n; i++) {
		struct row r = row_of(s, STMT_RANK);

		row_int(&r, v[i].workload);
		row_int(&r, v[i].rank);
		row_int(&r, v[i].host);
		rc = row_end(&r);
	}
	return store_end(s, rc, "write ranks to", err);
}
