/* SPDX-License-Identifier: Apache-2.0 */
/* Where the k-th transfer of a task goes. */
#ifndef CBPF_IOR_OFFSETS_H
#define CBPF_IOR_OFFSETS_H

#include <stdbool.h>
#include <stdint.h>

struct ior_options;

/* A bijection of [0, n) onto itself that needs no memory: a Feistel network with cycle walking. */
struct permutation {
	uint64_t n;
	uint64_t key;
	unsigned int half_bits;
};

void permutation_init(struct permutation *p, uint64_t n, uint64_t key);
uint64_t permutation_at(const struct permutation *p, uint64_t i);

struct offsets {
	uint64_t n; /* transfers of this task in one pass */
	uint64_t transfer_bytes;
	uint64_t per_block; /* transfers per block */
	uint64_t segment_bytes; /* from one segment to the next in a file */
	uint64_t block_start; /* of this task's block in a segment */
	bool contiguous; /* this task has the file to itself */
	int order; /* as ior_options.random_offset */
	uint64_t first; /* of this task in the permutation */
	struct permutation perm;
};

/*
 * Of @rank among @tasks (its own rank when writing, the one it reads after
 * when reading). A shared file holds segments x tasks x block, a file per
 * process segments x block. @rep matters for a negative seed only.
 */
void offsets_init(struct offsets *ret, const struct ior_options *o, int rank, int tasks, int rep);

/* Byte offset of transfer @k < n in its file. */
uint64_t offsets_at(const struct offsets *f, uint64_t k);

/* A well mixed 64-bit hash (the finalizer of SplitMix64). */
uint64_t mix64(uint64_t x);

/* The seed of repetition @rep: as given, or one of its own when negative. */
uint64_t seed_of(const struct ior_options *o, int rep);

#endif
