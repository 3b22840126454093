/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Faults of file mappings. Each is one access, of the page that it is at, whatever the kernel
 * tries for it: first it maps what is there of the pages around; if that one is not among them,
 * it looks for it, and fetches it; and it may have to begin again. A miss is told as for reads:
 * the page was fetched for this target, and is neither read nor mapped before.
 */
#ifndef CBPF_PAGECACHE_FAULT_BPF_H
#define CBPF_PAGECACHE_FAULT_BPF_H

#include "pagecache_folio.bpf.h"
#include "pagecache_read.bpf.h"

#define NO_PAGE (~0ull) /* not told which it is at */
#define AROUND 16 /* pages: the kernel's own default of fault_around_bytes */
#define MEMORY_FILES 0x01021994 /* TMPFS_MAGIC: whose pages have no cache of theirs */

/* The kernel counts each fault when it has ended. */
static __always_inline __u64 faults_of(const struct task_struct *task)
{
	return task->min_flt + task->maj_flt;
}

/* Is it in a fault of @mapping? */
static __always_inline bool in_fault(struct task_struct *task, const struct task_memory *m,
				     __u64 mapping)
{
	return m && m->fault == mapping && m->fault_nth == faults_of(task);
}

/* Pages of @p are looked at for a fault: the same as before, or another one? */
static __always_inline void fault_goes_on(struct task_struct *task, struct pagecache_slot *slot,
					  struct task_memory *m, const struct pages *p)
{
	/* Those on the kernel's own behalf are not counted by it: they are elsewhere, then. */
	if (!in_fault(task, m, p->mapping) || p->last < m->fault_first ||
	    p->first > m->fault_last) {
		count_by(true, &slot->n[PAGECACHE_FAULTS], 1);
		m->fault = p->mapping;
		m->fault_nth = faults_of(task);
		m->fault_missed = 0;
	}
	m->fault_first = p->first;
	m->fault_last = p->last;
}

static __always_inline void fault_misses(struct pagecache_slot *slot, struct task_memory *m)
{
	if (m->fault_missed)
		return;
	m->fault_missed = 1;
	count_by(true, &slot->n[PAGECACHE_FAULT_MISSED], 1);
}

/* Pages that a fault looks at. */
struct window {
	struct pages p;
	__u64 cache; /* of the file, where they are looked for: an address; 0: all are there */
	__u64 at; /* the page that it is at */
	__u64 fetched; /* which of them nobody has used yet, as bits */
	__u64 at_fetched; /* whether @at is one */
	__u64 took; /* those of them that had been fetched to be read */
};

/* What the kernel leaves out is not mapped, and waits on. */
static long map_nth(__u32 i, void *arg)
{
	struct window *w = arg;
	__u64 block = (w->p.first >> PAGECACHE_BLOCK_SHIFT) + i, waiting, used;
	struct pagecache_way *way = way_of(tag_of(w->p.mapping, block));

	if (likely(!way))
		return 0;
	waiting = bits_of(block, w->p.first, w->p.last);
	for (int k = 0; k < PAGECACHE_OWNERS; k++) {
		used = (way->owner[k] & ~PAGECACHE_BY_FAULTS) == w->p.target
			       ? way->bits[k] & waiting
			       : 0;
		if (!used)
			continue;
		w->fetched |= used;
		if (w->at >> PAGECACHE_BLOCK_SHIFT == block)
			w->at_fetched |= used & 1ull << (w->at & (BLOCK_PAGES - 1));
		if (w->cache)
			used = mappable_of(w->cache, block, used);
		used = take_bits(&way->bits[k], used);
		if (!(way->owner[k] & PAGECACHE_BY_FAULTS))
			w->took += ones(used);
	}
	return 0;
}

/* A fault at @address begins, of whomever. */
static __always_inline int fault_at(__u64 address)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_memory *m = memory_of(task); /* of targets' tasks alone */

	if (m) {
		m->address = address;
		m->address_nth = faults_of(task);
	}
	return 0;
}

/* Which of @p it is at: what is mapped around begins where addresses are multiples of it. */
static __always_inline __u64 page_of_fault(struct task_struct *task, const struct task_memory *m,
					   const struct pages *p)
{
	__u64 nth = m->address >> page_shift & (AROUND - 1), pages = p->last - p->first + 1;

	return m->address && m->address_nth == faults_of(task) && nth < pages && pages <= AROUND
		       ? p->first + nth
		       : NO_PAGE;
}

/* The folio at @index, if a fault at it maps all of it: into @first and @last. */
static __always_inline void widen(struct address_space *cache, __u64 index, __u64 least,
				  __u64 *first, __u64 *last)
{
	__u64 leaf = leaf_in(cache, index >> SLOT_SHIFT), entry, n;
	const struct folio *folio;

	entry = leaf ? leaf_slot(leaf, index & (SLOTS - 1)) : 0;
	if (!is_folio(entry))
		return;
	folio = (const void *)entry;
	n = folio_pages(folio);
	if (n < least || !is_mapped_whole(n))
		return;
	*first = BPF_CORE_READ(folio, index);
	*last = *first + n - 1;
}

/*
 * What is there of @first to @last is mapped, or all of a huge folio; the fault is at @index, if
 * that is told. If not, it is taken to be at a page that was fetched, if there is any.
 */
static __always_inline int maps_around(struct address_space *cache, __u64 key, __u64 first,
				       __u64 last, __u64 index)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct window w = {
		.p = { .mapping = key, .first = first, .last = last, .target = target_of(task) }
	};
	struct pagecache_slot *slot = slot_of(w.p.target);
	struct task_memory *m;
	__u64 end;

	if (!slot || BPF_CORE_READ(cache, host, i_sb, s_magic) == MEMORY_FILES)
		return 0;
	m = memory_made(task);
	if (!m)
		return 0;
	w.at = index == NO_PAGE ? page_of_fault(task, m, &w.p) : index;
	end = (BPF_CORE_READ(cache, host, i_size) - 1) >> page_shift;
	if (w.p.last > end)
		w.p.last = end;
	if (w.p.first > w.p.last)
		return 0;
	fault_goes_on(task, slot, m, &w.p);
	bpf_probe_read_kernel(&w.cache, sizeof(w.cache), &cache); /* as a number */
	if (w.at != NO_PAGE)
		widen(cache, w.at, 1ull << (HUGE_SHIFT - 12), &w.p.first, &w.p.last);
	bpf_loop(blocks_of(&w.p), map_nth, &w, 0);
	if (w.took)
		count_by(true, &slot->n[PAGECACHE_FAULT_TOOK], w.took);
	if (w.at == NO_PAGE ? w.fetched : w.at_fetched)
		fault_misses(slot, m);
	return 0;
}

/* It was not there to be mapped. What it finds is mapped, with the rest of its folio if that goes. */
static __always_inline int looks_for_page(struct address_space *cache, __u64 key, __u64 index)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct window w = {
		.p = { .mapping = key, .first = index, .last = index, .target = target_of(task) },
		.at = index
	};
	struct pagecache_slot *slot = slot_of(w.p.target);
	struct task_memory *m = slot ? memory_made(task) : NULL;

	if (!m)
		return 0;
	fault_goes_on(task, slot, m, &w.p);
	widen(cache, index, 2, &w.p.first, &w.p.last);
	bpf_loop(blocks_of(&w.p), map_nth, &w, 0);
	if (w.took)
		count_by(true, &slot->n[PAGECACHE_FAULT_TOOK], w.took);
	if (w.at_fetched)
		fault_misses(slot, m);
	return 0;
}

/* Pages @p come into the cache in it; those that are not mapped by it wait for later ones. */
static __always_inline void fault_fetches(struct pagecache_slot *slot, struct task_memory *m,
					  struct pages *p)
{
	bool is_its_own = m->fault_first >= p->first && m->fault_first <= p->last;

	if (is_its_own)
		fault_misses(slot, m);
	if (is_its_own && is_mapped_whole(p->last - p->first + 1))
		return;
	p->target |= PAGECACHE_BY_FAULTS;
	remember_pages(p);
	if (!is_its_own)
		return;
	p->first = m->fault_first;
	p->last = m->fault_first;
	find_pages(p);
}

#endif
