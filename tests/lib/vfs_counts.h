/* SPDX-License-Identifier: Apache-2.0 */
/* The counts of drive_vfs: memory that its processes share, also across exec. */
#ifndef CBPF_TESTS_VFS_COUNTS_H
#define CBPF_TESTS_VFS_COUNTS_H

#include <stdint.h>

#include "vfs_load.h"

#define VFS_ERRNOS 134
#define VFS_SYSCALLS 512
/* Where the file is open that they are in; no case touches it. */
#define VFS_COUNTS_FD 900

struct vfs_tally {
	uint64_t begun, calls, bytes;
	uint64_t may_move; /* bytes of calls that are never seen to end */
	uint64_t errnos[VFS_ERRNOS];
};

struct vfs_counts {
	struct vfs_tally ops[VFS_OPS];
	struct vfs_tally syscalls[VFS_SYSCALLS]; /* counted or not */
	char skipped[4096];
};

extern struct vfs_counts *vfs_counts;

/* As JSON, of always the same length. */
#define VFS_JSON_BYTES (64u << 10)
void vfs_print(char to[VFS_JSON_BYTES]);

#endif
