/* SPDX-License-Identifier: Apache-2.0 */
/* The same random numbers each time, so that a failure can be repeated. */
#ifndef CBPF_TESTS_FAKE_RANDOM_H
#define CBPF_TESTS_FAKE_RANDOM_H

#include <stdint.h>

/* xorshift64 */
static inline uint64_t random_u64(void)
{
	static uint64_t seed = 88172645463325252ull;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

#endif
