/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the perf probe counts for each target, by one event per CPU. */
#ifndef CBPF_SHARED_PERF_H
#define CBPF_SHARED_PERF_H

#define PERF_EVENTS 32 /* at most */

/* As the kernel tells an event, or the difference of two of these. */
struct perf_reading {
	__u64 counter;
	__u64 enabled_ns; /* the event was wanted */
	__u64 running_ns; /* and it had a counter of the hardware */
};

/* What goes on on one CPU. */
struct perf_cpu {
	__u32 owner; /* who has it: index of a target + 1; 0: nobody of these */
	__u32 busy; /* a program is charging what was counted here */
	__u32 based; /* bit for each event: its base is known */
	__u32 task; /* pid of who was last seen to get it, and 1; 0: nobody yet */
	__u64 fill[6]; /* to a cache line */
	struct perf_reading base[PERF_EVENTS]; /* when the owner got it, or was charged last */
};

enum perf_drop {
	PERF_DROP_READ, /* an event could not be read: a slice of one is not counted */
	PERF_DROP_SWITCH, /* a switch that was not told, and seen by the next one */
	PERF_DROP_BUSY, /* a program was interrupted by another one: what follows is the first's */
	PERF_DROPS
};

#endif
