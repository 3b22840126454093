/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's own counters per block device, and what kind of device each is. */
#ifndef CBPF_HOST_DISKSTATS_H
#define CBPF_HOST_DISKSTATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Totals since the device was made. What an old kernel does not print is 0. */
struct diskstats {
	uint32_t major, minor;
	char name[32];
	uint64_t read_ios, read_bytes;
	uint64_t write_ios, write_bytes;
	uint64_t discard_ios, discard_bytes;
	uint64_t flush_ios;
	uint64_t busy_ns; /* time with at least one request in flight */
};

/*
 * Parse the line of /proc/diskstats at *@at and move *@at to the next one.
 * 1 and @ret, 0 for a line that is malformed, cut or of a device without a number,
 * -ENODATA at the end.
 */
int diskstats_next(const char **at, struct diskstats *ret);

enum blockdev_kind {
	BLOCKDEV_LEAF, /* a whole disk that is made of no other */
	BLOCKDEV_STACKED, /* loop, dm, md, bcache: its I/O appears again below */
	BLOCKDEV_PARTITION,
};

/*
 * Look at /sys/dev/block/@major:@minor below @sysfd (the directory
 * /sys/dev/block). No allocation. A device that is not there is a leaf.
 */
enum blockdev_kind blockdev_kind(int sysfd, uint32_t major, uint32_t minor);

/* Answers of blockdev_kind(), remembered: for use in each tick. */
#define BLOCKDEV_CACHE 256

struct blockdev_cache {
	int sysfd; /* owned; -1 when sysfs is not there */
	size_t n;
	struct {
		uint32_t major, minor;
		enum blockdev_kind kind;
	} v[BLOCKDEV_CACHE];
};

void blockdev_cache_init(struct blockdev_cache *c);
enum blockdev_kind blockdev_cache_kind(struct blockdev_cache *c, uint32_t major, uint32_t minor);
void blockdev_cache_fini(struct blockdev_cache *c);

#endif
