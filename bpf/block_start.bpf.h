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

static __always_inline struct block_start_set *start_set(const void *rq)
{
	__u32 set;

	/* The verifier takes no arithmetic on a typed pointer, but a copy of its low half. */
	asm volatile("%0 = %1" : "=w"(set) : "w"((__u32)(__u64)rq));
	/* Requests lie at equal distances: a golden-ratio hash spreads them evenly. */
	set = ((set >> 6) * 0x9e3779b9u) >> (32 - BLOCK_START_SET_BITS);
	return bpf_map_lookup_elem(&starts, &set);
}

static __always_inline struct block_start *start_in(struct block_start_set *set, const void *rq)
{
#pragma unroll
	for (int i = 0; i < BLOCK_START_WAYS; i++)
		if (set->way[i].rq == (__u64)rq)
			return &set->way[i];
	return NULL;
}

static __always_inline struct block_start *start_find(const void *rq)
{
	struct block_start_set *set = start_set(rq);

	return set ? start_in(set, rq) : NULL;
}

/*
 * A fresh record for a request, in place of an older one of the same address.
 * When all ways are taken the oldest goes: it is a leftover, or else its
 * completion will miss it and be counted so.
 */
static __always_inline struct block_start *start_claim(const void *rq, __u64 start_ns)
{
	struct block_start_set *set = start_set(rq);
	struct block_start *s, *oldest;

	if (!set)
		return NULL;
	s = start_in(set, rq);
	if (s)
		goto claimed;
	oldest = &set->way[0];
#pragma unroll
	for (int i = 0; i < BLOCK_START_WAYS; i++) {
		s = &set->way[i];
		if (!s->rq && !__sync_val_compare_and_swap(&s->rq, 0, (__u64)rq))
			goto claimed;
		if (s->start_ns < oldest->start_ns)
			oldest = s;
	}
	s = oldest;
	s->rq = (__u64)rq;
claimed:
	s->born_ns = 0;
	s->start_ns = start_ns;
	s->first_issue_ns = 0;
	s->last_issue_ns = 0;
	s->data_done_ns = 0;
	s->requeues = 0;
	s->flags = 0;
	return s;
}

static __always_inline void start_release(struct block_start *s)
{
	s->rq = 0;
}

#endif
