// SPDX-License-Identifier: Apache-2.0
/* Writing what resctrl tells: caches, memory bandwidth and classes. */
#include "sample/frame.h"
#include "store/internal.h"
#include "store/row.h"

static int put_rdt(struct store *s, uint64_t seq, const struct frame_rdt *d)
{
	struct row r = row_of(s, STMT_RDT);

	row_int(&r, seq);
	row_int(&r, d->owner);
	row_int(&r, d->domain);
	for (int e = 0; e < 3; e++)
		row_int_if(&r, d->has[e], d->bytes[e]);
	return row_end(&r);
}

static int put_class(struct store *s, uint64_t seq, const struct frame_class *c)
{
	struct row r = row_of(s, STMT_RDT_CLASS);

	row_int(&r, seq);
	row_int(&r, c->owner);
	row_text(&r, c->class);
	row_text(&r, c->group);
	row_text_if(&r, c->schemata);
	return row_end(&r);
}

static int put_alloc(struct store *s, uint64_t seq, const struct frame_alloc *a)
{
	struct row r = row_of(s, STMT_RDT_ALLOC);

	row_int(&r, seq);
	row_int(&r, a->owner);
	row_text(&r, a->resource);
	row_int(&r, a->domain);
	row_int(&r, a->value);
	row_int_if(&r, a->ways >= 0, a->ways);
	row_text(&r, a->wrong);
	return row_end(&r);
}

int store_put_rdt(struct store *s, const struct frame *f)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; rc == SQLITE_OK && i < f->n_rdts; i++)
		rc = put_rdt(s, f->seq, &f->rdts[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < f->n_classes; i++)
		rc = put_class(s, f->seq, &f->classes[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < f->n_allocs; i++)
		rc = put_alloc(s, f->seq, &f->allocs[i]);
	return rc;
}
