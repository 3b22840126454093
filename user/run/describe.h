/* SPDX-License-Identifier: Apache-2.0 */
/* Storing what devices are made of as they appear: by the writing thread, so that no tick waits. */
#ifndef CBPF_RUN_DESCRIBE_H
#define CBPF_RUN_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct frame;
struct store;

#define DESCRIBE_MAX 256 /* as many devices as a frame holds */

struct describer {
	const char *sys, *mountinfo; /* borrowed; "/sys" and "/proc/self/mountinfo" */
	size_t n;
	struct described {
		uint32_t dev;
		bool stored, complete;
		uint64_t ios; /* of all kinds, when it was looked at */
		uint64_t looked_ns;
	} v[DESCRIBE_MAX];
};

/*
 * Look at each device of @f that is new, and again at a stacked one that goes on
 * working: at once while it is not known what it rests upon, else once a second,
 * since a loop device's file and a volume's disks may change. What is gone keeps
 * what was last known of it. 0, or the store's failure.
 */
int describe_devices(struct describer *d, const struct frame *f, struct store *s, struct err *err);

#endif
