/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The log-linear latency histogram that kernel and user space share.
 *
 * Values below 16 ns have a bucket each; above, every power of two is cut into
 * 16 equal buckets, so that a bucket's midpoint is at most 1/32 = 3.125 % away
 * from any value in it. Values from 2^37 ns (137 s) on fall into the last
 * bucket; max and sum stay exact.
 */
#ifndef CBPF_SHARED_HIST_H
#define CBPF_SHARED_HIST_H

#define HIST_SUB_BITS 4
#define HIST_SUB (1 << HIST_SUB_BITS)
#define HIST_MAX_EXP 36 /* the largest power of two that is resolved */
#define HIST_BUCKETS (HIST_SUB + (HIST_MAX_EXP - HIST_SUB_BITS + 1) * HIST_SUB) /* 544 */

struct hist {
	__u64 count;
	__u64 sum; /* ns */
	__u64 max; /* ns */
	__u64 bucket[HIST_BUCKETS];
};

#endif
