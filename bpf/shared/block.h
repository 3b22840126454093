/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the block probe counts: one slot per owner, device and operation. */
#ifndef CBPF_SHARED_BLOCK_H
#define CBPF_SHARED_BLOCK_H

#include "hist.h"

#define BLOCK_MAX_SLOTS 1024 /* of 13 KiB; pages are touched on first use only */
#define BLOCK_NAME_LEN 128 /* of a cgroup's own directory name, NUL included */

/*
 * WRITE includes write-zeroes and zone append, as in /proc/diskstats. DISCARD
 * includes secure erase, which diskstats calls a write. OTHER is passthrough and
 * zone management.
 */
enum block_op { BLOCK_READ, BLOCK_WRITE, BLOCK_FLUSH, BLOCK_DISCARD, BLOCK_OTHER, BLOCK_OPS };

/* Owner 0 is "unattributed": no blkcg could be read. */
struct block_key {
	__u64 cgroup_id; /* of the io hierarchy (v1 blkio or v2) */
	__u32 dev; /* major << 20 | minor, as the kernel's dev_t */
	__u32 op; /* enum block_op */
};

/*
 * All counters only grow. Over all owners of a device, WRITE.ios plus
 * FLUSH.asked are the writes of /proc/diskstats, and FLUSH.ios less FLUSH.asked
 * its flushes.
 */
struct block_slot {
	__u64 ios; /* completed; a flush sequence with data is one write */
	__u64 bytes; /* completed, parts and failures included, as the kernel counts them */
	__u64 errors; /* of ios: those that failed */
	__u64 requeues; /* sent back by the driver, to be issued again */
	__u64 asked; /* of BLOCK_FLUSH ios: empty flushes that an owner asked for (fsync); the
		      * others are the commands that the device got for them. An empty
		      * flush is not issued itself: it only has a total time. */
	struct hist queue; /* start to first issue */
	struct hist device; /* last issue to completion of the data */
	struct hist total; /* start to completion */
};

#endif
