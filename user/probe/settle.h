/* SPDX-License-Identifier: Apache-2.0 */
/* Counting requests that have completed although the kernel did not call the probe. */
#ifndef CBPF_PROBE_SETTLE_H
#define CBPF_PROBE_SETTLE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/block_maps.h"

struct settle {
	struct block_start *starts; /* shared with the kernel, like all below */
	size_t n_starts;
	struct block_desc *descs;
	struct block_disk *disks; /* NULL: nobody follows who is in them */
	size_t n_rows;
	uint64_t before_ns; /* only requests issued before this moment (CLOCK_MONOTONIC) */
	/* Did nothing at all lie with this device at some moment after @before_ns? */
	bool (*idle)(void *arg, uint32_t dev);
	void *arg;
};

/*
 * Count every request that was issued before @before_ns on a device that has been
 * idle since: it must have completed. Not those that the kernel does not show to be
 * in flight: flushes, passthrough, what waits to be issued again. Safe while the probe is attached, since
 * whoever takes a record's row away counts it. Returns how many were counted.
 */
uint64_t settle_starts(const struct settle *s);

/* Is there any request that settle_starts() would look at? Writes nothing. */
bool settle_any(const struct block_start *starts, size_t n, uint64_t before_ns);

/*
 * Is nothing in flight on the device now, by dev/block/M:m/inflight below @sys ("/sys" when
 * NULL)? False when the device keeps no statistics, which that is one of.
 */
bool settle_is_idle(void *sys, uint32_t dev);

#endif
