/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Page faults on mappings of files. */
#ifndef CBPF_VFS_FAULT_BPF_H
#define CBPF_VFS_FAULT_BPF_H

#include "vfs_call.bpf.h"

#define FAULT_FAILED 0x873 /* VM_FAULT_ERROR: OOM, SIGBUS, HWPOISON, SIGSEGV, FALLBACK */
#define FAULT_RETRY 0x400 /* VM_FAULT_RETRY: it comes again, after what it waited for */
#define FAULT 14 /* EFAULT */
#define BUSY 16 /* EBUSY */

/* Not static, to be verified once. */
__noinline int count_fault(struct task_memory *m, __u32 place, __u64 ns, __u32 failed)
{
	struct vfs_slot *slot;
	__u32 row;

	if (!m)
		return 0;
	row = find_some_row(row_key(m->in_target - 1, place, VFS_FAULT));
	slot = ns == NO_LATENCY ? NULL : slot_of(row);
	if (slot && m->call_ns)
		count_by(true, &slot->spent_ns[VFS_FAULT % HIST_SET][VFS_NESTED], ns);
	else if (slot && m->call_left)
		count_spent(m, row, VFS_FAULT);
	return count_call(row, VFS_FAULT, ns, failed ? -FAULT : 0);
}

struct backing_file___named {
	struct path user_path;
} __attribute__((preserve_access_index));

/*
 * Index of the mount that a mapped file was opened on, or -1: it is no file. A file
 * system on top of others maps those others' files; who opened which is kept beside them.
 */
static __always_inline __s32 place_of_mapped(__u64 file)
{
	struct backing_file___named *backing = (void *)file;
	struct vfs_look look = { 0 };
	struct mount *mount;
	struct vfsmount *mnt;
	__s64 space;

	if (!look_at(&look, file))
		return -1;
	if (!bpf_core_field_exists(backing->user_path))
		return look.place;
	mnt = (void *)look.mount;
	mount = mount_of(look.mount);
	/* A mount of its own in no namespace, but not the kernel's own file system. */
	space = (__s64)BPF_CORE_READ(mount, mnt_ns);
	if (space < 0 && space >= -4095 && !(BPF_CORE_READ(mnt, mnt_sb, s_flags) & NO_USER))
		return place_of_mount((__u64)BPF_CORE_READ(backing, user_path.mnt));
	return look.place;
}

static __always_inline int fault_begins(struct vm_area_struct *vma, __u64 address)
{
	struct task_memory *m = task_of_target(bpf_get_current_task_btf());
	__s32 place;

	if (!m)
		return 0;
	place = place_of_mapped((__u64)BPF_CORE_READ(vma, vm_file));
	if (unlikely(m->fault_ns)) {
		if (m->fault_retry && m->fault_address == address &&
		    m->fault_place == (__u32)place) {
			m->fault_retry = 0;
			return 0; /* it goes on */
		}
		/* A signal's handler went elsewhere before it came again. */
		forget_fault(m);
	}
	if (place < 0)
		return 0;
	m->fault_place = place;
	m->fault_address = address;
	m->fault_ns = bpf_ktime_get_ns();
	return 0;
}

static __always_inline int fault_ends(__u32 result)
{
	struct task_memory *m = memory_of(bpf_get_current_task_btf(), false);
	__u64 ns;

	if (!m || !m->fault_ns)
		return 0;
	if (result & FAULT_RETRY) {
		m->fault_retry = 1;
		return 0;
	}
	ns = bpf_ktime_get_ns() - m->fault_ns;
	m->fault_ns = 0;
	return count_fault(m, m->fault_place, ns, result & FAULT_FAILED);
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
	__u64 file = 0;
	__s32 place;

	/* What may not fault gets no page now: it is tried again, or done otherwise. */
	if (!m || task->pagefault_disabled)
		return 0;
	if (bpf_find_vma(task, address, see_area, &file, 0) == -BUSY) {
		lose(VFS_DROP_FAULT);
		return 0;
	}
	place = file ? place_of_mapped(file) : -1;
	return place < 0 ? 0 : count_fault(m, place, NO_LATENCY, 0);
}

#endif
