/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A read through the page cache: which pages, and which of them had to be fetched for it. */
#ifndef CBPF_PAGECACHE_READ_BPF_H
#define CBPF_PAGECACHE_READ_BPF_H

#include "address.bpf.h"
#include "count.bpf.h"
#include "pagecache_pending.bpf.h"
#include "shared/pagecache.h"
#include "target.bpf.h"

const volatile __u32 bank_mask = 0; /* how many CPUs count together, as in the block probe */
const volatile __u32 n_targets = 0;
const volatile __u32 page_shift = 12;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* targets times banks, when loaded */
	__type(key, __u32);
	__type(value, struct pagecache_slot);
} slots SEC(".maps");

/* Of a task of a target. What is not known is 0; no file's mapping is at 0. */
struct task_memory {
	__u64 mapping, index, last; /* what it was told to read last, by tracepoints */
	__u64 first, counted; /* of its call: where it began, and pages that were counted */
	__u64 calls, bytes; /* system calls that read, before that one, and what they read */
	__u64 searched; /* as far as this was searched for pages that had been fetched */
	__u64 near_mapping, near_first, near_last; /* what it has fetched since */
	__u64 fault; /* the mapping of its last fault, if it has not read since, */
	__u64 fault_nth; /* how many it had before, */
	__u64 fault_first, fault_last; /* and the pages that may be meant */
	__u64 address,
		address_nth; /* the last one that a user's fault was at, and after how many */
	__u64 entered, at; /* what kprobes have to keep: which mapping it reads, and where */
	__u64 wanted, done; /* bytes of it, and those that were read before */
	__u32 in_order; /* it is in a function that fetches large folios */
	__u32 target; /* index + 1: whose that call was */
	__u32 fault_missed; /* that fault was at a page that had to be fetched */
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_memory);
} tasks SEC(".maps");

static __always_inline struct pagecache_slot *slot_of(__u32 target)
{
	__u32 cpu = bank_mask ? bpf_get_smp_processor_id() & bank_mask : 0;
	__u32 at = (target - 1) * (bank_mask + 1) + cpu;

	return target && target <= n_targets ? bpf_map_lookup_elem(&slots, &at) : NULL;
}

static __always_inline struct task_memory *memory_of(struct task_struct *task)
{
	return bpf_task_storage_get(&tasks, task, NULL, 0);
}

static __always_inline struct task_memory *memory_made(struct task_struct *task)
{
	struct task_memory *m =
		bpf_task_storage_get(&tasks, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!m)
		drop(PAGECACHE_DROP_TASK, 1);
	return m;
}

static __always_inline __u64 key_of(const struct address_space *mapping)
{
	return address_key(mapping, true);
}

/* The same of what the verifier takes for a number: here one thing is known as both. */
static __always_inline __u64 untyped_key_of(const struct address_space *mapping)
{
	__u64 base = bpf_get_current_task() - address_key(bpf_get_current_task_btf(), true);

	return (__u64)mapping - base;
}

/* It read @p of a file. What it fetched on the way there was for that. */
static __always_inline void search(struct pagecache_slot *slot, struct task_memory *m,
				   struct pages *p)
{
	p->near_first = 1; /* none */
	if (m && m->near_mapping == p->mapping) {
		p->near_first = m->near_first;
		p->near_last = m->near_last;
	}
	find_pages(p);
	if (!p->missed)
		return;
	count(&slot->n[PAGECACHE_MISSED], p->missed);
	if (p->asked)
		count(&slot->n[PAGECACHE_ASKED], p->asked);
}

/* How often the task has called for a read: what happens within one call is one read. */
static __always_inline __u64 calls_of(struct task_struct *task)
{
	return bpf_core_field_exists(task->ioac.syscr) ? task->ioac.syscr : 0;
}

static __always_inline __u64 bytes_of(struct task_struct *task)
{
	return bpf_core_field_exists(task->ioac.rchar) ? task->ioac.rchar : 0;
}

/* Pages that one look for folios can find: much less, but for huge ones. */
#define LOOK_PAGES 1024

/*
 * A call that waits for a page which is being fetched takes what was before it without
 * telling. How much that was its bytes say, once it has ended.
 */
static __always_inline void count_untold(struct pagecache_slot *slot, struct task_memory *m,
					 __u64 calls, __u64 bytes)
{
	__u64 pages = (bytes - m->bytes + (1ull << page_shift) - 1) >> page_shift, untold;
	struct pages p = { .mapping = m->mapping };

	if (calls != m->calls + 1 || pages <= m->counted)
		return;
	untold = pages - m->counted;
	if (untold > m->first || untold > LOOK_PAGES)
		return;
	count(&slot->n[PAGECACHE_ACCESSED], untold);
	p.first = m->first - untold;
	p.last = m->first - 1;
	p.target = m->target;
	p.near_first = 1; /* all of it was fetched before */
	find_pages(&p);
	if (p.missed)
		count(&slot->n[PAGECACHE_MISSED], p.missed);
}

/*
 * The tracepoint tells, for each batch of folios, all that the call is still to
 * read. The first counts, the others only search what was fetched meanwhile; and
 * not all of it, or a large call would be searched as often as it has batches.
 */
static __always_inline void read_batch(struct task_struct *task, struct pagecache_slot *slot,
				       struct pages *p)
{
	struct task_memory *m = memory_of(task);
	__u64 index = p->first, last = p->last, calls = calls_of(task), bytes = bytes_of(task);
	bool goes_on = m && m->last == last && m->mapping == p->mapping && m->index < index &&
		       m->calls == calls;

	if (!goes_on) {
		if (m && m->mapping && m->calls != calls)
			count_untold(slot, m, calls, bytes);
		count(&slot->n[PAGECACHE_ACCESSED], last - index + 1);
	} else if (m->searched < index) {
		p->first = m->searched;
	}
	if (last - index >= LOOK_PAGES)
		p->last = index + LOOK_PAGES - 1;
	search(slot, m, p);
	if (!m && index != last)
		m = memory_made(task);
	if (!m)
		return;
	/* A call that goes on will ask for what it has fetched and not read yet. */
	if (p->last == last)
		m->near_mapping = 0;
	m->fault = 0;
	if (!goes_on) {
		if (m->calls != calls)
			m->counted = 0;
		m->counted += last - index + 1;
		m->first = index;
		m->target = p->target;
		m->calls = calls;
		m->bytes = bytes;
	}
	m->mapping = p->mapping;
	m->index = index;
	m->last = last;
	m->searched = p->last + 1;
}

/* It has read @bytes, up to @end. */
static __always_inline void read_done(struct task_struct *task, __u32 target, __u64 mapping,
				      __u64 end, __s64 bytes)
{
	struct pages p = { .mapping = mapping, .target = target };
	struct pagecache_slot *slot = slot_of(target);
	struct task_memory *m;

	if (!slot || bytes <= 0)
		return;
	p.first = (end - bytes) >> page_shift;
	p.last = (end - 1) >> page_shift;
	count(&slot->n[PAGECACHE_ACCESSED], p.last - p.first + 1);
	m = memory_of(task);
	search(slot, m, &p);
	if (m) {
		m->near_mapping = 0;
		m->fault = 0;
		m->in_order = 0;
	}
}

/* The kernel keeps places for a few returns only. Most reads get what they want. */
static __always_inline void read_was_not_seen_to_return(struct task_struct *task, __u32 target,
							struct task_memory *m)
{
	__u64 mapping = m->entered;

	if (!mapping)
		return;
	drop(PAGECACHE_DROP_RETURN, 1);
	m->entered = 0;
	read_done(task, target, mapping, m->at + m->wanted, m->wanted);
}

/* A read of @wanted bytes of @file begins; @done were read already. */
static __always_inline void read_begins(struct file *file, __u64 at, __u64 wanted, __s64 done)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 target = target_of(task);
	struct task_memory *m = target ? memory_made(task) : NULL;
	struct address_space *mapping;
	__s64 size;

	if (!m)
		return;
	read_was_not_seen_to_return(task, target, m);
	mapping = BPF_CORE_READ(file, f_mapping);
	size = BPF_CORE_READ(mapping, host, i_size);
	m->entered = untyped_key_of(mapping);
	m->at = at;
	m->wanted = size <= (__s64)at ? 0 : at + wanted < size ? wanted : size - at;
	m->done = done;
}

static __always_inline void read_returns(__s64 bytes)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_memory *m = memory_of(task);
	__u64 mapping;

	if (!m || !m->entered)
		return;
	bytes -= m->done;
	mapping = m->entered;
	m->entered = 0;
	read_done(task, target_of(task), mapping, m->at + bytes, bytes);
}

#endif
