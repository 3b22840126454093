/* SPDX-License-Identifier: Apache-2.0 */
/* Filling the owner table. One thread appends; others may read what is there. */
#ifndef CBPF_SAMPLE_OWNER_H
#define CBPF_SAMPLE_OWNER_H

#include "sample/frame.h"

struct target_set;

/* What is nobody's has an owner for each reason: see enum block_why. */
#define OWNER_REASONS 3
#define OWNER_MAX_TARGETS (OWNER_MAX - OWNER_REASONS - 1) /* leaves them and "other cgroups" */

/* The targets in their order, then what is nobody's. */
void owner_table_init(struct owner_table *t, const struct target_set *targets);

/* Index of what is nobody's, for enum block_why @why, in a run of @n_targets. */
static inline uint32_t owner_unattributed(size_t n_targets, unsigned int why)
{
	return n_targets + (why ? why - 1 : 0);
}

/*
 * Append a cgroup or the host; returns its index. When the table is full it is
 * the last entry, "other cgroups".
 */
uint32_t owner_add(struct owner_table *t, enum owner_kind kind, const char *name,
		   uint64_t cgroup_id);

#endif
