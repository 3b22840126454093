/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Calls that have ended, counted for the files that they were on. */
#ifndef CBPF_VFS_FILE_COUNT_BPF_H
#define CBPF_VFS_FILE_COUNT_BPF_H

#include "shared/vfs_calls.h"
#include "vfs_place.bpf.h"

enum { FILE_READS, FILE_WRITES, FILE_OTHERS };

/* For the file with place @at, as its generation was found. */
static __always_inline void count_use(__u32 at, __u32 generation, __u32 use, __u64 ns, __s64 ret,
				      bool direct)
{
	struct vfs_file *f = file_at(at);

	if (at & FILE_HAS_NONE) {
		skip(at & ~FILE_HAS_NONE);
		return;
	}
	if (!f)
		return;
	if (f->generation != generation) {
		skip(set_of(at)); /* the place is another one's by now */
		return;
	}
	__sync_fetch_and_add(&f->weight, 1);
	__sync_fetch_and_add(&f->calls[use], 1);
	__sync_fetch_and_add(&f->ns[use], ns);
	if (use == FILE_OTHERS)
		return;
	if (ret > 0)
		__sync_fetch_and_add(&f->bytes[use], ret);
	if (direct)
		__sync_fetch_and_add(&f->direct, 1);
}

/* One end of a copy, which may be no file. Not static, to be verified once. */
__noinline int count_end(struct task_memory *m, __u32 fd, __u32 use, __u64 ns, __s64 ret)
{
	struct vfs_look look = { 0 };

	if (!m || use >= FILE_OTHERS)
		return 0;
	look.target = m->call_target;
	if (look_at(&look, file_of(fd)))
		count_use(look.file, look.generation, use, ns, ret, look.direct);
	return 0;
}

/*
 * Of a copy, one end is read and the other written. Both are looked up when it ends, since
 * but one was when it began.
 */
static __always_inline void count_copy(struct task_memory *m, __u64 ns, __s64 ret)
{
	struct pt_regs *regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	__u32 first = m->call_arg;

	if (m->call_kind == VFS_BY_FDS2) {
		count_end(m, PT_REGS_PARM2_SYSCALL(regs), FILE_READS, ns, ret);
		count_end(m, first, FILE_WRITES, ns, ret);
	} else {
		count_end(m, first, FILE_READS, ns, ret);
		count_end(m, PT_REGS_PARM3_SYSCALL(regs), FILE_WRITES, ns, ret);
	}
}

/* The call of @op that @m was in has returned @ret after @ns. Not static, to be verified once. */
__noinline int count_file(struct task_memory *m, __u32 op, __u64 ns, __s64 ret)
{
	if (!m)
		return 0;
	if (op == VFS_COPY)
		count_copy(m, ns, ret);
	else
		count_use(m->call_file, m->look.generation,
			  op == VFS_READ    ? FILE_READS
			  : op == VFS_WRITE ? FILE_WRITES
					    : FILE_OTHERS,
			  ns, ret, m->call_direct);
	return 0;
}

#endif
