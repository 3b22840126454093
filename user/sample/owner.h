/* SPDX-License-Identifier: Apache-2.0 */
/* Filling the owner table. One thread appends; others may read what is there. */
#ifndef CBPF_SAMPLE_OWNER_H
#define CBPF_SAMPLE_OWNER_H

#include "sample/frame.h"

struct target_set;

#define OWNER_MAX_TARGETS (OWNER_MAX - 2) /* leaves "unattributed" and "other cgroups" */

/* The targets in their order, then "unattributed". Targets without a container are workloads. */
void owner_table_init(struct owner_table *t, const struct target_set *targets);

/* Index of "unattributed" for a run of @n_targets. */
static inline uint32_t owner_unattributed(size_t n_targets)
{
	return n_targets;
}

/*
 * Append a cgroup or the host; returns its index. When the table is full it is
 * the last entry, "other cgroups".
 */
uint32_t owner_add(struct owner_table *t, enum owner_kind kind, const char *name,
		   uint64_t cgroup_id);

#endif
