/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Who is in a device at the same time: depth, busy time, and what each owner's
 * share of it is.
 *
 * While n requests are in the device, each of them has the n-th part of its time.
 * An owner's share is the sum over its requests; the shares of all owners are the
 * device's busy time. A request's loss to another owner is how much that owner's
 * share grew from the request's start to its completion.
 */
#ifndef CBPF_BLOCK_SHARE_BPF_H
#define CBPF_BLOCK_SHARE_BPF_H

#include "block_owner.bpf.h"
#include "block_start.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BLOCK_STARTS);
	__type(key, __u32);
	__type(value, struct block_snap);
} snaps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BLOCK_MAX_DISKS); /* times the number of banks, when loaded */
	__type(key, __u32);
	__type(value, struct block_cross);
} crosses SEC(".maps");

/* Off: neither depth nor shares nor interference, and their cost is gone. */
const volatile bool share_devices = true;

#define SHARE_TRIES 64

#ifdef __TARGET_ARCH_x86
/* Stores are seen in their order there: no atomic operation is needed to let go. */
#define RELEASE(p, v)                                                                              \
	do {                                                                                       \
		asm volatile("" ::: "memory");                                                     \
		*(volatile __u32 *)(p) = (v);                                                      \
	} while (0)
#else
#define RELEASE(p, v) ((void)__sync_lock_test_and_set((p), (v)))
#endif

/* Odd when it is ours; even when it could not be had in time. */
static __always_inline __u32 share_lock(struct block_disk *d)
{
	__u32 seq = *(volatile __u32 *)&d->seq;

	for (int i = 0; i < SHARE_TRIES; i++) {
		if (likely(!(seq & 1)) && __sync_val_compare_and_swap(&d->seq, seq, seq + 1) == seq)
			return seq + 1;
		seq = *(volatile __u32 *)&d->seq;
	}
	return 0;
}

/* 1/256 ns per request in the device, since the last change. */
static __always_inline __u64 each_share(__u64 ns, __u32 depth)
{
	ns <<= BLOCK_SHARE_SHIFT;
	return depth > 1 ? ns / depth : ns;
}

/*
 * Those in the device have shared @ns. Not static, so that what follows is looked at once by
 * the verifier, and not once for each number of sharers.
 */
__noinline int share_among(struct block_disk *d, __u64 ns)
{
	__u64 each;
	__u32 n;

	if (!d)
		return 0;
	n = d->n_sharers;
	each = each_share(ns, d->depth);
	for (int i = 0; i < BLOCK_SHARERS; i++) {
		struct block_sharer *s = &d->sharer[i];

		if (i >= n)
			break;
		s->depth_ns += ns * s->in_device;
		s->share += each * s->in_device;
	}
	return 0;
}

/* Bring all sums up to @now. */
static __always_inline void share_advance(struct block_disk *d, __u64 now)
{
	__u64 ns = now - d->last_ns;
	struct block_sharer *s;

	if (now <= d->last_ns)
		return;
	d->last_ns = now;
	if (!d->depth)
		return;
	d->busy_ns += ns;
	d->depth_ns += ns * d->depth;
	if (unlikely(!d->alone)) {
		share_among(d, ns);
		return;
	}
	s = &d->sharer[(d->alone - 1) & (BLOCK_SHARERS - 1)];
	s->depth_ns += ns * d->depth;
	s->share += ns << BLOCK_SHARE_SHIFT;
}

/*
 * Somebody else comes to one who was alone: remember what everybody's share is until
 * here. Not static, as above.
 */
__noinline int share_epoch(struct block_disk *d)
{
	struct block_snap *snap;
	__u32 epoch, n, at;

	if (!d)
		return 0;
	epoch = d->epoch + 1;
	at = epoch % BLOCK_EPOCHS;
	n = d->n_sharers;
	snap = &d->came[at];
	snap->n = n;
	for (int i = 0; i < BLOCK_SHARERS; i++) {
		if (i >= n)
			break;
		snap->share[i] = d->sharer[i].share >> (BLOCK_SNAP_SHIFT + BLOCK_SHARE_SHIFT);
	}
	d->epoch = epoch;
	return 0;
}

static __always_inline void share_step(struct block_disk *d, __u32 k, __s32 step)
{
	struct block_sharer *s = &d->sharer[k & (BLOCK_SHARERS - 1)];

	if (unlikely(step < 0 && !s->in_device))
		return; /* it has left already: see share_late() */
	if (unlikely(step > 0 && d->alone && d->alone != k + 1))
		share_epoch(d);
	d->depth += step;
	if (d->depth > d->max_depth)
		d->max_depth = d->depth;
	s->in_device += step;
	if (s->in_device > s->max)
		s->max = s->in_device;
	if (step > 0 || d->depth)
		d->alone = d->depth == s->in_device ? k + 1 : 0;
}

/*
 * What others could not do when they should have. Who is alone is not known then.
 * Not static, as above, and without branches, of which the verifier would follow all.
 */
__noinline int share_late(struct block_disk *d)
{
	if (!d)
		return 0;
	__sync_lock_test_and_set(&d->late, 0);
	for (int i = 0; i < BLOCK_SHARERS; i++) {
		__s32 before = d->sharer[i].in_device;
		__s32 after = before + __sync_lock_test_and_set(&d->late_by[i], 0);

		/* User space and the kernel may both have seen the same one leave. */
		after &= ~(after >> 31);
		d->depth += after - before;
		d->sharer[i].in_device = after;
	}
	d->alone = 0;
	return 0;
}

/*
 * @step requests of sharer @k have come into the device or have left it. Not
 * static, so that the verifier looks at it once.
 */
__noinline int share_move(struct block_disk *d, __u32 k, int step, __u64 now)
{
	__u32 seq;

	if (!d)
		return 0;
	k &= BLOCK_SHARERS - 1;
	seq = share_lock(d);
	if (unlikely(!seq)) {
		/* Held by what we interrupted, or much wanted. */
		__sync_fetch_and_add(&d->late_by[k], step);
		__sync_fetch_and_add(&d->late, 1);
		drop(BLOCK_DROP_LATE, 1);
		return 0;
	}
	if (unlikely(d->late)) {
		/* Who came late may not have been the one who was alone. */
		if (d->alone)
			share_epoch(d);
		share_late(d);
	}
	share_advance(d, now);
	share_step(d, k, step);
	RELEASE(&d->seq, seq + 1);
	return 0;
}

/*
 * Everybody's share at @now, without changing anything. 1 when the device changed
 * meanwhile. (A loop around this one is more than Linux 6.1 takes.)
 */
__noinline int share_snap(struct block_disk *d, struct block_snap *snap, __u64 now)
{
	__u64 last, each;
	__u32 seq, n;

	if (!d || !snap)
		return 0;
	seq = *(volatile __u32 *)&d->seq;
	n = d->n_sharers;
	last = d->last_ns;
	each = d->depth && now > last ? each_share(now - last, d->depth) : 0;
	snap->n = n;
	for (int i = 0; i < BLOCK_SHARERS; i++) {
		const struct block_sharer *s = &d->sharer[i];

		if (i >= n)
			break;
		snap->share[i] =
			(s->share + each * s->in_device) >> (BLOCK_SNAP_SHIFT + BLOCK_SHARE_SHIFT);
	}
	asm volatile("" ::: "memory");
	return seq & 1 || *(volatile __u32 *)&d->seq != seq;
}

/* What everybody's share grew by since @snap is what the request of sharer @k lost to them. */
__noinline int share_cross(struct block_disk *d, struct block_snap *snap, struct block_cross *cross,
			   __u32 k)
{
	__u32 n;
	__s64 known;

	if (!d || !snap || !cross)
		return 0;
	k &= BLOCK_SHARERS - 1;
	n = d->n_sharers;
	known = snap->n;
	for (int i = 0; i < BLOCK_SHARERS; i++) {
		__u32 grown;

		if (i >= n)
			break;
		grown = d->sharer[i].share >> (BLOCK_SNAP_SHIFT + BLOCK_SHARE_SHIFT);
		/* Who was not known yet had nothing. */
		grown -= snap->share[i] & (__u32)sign_mask((__s64)i - known);
		/* Read a little apart, it may seem to have shrunk. */
		grown &= ~(__u32)sign_mask((__s32)grown);
		count(&cross->ns[k][i], grown);
	}
	return 0;
}

static __always_inline struct block_disk *share_disk(const struct block_start *s)
{
	__u32 at = s->disk;

	return bpf_map_lookup_elem(&disks, &at);
}

#endif
