/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Page faults on mappings of files. */
#ifndef CBPF_VFS_FAULT_BPF_H
#define CBPF_VFS_FAULT_BPF_H

#include "vfs_call.bpf.h"

#define FAULT_FAILED 0x873 /* VM_FAULT_ERROR: OOM, SIGBUS, HWPOISON, SIGSEGV, FALLBACK */
#define FAULT_RETRY 0x400 /* VM_FAULT_RETRY: it comes again, after what it waited for */
#define FAULT 14 /* EFAULT */

/* Not static, to be verified once. */
__noinline int count_fault(struct task_memory *m, __u32 place, __u64 ns, __u32 failed)
{
	if (!m)
		return 0;
	count_call(find_row(row_key(m->in_target - 1, place, VFS_FAULT)), VFS_FAULT, ns,
		   failed ? -FAULT : 0);
	return 0;
}

static __always_inline int fault_begins(struct vm_area_struct *vma)
{
	struct task_memory *m = task_of_target(bpf_get_current_task_btf());
	struct vfs_look look = { 0 };

	if (!m || m->fault_ns)
		return 0;
	if (!look_at(&look, (__u64)BPF_CORE_READ(vma, vm_file)))
		return 0;
	m->fault_place = look.place;
	m->fault_ns = bpf_ktime_get_ns();
	return 0;
}

static __always_inline int fault_ends(__u32 result)
{
	struct task_memory *m = memory_of(bpf_get_current_task_btf(), false);
	__u64 ns;

	if (!m || !m->fault_ns || result & FAULT_RETRY)
		return 0;
	ns = bpf_ktime_get_ns() - m->fault_ns;
	m->fault_ns = 0;
	count_fault(m, m->fault_place, ns, result & FAULT_FAILED);
	/* Within a call its time is the call's. */
	if (!m->call_ns)
		budget(m, m->in_target, ns);
	return 0;
}

static long see_area(struct task_struct *task, struct vm_area_struct *vma, void *arg)
{
	/* As a number: what the verifier knows to be a pointer cannot be passed on. */
	bpf_core_read(arg, sizeof(__u64), &vma->vm_file);
	return 0;
}

/* Where only its begin is told: it is counted, without its time. */
static __always_inline int fault_is_seen(__u64 address)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_memory *m = task_of_target(task);
	struct vfs_look look = { 0 };
	__u64 file = 0;

	if (!m)
		return 0;
	bpf_find_vma(task, address, see_area, &file, 0);
	if (!file || !look_at(&look, file))
		return 0;
	return count_fault(m, look.place, NO_LATENCY, 0);
}

#endif
