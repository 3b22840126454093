/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A system call of a target's task, from its begin to its end. */
#ifndef CBPF_VFS_CALL_BPF_H
#define CBPF_VFS_CALL_BPF_H

#include "shared/vfs_calls.h"
#include "target.bpf.h"
#include "vfs_count.bpf.h"

#define BADF 9
#define INTR 4
#define RESTART_FIRST 512 /* ERESTARTSYS */
#define RESTART_NO_INTR 513 /* it is restarted whatever happens */
#define RESTART_LAST 516 /* ERESTART_RESTARTBLOCK */
#define RESTART_DECIDED 0x8000 /* it will be, by the first handler that ran */

/*
 * What is remembered of the current task if it is one of a target. Whose it is is
 * looked up again when it is in other cgroups than before.
 */
static __always_inline struct task_memory *task_of_target(struct task_struct *task)
{
	struct task_memory *m = memory_of(task, false);
	__u64 css_set = (__u64)task->cgroups;
	__u32 target;

	if (likely(m && m->css_set == css_set))
		return m->in_target ? m : NULL;
	target = target_of_current();
	if (!m && !target)
		return NULL;
	if (!m)
		m = memory_of(task, true);
	if (!m) {
		lose(VFS_DROP_TASK);
		return NULL;
	}
	m->css_set = css_set;
	m->in_target = target;
	m->look.dentry = 0; /* files are counted per target */
	m->look.target = target;
	return target ? m : NULL;
}

/* Nothing is counted for the call. */
static __always_inline void forget(struct task_memory *m)
{
	m->call_ns = 0;
	if (unlikely(m->call_left)) {
		for (__u32 i = 0; i < SCHED_SPENT; i++)
			m->spent_ns[i] = 0;
		m->call_left = 0;
	}
}

/* Nothing is counted for the fault that it was in. */
static __always_inline void forget_fault(struct task_memory *m)
{
	if (!m->fault_retry)
		lose(VFS_DROP_RETURN);
	m->fault_retry = 0;
	m->fault_ns = 0;
	if (!m->call_ns)
		forget(m);
}

#define EMPTY_PATH 0x1000 /* AT_EMPTY_PATH */
#define FDCWD (-100) /* AT_FDCWD */

static __always_inline bool names_nothing(struct pt_regs *regs, __u32 kind)
{
	const char *name = (void *)PT_REGS_PARM2_SYSCALL(regs);
	__u32 flags = kind == VFS_BY_FD_OR_PATH3 ? PT_REGS_PARM3_SYSCALL(regs)
						 : PT_REGS_PARM4_SYSCALL(regs);
	char first = 0;

	if (!(flags & EMPTY_PATH))
		return false;
	return !name || (!bpf_probe_read_user(&first, 1, name) && !first);
}

/*
 * The page of a name need not be mapped when the call begins; the kernel has looked at it when the call
 * ends. False: it was on what is no file. Not static, to be verified once.
 */
__noinline int is_on_file(struct task_memory *m)
{
	struct pt_regs *regs;
	__u64 arg;

	if (!m)
		return 0;
	regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	arg = m->call_arg;
	if (!names_nothing(regs, m->call_kind) || (__s32)arg == FDCWD)
		return 1;
	if (!look_at(&m->look, file_of(arg)))
		return 0;
	m->call_place = m->look.place;
	m->call_file = m->look.file;
	return 1;
}

/*
 * The current task begins a call of @op that names its file by @kind. Not static, to
 * be verified once for each backend.
 */
__noinline int call_begins(__u32 op, __u32 kind)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_memory *m = task_of_target(task);
	struct pt_regs *regs;
	__u64 arg;
	bool file;

	if (!m)
		return 0;
	if (unlikely(m->owed_ns))
		count_return(m);
	m->in_throttle = 0; /* of a call that did not pause */
	m->ended_row = 0;
	regs = (void *)bpf_task_pt_regs(task);
	arg = PT_REGS_PARM1_SYSCALL(regs);
	if (unlikely(m->fault_ns))
		forget_fault(m); /* no call begins within one */
	if (unlikely(m->call_ns)) {
		__u16 restart = m->call_restart;

		m->call_restart = 0;
		if (restart && m->call_op == op && m->call_arg == arg &&
		    m->call_ip == PT_REGS_IP(regs))
			return 0; /* it goes on */
		/* The handler's own I/O, before it goes on: its time begins anew then. */
		if (!restart)
			lose(VFS_DROP_RETURN);
		forget(m);
	}
	m->call_place = 0;
	switch (kind) {
	case VFS_BY_FD: file = look_at(&m->look, file_of(arg)); break;
	case VFS_BY_FDS2:
		file = look_at(&m->look, file_of(PT_REGS_PARM2_SYSCALL(regs))) ||
		       look_at(&m->look, file_of(arg));
		break;
	case VFS_BY_FDS:
		file = look_at(&m->look, file_of(arg)) ||
		       look_at(&m->look, file_of(PT_REGS_PARM3_SYSCALL(regs)));
		break;
	case VFS_BY_NOTHING:
		__sync_fetch_and_add(&drops[VFS_DROP_AIO], PT_REGS_PARM2_SYSCALL(regs));
		return 0;
	case VFS_BY_FD_OR_PATH3:
	case VFS_BY_FD_OR_PATH4:
		file = names_nothing(regs, kind);
		/* The working directory has no descriptor. */
		if ((__s32)arg == FDCWD)
			file = false;
		if (file && !look_at(&m->look, file_of(arg)))
			return 0;
		if (!file)
			m->look.dentry = 0;
		file = true;
		break;
	default:
		/* Until the kernel tells. */
		m->look.dentry = 0;
		file = true;
		break;
	}
	if (!file)
		return 0;
	m->call_file = 0;
	if (m->look.dentry) {
		m->call_place = m->look.place;
		m->call_file = m->look.file;
		m->call_direct = m->look.direct;
	}
	m->call_arg = arg;
	m->call_ip = PT_REGS_IP(regs);
	m->call_op = op;
	m->call_kind = kind;
	m->call_target = m->in_target;
	m->call_number = NUMBER_OF(regs);
	m->call_ns = bpf_ktime_get_ns();
	return 0;
}

/* The call that the current task is in has returned @ret to it. Not static, to be verified once. */
__noinline int call_counts(struct task_memory *m, __s64 ret)
{
	__u64 ns, key;
	__u32 op;

	if (!m)
		return 0;
	ns = bpf_ktime_get_ns() - m->call_ns;
	op = m->call_op;
	if (m->call_kind == VFS_BY_RESULT && ret >= 0) {
		if (!look_at(&m->look, file_of(ret))) {
			forget(m);
			return 0;
		}
		m->call_place = m->look.place;
		m->call_file = m->look.file;
	}
	if ((m->call_kind == VFS_BY_FD_OR_PATH3 || m->call_kind == VFS_BY_FD_OR_PATH4) &&
	    unlikely(!is_on_file(m))) {
		forget(m);
		return 0;
	}
	/* The directory is not open, from which the path leads. */
	if (unlikely(ret == -BADF && m->call_kind >= VFS_BY_PATH)) {
		forget(m);
		return 0;
	}
	key = row_key(m->call_target - 1, m->call_place, op);
	if (unlikely(key != m->row_key || !m->row)) {
		m->row_key = key;
		m->row = find_row(key);
		if (unlikely(!m->row)) {
			m->row = find_rest(key);
			m->row_key = ~0ull; /* so that the next one is lost, too */
		}
	}
	m->call_ns = 0;
	m->ended_row = m->row;
	if (n_files)
		count_file(m, op, ns, ret);
	if (unlikely(m->call_left))
		count_spent(m, m->row, op);
	count_call(m->row, op, ns, ret);
	return 0;
}

/* A call of @op has returned. */
static __always_inline int call_ends(__u32 op, __s64 ret)
{
	struct task_memory *m = memory_of(bpf_get_current_task_btf(), false);

	if (!m || !m->call_ns)
		return 0;
	/* Neither the end of that one was seen nor the begin of this one. */
	if (unlikely(m->call_op != op)) {
		if (!m->call_restart) /* or it is a handler's */
			lose(VFS_DROP_RETURN);
		m->call_restart = 0;
		forget(m);
		return 0;
	}
	if (unlikely(ret <= -RESTART_FIRST && ret >= -RESTART_LAST)) {
		m->call_restart = -ret;
		return 0;
	}
	return call_counts(m, ret);
}

#define SA_RESTARTS 0x10000000ul /* SA_RESTART */

/* Signals that do not end a process that has no handler for them: CHLD, CONT, STOP, ..., WINCH. */
#define MILD (1u << 17 | 1u << 18 | 1u << 19 | 1u << 20 | 1u << 21 | 1u << 22 | 1u << 23 | 1u << 28)

/*
 * A signal decides whether a call that it interrupted is begun again: the first one that
 * has a handler.
 */
static __always_inline int signal_comes(__u32 number, const struct k_sigaction *action)
{
	struct task_memory *m = memory_of(bpf_get_current_task_btf(), false);
	__u16 restart;
	__u64 handler;

	if (likely(!m) || !m->call_restart || m->call_restart & RESTART_DECIDED)
		return 0;
	restart = m->call_restart;
	handler = (__u64)BPF_CORE_READ(action, sa.sa_handler);
	/* Without a handler (or ignored: 1) it does not matter, or it kills. */
	if (handler == 1 || (!handler && number < 32 && MILD >> number & 1))
		return 0;
	if (handler &&
	    (restart == RESTART_NO_INTR ||
	     (restart == RESTART_FIRST && BPF_CORE_READ(action, sa.sa_flags) & SA_RESTARTS))) {
		m->call_restart = restart | RESTART_DECIDED;
		return 0;
	}
	m->call_restart = 0;
	return m->call_ns ? call_counts(m, -INTR) : 0;
}

/* The current task ends, with whatever was not seen to. */
static __always_inline int task_ends(void)
{
	struct task_memory *m = memory_of(bpf_get_current_task_btf(), false);

	if (likely(!m))
		return 0;
	if (m->owed_ns)
		count_return(m);
	if (m->call_ns && !m->call_restart)
		lose(VFS_DROP_RETURN);
	if (m->fault_ns && !m->fault_retry)
		lose(VFS_DROP_RETURN);
	return 0;
}

#endif
