/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel tells of processes and their mappings of code, on each CPU, in order of time. */
#ifndef CBPF_PROBE_PROFILE_RINGS_H
#define CBPF_PROBE_PROFILE_RINGS_H

#include <stddef.h>
#include <stdint.h>

#include "symbol/space.h"

struct err;
struct profile_rings;

/* For each of CPUs 0 to @n_cpus - 1 that is online, from now on. */
int profile_rings_open(size_t n_cpus, struct profile_rings **ret, struct err *err);

/* What else happened, which is told along with the rest. 0 or -ENOMEM. */
int profile_rings_add(struct profile_rings *r, const struct space_event *e);

/*
 * Feed @spaces with what has come, but not yet with what is later than @until_ns (CLOCK_MONOTONIC):
 * other CPUs may still be telling of what was before.
 */
void profile_rings_feed(struct profile_rings *r, uint64_t until_ns, struct spaces *spaces);

/* Records that the kernel had no room for, or we no memory. */
uint64_t profile_rings_lost(const struct profile_rings *r);

void profile_rings_close(struct profile_rings *r); /* takes NULL */

/*
 * One record, @len bytes of it at @record. 1 when it is one of those that matter: @ret is set, and its path
 * lies within @record. For the tests.
 */
int profile_record_parse(const void *record, size_t len, struct space_event *ret,
			 uint64_t *ret_lost);

#endif
