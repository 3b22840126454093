// SPDX-License-Identifier: Apache-2.0
/* Differences against a copy of each device's sums. */
#include "sample/share_delta.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "probe/block.h"
#include "sample/frame.h"
#include "sample/owner_map.h"

#define MAX_DISKS 64

struct seen {
	uint64_t share, depth_ns;
	uint64_t lost_ns[BLOCK_SHARERS]; /* to each */
};

struct share_delta {
	uint64_t depth_ns[MAX_DISKS];
	bool pending[MAX_DISKS]; /* something is left for the next call */
	struct seen seen[MAX_DISKS][BLOCK_SHARERS];
};

int share_delta_open(struct share_delta **ret, struct err *err)
{
	void *p = mmap(NULL, sizeof(struct share_delta), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return err_set(err, -errno, "mapping %zu bytes for shares of devices",
			       sizeof(struct share_delta));
	*ret = p;
	return 0;
}

/* The owner of a sharer, or -EAGAIN. */
static int owner_of(const struct block_sharer *s, struct owner_map *owners, bool last)
{
	int handle;

	if (!s->tag) /* everybody beyond those that are told apart */
		return owner_map_others(owners);
	for (unsigned int why = 1; why < BLOCK_WHYS; why++)
		if (s->tag == BLOCK_NOBODY(why))
			return owner_map_nobody(owners, why);
	handle = owner_map_find(owners, s->tag);
	return handle < 0 ? -EAGAIN : owner_map_get(owners, handle, last);
}

/* False when there was no room. */
static bool put_share(struct seen *seen, const struct block_sharer *s, uint32_t dev, uint32_t owner,
		      struct frame *f)
{
	uint64_t share_ns = (s->share - seen->share) >> BLOCK_SHARE_SHIFT;

	/* A view is a little ahead of a request that was just leaving: then it seems to shrink. */
	if (s->depth_ns <= seen->depth_ns || s->share < seen->share)
		return true;
	if (f->n_shares == f->max_shares)
		return false;
	f->shares[f->n_shares++] = (struct frame_share){
		.owner = owner,
		.dev = dev,
		.share_ns = share_ns,
		.depth_ns = s->depth_ns - seen->depth_ns,
		.max_depth = s->max,
	};
	/* What the shift cut off is told next time. */
	seen->share += share_ns << BLOCK_SHARE_SHIFT;
	seen->depth_ns = s->depth_ns;
	return true;
}

/* False when there was no room, or an owner is not known yet. */
static bool put_losses(struct seen *seen, struct block_probe *probe, size_t disk,
		       const struct block_disk_view *view, const int *owner, unsigned int victim,
		       struct frame *f)
{
	bool all = true;

	for (unsigned int k = 0; k < view->n_sharers; k++) {
		uint64_t ns;

		if (owner[k] == owner[victim])
			continue;
		ns = block_probe_cross_ns(probe, disk, victim, k);
		if (ns == seen->lost_ns[k])
			continue;
		if (owner[k] < 0 || f->n_crosses == f->max_crosses) {
			all = false;
			continue;
		}
		f->crosses[f->n_crosses++] = (struct frame_cross){
			.victim = owner[victim],
			.aggressor = owner[k],
			.dev = view->dev,
			.ns = ns - seen->lost_ns[k],
		};
		seen->lost_ns[k] = ns;
	}
	return all;
}

static void put_depth(const struct block_disk_view *v, struct frame *f)
{
	struct frame_depth *to;

	if (f->n_depths == f->max_depths)
		return;
	to = &f->depths[f->n_depths++];
	*to = (struct frame_depth){
		.dev = v->dev,
		.busy_ns = v->busy_ns,
		.depth_ns = v->depth_ns,
		.depth = v->depth,
		.max_depth = v->max_depth,
		.clock_requests = v->clock_requests,
		.clock_unset = v->clock_unset,
		.clock_early = v->clock_early,
		.clock_early_max_ns = v->clock_early_max_ns,
	};
	memcpy(to->name, v->name, sizeof(to->name));
}

void share_delta_put(struct share_delta *d, struct block_probe *probe, struct owner_map *owners,
		     uint64_t now_ns, bool last, struct frame *f)
{
	size_t n = block_probe_disks(probe);

	for (size_t i = 0; i < n && i < MAX_DISKS; i++) {
		struct block_disk_view view;
		int owner[BLOCK_SHARERS];

		block_probe_disk(probe, i, now_ns, &view);
		if (view.depth_ns == d->depth_ns[i] && !d->pending[i] && !last)
			continue;
		d->depth_ns[i] = view.depth_ns;
		d->pending[i] = false;
		put_depth(&view, f);
		for (unsigned int k = 0; k < view.n_sharers; k++)
			owner[k] = owner_of(&view.sharer[k], owners, last);
		for (unsigned int k = 0; k < view.n_sharers; k++) {
			if (owner[k] < 0 ||
			    !put_share(&d->seen[i][k], &view.sharer[k], view.dev, owner[k], f) ||
			    !put_losses(&d->seen[i][k], probe, i, &view, owner, k, f))
				d->pending[i] = true;
		}
		/* The last sweep is taken again as long as anything finds no room in it. */
		if (last && d->pending[i] &&
		    (f->n_shares == f->max_shares || f->n_crosses == f->max_crosses))
			f->hists_dropped++;
	}
}

void share_delta_close(struct share_delta *d)
{
	if (d)
		munmap(d, sizeof(*d));
}
