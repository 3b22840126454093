/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Adding to a counter of a bank. */
#ifndef CBPF_COUNT_BPF_H
#define CBPF_COUNT_BPF_H

/* CPUs share banks: count by atomic operations. Otherwise nobody else writes to ours. */
const volatile bool shared_banks = true;

static __always_inline void count(__u64 *counter, __u64 n)
{
	if (shared_banks)
		__sync_fetch_and_add(counter, n);
	else
		*counter += n;
}

#endif
