/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Requests of io_uring, from their submission to their completion. */
#ifndef CBPF_VFS_URING_BPF_H
#define CBPF_VFS_URING_BPF_H

#include "vfs_call.bpf.h"

const volatile bool uring_has_cqe = true; /* the completion's tracepoint passes the entry */
const volatile bool uring_has_ring = false; /* the submission's passes the ring before it */
const volatile bool uring_failed_has_ring = false; /* the refusal's does */

/* When what it is about is known: its file. */
enum uring_about {
	URING_NO_FILE, /* never: a path, or what is not open */
	URING_FILE, /* when it is submitted */
	URING_FILE_LATER, /* when it completes, as the request has it then */
};

struct uring_start {
	__u64 at_ns;
	__u32 target; /* index + 1 */
	__u8 op;
	__u8 about; /* enum uring_about */
	__u16 place;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384); /* in flight */
	__type(key, __u64); /* the request */
	__type(value, struct uring_start);
} uring_starts SEC(".maps");

/* Numbers of the interface, which never change. */
enum {
	URING_READV = 1,
	URING_WRITEV = 2,
	URING_FSYNC = 3,
	URING_READ_FIXED = 4,
	URING_WRITE_FIXED = 5,
	URING_SYNC_RANGE = 8,
	URING_FALLOCATE = 17,
	URING_OPENAT = 18,
	URING_CLOSE = 19,
	URING_STATX = 21,
	URING_READ = 22,
	URING_WRITE = 23,
	URING_OPENAT2 = 28,
	URING_RENAMEAT = 35,
	URING_UNLINKAT = 36,
	URING_MKDIRAT = 37,
	URING_FTRUNCATE = 55,
	URING_READV_FIXED = 60,
	URING_WRITEV_FIXED = 61,
};

/* Of a request's flags, those that came with it. */
#define REQ_FIXED_FILE (1 << 0)
#define REQ_SILENT (1 << 6) /* it completes without a word, unless it fails */

#define URING_BIT(op) (1ull << (op))
#define URING_READS                                                                                \
	(URING_BIT(URING_READV) | URING_BIT(URING_READ_FIXED) | URING_BIT(URING_READ) |            \
	 URING_BIT(URING_READV_FIXED))
#define URING_WRITES                                                                               \
	(URING_BIT(URING_WRITEV) | URING_BIT(URING_WRITE_FIXED) | URING_BIT(URING_WRITE) |         \
	 URING_BIT(URING_WRITEV_FIXED))
#define URING_ON_FILES                                                                             \
	(URING_READS | URING_WRITES | URING_BIT(URING_FSYNC) | URING_BIT(URING_SYNC_RANGE) |       \
	 URING_BIT(URING_FALLOCATE) | URING_BIT(URING_FTRUNCATE))
#define URING_ON_PATHS                                                                             \
	(URING_BIT(URING_OPENAT) | URING_BIT(URING_STATX) | URING_BIT(URING_OPENAT2) |             \
	 URING_BIT(URING_RENAMEAT) | URING_BIT(URING_UNLINKAT) | URING_BIT(URING_MKDIRAT) |        \
	 URING_BIT(URING_CLOSE))

static __always_inline __s32 uring_result(__u64 cqe)
{
	return BPF_CORE_READ((struct io_uring_cqe *)cqe, res);
}

bool uring_any; /* was there ever a request of a target? */

/*
 * What was remembered of @key was never told to complete: its completion found no room in
 * the ring, and its memory is another request's now, which does not count.
 */
static __always_inline void uring_forgets(__u64 key)
{
	if (unlikely(uring_any) && !bpf_map_delete_elem(&uring_starts, &key))
		lose(VFS_DROP_URING_UNSEEN);
}

static __always_inline int uring_submits(__u64 key)
{
	struct uring_start start = { 0 };
	struct io_kiocb *req = (void *)key;
	__u32 opcode = BPF_CORE_READ(req, opcode);
	__u64 bit, flags;

	bit = opcode < 64 ? URING_BIT(opcode) : 0;
	if (bit & (URING_ON_FILES | URING_ON_PATHS))
		start.target = target_of_current();
	if (!start.target) {
		uring_forgets(key);
		return 0;
	}
	flags = BPF_CORE_READ(req, flags);
	if (flags & REQ_SILENT) {
		uring_forgets(key);
		lose(VFS_DROP_URING_UNSEEN);
		return 0;
	}
	if (opcode == URING_CLOSE || (bit & URING_ON_FILES && !(flags & REQ_FIXED_FILE))) {
		struct vfs_look look = { 0 };
		__u32 fd = opcode == URING_CLOSE ? BPF_CORE_READ((struct io_close *)&req->cmd, fd)
						 : BPF_CORE_READ(req, cqe.fd);
		__u64 file = file_of(fd);

		if (file && !look_at(&look, file)) {
			uring_forgets(key);
			return 0;
		}
		start.place = look.place;
		/* It may be opened by the request before. */
		start.about = file		      ? URING_FILE
			      : opcode == URING_CLOSE ? URING_NO_FILE
						      : URING_FILE_LATER;
	} else {
		start.about = bit & URING_ON_FILES ? URING_FILE_LATER : URING_NO_FILE;
	}
	start.op = bit & URING_READS	? VFS_URING_READ
		   : bit & URING_WRITES ? VFS_URING_WRITE
					: VFS_URING_OTHER;
	start.at_ns = bpf_ktime_get_ns();
	if (unlikely(!uring_any))
		uring_any = true;
	if (!bpf_map_update_elem(&uring_starts, &key, &start, BPF_NOEXIST))
		return 0;
	/* Used again without having been seen to complete, or there is no room. */
	if (bpf_map_update_elem(&uring_starts, &key, &start, BPF_EXIST))
		lose(VFS_DROP_URING);
	else
		lose(VFS_DROP_URING_UNSEEN);
	return 0;
}

static __always_inline int uring_completes(__u64 req, __s32 res)
{
	struct uring_start *found = bpf_map_lookup_elem(&uring_starts, &req), start;
	struct vfs_look look = { 0 };

	if (!found)
		return 0;
	start = *found;
	bpf_map_delete_elem(&uring_starts, &req);
	if (start.about == URING_FILE_LATER) {
		__u64 file = (__u64)BPF_CORE_READ((struct io_kiocb *)req, file);

		if (file && !look_at(&look, file))
			return 0;
		start.place = look.place;
		start.about = file ? URING_FILE : URING_NO_FILE;
	}
	if (res == -BADF && start.about == URING_NO_FILE)
		return 0;
	return count_call(find_some_row(row_key(start.target - 1, start.place, start.op)), start.op,
			  bpf_ktime_get_ns() - start.at_ns, res);
}

#endif
