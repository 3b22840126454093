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
	struct block_slot before[BLOCK_MAX_SLOTS];
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

static uint64_t live(const __u64 *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static bool hist_changed(const struct hist *now, const struct hist *before)
{
	return live(&now->count) != before->count || live(&now->sum) != before->sum ||
	       live(&now->max) != before->max;
}

bool block_delta_changed(const struct block_delta *d, size_t i, const struct block_row *row)
{
	const struct block_slot *now = row->now, *before = &d->before[i];

	return live(&now->ios) != before->ios || live(&now->bytes) != before->bytes ||
	       live(&now->errors) != before->errors || hist_changed(&now->queue, &before->queue) ||
	       hist_changed(&now->device, &before->device) ||
	       hist_changed(&now->total, &before->total);
}

/*
 * The kernel goes on counting while we copy. A histogram's count is therefore
 * taken from the buckets that were copied, so that the two agree; what came in
 * between differs from the live count next time, and is found then.
 */
static void copy_hist(const struct hist *from, struct hist *to)
{
	to->count = 0;
	to->sum = live(&from->sum);
	to->max = live(&from->max);
	for (unsigned int b = 0; b < HIST_BUCKETS; b++) {
		to->bucket[b] = live(&from->bucket[b]);
		to->count += to->bucket[b];
	}
}

static void copy_slot(const struct block_slot *from, struct block_slot *to)
{
	to->ios = live(&from->ios);
	to->bytes = live(&from->bytes);
	to->errors = live(&from->errors);
	to->requeues = live(&from->requeues);
	to->asked = live(&from->asked);
	copy_hist(&from->queue, &to->queue);
	copy_hist(&from->device, &to->device);
	copy_hist(&from->total, &to->total);
}

static size_t fill_layer(const struct hist *now, const struct hist *before, struct frame_hist *fh,
			 uint8_t *blob)
{
	struct hist h;

	hist_delta(now, before, &h);
	fh->count = h.count;
	fh->sum = h.sum;
	fh->max = h.max;
	fh->p50 = fh->p90 = fh->p99 = fh->p999 = 0;
	if (h.count) {
		fh->p50 = hist_quantile(&h, 0.5);
		fh->p90 = hist_quantile(&h, 0.9);
		fh->p99 = hist_quantile(&h, 0.99);
		fh->p999 = hist_quantile(&h, 0.999);
	}
	fh->blob_len = hist_encode(&h, blob);
	return fh->blob_len;
}

int block_delta_put(struct block_delta *d, size_t i, const struct block_row *row, uint32_t owner,
		    struct frame *f)
{
	static const size_t layer_at[LAYER_COUNT] = {
		[LAYER_BLOCK_QUEUE] = offsetof(struct block_slot, queue),
		[LAYER_BLOCK_DEVICE] = offsetof(struct block_slot, device),
		[LAYER_BLOCK_TOTAL] = offsetof(struct block_slot, total),
	};
	struct block_slot now, *before = &d->before[i];
	uint8_t blobs[LAYER_COUNT * HIST_BLOB_MAX];
	size_t used = 0;

	if (f->n_hists + LAYER_COUNT > f->max_hists)
		return -ENOSPC;
	copy_slot(row->now, &now);
	for (int layer = 0; layer < LAYER_COUNT; layer++) {
		struct frame_hist *fh = &f->hists[f->n_hists + layer];
		const void *a = (char *)&now + layer_at[layer];
		const void *b = (char *)before + layer_at[layer];

		*fh = (struct frame_hist){
			.owner = owner,
			.layer = layer,
			.op = row->key.op,
			.dev = row->key.dev,
			.ios = now.ios - before->ios,
			.bytes = now.bytes - before->bytes,
			.errors = now.errors - before->errors,
			.blob_at = f->n_blobs + used,
		};
		used += fill_layer(a, b, fh, blobs + used);
	}
	if (f->n_blobs + used > f->max_blobs)
		return -ENOSPC;
	memcpy(f->blobs + f->n_blobs, blobs, used);
	f->n_blobs += used;
	f->n_hists += LAYER_COUNT;
	*before = now;
	return 0;
}

void block_delta_close(struct block_delta *d)
{
	if (d)
		munmap(d, sizeof(*d));
}
