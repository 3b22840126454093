/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The log-linear histogram that kernel and user space share.
 *
 * Values below 16 have a bucket each; above, every power of two is cut into 16
 * equal buckets, so that a bucket's midpoint is at most 1/32 = 3.125 % away from
 * any value in it. Values from 2^37 on (137 s in ns) fall into the last bucket;
 * max and sum stay exact.
 */
#ifndef CBPF_SHARED_HIST_H
#define CBPF_SHARED_HIST_H

#define HIST_SUB_BITS 4
#define HIST_SUB (1 << HIST_SUB_BITS)
#define HIST_MAX_EXP 36 /* the largest power of two that is resolved */
#define HIST_BUCKETS (HIST_SUB + (HIST_MAX_EXP - HIST_SUB_BITS + 1) * HIST_SUB) /* 544 */

/* For arithmetic in user space. */
struct hist {
	__u64 count;
	__u64 sum; /* in the unit of the values */
	__u64 max;
	__u64 bucket[HIST_BUCKETS];
};

/*
 * Histograms that count at the same events, as the kernel side does it. An event
 * finds what it changes on few cache lines: the sums lie together, and so do equal
 * buckets, since times that contain each other are often near each other. Buckets
 * wrap at 2^32, which a reader that looks more often than that does not notice: it
 * takes differences modulo 2^32.
 */
#define HIST_SET 4

struct hist_set {
	struct {
		__u64 sum;
		__u64 max;
	} of[HIST_SET];
	__u32 bucket[HIST_BUCKETS][HIST_SET];
};

#endif
