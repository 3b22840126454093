/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the block probe counts, and for whom. */
#ifndef CBPF_SHARED_BLOCK_H
#define CBPF_SHARED_BLOCK_H

#include "hist.h"

#define BLOCK_MAX_ROWS 1024 /* owners x devices x operations that did I/O */
#define BLOCK_NAME_LEN 128 /* of a cgroup's own directory name, NUL included */

/*
 * WRITE includes write-zeroes and zone append, as in /proc/diskstats. DISCARD
 * includes secure erase, which diskstats calls a write. OTHER is passthrough and
 * zone management.
 */
enum block_op { BLOCK_READ, BLOCK_WRITE, BLOCK_FLUSH, BLOCK_DISCARD, BLOCK_OTHER, BLOCK_OPS };

/* Why a request is nobody's, when it is (cgroup_id is 0 then). */
enum block_why {
	BLOCK_WHY_OWNED, /* it is somebody's */
	BLOCK_WHY_NO_CGROUP, /* charged to no cgroup: the device's own flushes, passthrough */
	BLOCK_WHY_METADATA, /* the journal's and the file system's own */
	BLOCK_WHY_WRITEBACK, /* of pages whose dirtier the kernel does not remember */
	BLOCK_WHYS
};

struct block_key {
	__u64 cgroup_id; /* of the io hierarchy (v1 blkio or v2); 0: nobody's */
	__u32 dev; /* major << 20 | minor, as the kernel's dev_t */
	__u16 op; /* enum block_op */
	__u16 why; /* enum block_why */
};

enum block_hist {
	BLOCK_QUEUE, /* ns, start to first issue */
	BLOCK_DEVICE, /* ns, last issue to completion of the data */
	BLOCK_TOTAL, /* ns, start to completion */
	BLOCK_SIZE, /* bytes less 1, so that 4096 is the last value of its bucket */
	BLOCK_HISTS
};

/*
 * What one CPU, or a few that share it, has counted for a row. All counters only
 * grow. Over all rows of a device, WRITE.ios plus FLUSH.asked are the writes of
 * /proc/diskstats, and FLUSH.ios less FLUSH.asked its flushes.
 */
struct block_slot {
	__u64 ios; /* completed; a flush sequence with data is one write */
	__u64 bytes; /* completed, parts and failures included, as the kernel counts them */
	__u64 errors; /* of ios: those that failed */
	__u64 requeues; /* sent back by the driver, to be issued again */
	__u64 asked; /* of BLOCK_FLUSH ios: empty flushes that an owner asked for (fsync); the
		      * others are the commands that the device got for them. An empty
		      * flush is not issued itself: it only has a total time. */
	__u64 consecutive; /* of ios: began where the row's last one ended */
	__u64 forward; /* of ios: began behind the end of the row's last one */
	__u64 backward; /* of ios: began before it; of what is left nothing is known */
	struct hist_set hists; /* by enum block_hist */
};

/* Counters of rare events, one for all CPUs. */
struct block_rare {
	__u64 missed_ios, missed_bytes; /* known to be done, though completion was not shown */
	__u64 merges; /* bios and requests that became part of another request */
	__u64 splits; /* bios that were too large for the device and were cut */
	__u64 partial; /* completions of a part of a request only */
};

/* Completions that failed, by the kernel's status (block status, or errno before 5.16). */
#define BLOCK_STATUSES 32 /* higher ones count in the last */

/*
 * Who is in the device at the same time. Up to 31 owners of a device are told
 * apart, in the order of their first request; the others share the last index.
 */
#define BLOCK_SHARERS 32
#define BLOCK_SHARE_SHIFT 8 /* shares are in units of 1/256 ns */

#define BLOCK_NOBODY(why) (~0ull - (why)) /* no id is that large */

struct block_sharer {
	__u64 tag; /* cgroup_id, or BLOCK_NOBODY(why); 0: free, and always of the last one */
	__u64 depth_ns; /* integral of its requests in the device over time */
	__u64 share; /* of the busy time, its requests / all requests; 1/256 ns */
	__u32 in_device; /* requests between issue and completion now */
	__u32 max; /* of them, ever */
};

#endif
