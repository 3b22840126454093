/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What kernels say of a folio, each in its own way. */
#ifndef CBPF_PAGECACHE_FOLIO_BPF_H
#define CBPF_PAGECACHE_FOLIO_BPF_H

struct folio___until_6_17 {
	unsigned long flags;
} __attribute__((preserve_access_index));

struct folio___until_6_5 {
	unsigned char _folio_order;
} __attribute__((preserve_access_index));

static __always_inline unsigned long folio_flags(const struct folio *folio)
{
	const struct folio___until_6_17 *old = (const void *)folio;

	if (bpf_core_field_exists(folio->flags.f))
		return BPF_CORE_READ(folio, flags.f);
	return BPF_CORE_READ(old, flags);
}

#define folio_has(folio, flag) (folio_flags(folio) >> bpf_core_enum_value(enum pageflags, flag) & 1)

static __always_inline __u64 folio_pages(const struct folio *folio)
{
	const struct folio___until_6_5 *old = (const void *)folio;
	__u32 order;

	if (!folio_has(folio, PG_head))
		return 1;
	if (bpf_core_field_exists(old->_folio_order))
		order = BPF_CORE_READ(old, _folio_order);
	else
		order = BPF_CORE_READ(folio, _flags_1) & 0xff;
	return 1ull << (order & 31);
}

/* The folio of a page, which may be any of its pages. */
static __always_inline struct folio *folio_of(struct page *page)
{
	unsigned long head = BPF_CORE_READ(page, compound_head);

	return head & 1 ? (void *)(head - 1) : (void *)page;
}

#define TYPE_MASK 0170000
#define BLOCK_DEVICE 0060000

static __always_inline bool is_block_device(const struct inode *inode)
{
	return (inode->i_mode & TYPE_MASK) == BLOCK_DEVICE;
}

/*
 * What a file's cache has of 64 pages that are adjacent and begin at a multiple of it: a leaf
 * of its tree. Read without its lock, as the kernel does; what changes meanwhile may be missed.
 */
#define SLOT_SHIFT 6
#define SLOTS (1u << SLOT_SHIFT)
#define TREE_DEPTH 8

static __always_inline bool is_node(__u64 entry)
{
	return (entry & 3) == 2 && entry > 4096;
}

static __always_inline __u64 slot_at(__u64 entry, __u32 at)
{
	const struct xa_node *node = (const void *)(entry - 2);
	__u64 v = 0;

	bpf_probe_read_kernel(&v, sizeof(v), &node->slots[at & (SLOTS - 1)]);
	return v;
}

/* Page @at of the 64: of a folio of several the first one has it. */
static __always_inline __u64 leaf_slot(__u64 leaf, __u32 at)
{
	__u64 v;

	if (!is_node(leaf))
		return leaf; /* a folio that is all of them */
	v = slot_at(leaf, at);
	return (v & 3) == 2 && v >> 2 < SLOTS ? slot_at(leaf, v >> 2) : v;
}

/* Not static, to be verified once. */
__noinline __u64 leaf_of(__u64 entry, __u64 block)
{
	for (int i = 0; i < TREE_DEPTH && is_node(entry); i++) {
		const struct xa_node *node = (const void *)(entry - 2);
		__u8 shift = BPF_CORE_READ(node, shift);

		if (!shift)
			return entry;
		entry = leaf_slot(entry, block << SLOT_SHIFT >> (shift & 63));
	}
	return is_node(entry) ? 0 : entry;
}

static __always_inline __u64 leaf_in(struct address_space *cache, __u64 block)
{
	return leaf_of((__u64)BPF_CORE_READ(cache, i_pages.xa_head), block);
}

static __always_inline bool is_folio(__u64 entry)
{
	return entry && !(entry & 3);
}

struct mappable {
	__u64 leaf, wanted, found; /* the latter as bits */
};

static long look_at_nth(__u32 i, void *arg)
{
	struct mappable *m = arg;
	__u64 bit = 1ull << (i & (SLOTS - 1)), entry;
	const struct folio *folio;

	if (!(m->wanted & bit))
		return 0;
	entry = leaf_slot(m->leaf, i);
	folio = (const void *)entry;
	if (is_folio(entry) && folio_has(folio, PG_uptodate) && !folio_has(folio, PG_locked) &&
	    !folio_has(folio, PG_readahead))
		m->found |= bit;
	return 0;
}

/*
 * Those of pages @wanted of a block, as bits, that a fault nearby maps if it can. Not static, as
 * above: @cache is a struct address_space.
 */
__noinline __u64 mappable_of(__u64 cache, __u64 block, __u64 wanted)
{
	struct mappable m = { .leaf = leaf_in((void *)cache, block), .wanted = wanted };

	if (m.leaf)
		bpf_loop(SLOTS, look_at_nth, &m, 0);
	return m.found;
}

#define HUGE_SHIFT 21 /* of what one entry above those of pages maps: a PMD, with pages of 4 KiB */

/* A fault at one page of a folio of @n maps all of them. Since 6.18; if it is a huge one, ever. */
static __always_inline bool is_mapped_whole(__u64 n)
{
	struct folio *folio = NULL;

	return n > 1 && (bpf_core_field_exists(folio->flags.f) || n >= 1ull << (HUGE_SHIFT - 12));
}

#endif
