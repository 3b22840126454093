/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the block probe counts: one slot per owner, device and operation. */
#ifndef CBPF_SHARED_BLOCK_H
#define CBPF_SHARED_BLOCK_H

#include "hist.h"

#define BLOCK_MAX_SLOTS 1024 /* of 13 KiB; pages are touched on first use only */
#define BLOCK_NAME_LEN 128 /* of a cgroup's own directory name, NUL included */

enum block_op { BLOCK_READ, BLOCK_WRITE, BLOCK_FLUSH, BLOCK_DISCARD, BLOCK_OTHER, BLOCK_OPS };

/* Owner 0 is "unattributed": no blkcg could be read. */
struct block_key {
	__u64 cgroup_id; /* of the io hierarchy (v1 blkio or v2) */
	__u32 dev; /* major << 20 | minor, as the kernel's dev_t */
	__u32 op; /* enum block_op */
};

/* All counters only grow. */
struct block_slot {
	__u64 ios;
	__u64 bytes;
	__u64 errors;
	__u64 reserved;
	struct hist queue; /* insert (or start) to first issue */
	struct hist device; /* last issue to completion */
	struct hist total; /* insert (or start) to completion */
};

#endif
