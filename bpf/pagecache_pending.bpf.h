/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Pages that were fetched to be read, until they are. */
#ifndef CBPF_PAGECACHE_PENDING_BPF_H
#define CBPF_PAGECACHE_PENDING_BPF_H

#include "likely.bpf.h"
#include "shared/pagecache.h"

#define BLOCK_PAGES (1ull << PAGECACHE_BLOCK_SHIFT)
#define MAX_BLOCKS (1 << 22) /* of one call: a TiB */

__u64 drops[PAGECACHE_DROPS];

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE); /* groups are cache lines then */
	__uint(max_entries, PAGECACHE_GROUPS);
	__type(key, __u32);
	__type(value, struct pagecache_group);
} pending SEC(".maps");

static __always_inline void drop(enum pagecache_drop what, __u64 n)
{
	__sync_fetch_and_add(&drops[what], n);
}

/* Pages @first to @last of a file, for a target or, when they go, for all. */
struct pages {
	__u64 mapping; /* only told from others, never followed */
	__u64 first, last;
	__u64 near_first, near_last; /* those the task has just fetched */
	__u64 missed, asked; /* what was found */
	__u32 target; /* index + 1 */
	__u32 unused;
};

static __always_inline __u64 tag_of(__u64 mapping, __u64 block)
{
	return (mapping * 0x9e3779b97f4a7c15ull + block * 0xc2b2ae3d27d4eb4full) | 1;
}

/* A block's own group or, where that was full, the one beside it: the CPU fetches both at once. */
static __always_inline struct pagecache_group *group_of(__u64 tag, bool beside)
{
	__u32 at = (tag >> 48 ^ beside) & (PAGECACHE_GROUPS - 1);

	return bpf_map_lookup_elem(&pending, &at);
}

static __always_inline struct pagecache_way *way_in(struct pagecache_group *g, __u64 tag)
{
	if (!g)
		return NULL;
	if (g->way[0].tag == tag)
		return &g->way[0];
	return g->way[1].tag == tag ? &g->way[1] : NULL;
}

bool any_beside; /* no block is beside its group before one had to be */

static __always_inline struct pagecache_way *way_of(__u64 tag)
{
	struct pagecache_way *w = way_in(group_of(tag, false), tag);

	if (!w && any_beside)
		w = way_in(group_of(tag, true), tag);
	return w;
}

/* Bits of the pages of @block that are in @first to @last. */
static __always_inline __u64 bits_of(__u64 block, __u64 first, __u64 last)
{
	__u64 base = block << PAGECACHE_BLOCK_SHIFT, end = base + BLOCK_PAGES - 1;

	if (first < base)
		first = base;
	if (last > end)
		last = end;
	if (first > last)
		return 0;
	return ~0ull << (first - base) & ~0ull >> (end - last);
}

static __always_inline __u32 ones(__u64 v)
{
	v -= v >> 1 & 0x5555555555555555ull;
	v = (v & 0x3333333333333333ull) + (v >> 2 & 0x3333333333333333ull);
	v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return v * 0x0101010101010101ull >> 56;
}

/* Another CPU may do the same at the same moment: each bit is one CPU's alone. */
static __always_inline __u64 take_bits(__u64 *bits, __u64 which)
{
	which &= *bits;
	return which ? __sync_fetch_and_and(bits, ~which) & which : 0;
}

static __always_inline void find_in_block(struct pages *p, __u64 block)
{
	struct pagecache_way *w = way_of(tag_of(p->mapping, block));
	__u64 wanted;

	if (likely(!w))
		return;
	wanted = bits_of(block, p->first, p->last);
	for (int i = 0; i < PAGECACHE_OWNERS; i++) {
		__u64 got;

		if (w->owner[i] != p->target)
			continue;
		got = take_bits(&w->bits[i], wanted);
		if (!got)
			continue;
		p->missed += ones(got);
		p->asked += ones(got & bits_of(block, p->near_first, p->near_last));
	}
}

static long find_nth(__u32 i, void *arg)
{
	struct pages *p = arg;

	find_in_block(p, (p->first >> PAGECACHE_BLOCK_SHIFT) + i);
	return 0;
}

static __always_inline __u32 blocks_of(const struct pages *p)
{
	__u64 n = (p->last >> PAGECACHE_BLOCK_SHIFT) - (p->first >> PAGECACHE_BLOCK_SHIFT) + 1;

	return n < MAX_BLOCKS ? n : MAX_BLOCKS;
}

/* They are read: which had been fetched for that? */
static __always_inline void find_pages(struct pages *p)
{
	if (likely(blocks_of(p) == 1))
		find_in_block(p, p->first >> PAGECACHE_BLOCK_SHIFT);
	else
		bpf_loop(blocks_of(p), find_nth, p, 0);
}

static __always_inline bool is_free(const struct pagecache_way *w)
{
	return !w->bits[0] && !w->bits[1];
}

static __always_inline struct pagecache_way *free_way(struct pagecache_group *g)
{
	if (!g)
		return NULL;
	if (is_free(&g->way[0]))
		return &g->way[0];
	return is_free(&g->way[1]) ? &g->way[1] : NULL;
}

/* For a new block: a free way, or the first, whose pages are forgotten. NULL: another CPU has it. */
static __always_inline struct pagecache_way *claim_way(__u64 tag)
{
	struct pagecache_group *g = group_of(tag, false);
	struct pagecache_way *w = free_way(g);
	__u64 before;

	if (!g)
		return NULL;
	if (!w) {
		w = free_way(group_of(tag, true));
		if (w)
			any_beside = true;
		else
			w = &g->way[0];
	}
	before = w->tag;
	for (int i = 0; i < PAGECACHE_OWNERS; i++) {
		__u64 lost = take_bits(&w->bits[i], ~0ull);

		if (lost)
			drop(PAGECACHE_DROP_PAGES, ones(lost));
	}
	before = __sync_val_compare_and_swap(&w->tag, before, tag) == before ? tag : w->tag;
	return before == tag ? w : NULL;
}

static __always_inline bool put_bits(struct pagecache_way *w, __u32 target, __u64 bits)
{
	for (int i = 0; i < PAGECACHE_OWNERS; i++) {
		if (w->owner[i] != target)
			continue;
		__sync_fetch_and_or(&w->bits[i], bits);
		return true;
	}
	for (int i = 0; i < PAGECACHE_OWNERS; i++) {
		__u32 before = w->owner[i];

		if (w->bits[i] ||
		    __sync_val_compare_and_swap(&w->owner[i], before, target) != before)
			continue;
		__sync_fetch_and_or(&w->bits[i], bits);
		return true;
	}
	return false;
}

static long remember_nth(__u32 i, void *arg)
{
	struct pages *p = arg;
	__u64 block = (p->first >> PAGECACHE_BLOCK_SHIFT) + i;
	__u64 tag = tag_of(p->mapping, block), bits = bits_of(block, p->first, p->last);
	struct pagecache_way *w = way_of(tag);

	if (!w)
		w = claim_way(tag);
	if (!w || !put_bits(w, p->target, bits))
		drop(PAGECACHE_DROP_PAGES, ones(bits));
	return 0;
}

/* They are fetched to be read. */
static __always_inline void remember_pages(struct pages *p)
{
	bpf_loop(blocks_of(p), remember_nth, p, 0);
}

#endif
