/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What happens at nearly every event stands together, since each line of code has to be fetched. */
#ifndef CBPF_LIKELY_BPF_H
#define CBPF_LIKELY_BPF_H

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/*
 * All ones for a negative number, else 0. For loops without a branch, of which the verifier would
 * follow both ways each time; hidden from the compiler, which would make one of it.
 */
static __always_inline __u64 sign_mask(__s64 v)
{
	asm("%0 s>>= 63" : "+r"(v));
	return v;
}

#endif
