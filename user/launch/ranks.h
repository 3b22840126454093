/* SPDX-License-Identifier: Apache-2.0 */
/* Which rank of a workload with `hosts:` runs in which target: seen, not derived. */
#ifndef CBPF_LAUNCH_RANKS_H
#define CBPF_LAUNCH_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan;
struct target_set;

struct rank_place {
	size_t workload, host; /* targets by index */
	unsigned int rank;
};

struct ranks {
	struct rank_place *v; /* owned; in the order they were seen */
	size_t n;
	size_t wanted; /* how many there are; 0: no workload names hosts */
	uint64_t next_ns; /* no look before; CLOCK_MONOTONIC */
};

/* 0 or -ENOMEM. */
int ranks_init(struct ranks *r, const struct plan *plan);
void ranks_fini(struct ranks *r);

/*
 * Look for those that were not seen yet, by the environment of every process in the
 * targets' cgroups; a few times a second at most.
 */
void ranks_look(struct ranks *r, const struct target_set *set, uint64_t now_ns);

#endif
