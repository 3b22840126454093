// SPDX-License-Identifier: Apache-2.0
/* Reading live counters: banks added up, devices brought up to a moment. */
#include <string.h>

#include "base/hist.h"
#include "probe/block_internal.h"

static uint64_t live(const __u64 *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

uint64_t block_row_activity(const struct block_row *row)
{
	uint64_t sum = live(&row->rare->missed_ios) + live(&row->rare->missed_bytes) +
		       live(&row->rare->merges) + live(&row->rare->splits) +
		       live(&row->rare->partial);

	/* Each of them only grows: the sum is the same only if all are. */
	for (unsigned int b = 0; b < row->n_banks; b++) {
		const struct block_slot *s = &row->banks[b];

		sum += live(&s->ios) + live(&s->bytes) + live(&s->errors) + live(&s->requeues) +
		       live(&s->hists.of[BLOCK_TOTAL].sum) + live(&s->hists.of[BLOCK_DEVICE].sum);
	}
	return sum;
}

static void add_slot(const struct block_slot *from, struct block_slot *to)
{
	to->ios += live(&from->ios);
	to->bytes += live(&from->bytes);
	to->errors += live(&from->errors);
	to->requeues += live(&from->requeues);
	to->asked += live(&from->asked);
	to->consecutive += live(&from->consecutive);
	to->forward += live(&from->forward);
	to->backward += live(&from->backward);
	hist_set_add(&from->hists, &to->hists);
}

void block_row_read(const struct block_row *row, struct block_counts *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned int b = 0; b < row->n_banks; b++)
		if (live(&row->banks[b].ios) | live(&row->banks[b].bytes))
			add_slot(&row->banks[b], &ret->sum);
	ret->rare.missed_ios = live(&row->rare->missed_ios);
	ret->rare.missed_bytes = live(&row->rare->missed_bytes);
	ret->rare.merges = live(&row->rare->merges);
	ret->rare.splits = live(&row->rare->splits);
	ret->rare.partial = live(&row->rare->partial);
	ret->sum.ios += ret->rare.missed_ios;
	ret->sum.bytes += ret->rare.missed_bytes;
	for (size_t i = 0; i < BLOCK_STATUSES; i++)
		ret->status[i] = __atomic_load_n(&row->status[i], __ATOMIC_RELAXED);
}

size_t block_probe_disks(struct block_probe *p)
{
	return p->shares ? block_disks_seen(p) : 0;
}

size_t block_disks_seen(const struct block_probe *p)
{
	size_t n = 0;

	while (n < BLOCK_MAX_DISKS && __atomic_load_n(&p->disks[n].dev, __ATOMIC_ACQUIRE))
		n++;
	return n;
}

#define READ_TRIES 1000

/* A copy of one moment, or the best there is when the device never rests. */
static void copy_disk(const struct block_disk *from, struct block_disk *to)
{
	for (int try = 0; try < READ_TRIES; try++) {
		uint32_t seq = __atomic_load_n(&from->seq, __ATOMIC_ACQUIRE);

		if (seq & 1)
			continue;
		memcpy(to, from, sizeof(*to));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (__atomic_load_n(&from->seq, __ATOMIC_RELAXED) == seq)
			return;
	}
	memcpy(to, from, sizeof(*to));
}

/* As share_advance() of the kernel side. */
static void advance(struct block_disk *d, uint64_t now_ns)
{
	uint64_t ns;

	/* What could not be told in time has happened all the same. */
	for (size_t i = 0; i < BLOCK_SHARERS && d->late; i++) {
		d->sharer[i].in_device += d->late_by[i];
		d->depth += d->late_by[i];
	}
	if (!d->depth || now_ns <= d->last_ns)
		return;
	ns = now_ns - d->last_ns;
	d->busy_ns += ns;
	d->depth_ns += ns * d->depth;
	for (size_t i = 0; i < BLOCK_SHARERS; i++) {
		struct block_sharer *s = &d->sharer[i];

		s->depth_ns += ns * s->in_device;
		s->share += (ns << BLOCK_SHARE_SHIFT) / d->depth * s->in_device;
	}
}

void block_probe_disk(struct block_probe *p, size_t i, uint64_t now_ns, struct block_disk_view *ret)
{
	struct block_disk d;

	copy_disk(&p->disks[i], &d);
	advance(&d, now_ns);
	*ret = (struct block_disk_view){
		.dev = d.dev,
		.busy_ns = d.busy_ns,
		.depth_ns = d.depth_ns,
		.depth = d.depth,
		.max_depth = d.max_depth,
		.n_sharers = d.n_sharers < BLOCK_SHARERS ? d.n_sharers : BLOCK_SHARERS,
		.clock_requests = d.clock_requests,
		.clock_unset = d.clock_unset,
		.clock_early = d.clock_early,
		.clock_early_max_ns = d.clock_early_max_ns,
	};
	memcpy(ret->name, d.name, sizeof(ret->name));
	ret->name[sizeof(ret->name) - 1] = '\0';
	memcpy(ret->sharer, d.sharer, sizeof(ret->sharer));
}

uint64_t block_probe_cross_ns(struct block_probe *p, size_t i, unsigned int victim,
			      unsigned int aggressor)
{
	uint64_t sum = 0;

	for (unsigned int b = 0; p->shares && b < p->n_banks; b++)
		sum += live(&p->crosses[i * p->n_banks + b].ns[victim][aggressor]);
	return sum << BLOCK_SNAP_SHIFT;
}
