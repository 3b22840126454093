/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What is remembered of a task of a target, for the probes that look at tasks: one
 * map for them, so that the one that sees a call's begin and end knows what the
 * scheduler did in between.
 */
#ifndef CBPF_TASK_BPF_H
#define CBPF_TASK_BPF_H

#include "shared/sched.h"

#ifdef __TARGET_ARCH_arm64
#define NUMBER_OF(regs) ((regs)->syscallno)
#else
#define NUMBER_OF(regs) ((regs)->orig_ax)
#endif

/* What is zero was made by a task that runs. */
enum task_now { TASK_IS_RUNNING, TASK_IS_RUNNABLE, TASK_IS_DEAD, TASK_IS_OFF };

/* What a file was found to be. */
struct vfs_look {
	__u64 mount, dentry; /* of the file: addresses */
	__u16 place; /* index of that mount */
	__u8 is_file; /* regular, a directory or a block device */
	__u8 direct; /* opened with O_DIRECT */
	__u32 file; /* index + 1 of what is counted for it; 0: nothing; or FILE_HAS_NONE */
	__u32 target; /* index + 1: for whom */
	__u32 generation; /* of that */
	__u64 opened; /* the struct file, where files are told apart, */
	__u32 flags; /* and its f_flags */
	__u32 pad;
};

struct task_memory {
	/* Of the scheduler probe. */
	__u64 at_ns; /* since when */
	__u32 target; /* index + 1: whose it was then */
	__u16 now; /* enum task_now; from TASK_IS_OFF on, and enum sched_off */
	__u8 in_lock; /* waits for a lock, or did */
	__u8 in_throttle; /* waits until fewer pages are dirty, or did */

	/* Of the call that it is in. The first is 0 between calls. */
	__u64 call_ns; /* since when */
	__u64 call_arg; /* the first one, and where it was called from: to know it again */
	__u64 call_ip;
	__u32 call_target; /* index + 1 */
	__u8 call_op; /* enum vfs_op */
	__u8 call_kind; /* enum vfs_kind: what to look at when it ends */
	__u16 call_place;
	__u16 call_restart; /* the kernel may begin it again: why, as ERESTART* */
	__u8 call_left; /* it was off the CPU within it: spent_ns is not all 0 */
	__u8 call_direct;
	__u32 call_file; /* index + 1 of what is counted for it */
	__u64 spent_ns[SCHED_SPENT]; /* within it, by enum sched_spent */
	__u64 fault_ns; /* when a page fault on a file began; 0: in none */
	__u64 fault_address;
	__u32 fault_place;
	__u16 fault_retry; /* it has not ended: it comes again, or never */
	__u16 on_return; /* it left the CPU on its way back to user space from the last call */
	__u32 ended_row; /* index + 1 of what that was counted for; 0: there was another call since */
	__u32 call_number; /* of the system call */
	__u64 owed_ns; /* such waits, until they are counted */

	/* What is likely to be the same at the next call. */
	__u64 css_set; /* the cgroups that it is in: */
	__u32 in_target; /* index + 1 of that */
	__u32 row; /* index + 1 of what is counted for: */
	__u64 row_key;
	struct vfs_look look;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_memory);
} tasks SEC(".maps");

static __always_inline struct task_memory *memory_of(struct task_struct *task, bool create)
{
	return bpf_task_storage_get(&tasks, task, NULL,
				    create ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
}

#endif
