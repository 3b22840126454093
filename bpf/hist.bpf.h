/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Adding a value to a shared histogram, from any CPU. */
#ifndef CBPF_HIST_BPF_H
#define CBPF_HIST_BPF_H

#include "shared/hist.h"

/* Floor of the binary logarithm; clang 14 cannot compile __builtin_clzll for BPF. */
static __always_inline __u32 hist_log2(__u64 v)
{
	__u32 exp = 0;

	if (v >> 32) {
		exp = 32;
		v >>= 32;
	}
	if (v >> 16) {
		exp += 16;
		v >>= 16;
	}
	if (v >> 8) {
		exp += 8;
		v >>= 8;
	}
	if (v >> 4) {
		exp += 4;
		v >>= 4;
	}
	if (v >> 2) {
		exp += 2;
		v >>= 2;
	}
	return exp + (v >> 1);
}

/* As hist_bucket() of user space. */
static __always_inline __u32 hist_bucket(__u64 v)
{
	__u32 exp, bucket;

	if (v < HIST_SUB)
		return v;
	exp = hist_log2(v);
	bucket = (exp - HIST_SUB_BITS) * HIST_SUB + (__u32)(v >> (exp - HIST_SUB_BITS));
	return exp > HIST_MAX_EXP ? HIST_BUCKETS - 1 : bucket;
}

#define HIST_MAX_TRIES 8

/* Not static, so that the verifier looks at it once and not at each call. */
__noinline int hist_record(struct hist *h, __u64 v)
{
	__u32 bucket = hist_bucket(v);
	__u64 max;

	if (!h)
		return 0;
	max = h->max;
	__sync_fetch_and_add(&h->count, 1);
	__sync_fetch_and_add(&h->sum, v);
	/* Each failed try means that another CPU raised the maximum. */
	for (int i = 0; i < HIST_MAX_TRIES && v > max; i++) {
		__u64 seen = __sync_val_compare_and_swap(&h->max, max, v);

		if (seen == max)
			break;
		max = seen;
	}
	/* Pinned, so that the bound below is not optimised into one the verifier cannot follow. */
	asm volatile("" : "+r"(bucket));
	if (bucket < HIST_BUCKETS)
		__sync_fetch_and_add(&h->bucket[bucket], 1);
	return 0;
}

#endif
