/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Adding a value to a histogram of a bank. */
#ifndef CBPF_HIST_BPF_H
#define CBPF_HIST_BPF_H

#include "count.bpf.h"
#include "shared/hist.h"

/* By the topmost six bits of (2^(n+1) - 1) * LOG2_MULTIPLIER, which differ for all n. */
static const __u8 log2_of[64] = {
	0,  47, 1,  56, 48, 27, 2,  60, 57, 49, 41, 37, 28, 16, 3,  61, 54, 58, 35, 52, 50, 42,
	21, 44, 38, 32, 29, 23, 17, 11, 4,  62, 46, 55, 26, 59, 40, 36, 15, 53, 34, 51, 20, 43,
	31, 22, 10, 45, 25, 39, 14, 33, 19, 30, 9,  24, 13, 18, 8,  12, 7,  6,	5,  63,
};
#define LOG2_MULTIPLIER 0x03f79d71b4cb0a89ull

/*
 * Floor of the binary logarithm; clang 14 cannot compile __builtin_clzll for BPF.
 * Without branches, which latencies would make the CPU guess wrong.
 */
static __always_inline __u32 hist_log2(__u64 v)
{
	v |= v >> 1;
	v |= v >> 2;
	v |= v >> 4;
	v |= v >> 8;
	v |= v >> 16;
	v |= v >> 32;
	return log2_of[v * LOG2_MULTIPLIER >> 58];
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

/* Each failed try means that another CPU raised the maximum. */
static __always_inline void hist_raise(bool shared, __u64 *to, __u64 v)
{
	__u64 max = *to;

	if (!shared_banks && !shared) {
		if (v > max)
			*to = v;
		return;
	}
	for (int i = 0; i < HIST_MAX_TRIES && v > max; i++) {
		__u64 seen = __sync_val_compare_and_swap(to, max, v);

		if (seen == max)
			break;
		max = seen;
	}
}

#define HIST_SHARED 0x100 /* with which: as count_by() */

/* Not static, so that the verifier looks at it once and not at each call. */
__noinline int hist_record(struct hist_set *set, __u32 which, __u64 v)
{
	bool shared = which & HIST_SHARED;
	__u32 at;

	if (!set)
		return 0;
	which &= HIST_SET - 1;
	at = hist_bucket(v) * HIST_SET + which;
	count_by(shared, &set->of[which].sum, v);
	hist_raise(shared, &set->of[which].max, v);
	/* Pinned, so that the bound below is not optimised into one the verifier cannot follow. */
	asm volatile("" : "+r"(at));
	if (at >= HIST_BUCKETS * HIST_SET)
		return 0;
	if (shared_banks || shared)
		__sync_fetch_and_add(&((__u32 *)set->bucket)[at], 1);
	else
		((__u32 *)set->bucket)[at]++;
	return 0;
}

#endif
