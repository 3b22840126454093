/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The block probe's memory of requests between their start and their completion. */
#ifndef CBPF_BLOCK_START_BPF_H
#define CBPF_BLOCK_START_BPF_H

#include "likely.bpf.h"
#include "shared/block_maps.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BLOCK_STARTS);
	__type(key, __u32);
	__type(value, struct block_start);
} starts SEC(".maps");

/* Where a request's record is. */
struct start_ref {
	struct block_start *start; /* NULL: nowhere */
	__u32 at; /* index, when it is somewhere */
};

/*
 * The first place for a request. Requests lie beside each other in chunks of 64 KiB,
 * some hundred bytes each: so do their records, or else each would be on a page of
 * its own, and most of the time spent on finding out where these pages are.
 */
static __always_inline __u32 start_first(__u64 key)
{
	__u32 chunk = (key >> 16) * 0x9e3779b97f4a7c15ull >> (64 - BLOCK_START_CHUNK_BITS);

	return chunk << 8 | (key >> 8 & 0xff);
}

/*
 * Where else to look: the places around the first, then around three others
 * anywhere. A few chunks may want the same region, and whatever finds that full
 * must not meet a full one again.
 */
#define AROUND 8
#define PLACES (4 * AROUND)

static __always_inline __u32 start_place(__u32 first, __u64 key, __u32 i)
{
	__u64 anywhere;

	if (i < AROUND)
		return first ^ i;
	anywhere = ((key >> 6) + i / AROUND) * 0xd6e8feb86659fd93ull;
	anywhere ^= anywhere >> 29;
	return (anywhere * 0x9e3779b97f4a7c15ull >> (64 - BLOCK_START_CHUNK_BITS - 8)) ^
	       (i % AROUND);
}

/* These are not static, so that the verifier looks at them once and not at each call. */

/* Records that are not in their first place, or a few more: as long as 0, nothing is elsewhere. */
__u64 displaced;

/* Where @key is besides @first, or BLOCK_STARTS. */
__noinline int start_elsewhere(__u32 first, __u64 key)
{
	for (__u32 i = 1; i < PLACES; i++) {
		__u32 at = start_place(first, key, i);
		struct block_start *s = bpf_map_lookup_elem(&starts, &at);

		if (s && s->rq == key)
			return at;
	}
	return BLOCK_STARTS;
}

#define TAKEN_AWAY 0x80000000 /* it is still another's */

/*
 * A place for @key when @first is another's: its own, a free one, or else that of
 * the oldest. That is either a leftover, or its completion will miss it and be
 * counted so.
 */
__noinline __u32 start_take(__u32 first, __u64 key)
{
	__u32 own = start_elsewhere(first, key), oldest = first;
	__u64 oldest_ns = ~0ull >> 1, older; /* no time is later */

	if (own < BLOCK_STARTS)
		return own;
	for (__u32 i = 0; i < PLACES; i++) {
		__u32 at = start_place(first, key, i);
		struct block_start *s = bpf_map_lookup_elem(&starts, &at);

		if (!s)
			continue;
		if (!s->rq && !__sync_val_compare_and_swap(&s->rq, 0, key)) {
			__sync_fetch_and_add(&displaced, at != first);
			return at;
		}
		older = sign_mask(s->start_ns - oldest_ns);
		oldest_ns += (s->start_ns - oldest_ns) & older;
		oldest ^= (oldest ^ at) & (__u32)older;
	}
	__sync_fetch_and_add(&displaced, oldest != first);
	return oldest | TAKEN_AWAY;
}

static __always_inline void start_find(__u64 key, struct start_ref *ref)
{
	__u32 at = start_first(key);

	ref->at = at;
	ref->start = bpf_map_lookup_elem(&starts, &at);
	if (likely(ref->start && ref->start->rq == key))
		return;
	if (likely(!*(volatile __u64 *)&displaced)) {
		ref->start = NULL;
		return;
	}
	at = start_elsewhere(at, key);
	ref->at = at;
	ref->start = bpf_map_lookup_elem(&starts, &at);
}

enum start_before { START_NONE, START_BEGUN, START_ISSUED, START_OTHERS };

/*
 * The record for a request that begins, and how far the last life of the request
 * at this address had got when its completion was not seen; OTHERS: it is still
 * another's, who has to go. To be reset.
 */
static __always_inline enum start_before start_claim(__u64 key, struct start_ref *ref)
{
	__u32 at = start_first(key);
	struct block_start *s = bpf_map_lookup_elem(&starts, &at);

	ref->at = at;
	ref->start = s;
	if (!s)
		return START_NONE; /* cannot be */
	if (unlikely(s->rq != key && (s->rq || __sync_val_compare_and_swap(&s->rq, 0, key)))) {
		at = start_take(at, key);
		ref->at = at & ~TAKEN_AWAY;
		ref->start = s = bpf_map_lookup_elem(&starts, &ref->at);
		if (at & TAKEN_AWAY)
			return START_OTHERS;
	}
	if (likely(!s || (!s->start_ns && !s->last_issue_ns)))
		return START_NONE;
	return s->last_issue_ns ? START_ISSUED : START_BEGUN;
}

/* Let a new life begin. */
static __always_inline void start_reset(struct block_start *s, __u64 key, __u64 start_ns)
{
	s->rq = key;
	s->start_ns = start_ns;
	s->first_issue_ns = 0;
	s->last_issue_ns = 0;
	s->born = 0;
	s->requeues = 0;
	s->flags = 0;
	s->row = 0;
}

static __always_inline void start_release(struct start_ref *ref)
{
	struct block_start *s = ref->start;

	if (unlikely(ref->at != start_first(s->rq)))
		__sync_fetch_and_sub(&displaced, 1);
	s->start_ns = 0;
	s->last_issue_ns = 0;
	s->row = 0;
	s->rq = 0;
}

#endif
