/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A block probe whose counters the test writes; reading them is the real thing. A
 * test brings its own block_probe_rows(), which cannot be here: drivers link this
 * archive and want the real one.
 */
#ifndef CBPF_TESTS_FAKE_BLOCK_H
#define CBPF_TESTS_FAKE_BLOCK_H

#include <stdint.h>

#include "probe/block_internal.h"

#define FAKE_BLOCK_ROWS 6
#define FAKE_BLOCK_BANKS 2
#define FAKE_BLOCK_DISKS 2

struct fake_block {
	struct block_probe probe;
	struct block_row rows[FAKE_BLOCK_ROWS];
	struct block_slot slots[FAKE_BLOCK_ROWS][FAKE_BLOCK_BANKS];
	struct block_rare rare[FAKE_BLOCK_ROWS];
	__u32 status[FAKE_BLOCK_ROWS][BLOCK_STATUSES];
	struct block_disk disks[FAKE_BLOCK_DISKS + 1]; /* the last one is free */
	struct block_cross crosses[FAKE_BLOCK_DISKS * FAKE_BLOCK_BANKS];
};

/* Without rows and disks. */
void fake_block_init(struct fake_block *f);

/*
 * Append a row that has nothing counted yet. Its counters are slots, rare and
 * status at the index that is returned.
 */
size_t fake_block_add(struct fake_block *f, const struct block_key *key, const char *name);

/* One request of @bytes, counted in @bank: queued @queue_ns, then @device_ns in the device. */
void fake_block_io(struct fake_block *f, size_t row, unsigned int bank, uint32_t bytes,
		   uint64_t queue_ns, uint64_t device_ns);

/* As the kernel side counts a value. */
void fake_live_add(struct block_slot *slot, enum block_hist which, uint64_t value);

#endif
