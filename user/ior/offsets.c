// SPDX-License-Identifier: Apache-2.0
/* Sequential and random transfer orders. */
#include "ior/offsets.h"

#include <string.h>

#include "ior/options.h"

#define ROUNDS 4

/* Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014. */
uint64_t mix64(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ull;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

uint64_t seed_of(const struct ior_options *o, int rep)
{
	return o->reorder_seed >= 0 ? (uint64_t)o->reorder_seed
				    : (uint64_t)-o->reorder_seed + (uint64_t)rep;
}

void permutation_init(struct permutation *p, uint64_t n, uint64_t key)
{
	*p = (struct permutation){ .n = n, .key = mix64(key), .half_bits = 1 };
	/* The network covers 4^half_bits values, at most four times n. */
	while (p->half_bits < 32 && (n - 1) >> (2 * p->half_bits))
		p->half_bits++;
}

uint64_t permutation_at(const struct permutation *p, uint64_t i)
{
	uint64_t mask = (1ull << p->half_bits) - 1;

	/* Outside of [0, n): walk on along the cycle, which must come back inside. */
	do {
		uint64_t left = i >> p->half_bits, right = i & mask;

		for (unsigned int r = 0; r < ROUNDS; r++) {
			uint64_t next = left ^ (mix64(right ^ p->key ^ ((uint64_t)r << 56)) & mask);

			left = right;
			right = next;
		}
		i = left << p->half_bits | right;
	} while (i >= p->n);
	return i;
}

void offsets_init(struct offsets *ret, const struct ior_options *o, int rank, int tasks, int rep)
{
	uint64_t files_tasks = o->file_per_proc ? 1 : tasks;
	uint64_t place = o->file_per_proc ? 0 : rank;
	uint64_t seed = seed_of(o, rep);

	*ret = (struct offsets){
		.n = ior_transfers_per_task(o),
		.transfer_bytes = o->transfer_bytes,
		.per_block = o->block_bytes / o->transfer_bytes,
		.segment_bytes = o->block_bytes * files_tasks,
		.block_start = o->block_bytes * place,
		.contiguous = files_tasks == 1,
		.order = (int)o->random_offset,
	};
	if (!ret->order)
		return;
	/*
	 * In a shared file all tasks draw from the same permutation of the whole
	 * file, so that each transfer belongs to exactly one of them; with
	 * replacement each task draws on its own.
	 */
	ret->first = ret->n * place;
	if (o->file_per_proc || ret->order > 1)
		seed = mix64(seed) ^ (uint64_t)rank;
	permutation_init(&ret->perm, ret->n * files_tasks, seed);
}

uint64_t offsets_at(const struct offsets *f, uint64_t k)
{
	uint64_t segment;

	switch (f->order) {
	case 0:
		/* Blocks back to back need no division, which a small transfer would feel. */
		if (f->contiguous)
			return k * f->transfer_bytes;
		segment = k / f->per_block;
		return segment * f->segment_bytes + f->block_start +
		       (k - segment * f->per_block) * f->transfer_bytes;
	case 1: return permutation_at(&f->perm, f->first + k) * f->transfer_bytes;
	default: return mix64(f->perm.key + k) % f->perm.n * f->transfer_bytes;
	}
}
