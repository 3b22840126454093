// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What the tasks of each target ask of file systems: calls, bytes, failures, sizes and
 * latencies by operation and mount. A call is seen where it enters and leaves the
 * kernel, so that file systems on top of others count once, and every way to read is a
 * read. Backends differ in how that is seen: fentry, tracepoints or kprobes.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "vfs_call.bpf.h"
#include "vfs_fault.bpf.h"
#include "vfs_uring.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* What to do at a call: its op and enum vfs_kind; as VFS_COOKIE() puts them together. */
#define COOKIE_OP(cookie) ((cookie)&0xff)
#define COOKIE_KIND(cookie) ((cookie) >> 8 & 0x3f)

/* What to do at a call, by its number: 0, or a cookie, VFS_COMPAT, or both. */
const volatile __u16 by_number[VFS_NUMBERS];

static __always_inline __u32 cookie_of(__u64 number)
{
	if (number >= VFS_NUMBERS)
		return 0;
	asm volatile("" : "+r"(number));
	return number < VFS_NUMBERS ? by_number[number] : 0;
}

struct thread_info___x86 {
	__u32 status;
} __attribute__((preserve_access_index));

#define TS_COMPAT 2 /* the call has its number from the 32-bit table */

static __always_inline bool is_compat(void)
{
	struct thread_info___x86 *info = (void *)&bpf_get_current_task_btf()->thread_info;

	return bpf_core_field_exists(info->status) && BPF_CORE_READ(info, status) & TS_COMPAT;
}

SEC("tp_btf/sys_enter")
int on_enter(__u64 *ctx)
{
	__u32 cookie = cookie_of(ctx[1]);

	if (likely(!cookie))
		return 0;
	if (unlikely(is_compat())) {
		if (cookie & VFS_COMPAT && target_of_current())
			lose(VFS_DROP_COMPAT);
		return 0;
	}
	return cookie & VFS_COUNTED ? call_begins(COOKIE_OP(cookie), COOKIE_KIND(cookie)) : 0;
}

SEC("tp_btf/sys_exit")
int on_exit(__u64 *ctx)
{
	struct pt_regs *regs = (void *)ctx[0];
	__u32 cookie = cookie_of(NUMBER_OF(regs));

	if (likely(!(cookie & VFS_COUNTED)))
		return 0;
	return call_ends(COOKIE_OP(cookie), ctx[1]);
}

SEC("kprobe")
int on_call(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx);

	return call_begins(COOKIE_OP(cookie), COOKIE_KIND(cookie));
}

SEC("kretprobe")
int on_return(struct pt_regs *ctx)
{
	return call_ends(COOKIE_OP(bpf_get_attach_cookie(ctx)), PT_REGS_RC(ctx));
}

/* A pair for each function, whose name is put in when it is loaded. */
#define ON_CALL(name, op, kind, number)                                                            \
	SEC("fentry")                                                                              \
	int on_##name(void *ctx)                                                                   \
	{                                                                                          \
		return call_begins(VFS_##op, VFS_BY_##kind);                                       \
	}                                                                                          \
	SEC("fexit")                                                                               \
	int on_##name##_done(__u64 *ctx)                                                           \
	{                                                                                          \
		return call_ends(VFS_##op, ctx[1]);                                                \
	}
VFS_CALLS(ON_CALL)

SEC("tp_btf/sched_process_exec")
int on_exec(__u64 *ctx)
{
	task_execs((void *)ctx[0], (void *)ctx[2]);
	return 0;
}

/* Where an end may be missed: in programs at functions. */
SEC("tp_btf/sched_process_exit")
int on_task_end(__u64 *ctx)
{
	return task_ends();
}

SEC("tp_btf/signal_deliver")
int on_signal(__u64 *ctx)
{
	return signal_comes(ctx[0], (void *)ctx[2]);
}

/* --- calls that have not ended when all that was counted is told --- */

struct vfs_unfinished unfinished;

#define EXITING 4 /* PF_EXITING: in no call any more; what was not seen to end has been told */

/* No other one runs meanwhile. */
SEC("iter/task")
int on_each_task(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[1];
	struct task_memory *m = task ? memory_of(task, false) : NULL;
	__u64 since;

	if (!m || task->flags & EXITING)
		return 0;
	since = m->call_ns ? m->call_ns : m->fault_ns;
	if (!since)
		return 0;
	if (!unfinished.calls++ || since < unfinished.since_ns) {
		unfinished.since_ns = since;
		unfinished.op = m->call_ns ? m->call_op : VFS_FAULT;
		unfinished.target = (m->call_ns ? m->call_target : m->in_target) - 1;
	}
	return 0;
}

/* --- on which mount a call is that names its file: what is asked of the kernel first --- */

static __always_inline int place_is(__u64 mount)
{
	struct task_memory *m = memory_of(bpf_get_current_task_btf(), false);

	if (m && m->call_ns && !m->call_place && !m->look.dentry)
		m->call_place = place_of_mount(mount);
	return 0;
}

SEC("fentry/mnt_want_write")
int on_want_write(__u64 *ctx)
{
	__u64 mount = 0;

	/* As a number: what the verifier knows to be a pointer cannot be passed on. */
	bpf_probe_read_kernel(&mount, sizeof(mount), &ctx[0]);
	return place_is(mount);
}

SEC("kprobe/mnt_want_write")
int on_want_write_call(struct pt_regs *ctx)
{
	return place_is(PT_REGS_PARM1(ctx));
}

SEC("fentry/security_inode_getattr")
int on_getattr(__u64 *ctx)
{
	return place_is((__u64)BPF_CORE_READ((struct path *)ctx[0], mnt));
}

SEC("kprobe/security_inode_getattr")
int on_getattr_call(struct pt_regs *ctx)
{
	return place_is((__u64)BPF_CORE_READ((struct path *)PT_REGS_PARM1(ctx), mnt));
}

/* --- page faults on files --- */

SEC("fentry/handle_mm_fault")
int on_fault(__u64 *ctx)
{
	return fault_begins((void *)ctx[0], ctx[1]);
}

SEC("fexit/handle_mm_fault")
int on_fault_done(__u64 *ctx)
{
	return fault_ends(ctx[4]);
}

SEC("kprobe/handle_mm_fault")
int on_fault_call(struct pt_regs *ctx)
{
	return fault_begins((void *)PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx));
}

SEC("kretprobe/handle_mm_fault")
int on_fault_return(struct pt_regs *ctx)
{
	return fault_ends(PT_REGS_RC(ctx));
}

SEC("tp_btf/page_fault_user")
int on_fault_seen(__u64 *ctx)
{
	return fault_is_seen(ctx[0]);
}

/* Of a buffer that a call was given, for one. */
SEC("tp_btf/page_fault_kernel")
int on_fault_seen_in_call(__u64 *ctx)
{
	return (__s64)ctx[0] < 0 ? 0 : fault_is_seen(ctx[0]);
}

/* --- io_uring --- */

/* io_uring_submit_sqe, later io_uring_submit_req. */
SEC("tp_btf")
int on_uring_submit(__u64 *ctx)
{
	__u64 req;

	/* As the compiler would have it the verifier refuses it: it chooses the address. */
	if (uring_has_ring)
		asm volatile("%0 = *(u64 *)(%1 + 8)" : "=r"(req) : "r"(ctx));
	else
		asm volatile("%0 = *(u64 *)(%1 + 0)" : "=r"(req) : "r"(ctx));
	return uring_submits(req);
}

/* What is refused at once is not told to be submitted; the request is the last but one argument. */
SEC("tp_btf/io_uring_req_failed")
int on_uring_failed(__u64 *ctx)
{
	__u64 req;

	if (uring_failed_has_ring)
		asm volatile("%0 = *(u64 *)(%1 + 16)" : "=r"(req) : "r"(ctx));
	else
		asm volatile("%0 = *(u64 *)(%1 + 8)" : "=r"(req) : "r"(ctx));
	return uring_submits(req);
}

SEC("tp_btf/io_uring_complete")
int on_uring_complete(__u64 *ctx)
{
	__s32 res = uring_has_cqe ? uring_result(ctx[2]) : (__s32)ctx[3];

	return uring_completes(ctx[1], res);
}
