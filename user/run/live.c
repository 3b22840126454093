// SPDX-License-Identifier: Apache-2.0
/* Adding up frames under a lock. */
#include "run/live.h"

#include <errno.h>
#include <stdlib.h>

#include "sample/frame.h"

int live_init(struct live *l, size_t n_targets)
{
	pthread_mutex_init(&l->lock, NULL);
	l->n = n_targets;
	l->v = calloc(n_targets ? n_targets : 1, sizeof(*l->v));
	return l->v ? 0 : -ENOMEM;
}

void live_add(struct live *l, const struct frame *f)
{
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < f->n_hists; i++) {
		const struct frame_hist *h = &f->hists[i];
		struct live_target *t;

		if (h->layer != LAYER_BLOCK_TOTAL || h->owner >= l->n)
			continue;
		t = &l->v[h->owner];
		t->ios += h->ios;
		t->bytes += h->bytes;
		if (h->max > t->total.max)
			t->total.max = h->max;
		t->total.sum += h->sum;
		/* The blob was encoded by us a moment ago: it decodes. */
		(void)hist_decode(f->blobs + h->blob_at, h->blob_len, &t->total);
	}
	pthread_mutex_unlock(&l->lock);
}

void live_take(struct live *l, size_t i, struct live_target *ret)
{
	pthread_mutex_lock(&l->lock);
	*ret = l->v[i];
	l->v[i] = (struct live_target){ 0 };
	pthread_mutex_unlock(&l->lock);
}

void live_fini(struct live *l)
{
	free(l->v);
	l->v = NULL;
}
