/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The block probe's memory of requests between their start and their completion. */
#ifndef CBPF_BLOCK_START_BPF_H
#define CBPF_BLOCK_START_BPF_H

#include "shared/block_maps.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BLOCK_START_SETS);
	__type(key, __u32);
	__type(value, struct block_start_set);
} starts SEC(".maps");

__u64 start_base; /* only its address is used */

/* Where a request's record is. */
struct start_ref {
	struct block_start_set *set;
	struct block_start *start; /* NULL: nowhere */
	__u64 way;
};

/*
 * A request's address as a number. The verifier allows no arithmetic on a typed
 * pointer but the difference of two, and the other one never moves.
 */
static __always_inline __u64 start_key(const void *rq, bool typed)
{
	__u64 key = (__u64)rq;

	if (typed)
		asm volatile("%0 -= %1" : "+r"(key) : "r"(&start_base));
	return key;
}

static __always_inline struct block_start_set *start_set(__u64 key)
{
	/* Requests lie at equal distances: a golden-ratio hash spreads them evenly. */
	__u32 set = ((key >> 6) * 0x9e3779b97f4a7c15ull) >> (64 - BLOCK_START_SET_BITS);

	return bpf_map_lookup_elem(&starts, &set);
}

/* These two are not static, so that the verifier looks at them once and not at each call. */

/* The way of @key, or BLOCK_START_WAYS. */
__noinline int start_way(struct block_start_set *set, __u64 key)
{
	if (!set)
		return BLOCK_START_WAYS;
#pragma unroll
	for (int way = 0; way < BLOCK_START_WAYS; way++)
		if (set->rq[way] == key)
			return way;
	return BLOCK_START_WAYS;
}

/*
 * A way for @key: its own, a free one, or else the oldest. That is either a
 * leftover, or its completion will miss it and be counted so.
 */
__noinline int start_take(struct block_start_set *set, __u64 key)
{
	int oldest = 0;

	if (!set)
		return BLOCK_START_WAYS;
#pragma unroll
	for (int way = 0; way < BLOCK_START_WAYS; way++)
		if (set->rq[way] == key)
			return way;
#pragma unroll
	for (int way = 0; way < BLOCK_START_WAYS; way++)
		if (!set->rq[way] && !__sync_val_compare_and_swap(&set->rq[way], 0, key))
			return way;
#pragma unroll
	for (int way = 1; way < BLOCK_START_WAYS; way++)
		if (set->way[way].start_ns < set->way[oldest].start_ns)
			oldest = way;
	set->way[oldest].start_ns = 0;
	set->way[oldest].last_issue_ns = 0;
	set->pending[oldest].slot = 0;
	set->rq[oldest] = key;
	return oldest;
}

/*
 * An index is pinned before and after its bound is checked, or the compiler
 * checks one copy of it and multiplies another, which the verifier takes amiss.
 */
#define PIN(x) asm volatile("" : "+r"(x))

static __always_inline void start_refer(struct start_ref *ref, struct block_start_set *set,
					__u32 way_or_none)
{
	__u64 way = way_or_none;

	PIN(way);
	ref->set = set;
	ref->way = way;
	ref->start = NULL;
	if (set && way < BLOCK_START_WAYS) {
		PIN(way);
		ref->start = &set->way[way];
		ref->way = way;
	}
}

static __always_inline void start_find(__u64 key, struct start_ref *ref)
{
	struct block_start_set *set = start_set(key);

	start_refer(ref, set, start_way(set, key));
}

/*
 * A fresh record for a request. True when the last life of the request at this
 * address was begun, but its completion not seen.
 */
static __always_inline bool start_claim(__u64 key, __u64 start_ns, struct start_ref *ref)
{
	struct block_start_set *set = start_set(key);
	bool unfinished;

	start_refer(ref, set, start_take(set, key));
	if (!ref->start)
		return false;
	unfinished = ref->start->start_ns || ref->start->last_issue_ns;
	ref->start->born = 0;
	ref->start->requeues = 0;
	ref->start->flags = 0;
	ref->start->start_ns = start_ns;
	ref->start->first_issue_ns = 0;
	ref->start->last_issue_ns = 0;
	return unfinished;
}

/* Where the time is kept at which the data of a flush sequence was done, or NULL. */
static __always_inline __u64 *start_data_done(struct start_ref *ref)
{
	__u64 way = ref->way;

	PIN(way);
	if (!ref->start || way >= BLOCK_START_WAYS)
		return NULL;
	PIN(way);
	return &ref->set->data_done_ns[way];
}

/* Where the request will be counted, or NULL. */
static __always_inline struct block_pending *start_pending(struct start_ref *ref)
{
	__u64 way = ref->way;

	PIN(way);
	if (!ref->start || way >= BLOCK_START_WAYS)
		return NULL;
	PIN(way);
	return &ref->set->pending[way];
}

static __always_inline void start_release(struct start_ref *ref)
{
	__u64 way = ref->way;

	PIN(way);
	if (!ref->start || way >= BLOCK_START_WAYS)
		return;
	PIN(way);
	ref->start->start_ns = 0;
	ref->start->last_issue_ns = 0;
	ref->set->pending[way].slot = 0;
	ref->set->rq[way] = 0;
}

#endif
