/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Faults of file mappings. Each is one access, of the page that it is at, whatever the kernel
 * tries for it: first it maps what is there of the pages around; if that one is not among them,
 * it looks for it, and fetches it; and it may have to begin again. A miss is told as for reads:
 * the page was fetched for faults of this target, and is mapped for the first time since.
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
		count(&slot->n[PAGECACHE_FAULTS], 1);
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
	count(&slot->n[PAGECACHE_FAULT_MISSED], 1);
}

/* Pages that a fault looks at. */
struct window {
	struct pages p;
	struct address_space *cache; /* of the file: where they are looked for */
	__u64 at; /* the page that it is at */
	__u64 fetched; /* which of them wait for faults, as bits */
	__u64 at_fetched; /* whether @at does */
};

static __always_inline __u64 *bits_for_faults(struct pagecache_way *w, __u32 target)
{
	target |= PAGECACHE_BY_FAULTS;
	return w->owner[0] == target ? &w->bits[0] : w->owner[1] == target ? &w->bits[1] : NULL;
}

/* Those that the kernel leaves out are not mapped, and wait on. */
static long map_nth(__u32 i, void *arg)
{
	struct window *w = arg;
	__u64 block = (w->p.first >> PAGECACHE_BLOCK_SHIFT) + i, waiting, *bits;
	struct pagecache_way *way = way_of(tag_of(w->p.mapping, block));

	bits = way ? bits_for_faults(way, w->p.target) : NULL;
	waiting = bits ? *bits & bits_of(block, w->p.first, w->p.last) : 0;
	if (likely(!waiting))
		return 0;
	w->fetched |= waiting;
	if (w->at >> PAGECACHE_BLOCK_SHIFT == block)
		w->at_fetched |= waiting & 1ull << (w->at & (BLOCK_PAGES - 1));
	take_bits(bits, mappable_of(w->cache, block, waiting));
	return 0;
}

/* A user's fault at @address begins. */
static __always_inline int fault_at(__u64 address)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_memory *m = target_of(task) ? memory_of(task) : NULL;

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

/*
 * What is there of @first to @last is mapped; the fault is at @index, if that is told. If not,
 * it is taken to be at one that was fetched, if there is any.
 */
static __always_inline int maps_around(struct address_space *cache, __u64 key, __u64 first,
				       __u64 last, __u64 index)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 target = target_of(task);
	struct window w = { .p = { .mapping = key, .first = first, .last = last, .target = target },
			    .cache = cache };
	struct pagecache_slot *slot = slot_of(target);
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
	bpf_loop(blocks_of(&w.p), map_nth, &w, 0);
	if (w.at == NO_PAGE ? w.fetched : w.at_fetched)
		fault_misses(slot, m);
	return 0;
}

/* It was not there to be mapped. */
static __always_inline int looks_for_page(__u64 mapping, __u64 index)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 target = target_of(task);
	struct pagecache_slot *slot = slot_of(target);
	struct pages p = { .mapping = mapping, .first = index, .last = index };
	struct task_memory *m = slot ? memory_made(task) : NULL;

	if (!m)
		return 0;
	fault_goes_on(task, slot, m, &p);
	p.target = target | PAGECACHE_BY_FAULTS;
	find_pages(&p);
	if (p.missed)
		fault_misses(slot, m);
	return 0;
}

/* Pages @p come into the cache in it; those besides its own wait for later ones. */
static __always_inline void fault_fetches(struct pagecache_slot *slot, struct task_memory *m,
					  struct pages *p)
{
	p->target |= PAGECACHE_BY_FAULTS;
	remember_pages(p);
	if (m->fault_first < p->first || m->fault_first > p->last)
		return;
	fault_misses(slot, m);
	p->first = m->fault_first;
	p->last = m->fault_first;
	find_pages(p);
}

#endif
