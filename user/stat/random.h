/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers for resampling: the same seed, the same numbers, on every machine. */
#ifndef CBPF_STAT_RANDOM_H
#define CBPF_STAT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct stat_random {
	uint64_t state; /* the seed, to begin with: any */
};

/* SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. */
static inline uint64_t stat_random_next(struct stat_random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* Below @n > 0; what is uneven about it is less than n / 2^64. */
static inline size_t stat_random_below(struct stat_random *r, size_t n)
{
	return (size_t)((unsigned __int128)stat_random_next(r) * n >> 64);
}

#endif
