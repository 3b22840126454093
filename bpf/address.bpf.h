/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Addresses as numbers, to tell things from each other. */
#ifndef CBPF_ADDRESS_BPF_H
#define CBPF_ADDRESS_BPF_H

__u64 address_base; /* only its address is used */

/*
 * An address as a number. The verifier allows no arithmetic on a typed pointer but
 * the difference of two, and the other one never moves.
 */
static __always_inline __u64 address_key(const void *p, bool typed)
{
	__u64 key = (__u64)p;

	if (typed)
		asm volatile("%0 -= %1" : "+r"(key) : "r"(&address_base));
	return key;
}

#endif
