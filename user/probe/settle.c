// SPDX-License-Identifier: Apache-2.0
/* The end of requests whose completion was not seen. */
#include "probe/settle.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/fs.h"

#define MINOR_BITS 20

bool settle_is_idle(void *arg, uint32_t dev)
{
	const char *sys = arg ? arg : "/sys";
	unsigned int major = dev >> MINOR_BITS, minor = dev & ((1u << MINOR_BITS) - 1);
	unsigned long long reads, writes;
	char path[PATH_MAX], text[64];

	/* Without statistics nothing is counted as in flight. */
	snprintf(path, sizeof(path), "%s/dev/block/%u:%u/queue/iostats", sys, major, minor);
	if (fs_read_at(AT_FDCWD, path, text, sizeof(text)) || text[0] == '0')
		return false;
	snprintf(path, sizeof(path), "%s/dev/block/%u:%u/inflight", sys, major, minor);
	/* A device that is gone has nothing in flight, but that cannot be seen. */
	if (fs_read_at(AT_FDCWD, path, text, sizeof(text)) ||
	    sscanf(text, "%llu %llu", &reads, &writes) != 2)
		return false;
	return !reads && !writes;
}

/* It is in the device no more: the next who comes or leaves will bring that up to date. */
static void leave_device(const struct settle *s, struct block_start *start)
{
	struct block_disk *disk;
	uint16_t flags = __atomic_fetch_and(&start->flags, (uint16_t)~BLOCK_START_IN_DEVICE,
					    __ATOMIC_ACQ_REL);

	if (!s->disks || !(flags & BLOCK_START_IN_DEVICE) || start->disk >= BLOCK_MAX_DISKS ||
	    start->sharer >= BLOCK_SHARERS)
		return;
	disk = &s->disks[start->disk];
	__atomic_fetch_sub(&disk->late_by[start->sharer], 1, __ATOMIC_ACQ_REL);
	__atomic_fetch_add(&disk->late, 1, __ATOMIC_ACQ_REL);
}

/*
 * The kernel's count of what is in flight has neither flushes nor passthrough, nor what waits
 * to be issued again, nor writes whose data is done and whose flush is under way.
 */
#define NOT_SHOWN (BLOCK_START_HIDDEN | BLOCK_START_BACK | BLOCK_START_DATA_DONE)

/* The device was given it before, and it is not known to have come back. */
static bool waits(const struct block_start *start, uint64_t before_ns)
{
	uint64_t issued_ns = __atomic_load_n(&start->last_issue_ns, __ATOMIC_ACQUIRE);

	if (__atomic_load_n(&start->flags, __ATOMIC_ACQUIRE) & NOT_SHOWN)
		return false;
	return issued_ns && issued_ns < before_ns && __atomic_load_n(&start->row, __ATOMIC_ACQUIRE);
}

bool settle_any(const struct block_start *starts, size_t n, uint64_t before_ns)
{
	for (size_t i = 0; i < n; i++)
		if (waits(&starts[i], before_ns))
			return true;
	return false;
}

static bool settle_one(const struct settle *s, struct block_start *start)
{
	uint64_t issued_ns = __atomic_load_n(&start->last_issue_ns, __ATOMIC_ACQUIRE);
	uint32_t row = __atomic_load_n(&start->row, __ATOMIC_ACQUIRE), bytes;
	struct block_rare *rare;

	if (!waits(start, s->before_ns) || !row || row > s->n_rows)
		return false;
	if (!s->idle(s->arg, s->descs[row - 1].key.dev))
		return false;
	bytes = __atomic_load_n(&start->left, __ATOMIC_RELAXED);
	if (__atomic_exchange_n(&start->row, 0, __ATOMIC_ACQ_REL) != row)
		return false;
	/* A new life of the request may have begun in the meantime: then the kernel has counted. */
	if (__atomic_load_n(&start->last_issue_ns, __ATOMIC_ACQUIRE) != issued_ns) {
		__atomic_store_n(&start->row, row, __ATOMIC_RELEASE);
		return false;
	}
	/* Until the address is used again a completion is known to be of one that was counted. */
	__atomic_store_n(&start->start_ns, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&start->last_issue_ns, 0, __ATOMIC_RELEASE);
	leave_device(s, start);
	rare = &s->descs[row - 1].rare;
	__atomic_fetch_add(&rare->missed_ios, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&rare->missed_bytes, bytes, __ATOMIC_RELAXED);
	return true;
}

uint64_t settle_starts(const struct settle *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->n_starts; i++)
		n += settle_one(s, &s->starts[i]);
	return n;
}
