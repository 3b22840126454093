/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Adding to a counter of a bank. */
#ifndef CBPF_COUNT_BPF_H
#define CBPF_COUNT_BPF_H

/*
 * CPUs share banks: count by atomic operations. Otherwise nobody else writes to ours, which
 * holds only while no program that counts in a bank interrupts another one that does on the
 * same CPU. Behind a tracepoint or a kprobe, preemption is off (Linux 6.1 and 6.12, PREEMPT_RT
 * too), and from 6.1 on the kernel does not call a program that an interrupt finds running:
 * so one program alone may count both in tasks and in interrupts. fentry and fexit programs
 * are preempted where the kernel is (preempt=full, PREEMPT_RT): theirs must be true, whatever
 * the number of CPUs, and calls by other tasks are missed while one of them waits inside.
 */
const volatile bool shared_banks = true;

/* shared: by a program that may be preempted, though others in the bank are not. */
static __always_inline void count_by(bool shared, __u64 *counter, __u64 n)
{
	if (shared_banks || shared)
		__sync_fetch_and_add(counter, n);
	else
		*counter += n;
}

static __always_inline void count(__u64 *counter, __u64 n)
{
	count_by(false, counter, n);
}

#endif
