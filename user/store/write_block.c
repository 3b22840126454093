// SPDX-License-Identifier: Apache-2.0
/* Rows of what the block probe tells beside its histograms. */
#include "base/cleanup.h"
#include "store/internal.h"
#include "store/row.h"

const char *store_op_name(uint8_t op)
{
	static const char *const names[] = { "read", "write", "flush", "discard", "other" };

	return op < ARRAY_SIZE(names) ? names[op] : "other";
}

static int put_block(struct store *s, uint64_t seq, const struct frame_block *b)
{
	struct row r = row_of(s, STMT_BLOCK);

	row_int(&r, seq);
	row_int(&r, b->owner);
	row_text(&r, store_op_name(b->op));
	row_int(&r, b->dev);
	row_int(&r, b->asked);
	row_int(&r, b->consecutive);
	row_int(&r, b->forward);
	row_int(&r, b->backward);
	row_int(&r, b->requeues);
	row_int(&r, b->merges);
	row_int(&r, b->splits);
	row_int(&r, b->partial);
	row_int(&r, b->missed);
	return row_end(&r);
}

static int put_error(struct store *s, uint64_t seq, const struct frame_error *e)
{
	struct row r = row_of(s, STMT_BLOCK_ERROR);

	row_int(&r, seq);
	row_int(&r, e->owner);
	row_text(&r, store_op_name(e->op));
	row_int(&r, e->dev);
	row_int(&r, e->status);
	row_int(&r, e->count);
	return row_end(&r);
}

static int put_share(struct store *s, uint64_t seq, const struct frame_share *sh)
{
	struct row r = row_of(s, STMT_SHARE);

	row_int(&r, seq);
	row_int(&r, sh->owner);
	row_int(&r, sh->dev);
	row_int(&r, sh->share_ns);
	row_int(&r, sh->depth_ns);
	row_int(&r, sh->max_depth);
	return row_end(&r);
}

static int put_cross(struct store *s, uint64_t seq, const struct frame_cross *c)
{
	struct row r = row_of(s, STMT_INTERFERENCE);

	row_int(&r, seq);
	row_int(&r, c->dev);
	row_int(&r, c->victim);
	row_int(&r, c->aggressor);
	row_int(&r, c->ns);
	return row_end(&r);
}

static int put_depth(struct store *s, uint64_t seq, const struct frame_depth *d)
{
	struct row r = row_of(s, STMT_DEVICE_NAMED);

	row_int(&r, d->dev);
	row_text_if(&r, d->name);
	if (row_end(&r) != SQLITE_OK)
		return r.rc;
	r = row_of(s, STMT_DEVICE_DEPTH);
	row_int(&r, seq);
	row_int(&r, d->dev);
	row_int(&r, d->busy_ns);
	row_int(&r, d->depth_ns);
	row_int(&r, d->depth);
	row_int(&r, d->max_depth);
	row_int(&r, d->clock_requests);
	row_int(&r, d->clock_unset);
	row_int(&r, d->clock_early);
	row_int(&r, d->clock_early_max_ns);
	return row_end(&r);
}

int store_put_block(struct store *s, const struct frame *f)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; rc == SQLITE_OK && i < f->n_depths; i++)
		rc = put_depth(s, f->seq, &f->depths[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < f->n_blocks; i++)
		rc = put_block(s, f->seq, &f->blocks[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < f->n_errors; i++)
		rc = put_error(s, f->seq, &f->errors[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < f->n_shares; i++)
		rc = put_share(s, f->seq, &f->shares[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < f->n_crosses; i++)
		rc = put_cross(s, f->seq, &f->crosses[i]);
	return rc;
}
