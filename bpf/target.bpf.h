/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which target does a task belong to? */
#ifndef CBPF_TARGET_BPF_H
#define CBPF_TARGET_BPF_H

#include "likely.bpf.h"
#include "shared/target.h"

/* Index of each target by the id of its cgroup in the default hierarchy. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* user space has a larger one, for all probes */
	__type(key, __u64);
	__type(value, __u32);
} target_ids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct target_levels);
} target_levels SEC(".maps");

/* Index + 1; 0: none. Works for what is deeper in a target's cgroup, too. */
static __always_inline __u32 target_of_cgroup(struct cgroup *cgroup)
{
	__u32 level = cgroup->level, zero = 0;
	struct target_levels *levels = bpf_map_lookup_elem(&target_levels, &zero);

	if (!levels)
		return 0;
	for (int i = 0; i < TARGET_LEVELS; i++) {
		__u32 at = levels->at[i], *target;
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

/* Of the current task. Not static: following pointers by their types takes the verifier long. */
__noinline __u32 target_of_current(void)
{
	return target_of(bpf_get_current_task_btf());
}

#endif
