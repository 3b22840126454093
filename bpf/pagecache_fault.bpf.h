/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Faults of file mappings. Each is one access, of the page that it is at, whatever the kernel
 * tries for it: first it maps what is there of the pages around; if that one is not among them,
 * it looks for it, and fetches it; and it may have to begin again. A miss is told as for reads:
 * the page was fetched for faults of this target, and is mapped for the first time since.
 */
#ifndef CBPF_PAGECACHE_FAULT_BPF_H
#define CBPF_PAGECACHE_FAULT_BPF_H

#include "pagecache_read.bpf.h"

#define NO_PAGE (~0ull) /* not told which it is at */
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

/*
 * What is there of @p is mapped; the fault is at @index. Where that is not told, what was
 * there of most of them is taken for it.
 */
static __always_inline int maps_around(struct address_space *mapping, struct pages *p, __u64 index)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 target = target_of(task);
	struct pagecache_slot *slot = slot_of(target);
	struct task_memory *m;
	__u64 end;

	if (!slot || BPF_CORE_READ(mapping, host, i_sb, s_magic) == MEMORY_FILES)
		return 0;
	m = memory_made(task);
	end = (BPF_CORE_READ(mapping, host, i_size) - 1) >> page_shift;
	if (p->last > end)
		p->last = end;
	if (!m || p->first > p->last)
		return 0;
	fault_goes_on(task, slot, m, p);
	p->target = target | PAGECACHE_BY_FAULTS;
	p->near_first = index; /* asked is that one */
	p->near_last = index;
	find_pages(p);
	if (index == NO_PAGE ? p->missed * 2 > p->last - p->first : p->asked)
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
	struct task_memory *m;

	m = slot ? memory_made(task) : NULL;
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
