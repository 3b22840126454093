/* SPDX-License-Identifier: Apache-2.0 */
/* One row of a run database being written: parameters in order, then the statement. */
#ifndef CBPF_STORE_ROW_H
#define CBPF_STORE_ROW_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/internal.h"

/* A statement being filled; the first failure (an SQLite code) is kept. */
struct row {
	sqlite3_stmt *st;
	int at;
	int rc;
};

struct row row_of(struct store *s, enum store_stmt which);
void row_int(struct row *r, uint64_t v);
void row_null(struct row *r);
void row_int_if(struct row *r, bool there, uint64_t v);
void row_real(struct row *r, double v); /* NULL when not finite */
void row_ns(struct row *r, double v); /* a time that a tool told, in whole ns; NULL when absent */
void row_text(struct row *r, const char *v); /* borrowed until row_end(); NULL binds NULL */
void row_text_if(struct row *r, const char *v); /* and what is empty is absent */
void row_blob(struct row *r, const void *v, size_t len); /* borrowed; NULL when empty */
/* Carry it out; SQLITE_OK, or the first failure. */
int row_end(struct row *r);

#endif
