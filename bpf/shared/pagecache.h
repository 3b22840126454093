/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the page cache probe counts for each target. */
#ifndef CBPF_SHARED_PAGECACHE_H
#define CBPF_SHARED_PAGECACHE_H

/* In pages, where nothing else is said. */
enum pagecache_counter {
	PAGECACHE_ACCESSED, /* by reads: each page once per call */
	PAGECACHE_MISSED, /* of them: fetched for this target, and not read since */
	PAGECACHE_ASKED, /* of them: fetched by the very call that read them */
	PAGECACHE_FETCHED, /* added in order to be read */
	PAGECACHE_WASTED, /* of them: left the cache before they were read */
	PAGECACHE_FAULT_ADDED, /* added by faults of file mappings */
	PAGECACHE_OTHER_ADDED, /* added to be written, mostly */
	PAGECACHE_FAULTS, /* not pages: faults of file mappings, each one once */
	PAGECACHE_FAULT_MISSED, /* of them: at pages fetched for this target's, and not mapped since */
	PAGECACHE_FAULT_TOOK, /* fetched to be read, and mapped before they were */
	PAGECACHE_DIRTIED,
	PAGECACHE_WRITTEN_BYTES, /* handed to a block device */
	PAGECACHE_EVICTED, /* left the cache, though the file still has them */
	PAGECACHE_COUNTERS
};

/* What one CPU, or a few that share it, has counted for a target. All of it only grows. */
struct pagecache_slot {
	__u64 n[16]; /* by enum pagecache_counter; two cache lines */
};

/*
 * Pages that were fetched to be read and have not been read yet, a bit for each,
 * in blocks of 64 that are adjacent in a file. A block is found by a number made
 * of its file and place, in one of the two ways of a group.
 */
#define PAGECACHE_BLOCK_SHIFT 6
#define PAGECACHE_OWNERS 2 /* targets that can wait for pages of the same block */

struct pagecache_way {
	__u64 tag; /* 0: never used */
	__u64 bits[PAGECACHE_OWNERS]; /* all 0: free */
	__u32 owner[PAGECACHE_OWNERS]; /* target: index + 1; free when its bits are 0 */
};

#define PAGECACHE_BY_FAULTS (1u << 31) /* of an owner: its faults fetched them, not its reads */

struct pagecache_group {
	struct pagecache_way way[2];
};

#define PAGECACHE_GROUPS 16384 /* a MiB; a power of two */

enum pagecache_drop {
	PAGECACHE_DROP_TASK, /* a task that could not be remembered: no memory */
	PAGECACHE_DROP_PAGES, /* pages that there was no room to remember */
	PAGECACHE_DROP_RETURN, /* reads whose end was not seen: taken for complete */
	PAGECACHE_DROPS
};

#endif
