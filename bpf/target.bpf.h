/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which target does a task belong to? */
#ifndef CBPF_TARGET_BPF_H
#define CBPF_TARGET_BPF_H

#include "likely.bpf.h"
#include "shared/target.h"

/* Index of each target by the id of its cgroup in the default hierarchy. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* as many as there are targets, when loaded */
	__type(key, __u64);
	__type(value, __u32);
} target_ids SEC(".maps");

__u32 target_levels[TARGET_LEVELS]; /* depths at which targets are; 0: no more */

/* Index + 1; 0: none. Works for what is deeper in a target's cgroup, too. */
static __always_inline __u32 target_of_cgroup(struct cgroup *cgroup)
{
	__u32 level = cgroup->level;

	for (int i = 0; i < TARGET_LEVELS; i++) {
		__u32 at = target_levels[i], *target;
		__u64 id;

		if (!at)
			break;
		if (at > level)
			continue;
		if (likely(at == level))
			id = cgroup->kn->id;
		else
			id = BPF_CORE_READ(cgroup, ancestors[at], kn, id);
		target = bpf_map_lookup_elem(&target_ids, &id);
		if (target)
			return *target + 1;
	}
	return 0;
}

static __always_inline __u32 target_of(struct task_struct *task)
{
	return target_of_cgroup(task->cgroups->dfl_cgrp);
}

#endif
