// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What targets did with the page cache: pages read, fetched, dirtied, written back and evicted. */
#include "vmlinux.h"

#ifdef __TARGET_ARCH_arm64
struct user_pt_regs { /* of the system call's interface; the type header has x86's */
	__u64 regs[31], sp, pc, pstate;
};
#endif

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "pagecache_fault.bpf.h"
#include "pagecache_folio.bpf.h"
#include "pagecache_read.bpf.h"
#include "shared/pagecache.h"
#include "target_memory.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u64 cloned_flag = 0; /* of a bio; its pages are the first one's */

/*
 * Whether the last page that the tracepoint tells is the one beyond: kernels
 * differ. Found out by a read of our own, or by the first of a single page.
 */
__u64 last_is_beyond = 1;
__u32 try_task; /* whose read that is */

/* --- reads --- */

/* Since 6.12. */
SEC("tp_btf/mm_filemap_get_pages")
int on_get_pages(__u64 *ctx)
{
	struct address_space *mapping = (void *)ctx[0];
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 target = target_of(task);
	struct pagecache_slot *slot = slot_of(target);
	struct pages p = {
		.mapping = key_of(mapping), .first = ctx[1], .last = ctx[2], .target = target
	};
	__u64 end;

	if (!slot)
		return 0;
	if (unlikely(last_is_beyond)) {
		if (p.last == p.first)
			last_is_beyond = 0;
		else
			p.last--;
	}
	end = (mapping->host->i_size - 1) >> page_shift;
	if (p.last > end)
		p.last = end;
	if (p.first <= p.last)
		read_batch(task, slot, &p);
	return 0;
}

SEC("tp_btf/mm_filemap_get_pages")
int on_try(__u64 *ctx)
{
	if ((__u32)bpf_get_current_pid_tgid() == try_task)
		last_is_beyond = ctx[2] - ctx[1];
	return 0;
}

SEC("fexit/filemap_read")
int on_read(__u64 *ctx)
{
	struct kiocb *iocb = (void *)ctx[0];
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 target = target_of(task);

	if (target)
		read_done(task, target, key_of(iocb->ki_filp->f_mapping), iocb->ki_pos,
			  (__s64)ctx[3] - (__s64)ctx[2]);
	return 0;
}

/* Since 6.5; before it was one of the reads. */
SEC("fexit/filemap_splice_read")
int on_splice(__u64 *ctx)
{
	struct file *file = (void *)ctx[0];
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 target = target_of(task);
	__u64 end;

	if (target && !bpf_probe_read_kernel(&end, sizeof(end), (void *)ctx[1]))
		read_done(task, target, key_of(file->f_mapping), end, ctx[5]);
	return 0;
}

SEC("kprobe/filemap_read")
int BPF_KPROBE(on_read_begin, struct kiocb *iocb, struct iov_iter *to, __s64 done)
{
	read_begins(BPF_CORE_READ(iocb, ki_filp), BPF_CORE_READ(iocb, ki_pos),
		    BPF_CORE_READ(to, count), done);
	return 0;
}

SEC("kretprobe/filemap_read")
int BPF_KRETPROBE(on_read_end, long ret)
{
	read_returns(ret);
	return 0;
}

/* Nor is the last read of a task always seen to return. */
SEC("tp_btf/sched_process_exit")
int on_task_exit(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct task_memory *m = memory_of(task);

	if (m)
		read_was_not_seen_to_return(task, target_of(task), m);
	return 0;
}

SEC("kprobe/filemap_splice_read")
int BPF_KPROBE(on_splice_begin, struct file *file, __u64 *at, void *pipe, __u64 wanted)
{
	__u64 begin;

	if (!bpf_probe_read_kernel(&begin, sizeof(begin), at))
		read_begins(file, begin, wanted, 0);
	return 0;
}

SEC("kretprobe/filemap_splice_read")
int BPF_KRETPROBE(on_splice_end, long ret)
{
	read_returns(ret);
	return 0;
}

/* --- faults --- */

/* Since 6.12. */
SEC("tp_btf/mm_filemap_map_pages")
int on_map_pages(__u64 *ctx)
{
	struct address_space *mapping = (void *)ctx[0];

	return maps_around(mapping, key_of(mapping), ctx[1], ctx[2], NO_PAGE);
}

/* On x86; where there is none, which page is meant is not told. */
SEC("tp_btf/page_fault_user")
int on_user_fault(__u64 *ctx)
{
	return fault_at(ctx[0]);
}

SEC("tp_btf/page_fault_kernel")
int on_kernel_fault(__u64 *ctx)
{
	return fault_at(ctx[0]);
}

SEC("tp_btf/mm_filemap_fault")
int on_fault(__u64 *ctx)
{
	struct address_space *mapping = (void *)ctx[0];

	return looks_for_page(mapping, key_of(mapping), ctx[1]);
}

SEC("fentry/filemap_map_pages")
int on_map_begin(__u64 *ctx)
{
	struct vm_fault *vmf = (void *)ctx[0];
	struct address_space *mapping = vmf->vma->vm_file->f_mapping;

	return maps_around(mapping, key_of(mapping), ctx[1], ctx[2], vmf->pgoff);
}

SEC("fentry/filemap_fault")
int on_fault_begin(__u64 *ctx)
{
	struct vm_fault *vmf = (void *)ctx[0];
	struct address_space *mapping = vmf->vma->vm_file->f_mapping;

	return looks_for_page(mapping, key_of(mapping), vmf->pgoff);
}

SEC("kprobe/filemap_map_pages")
int BPF_KPROBE(on_map_kprobe, struct vm_fault *vmf, unsigned long first, unsigned long last)
{
	struct address_space *mapping = BPF_CORE_READ(vmf, vma, vm_file, f_mapping);

	return maps_around(mapping, untyped_key_of(mapping), first, last,
			   BPF_CORE_READ(vmf, pgoff));
}

SEC("kprobe/filemap_fault")
int BPF_KPROBE(on_fault_kprobe, struct vm_fault *vmf)
{
	struct address_space *mapping = BPF_CORE_READ(vmf, vma, vm_file, f_mapping);

	return looks_for_page(mapping, untyped_key_of(mapping), BPF_CORE_READ(vmf, pgoff));
}

/* --- what comes into the cache and leaves it --- */

static __always_inline void add_near(struct task_memory *m, const struct pages *p, bool is_device)
{
	if (m->near_mapping != p->mapping) {
		/* The file system reads its own blocks in order to fetch the file's. */
		if (m->near_mapping && is_device)
			return;
		m->near_mapping = p->mapping;
		m->near_first = p->first;
		m->near_last = p->last;
		return;
	}
	if (p->first < m->near_first)
		m->near_first = p->first;
	if (p->last > m->near_last)
		m->near_last = p->last;
}

#define NOFS 0x00040000 /* PF_MEMALLOC_NOFS: set by what fetches pages to be read */

SEC("tp_btf/mm_filemap_add_to_page_cache")
int on_add(__u64 *ctx)
{
	struct folio *folio = (void *)ctx[0];
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 target = target_of(task);
	struct pagecache_slot *slot = slot_of(target);
	struct address_space *mapping;
	struct task_memory *m;
	struct pages p = { .target = target };
	__u64 n;
	bool is_device;

	if (!slot)
		return 0;
	n = folio_pages(folio);
	mapping = folio->mapping;
	p.mapping = key_of(mapping);
	p.first = folio->index;
	p.last = p.first + n - 1;
	is_device = is_block_device(mapping->host);
	m = memory_of(task);
	if (in_fault(task, m, p.mapping)) {
		count(&slot->n[PAGECACHE_FAULT_ADDED], n);
		fault_fetches(slot, m, &p);
	} else if (!task->journal_info && ((task->flags & NOFS) || (m && m->in_order))) {
		/* Within a transaction it would be the file system's own need. */
		count(&slot->n[PAGECACHE_FETCHED], n);
		remember_pages(&p);
		m = m ? m : memory_made(task);
		if (m)
			add_near(m, &p, is_device);
	} else if (!is_device) {
		count(&slot->n[PAGECACHE_OTHER_ADDED], n);
	}
	return 0;
}

/* Before 6.10 what fetches large folios does not set NOFS. */
static __always_inline void large_folios(bool begin)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_memory *m = target_of(task) ? memory_made(task) : NULL;

	if (m)
		m->in_order = begin;
}

SEC("fentry/page_cache_ra_order")
int on_order(__u64 *ctx)
{
	large_folios(true);
	return 0;
}

SEC("fexit/page_cache_ra_order")
int on_order_end(__u64 *ctx)
{
	large_folios(false);
	return 0;
}

SEC("kprobe/page_cache_ra_order")
int BPF_KPROBE(on_order_kprobe)
{
	large_folios(true);
	return 0;
}

SEC("kretprobe/page_cache_ra_order")
int BPF_KRETPROBE(on_order_return)
{
	large_folios(false);
	return 0;
}

/* They leave the cache: nobody will read them. */
static long forget_nth(__u32 i, void *arg)
{
	struct pages *p = arg;
	__u64 block = (p->first >> PAGECACHE_BLOCK_SHIFT) + i;
	struct pagecache_way *w = way_of(tag_of(p->mapping, block));
	__u64 bits = bits_of(block, p->first, p->last);

	if (likely(!w))
		return 0;
	for (int k = 0; k < PAGECACHE_OWNERS; k++) {
		struct pagecache_slot *slot = slot_of(w->owner[k]);
		__u64 got = take_bits(&w->bits[k], bits);

		if (got && slot)
			count(&slot->n[PAGECACHE_WASTED], ones(got));
	}
	return 0;
}

SEC("tp_btf/mm_filemap_delete_from_page_cache")
int on_delete(__u64 *ctx)
{
	struct folio *folio = (void *)ctx[0];
	struct address_space *mapping = folio->mapping;
	struct pages p = { .mapping = key_of(mapping), .first = folio->index };
	struct pagecache_slot *slot;
	struct inode *inode;
	__u64 n;

	if (folio_has(folio, PG_swapbacked))
		return 0; /* memory that looks like a file */
	n = folio_pages(folio);
	p.last = p.first + n - 1;
	if (likely(blocks_of(&p) == 1))
		forget_nth(0, &p);
	else
		bpf_loop(blocks_of(&p), forget_nth, &p, 0);
	inode = mapping->host;
	/* What was cut off or removed is not evicted. */
	if (!inode->i_nlink || p.first << page_shift >= inode->i_size)
		return 0;
	slot = slot_of(target_of_memory(folio->memcg_data));
	if (slot)
		count(&slot->n[PAGECACHE_EVICTED], n);
	return 0;
}

/* --- what is written --- */

SEC("tp_btf/writeback_dirty_folio")
int on_dirty(__u64 *ctx)
{
	struct folio *folio = (void *)ctx[0];
	struct pagecache_slot *slot = slot_of(target_of(bpf_get_current_task_btf()));

	if (slot)
		count(&slot->n[PAGECACHE_DIRTIED], folio_pages(folio));
	return 0;
}

#define OP_MASK 0xff
#define OP_WRITE 1

SEC("tp_btf/block_bio_queue")
int on_bio(__u64 *ctx)
{
	struct bio *bio = (void *)ctx[0];
	struct pagecache_slot *slot;
	struct folio *folio;

	if ((bio->bi_opf & OP_MASK) != OP_WRITE || !bio->bi_iter.bi_size ||
	    (bio->bi_flags & cloned_flag))
		return 0;
	folio = folio_of(bio->bi_io_vec->bv_page);
	/* Direct I/O may be from pages of the cache, too, but these are not being written back. */
	if (!folio_has(folio, PG_writeback) || folio_has(folio, PG_swapbacked))
		return 0;
	slot = slot_of(target_of_memory(BPF_CORE_READ(folio, memcg_data)));
	if (slot)
		count(&slot->n[PAGECACHE_WRITTEN_BYTES], bio->bi_iter.bi_size);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int on_exec(__u64 *ctx)
{
	task_execs((void *)ctx[0], (void *)ctx[2]);
	return 0;
}
