/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What only the block probe's two halves need to know of each other's maps. */
#ifndef CBPF_SHARED_BLOCK_MAPS_H
#define CBPF_SHARED_BLOCK_MAPS_H

#include "block.h"

/*
 * Requests between their start and their completion, in sets of four ways that
 * are found by hashing the request's address. 16384 in all, 1 MiB. The layout is
 * such that the addresses and the first way, which nearly always does, share a
 * cache line.
 */
#define BLOCK_START_WAYS 4
#define BLOCK_START_SET_BITS 12
#define BLOCK_START_SETS (1 << BLOCK_START_SET_BITS)

#define BLOCK_START_FAILED 1 /* a part of it completed with an error */
#define BLOCK_START_DATA_DONE 2 /* of a flush sequence, the data has been transferred */

struct block_start {
	__u32 born; /* low half of the request's start_time_ns when issued: tells lives apart */
	__u16 requeues; /* stops at the largest value */
	__u16 flags; /* BLOCK_START_* */
	__u64 start_ns; /* 0: unknown */
	__u64 first_issue_ns; /* 0: not yet */
	__u64 last_issue_ns;
};

/*
 * Where an issued request will be counted when it completes. Some kernels do not
 * call the probe for a few completions; what they leave behind is counted from
 * here. Whoever takes @slot away (by exchange) counts.
 */
struct block_pending {
	__u32 slot; /* index + 1; 0: none */
	__u32 bytes; /* not yet completed */
};

struct block_start_set {
	__u64 rq[BLOCK_START_WAYS]; /* address of the request; 0: free */
	struct block_start way[BLOCK_START_WAYS];
	__u64 data_done_ns[BLOCK_START_WAYS]; /* with BLOCK_START_DATA_DONE */
	struct block_pending pending[BLOCK_START_WAYS];
	__u64 pad[4];
};

/* In the order of life; a slot that lost the race for its key stays abandoned. */
enum block_desc_state { BLOCK_DESC_FREE, BLOCK_DESC_READY, BLOCK_DESC_ABANDONED };

/* Whose slot it is, at the slot's own index. */
struct block_desc {
	struct block_key key;
	char name[BLOCK_NAME_LEN];
	__u32 state; /* enum block_desc_state, written last */
	__u32 pad;
};

/* What the kernel side could not do, as totals. */
enum block_drop {
	BLOCK_DROP_START_MISSING, /* completed, but its start was not seen: counted, not timed */
	BLOCK_DROP_COMPLETION_MISSED, /* issued, and the address used again: counted, not timed */
	BLOCK_DROP_FLUSH_MISSED, /* the same of a flush: not counted anywhere */
	BLOCK_DROP_SLOTS_EXHAUSTED, /* requests without a free slot: not counted anywhere */
	BLOCK_DROP_SLOTS_EXHAUSTED_BYTES,
	BLOCK_DROP_INDEX_FAILED, /* a slot could not be entered into the index */
	BLOCK_DROP_NAME_MISSING, /* the cgroup's name could not be read */
	BLOCK_DROPS
};

#endif
