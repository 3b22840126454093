/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's own counters per block device. */
#ifndef CBPF_HOST_DISKSTATS_H
#define CBPF_HOST_DISKSTATS_H

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

#endif
