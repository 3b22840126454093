// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What the scheduler did with the tasks of each target: time on CPUs, time in run
 * queues, and time off CPUs by reason.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "hist.bpf.h"
#include "shared/sched.h"
#include "target.bpf.h"
#include "task.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 bank_mask = 0; /* how many CPUs count together, as in the block probe */
const volatile __u32 n_targets = 0;
const volatile bool state_is_told = true; /* since 5.18 the tracepoint has it */
const volatile __u32 throttle_args = 8; /* of balance_dirty_pages; or 12, by kernel */

/* Where the functions are that wait for a journal. */
struct sched_code codes[SCHED_CODES];

__u64 drops[SCHED_DROPS];

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* targets times banks, when loaded */
	__type(key, __u32);
	__type(value, struct sched_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* for each CPU, when loaded */
	__type(key, __u32);
	__type(value, struct sched_running);
} running SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SCHED_PAIRS);
	__type(key, struct sched_pair);
	__type(value, __u64);
} pairs SEC(".maps");

static __always_inline struct sched_slot *slot_of(__u32 target)
{
	__u32 cpu = bank_mask ? bpf_get_smp_processor_id() & bank_mask : 0;
	__u32 at = (target - 1) * (bank_mask + 1) + cpu;

	return target && target <= n_targets ? bpf_map_lookup_elem(&slots, &at) : NULL;
}

struct task_struct___until_5_13 {
	long state;
} __attribute__((preserve_access_index));

static __always_inline __u64 state_of(struct task_struct *task, __u64 *ctx)
{
	struct task_struct___until_5_13 *old = (void *)task;

	if (state_is_told)
		return (__u32)ctx[3];
	if (bpf_core_field_exists(task->__state))
		return task->__state;
	return BPF_CORE_READ(old, state);
}

#define UNINTERRUPTIBLE 0x2
#define WAKEKILL 0x100 /* together: TASK_KILLABLE */
#define DEAD 0x80 /* since 4.x; what is dead does not come back */
#define KTHREAD 0x00200000 /* PF_KTHREAD */

enum { LOCK_OF_ANY = 1, LOCK_OF_INODE };

#define DEPTH 16 /* the tracepoint's own callers included, and what a lock or XFS has between */

/* Is the current task in one of these functions? Looked at when it leaves the CPU for long, which is slow anyway. */
static __noinline bool is_in_journal(void *ctx)
{
	__u64 stack[DEPTH];
	long n = bpf_get_stack(ctx, stack, sizeof(stack), 0);

	for (__u32 i = 0; i < DEPTH && n >= (long)((i + 1) * sizeof(*stack)); i++)
		for (__u32 k = 0; k < SCHED_CODES; k++)
			if (stack[i] - codes[k].from < codes[k].size)
				return true;
	return false;
}

/*
 * Most tasks that lose the CPU in a call do so on its way back to user space, and since 6.18
 * those whose group has used up its quota, too. The call is over then, but whoever made it waits.
 * What the task entered the kernel with last tells whether it is still that call: another one
 * has another number or, if it is of those that are counted, was seen to begin.
 */
static __always_inline bool is_on_return(struct task_struct *task, const struct task_memory *m)
{
	struct pt_regs *regs;

	if (m->call_ns || !m->ended_row)
		return false;
	regs = (void *)bpf_task_pt_regs(task);
	return (__u32)NUMBER_OF(regs) == m->call_number && PT_REGS_IP(regs) == m->call_ip;
}

static __always_inline __u16 reason_of(void *ctx, struct task_struct *task,
				       const struct task_memory *m, __u64 state)
{
	if (state & DEAD)
		return TASK_IS_DEAD;
	/*
	 * As the kernel pauses. Who may not wait (io_uring, RWF_NOWAIT) is told to pause, too, and
	 * does not: the next wait is another one.
	 */
	if (BPF_CORE_READ_BITFIELD(task, in_iowait))
		return TASK_IS_OFF +
		       (m->in_throttle && state & WAKEKILL ? SCHED_THROTTLE : SCHED_IO);
	if (m->in_lock)
		return TASK_IS_OFF + (m->in_lock == LOCK_OF_INODE ? SCHED_INODE : SCHED_LOCK);
	if (!(state & UNINTERRUPTIBLE))
		return TASK_IS_OFF + SCHED_SLEEP;
	return TASK_IS_OFF + (is_in_journal(ctx) ? SCHED_JOURNAL : SCHED_BLOCKED);
}

/* @next has taken the CPU from a task of @victim, which could have gone on. */
static __always_inline void blame(__u32 victim, struct task_struct *next, __u32 next_target)
{
	struct sched_pair pair = { .victim = victim - 1 };
	__u64 one = 1, *n;

	if (next_target)
		pair.by = next_target - 1;
	else if (!next->pid)
		pair.by = SCHED_BY_NOBODY;
	else
		pair.by = next->flags & KTHREAD ? SCHED_BY_KERNEL : SCHED_BY_OTHERS;
	n = bpf_map_lookup_elem(&pairs, &pair);
	if (!n && !bpf_map_update_elem(&pairs, &pair, &one, BPF_NOEXIST))
		return;
	if (!n)
		n = bpf_map_lookup_elem(&pairs, &pair); /* another CPU was first */
	if (n)
		__sync_fetch_and_add(n, 1);
	else
		__sync_fetch_and_add(&drops[SCHED_DROP_PAIR], 1);
}

/* A task of @target leaves the CPU. */
static __always_inline void leave(void *ctx, struct task_struct *prev, __u32 target, __u64 slice_ns,
				  __u64 now, bool preempt, __u64 state, struct task_struct *next,
				  __u32 next_target)
{
	struct sched_slot *slot = slot_of(target);
	struct task_memory *m = memory_of(prev, true);

	if (slot) {
		count(&slot->oncpu_ns, slice_ns);
		count(&slot->slices, 1);
	}
	/* As the kernel tells involuntary switches from others. */
	if (preempt || !state) {
		if (slot)
			count(&slot->preempted, 1);
		blame(target, next, next_target);
	}
	if (!m) {
		__sync_fetch_and_add(&drops[SCHED_DROP_TASK], 1);
		return;
	}
	m->at_ns = now;
	m->target = target;
	m->now = preempt || !state ? TASK_IS_RUNNABLE : reason_of(ctx, prev, m, state);
	if (m->now != TASK_IS_RUNNABLE)
		m->in_throttle = 0;
	else
		m->on_return = is_on_return(prev, m);
}

/* If it was in a call, that took so much of it. */
static __always_inline void spend(struct task_memory *m, __u32 what, __u64 ns)
{
	if (!m->call_ns && !m->fault_ns)
		return;
	asm volatile("" : "+r"(what));
	if (what < SCHED_SPENT)
		m->spent_ns[what] += ns;
	m->call_left = 1;
}

/* A task of @target gets the CPU. */
static __always_inline void enter(struct task_struct *next, __u32 target, __u64 now)
{
	struct task_memory *m = memory_of(next, false);
	struct sched_slot *slot;
	__u64 ns;

	if (!m)
		return;
	slot = slot_of(target);
	ns = now > m->at_ns ? now - m->at_ns : 0;
	if (m->now == TASK_IS_RUNNABLE) {
		if (slot)
			hist_record(&slot->hists, SCHED_RUNQ, ns);
		spend(m, SCHED_SPENT_RUNQ, ns);
		if (m->on_return) {
			m->owed_ns += ns;
			m->on_return = 0;
		}
	} else if (m->now >= TASK_IS_OFF) {
		if (slot)
			count(&slot->missed, 1);
		/* Both the wait and the queue; the call's time must add up. */
		spend(m, m->now - TASK_IS_OFF, ns);
	}
	m->now = TASK_IS_RUNNING;
}

SEC("tp_btf/sched_switch")
int on_switch(__u64 *ctx)
{
	struct task_struct *prev = (void *)ctx[1], *next = (void *)ctx[2];
	__u32 cpu = bpf_get_smp_processor_id(), target;
	struct sched_running *r = bpf_map_lookup_elem(&running, &cpu);
	__u64 now;

	if (!r)
		return 0;
	target = target_of(next);
	if (likely(!target && !r->target))
		return 0;
	now = bpf_ktime_get_ns();
	/* Whose it was when it got the CPU: it may have been moved meanwhile. */
	if (r->target)
		leave(ctx, prev, r->target, now - r->since_ns, now, ctx[0] & 1, state_of(prev, ctx),
		      next, target);
	r->target = 0;
	barrier();
	r->since_ns = now;
	barrier();
	r->target = target;
	if (target)
		enter(next, target, now);
	return 0;
}

SEC("tp_btf/sched_wakeup")
int on_wakeup(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct task_memory *m = memory_of(task, false);
	struct sched_slot *slot;
	__u64 now, ns;
	__u32 off;

	if (likely(!m) || m->now < TASK_IS_OFF)
		return 0;
	now = bpf_ktime_get_ns();
	off = m->now - TASK_IS_OFF;
	ns = now > m->at_ns ? now - m->at_ns : 0;
	slot = slot_of(m->target);
	m->at_ns = now;
	m->now = TASK_IS_RUNNABLE;
	spend(m, off, ns);
	if (!slot)
		return 0;
	hist_record(&slot->hists,
		    off == SCHED_IO			      ? SCHED_IO_NS
		    : off == SCHED_LOCK || off == SCHED_INODE ? SCHED_LOCK_NS
							      : SCHED_OTHER_NS,
		    ns);
	asm volatile("" : "+r"(off));
	if (off < SCHED_OFFS)
		count(&slot->off_ns[off], ns);
	return 0;
}

SEC("tp_btf/sched_wakeup_new")
int on_wakeup_new(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	__u32 target = target_of(task);
	struct task_memory *m;

	if (!target)
		return 0;
	m = memory_of(task, true);
	if (!m) {
		__sync_fetch_and_add(&drops[SCHED_DROP_TASK], 1);
		return 0;
	}
	m->at_ns = bpf_ktime_get_ns();
	m->target = target;
	m->now = TASK_IS_RUNNABLE;
	return 0;
}

/* Who becomes a target's own program has the CPU already. */
SEC("tp_btf/sched_process_exec")
int on_exec(__u64 *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id(), target;
	struct sched_running *r = bpf_map_lookup_elem(&running, &cpu);

	target = task_execs((void *)ctx[0], (void *)ctx[2]);
	if (!r || !target || r->target)
		return 0;
	r->since_ns = bpf_ktime_get_ns();
	barrier();
	r->target = target;
	return 0;
}

#define LOCK_SPINS 1 /* LCB_F_SPIN: it does not sleep for it, or not yet */

/* Is @lock in the inode of the file that the task's call is about? */
static __always_inline bool is_of_inode(const struct task_memory *m, __u64 lock)
{
	struct dentry *dentry = (void *)m->look.dentry;
	__u64 inode;

	if (!m->call_ns || !dentry)
		return false;
	inode = (__u64)BPF_CORE_READ(dentry, d_inode);
	return lock - inode < bpf_core_type_size(struct inode);
}

/* Since 5.19. */
SEC("tp_btf/contention_begin")
int on_contention_begin(__u64 *ctx)
{
	struct task_memory *m;

	if ((__u32)ctx[1] & LOCK_SPINS)
		return 0;
	m = memory_of(bpf_get_current_task_btf(), false);
	if (m)
		m->in_lock = is_of_inode(m, ctx[0]) ? LOCK_OF_INODE : LOCK_OF_ANY;
	return 0;
}

SEC("tp_btf/contention_end")
int on_contention_end(__u64 *ctx)
{
	struct task_memory *m = memory_of(bpf_get_current_task_btf(), false);

	if (m)
		m->in_lock = 0;
	return 0;
}

/* Before a pause in which others may clean pages; there may be none. */
SEC("tp_btf/balance_dirty_pages")
int on_throttle(__u64 *ctx)
{
	struct task_memory *m;
	__s64 pause; /* jiffies */

	/* Arguments 10 and 6. As the compiler would have it the verifier refuses it. */
	if (throttle_args == 12)
		asm volatile("%0 = *(u64 *)(%1 + 80)" : "=r"(pause) : "r"(ctx));
	else
		asm volatile("%0 = *(u64 *)(%1 + 48)" : "=r"(pause) : "r"(ctx));
	m = pause > 0 ? memory_of(bpf_get_current_task_btf(), false) : NULL;
	if (m)
		m->in_throttle = 1;
	return 0;
}
