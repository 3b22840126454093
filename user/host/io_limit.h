/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of block I/O that hold for a cgroup, as the kernel has them: whoever set them. */
#ifndef CBPF_HOST_IO_LIMIT_H
#define CBPF_HOST_IO_LIMIT_H

#include "host/cgroup.h"

enum io_limit_kind {
	IO_LIMIT_READ_BPS, /* bytes per second */
	IO_LIMIT_WRITE_BPS,
	IO_LIMIT_READ_IOPS, /* requests per second */
	IO_LIMIT_WRITE_IOPS,
	IO_LIMIT_KINDS
};

#define IO_LIMITS_MAX 32 /* devices */

struct io_limit {
	uint32_t major, minor;
	uint64_t at_most[IO_LIMIT_KINDS]; /* 0: no limit */
};

struct io_limits {
	bool v2; /* of io.max, which holds for writeback too; else of blkio.throttle.* */
	bool more; /* devices than there is room for */
	size_t n;
	struct io_limit v[IO_LIMITS_MAX];
};

/* Text of io.max, "8:0 rbps=1048576 wbps=max riops=max wiops=max": the least of it and what is there. */
void io_limits_parse_v2(const char *text, struct io_limits *io);
/* Text of blkio.throttle.read_bps_device or one of the others: "8:0 1048576". */
void io_limits_parse_v1(const char *text, enum io_limit_kind kind, struct io_limits *io);

/*
 * What holds for @ref now: its own limits, and with v2 those of its ancestors (v1's hold for the cgroup
 * alone). 0, or a negative errno: -ENOENT where block I/O has no cgroup, or it is gone.
 */
int io_limits_read(const struct cgroup_layout *l, const struct cgroup_ref *ref,
		   struct io_limits *ret);

#endif
