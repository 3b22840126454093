/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the scheduler probe counts for each target. */
#ifndef CBPF_SHARED_SCHED_H
#define CBPF_SHARED_SCHED_H

#include "hist.h"

/* Why a task is not on a CPU although it was not taken from it. */
enum sched_off {
	SCHED_IO, /* waits for I/O, as the kernel's own iowait has it */
	SCHED_LOCK, /* waits for a lock of the kernel that sleeps: mutex, rwsem, percpu, rt */
	SCHED_BLOCKED, /* cannot be interrupted, for another reason */
	SCHED_SLEEP, /* waits for what somebody else does: a timer, a pipe, a futex, a child */
	SCHED_THROTTLE, /* has dirtied pages faster than they are written, and is made to pause */
	SCHED_INODE, /* waits for the lock of the inode that its call is about */
	SCHED_JOURNAL, /* waits for the file system's journal to be written, or for room in it */
	SCHED_OFFS
};

/* Where the time of a call went, besides running; the first are enum sched_off. */
enum sched_spent {
	SCHED_SPENT_RUNQ = SCHED_OFFS, /* could have run */
	SCHED_SPENT
};

enum sched_hist {
	SCHED_RUNQ, /* ns from being able to run until running */
	SCHED_IO_NS, /* ns of each wait for I/O */
	SCHED_LOCK_NS, /* ns of each wait for a lock */
	SCHED_OTHER_NS, /* ns of each other wait */
	SCHED_HISTS
};

/* What one CPU, or a few that share it, has counted for a target. All of it only grows. */
struct sched_slot {
	__u64 oncpu_ns; /* of slices that have ended */
	__u64 slices;
	__u64 preempted; /* slices that ended although the task could have gone on */
	__u64 missed; /* tasks that ran without having been seen to wake up */
	__u64 off_ns[SCHED_OFFS]; /* of waits that have ended */
	__u64 pad[5];
	struct hist_set hists; /* by enum sched_hist */
};

/* What a CPU does now, on a cache line of its own. */
struct sched_running {
	__u64 since_ns;
	__u32 target; /* index + 1; 0: nobody of the targets */
	__u32 pad;
	__u64 pad2[6];
};

/* Who took a CPU from a task of a target. */
#define SCHED_BY_OTHERS 0xfffffffd /* processes of no target */
#define SCHED_BY_KERNEL 0xfffffffe /* a thread of the kernel */
#define SCHED_BY_NOBODY 0xffffffff /* the CPU went idle: a quota was used up */

struct sched_pair {
	__u32 victim; /* target */
	__u32 by; /* target, or SCHED_BY_* */
};

#define SCHED_CODES 4 /* functions in which tasks wait for a journal, and nothing else */

/* A function of the kernel; of size 0: not known, or not there. */
struct sched_code {
	__u64 from, size;
};

#define SCHED_PAIRS 4096 /* at most; further ones are a loss */

enum sched_drop {
	SCHED_DROP_TASK, /* a task that could not be remembered: no memory */
	SCHED_DROP_PAIR, /* preemptions by whom there was no room for */
	SCHED_DROPS
};

#endif
