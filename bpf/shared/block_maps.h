/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What only the block probe's two halves need to know of each other's maps. */
#ifndef CBPF_SHARED_BLOCK_MAPS_H
#define CBPF_SHARED_BLOCK_MAPS_H

#include "block.h"

/*
 * CPUs count in banks: row r of bank b is slot r * banks + b. With as many banks
 * as CPUs nobody else writes to a slot and counting needs no atomic operation;
 * with fewer, CPUs share banks and it does. 1024 rows x 8 banks of 8.9 KiB are
 * 70 MiB, whatever the number of CPUs.
 */
#define BLOCK_MAX_BANKS 8

/*
 * Requests between their start and their completion, a cache line each, found by
 * the request's address. 65536 in all, 4 MiB, and 12 MiB for what belongs to them:
 * room for some ten thousand at once.
 */
#define BLOCK_START_CHUNK_BITS 8
#define BLOCK_STARTS (256 << BLOCK_START_CHUNK_BITS)

#define BLOCK_START_FAILED 1 /* a part of it completed with an error */
#define BLOCK_START_DATA_DONE 2 /* of a flush sequence, the data has been transferred */
#define BLOCK_START_CONSECUTIVE 4 /* see struct block_slot */
#define BLOCK_START_FORWARD 8
#define BLOCK_START_BACKWARD 512
#define BLOCK_START_IN_DEVICE 16 /* counted among its owner's requests in the device */
#define BLOCK_START_SNAPPED 32 /* the shares at its start are known */
#define BLOCK_START_ALONE 64 /* only its owner was in the device at its start */
#define BLOCK_START_OWN 128 /* its start is by our own time */
#define BLOCK_START_FLUSH 1024 /* its row is one of flushes */
#define BLOCK_START_HIDDEN 2048 /* the kernel does not show it among what is in flight */
#define BLOCK_START_BACK 4096 /* requeued, and not issued again yet */
#define BLOCK_START_UNSURE 256 /* its start is the kernel's, which is an earlier request's */

struct block_start {
	__u64 rq; /* address of the request; 0: free */
	__u64 start_ns; /* 0: unknown */
	__u64 first_issue_ns; /* 0: not yet */
	__u64 last_issue_ns;
	__u64 data_done_ns; /* with BLOCK_START_DATA_DONE */
	__u32 born; /* low half of the request's start_time_ns when issued: tells lives apart */
	__u16 requeues; /* stops at the largest value */
	__u16 flags; /* BLOCK_START_* */
	/*
	 * Where it is counted, decided at its start: index + 1; 0: nowhere. Some
	 * kernels do not call the probe for a few completions; what they leave behind
	 * is counted from here. Whoever takes it away (by exchange) counts.
	 */
	__u32 row;
	__u32 size; /* bytes, when it was issued */
	__u32 left; /* of them, not yet completed */
	__u8 disk, sharer; /* as in its row */
	__u16 epoch; /* of the disk, with BLOCK_START_ALONE */
};

/* Everybody's share at a request's start, in units of 32 ns: wraps after 137 s. */
#define BLOCK_SNAP_SHIFT 5

struct block_snap {
	__u32 n; /* sharers known at that time */
	__u32 share[BLOCK_SHARERS];
	__u32 pad[15];
};

/*
 * Whose times are used. With the kernel's own nothing needs to be remembered of a
 * request between its start and its completion; while the switch drains, those that
 * have begun with ours end with ours.
 */
enum block_clock { BLOCK_CLOCK_OWN, BLOCK_CLOCK_DRAINING, BLOCK_CLOCK_KERNEL };

/* Where a request is counted. */
struct block_place {
	__u32 row; /* NO_ROW: nowhere */
	__u16 disk, sharer; /* as in struct block_desc */
};

/*
 * A place found before, by the serial number of the state that the cgroup's block
 * I/O is charged to, which the kernel never uses again: saves the way from there to the
 * cgroup's id, and looking that up.
 */
struct block_near {
	__u64 serial;
	__u32 dev;
	__u32 op;
	struct block_place place;
	__u32 busy; /* being changed by what this CPU was doing when it was interrupted */
	__u32 pad;
};

#define BLOCK_NEAR 124

/* What each CPU keeps for itself, on one page, so that it has to be found only once. */
struct block_cpu {
	/* Of the kernel's times of start; a lost count does not matter. */
	__u64 born_ns; /* of the request that it issued last */
	__u64 shared_starts; /* as that of the request before */
	__u64 early_starts; /* earlier than ours, by more than BLOCK_CLOCK_EARLY_NS */
	__u64 pad[5];
	struct block_near near[BLOCK_NEAR];
	__u64 pad2[8];
};

/* In the order of life; a row that lost the race for its key stays abandoned. */
enum block_row_state { BLOCK_ROW_FREE, BLOCK_ROW_READY, BLOCK_ROW_ABANDONED };

/* Whose row it is, at the row's own index. */
struct block_desc {
	struct block_key key;
	__u32 state; /* enum block_row_state, written last */
	__u16 disk; /* index of its device among block_disk */
	__u16 sharer; /* index of its owner in there */
	__u64 pad[5]; /* what is only read has a cache line of its own */
	__u64 last_end; /* sector behind the last request issued */
	struct block_rare rare;
	__u64 pad2[2];
	__u32 status[BLOCK_STATUSES]; /* completions that failed */
	char name[BLOCK_NAME_LEN];
};

#define BLOCK_EPOCHS 64
#define BLOCK_MAX_DISKS 64 /* further ones have no depth, shares and interference */
#define BLOCK_DISK_NAME_LEN 32

/*
 * A device and everybody in it. All but the names is written with @seq held. Each
 * change needs the first cache line and one of the sharers'.
 */
struct block_disk {
	__u32 seq; /* odd while somebody writes */
	__u32 n_sharers; /* known so far; only grows */
	__u64 last_ns; /* of the last change */
	__u64 busy_ns; /* with at least one request in the device */
	__u64 depth_ns; /* integral of the requests in the device over time */
	__u32 depth, max_depth; /* requests in the device now, and at most */
	__u32 late; /* changes that could not wait for @seq, to be made by the next writer */
	__u32 dev; /* as in struct block_key; 0: free */
	__u32 alone; /* sharer + 1 when nobody else is in the device; 0: several are, or unknown */
	__u32 epoch; /* how often somebody came to one who was alone */
	__u64 pad;
	struct block_sharer sharer[BLOCK_SHARERS];
	__s32 late_by[BLOCK_SHARERS];

	/* How early the kernel's own time of issue is, against ours. */
	__u64 clock_requests; /* compared */
	__u64 clock_unset; /* of them, the kernel had set none */
	__u64 clock_early; /* of them, more than BLOCK_CLOCK_EARLY_NS early */
	__u64 clock_early_max_ns;
	char name[BLOCK_DISK_NAME_LEN];

	/* Everybody's share when the epoch began, the last few of them. */
	struct block_snap came[BLOCK_EPOCHS];
};

#define BLOCK_CLOCK_EARLY_NS 1000

/* Per disk and bank: ns[victim][aggressor], in units of 32 ns. */
struct block_cross {
	__u64 ns[BLOCK_SHARERS][BLOCK_SHARERS];
};

/* What the kernel side could not do, as totals. */
enum block_drop {
	BLOCK_DROP_START_MISSING, /* completed, but its start was not seen: counted, not timed */
	BLOCK_DROP_START_SHARED, /* its start is not known: only the time in the device is */
	BLOCK_DROP_COMPLETION_MISSED, /* issued, and the address used again: counted, not timed */
	BLOCK_DROP_ISSUE_MISSED, /* completed, and not seen to be issued: only its total is known */
	BLOCK_DROP_FLUSH_MISSED, /* the same of a flush: not counted anywhere */
	BLOCK_DROP_ROWS_EXHAUSTED, /* requests without a free row: not counted anywhere */
	BLOCK_DROP_ROWS_EXHAUSTED_BYTES,
	BLOCK_DROP_INDEX_FAILED, /* a row could not be entered into the index */
	BLOCK_DROP_NAME_MISSING, /* the cgroup's name could not be read */
	BLOCK_DROP_DISKS_EXHAUSTED, /* rows of devices beyond BLOCK_MAX_DISKS */
	BLOCK_DROP_SHARERS_EXHAUSTED, /* owners beyond those that are told apart */
	BLOCK_DROP_EPOCH, /* requests that lived too long to tell whom they lost time to */
	BLOCK_DROP_LATE, /* changes of a device's depth that were told late */
	BLOCK_DROPS
};

#endif
