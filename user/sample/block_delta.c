// SPDX-License-Identifier: Apache-2.0
/* Differences against a copy of each row's counters. */
#include "sample/block_delta.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "probe/block.h"
#include "sample/frame.h"

struct block_delta {
	struct block_counts now; /* kept here, since it is large for a stack */
	uint64_t activity[BLOCK_MAX_ROWS];
	struct block_counts before[BLOCK_MAX_ROWS];
};

int block_delta_open(struct block_delta **ret, struct err *err)
{
	void *p = mmap(NULL, sizeof(struct block_delta), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return err_set(err, -errno, "mapping %zu bytes for block counters",
			       sizeof(struct block_delta));
	*ret = p;
	return 0;
}

bool block_delta_changed(const struct block_delta *d, size_t i, const struct block_row *row)
{
	return block_row_activity(row) != d->activity[i];
}

static void fill_columns(const struct hist *h, struct frame_hist *fh)
{
	if (fh->layer == LAYER_BLOCK_SIZE)
		frame_sizes_set(fh, h);
	else
		frame_hist_set(fh, h);
}

/* Another cgroup of the same owner came before: add what it has put in the frame to @h. */
static void add_earlier(const struct frame *f, const struct frame_hist *earlier, struct hist *h)
{
	bool sizes = earlier->layer == LAYER_BLOCK_SIZE && earlier->count;

	(void)hist_decode(f->blobs + earlier->blob_at, earlier->blob_len, h); /* as we wrote it */
	h->sum += earlier->sum - (sizes ? earlier->count : 0);
	if (earlier->max - sizes > h->max)
		h->max = earlier->max - sizes;
}

/* The first of the layers that this owner's operation on this device has in @f, or NULL. */
static struct frame_hist *find_hists(const struct frame *f, const struct block_row *row,
				     uint32_t owner)
{
	for (size_t i = 0; i < f->n_hists; i += LAYER_BLOCKS) {
		struct frame_hist *h = &f->hists[i];

		if (h->owner == owner && h->op == row->key.op && h->dev == row->key.dev)
			return h;
	}
	return NULL;
}

static int put_hists(const struct block_counts *now, const struct block_counts *before,
		     const struct block_row *row, uint32_t owner, struct frame *f)
{
	static const enum block_hist which[LAYER_BLOCKS] = {
		[LAYER_BLOCK_QUEUE] = BLOCK_QUEUE,
		[LAYER_BLOCK_DEVICE] = BLOCK_DEVICE,
		[LAYER_BLOCK_TOTAL] = BLOCK_TOTAL,
		[LAYER_BLOCK_SIZE] = BLOCK_SIZE,
	};
	struct frame_hist *earlier = find_hists(f, row, owner), hists[LAYER_BLOCKS];
	uint8_t blobs[LAYER_BLOCKS * HIST_BLOB_MAX];
	size_t used = 0;

	for (int layer = 0; layer < LAYER_BLOCKS; layer++) {
		struct frame_hist *fh = &hists[layer];
		struct hist h;

		*fh = (struct frame_hist){
			.owner = owner,
			.layer = layer,
			.op = row->key.op,
			.dev = row->key.dev,
			.ios = now->sum.ios - before->sum.ios,
			.bytes = now->sum.bytes - before->sum.bytes,
			.errors = now->sum.errors - before->sum.errors,
			.blob_at = f->n_blobs + used,
		};
		hist_set_delta(&now->sum.hists, &before->sum.hists, which[layer], &h);
		if (earlier) {
			fh->ios += earlier[layer].ios;
			fh->bytes += earlier[layer].bytes;
			fh->errors += earlier[layer].errors;
			add_earlier(f, &earlier[layer], &h);
		}
		fill_columns(&h, fh);
		fh->blob_len = hist_encode(&h, blobs + used);
		used += fh->blob_len;
	}
	if (f->n_blobs + used > f->max_blobs)
		return -ENOSPC;
	memcpy(f->blobs + f->n_blobs, blobs, used);
	memcpy(earlier ? earlier : &f->hists[f->n_hists], hists, sizeof(hists));
	f->n_blobs += used;
	if (!earlier)
		f->n_hists += LAYER_BLOCKS;
	return 0;
}

/* The row of this owner's operation on this device; a new one when there is none. */
static struct frame_block *block_of(struct frame *f, const struct block_row *row, uint32_t owner)
{
	struct frame_block *b = f->blocks;

	for (size_t i = 0; i < f->n_blocks; i++, b++)
		if (b->owner == owner && b->op == row->key.op && b->dev == row->key.dev)
			return b;
	f->n_blocks++;
	*b = (struct frame_block){ .owner = owner, .op = row->key.op, .dev = row->key.dev };
	return b;
}

static void put_block(const struct block_counts *now, const struct block_counts *before,
		      const struct block_row *row, uint32_t owner, struct frame *f)
{
	uint64_t asked = now->sum.asked - before->sum.asked;
	uint64_t consecutive = now->sum.consecutive - before->sum.consecutive;
	uint64_t forward = now->sum.forward - before->sum.forward;
	uint64_t backward = now->sum.backward - before->sum.backward;
	uint64_t requeues = now->sum.requeues - before->sum.requeues;
	uint64_t merges = now->rare.merges - before->rare.merges;
	uint64_t splits = now->rare.splits - before->rare.splits;
	uint64_t partial = now->rare.partial - before->rare.partial;
	uint64_t missed = now->rare.missed_ios - before->rare.missed_ios;
	struct frame_block *b;

	if (!(asked | consecutive | forward | backward | requeues | merges | splits | partial |
	      missed))
		return;
	b = block_of(f, row, owner);
	b->asked += asked;
	b->consecutive += consecutive;
	b->forward += forward;
	b->backward += backward;
	b->requeues += requeues;
	b->merges += merges;
	b->splits += splits;
	b->partial += partial;
	b->missed += missed;
}

static size_t put_errors(const struct block_counts *now, const struct block_counts *before,
			 const struct block_row *row, uint32_t owner, struct frame *f)
{
	size_t n = 0;

	for (size_t i = 0; i < BLOCK_STATUSES; i++) {
		if (now->status[i] == before->status[i])
			continue;
		f->errors[f->n_errors + n++] = (struct frame_error){
			.owner = owner,
			.op = row->key.op,
			.status = i,
			.dev = row->key.dev,
			.count = now->status[i] - before->status[i],
		};
	}
	return n;
}

int block_delta_put(struct block_delta *d, size_t i, const struct block_row *row, uint32_t owner,
		    struct frame *f)
{
	/* Taken before the copy: what comes in between is found next time. */
	uint64_t activity = block_row_activity(row);
	int rc;

	block_row_read(row, &d->now);
	if (!memcmp(&d->now, &d->before[i], sizeof(d->now)))
		return 0;
	if (f->n_hists + LAYER_BLOCKS > f->max_hists || f->n_blocks == f->max_blocks ||
	    f->n_errors + BLOCK_STATUSES > f->max_errors)
		return -ENOSPC;
	rc = put_hists(&d->now, &d->before[i], row, owner, f);
	if (rc)
		return rc;
	put_block(&d->now, &d->before[i], row, owner, f);
	f->n_errors += put_errors(&d->now, &d->before[i], row, owner, f);
	d->before[i] = d->now;
	d->activity[i] = activity;
	return 0;
}

void block_delta_close(struct block_delta *d)
{
	if (d)
		munmap(d, sizeof(*d));
}
