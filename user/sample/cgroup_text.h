/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parsing of cgroup files into a row's metrics, in place and without memory.
 * A value that is missing, malformed or too large is left absent.
 */
#ifndef CBPF_SAMPLE_CGROUP_TEXT_H
#define CBPF_SAMPLE_CGROUP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sample/metric.h"

struct frame_row;

/* "KEY VALUE" lines: which keys go where. */
struct text_key {
	const char *key;
	size_t len; /* of @key: most lines are told apart by it */
	enum metric metric;
	uint64_t scale; /* value times this is in the metric's unit */
};
#define TEXT_KEY(key, metric, scale)                                                               \
	{                                                                                          \
		key, sizeof(key) - 1, METRIC_##metric, scale                                       \
	}

/* A file of one decimal. False for anything else, "max" included. */
bool cgroup_text_u64(const char *text, uint64_t *ret);

/* Flat-keyed files: cpu.stat, memory.stat, memory.events, memory.oom_control. */
void cgroup_text_flat(const char *text, const struct text_key *keys, size_t n_keys,
		      struct frame_row *row);

/*
 * PSI files: "some avg10=0.00 avg60=0.00 avg300=0.00 total=123" in microseconds, made ns.
 * METRIC_COUNT for a line that such a file does not have.
 */
void cgroup_text_pressure(const char *text, enum metric some, enum metric full,
			  struct frame_row *row);

/*
 * cpu.max: "50000 100000", microseconds of quota and period, made ns. Without a
 * limit, which is "max", the quota is absent.
 */
void cgroup_text_quota(const char *text, enum metric quota, enum metric period,
		       struct frame_row *row);

/* How many there are in a list of CPUs or nodes, "0-3,8". Rising, as kernels print it, or false. */
bool cgroup_text_list(const char *text, uint64_t *ret);

/* Is this device built on others, so that its I/O is counted again below it? */
typedef bool (*device_is_stacked_fn)(void *arg, uint32_t major, uint32_t minor);

/*
 * io.stat: over the devices that are not stacked. An empty file is zero I/O; what
 * the controllers of cost and latency tell is absent unless a device has it.
 * Kernels also print devices without counters, several to a line, and
 * "(unknown)" for the hidden paths of a multipath device: both are passed over.
 */
void cgroup_text_io_stat(const char *text, device_is_stacked_fn stacked, void *arg,
			 struct frame_row *row);

/*
 * v1 blkio.throttle.*: "8:0 Read 4096" lines, totals over devices that are not
 * stacked into @read, @write and @discard. A file without any device is absent, not zero:
 * recent kernels count in v1 only where a throttle rule is set.
 */
void cgroup_text_blkio(const char *text, device_is_stacked_fn stacked, void *arg, enum metric read,
		       enum metric write, enum metric discard, struct frame_row *row);

#endif
