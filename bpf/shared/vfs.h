/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the vfs probe counts for each target, operation and mount. */
#ifndef CBPF_SHARED_VFS_H
#define CBPF_SHARED_VFS_H

#include "hist.h"

/*
 * Four histograms stand together: latencies, and sizes of what moves data. An op's
 * number is the place of its latency: set times HIST_SET plus which of the set; the
 * size's is the next one, which holds bytes less 1 of each call that moved any.
 */
enum vfs_op {
	VFS_READ = 0, /* and 1 */
	VFS_WRITE = 2, /* and 3 */
	VFS_OPEN = 4,
	VFS_CLOSE = 5,
	VFS_STAT = 6,
	VFS_FSYNC = 7,
	VFS_GETDENTS = 8,
	VFS_RENAME = 9,
	VFS_UNLINK = 10,
	VFS_MKDIR = 11,
	VFS_TRUNCATE = 12,
	VFS_FALLOCATE = 13,
	VFS_COPY = 14, /* and 15 */
	VFS_URING_READ = 16, /* and 17 */
	VFS_URING_WRITE = 18, /* and 19 */
	VFS_URING_OTHER = 20,
	VFS_FAULT = 21,
	VFS_OPS = 24
};

#define VFS_SETS (VFS_OPS / HIST_SET)
#define VFS_SIZED(op)                                                                              \
	((op) == VFS_READ || (op) == VFS_WRITE || (op) == VFS_COPY || (op) == VFS_URING_READ ||    \
	 (op) == VFS_URING_WRITE)

/*
 * Of a call's time, what was not spent on a CPU: the first are enum sched_spent. Then of page
 * faults: they were within another call, whose time has them too. The last is in no call's time,
 * as it came after: could have run on the way back to user space.
 */
#define VFS_NESTED 8
#define VFS_RETURN 9
#define VFS_SPENT 10

/* Time is in ns, sizes are in bytes. Of a bank; all of it only grows. */
struct vfs_slot {
	__u64 calls[HIST_SET]; /* that have ended */
	__u64 errors[HIST_SET]; /* of them, failed */
	__u64 spent_ns[HIST_SET][VFS_SPENT];
	struct hist_set hists;
};

/* What a slot is of: rows are made when they are first used, and stay. */
struct vfs_row {
	__u32 target;
	__u16 place; /* index into the mounts; 0: not known */
	__u16 set; /* op / HIST_SET */
};

#define VFS_MAX_ROWS 4096 /* at most; as many as a run's targets are likely to need */

#define VFS_MAX_PLACES 512
#define VFS_NAME_LEN 256 /* of a name within a path, with its end: NAME_MAX */
#define VFS_PATH_LEN                                                                               \
	768 /* of all that is kept; a path of at most 512 bytes is, whatever its names */

enum vfs_state { VFS_EMPTY, VFS_READY, VFS_ABANDONED, VFS_FILLING };

/*
 * Whole names from the last one up, each with its end; a path that has more is told with
 * "..." before it.
 */
struct vfs_path {
	__u32 len; /* bytes of names */
	__u32 cut; /* 1: there were more; 2: it is mounted nowhere, or no more */
	char names[VFS_PATH_LEN];
};

struct vfs_place {
	__u32 state; /* enum vfs_state */
	__u32 dev; /* of its superblock: major << 20 | minor */
	__u32 mount_id; /* as in /proc/PID/mountinfo */
	__u32 pad;
	char fs[32]; /* its type */
	struct vfs_path at; /* where it is mounted, as whoever used it sees it */
};

/* Failed calls, by reason. */
struct vfs_error {
	__u32 row;
	__u16 which; /* op % HIST_SET */
	__u16 code; /* errno */
};

#define VFS_MAX_ERRORS 4096

/* Files that a target uses. */
struct vfs_file_key {
	__u64 inode;
	__u32 dev;
	__u32 target;
	__u32 inode_generation; /* a number of an inode is given out again; not with this one */
	__u32 pad;
};

/* Of open files: f_flags, but for how they were opened a bit for each way: 1 << O_RDONLY, ... */
#define VFS_FLAG_MODES 017

struct vfs_file {
	struct vfs_file_key key;
	__u32 state; /* enum vfs_state */
	__u32 place;
	__u32 flags; /* all that were seen; as above */
	__u32 generation; /* how many files have had this place */
	__u64 weight; /* calls of all of them */
	__u64 before; /* of that, before this file had it: its own were at most so many */
	__u64 calls[3]; /* that read, that write, and others */
	__u64 bytes[2]; /* read, written */
	__u64 ns[3];
	__u64 direct; /* of the calls that read or write, those past the page cache */
	/* Of the first place of a set: calls on files that had no place in it then. */
	__u64 skipped;
	struct vfs_path name; /* when it was first used */
};

#define VFS_FILE_WAYS 8 /* places that a file may have: a set */

/* Calls and page faults that have begun and not ended. */
struct vfs_unfinished {
	__u64 calls; /* how many; the rest is of the one that began first */
	__u64 since_ns;
	__u32 op; /* enum vfs_op */
	__u32 target;
};

enum vfs_drop {
	VFS_DROP_TASK, /* calls of tasks that there was no memory to remember */
	VFS_DROP_ROW, /* calls for which there was no row left */
	VFS_DROP_PLACE, /* mounts for which there was no room: not known */
	VFS_DROP_ERROR, /* failures whose reason there was no room for */
	VFS_DROP_URING, /* requests of io_uring that there was no room for */
	VFS_DROP_URING_UNSEEN, /* requests of io_uring that complete without being told */
	VFS_DROP_FAULT, /* page faults whose file could not be looked up */
	VFS_DROP_AIO, /* requests of io_submit(2), which are not followed */
	VFS_DROP_RETURN, /* calls and page faults that were not seen to end */
	VFS_DROP_COMPAT, /* calls of 32-bit programs, which are not followed */
	VFS_DROPS
};

#endif
