// SPDX-License-Identifier: Apache-2.0
/* The end of requests whose completion was not seen. */
#include "probe/settle.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/fs.h"

#define MINOR_BITS 20

bool settle_is_idle(void *unused, uint32_t dev)
{
	unsigned long long reads, writes;
	char path[64], text[64];

	(void)unused;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/inflight", dev >> MINOR_BITS,
		 dev & ((1u << MINOR_BITS) - 1));
	/* A device that is gone has nothing in flight, but that cannot be seen. */
	if (fs_read_at(AT_FDCWD, path, text, sizeof(text)) ||
	    sscanf(text, "%llu %llu", &reads, &writes) != 2)
		return false;
	return !reads && !writes;
}

static bool settle_one(const struct settle *s, struct block_start_set *set, size_t way)
{
	struct block_pending *pending = &set->pending[way];
	uint64_t issued_ns = __atomic_load_n(&set->way[way].last_issue_ns, __ATOMIC_ACQUIRE);
	uint32_t slot = __atomic_load_n(&pending->slot, __ATOMIC_ACQUIRE), bytes;

	if (!slot || slot > s->n_slots || !issued_ns || issued_ns >= s->before_ns)
		return false;
	if (!s->idle(s->arg, s->descs[slot - 1].key.dev))
		return false;
	bytes = __atomic_load_n(&pending->bytes, __ATOMIC_RELAXED);
	if (__atomic_exchange_n(&pending->slot, 0, __ATOMIC_ACQ_REL) != slot)
		return false;
	/* A new life of the request may have begun in the meantime: then the kernel has counted. */
	if (__atomic_load_n(&set->way[way].last_issue_ns, __ATOMIC_ACQUIRE) != issued_ns) {
		__atomic_store_n(&pending->slot, slot, __ATOMIC_RELEASE);
		return false;
	}
	__atomic_store_n(&set->way[way].last_issue_ns, 0, __ATOMIC_RELEASE);
	__atomic_fetch_add(&s->slots[slot - 1].ios, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&s->slots[slot - 1].bytes, bytes, __ATOMIC_RELAXED);
	return true;
}

uint64_t settle_starts(const struct settle *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->n_starts; i++)
		for (size_t way = 0; way < BLOCK_START_WAYS; way++)
			n += settle_one(s, &s->starts[i], way);
	return n;
}
