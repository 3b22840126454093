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

#endif
