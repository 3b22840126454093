// SPDX-License-Identifier: Apache-2.0
/* A block probe that counts what it is told to. */
#include "fake_block.h"

#include <stdio.h>
#include <string.h>

#include "base/hist.h"
#include "unit.h"

void fake_block_init(struct fake_block *f)
{
	memset(f, 0, sizeof(*f));
	f->probe.n_banks = FAKE_BLOCK_BANKS;
	f->probe.shares = true;
	f->probe.rows = f->rows;
	f->probe.disks = f->disks;
	f->probe.crosses = f->crosses;
}

size_t fake_block_add(struct fake_block *f, const struct block_key *key, const char *name)
{
	size_t i = f->probe.n_rows;
	struct block_row *row = &f->rows[i];

	assert_true(i < FAKE_BLOCK_ROWS);
	*row = (struct block_row){
		.key = *key,
		.banks = f->slots[i],
		.n_banks = FAKE_BLOCK_BANKS,
		.rare = &f->rare[i],
		.status = f->status[i],
	};
	snprintf(row->name, sizeof(row->name), "%s", name);
	f->probe.n_rows++;
	return i;
}

void fake_live_add(struct block_slot *slot, enum block_hist which, uint64_t value)
{
	struct hist_set *h = &slot->hists;

	h->of[which].sum += value;
	if (value > h->of[which].max)
		h->of[which].max = value;
	h->bucket[hist_bucket(value)][which]++;
}

void fake_block_io(struct fake_block *f, size_t row, unsigned int bank, uint32_t bytes,
		   uint64_t queue_ns, uint64_t device_ns)
{
	struct block_slot *s = &f->slots[row][bank];

	s->ios++;
	s->bytes += bytes;
	if (bytes)
		fake_live_add(s, BLOCK_SIZE, bytes - 1);
	fake_live_add(s, BLOCK_TOTAL, queue_ns + device_ns);
	fake_live_add(s, BLOCK_QUEUE, queue_ns);
	fake_live_add(s, BLOCK_DEVICE, device_ns);
}
