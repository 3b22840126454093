/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which target is a page of memory charged to? On hosts of version 1 not by the default hierarchy. */
#ifndef CBPF_TARGET_MEMORY_BPF_H
#define CBPF_TARGET_MEMORY_BPF_H

#include "shared/target.h"

/* As target_ids and target_levels, of the hierarchy in which memory is charged. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u32);
} memory_ids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct target_levels);
} memory_levels SEC(".maps");

#define MEMCG_FLAGS 3ul /* not a cgroup but something of one: no page of a file is charged so */

/* Whom a folio with this memcg_data is charged to. */
static __always_inline __u32 target_of_memory(unsigned long memcg_data)
{
	struct mem_cgroup *memory = (void *)memcg_data;
	__u32 zero = 0, level;
	struct target_levels *levels = bpf_map_lookup_elem(&memory_levels, &zero);
	struct cgroup *cgroup;

	if (!memory || (memcg_data & MEMCG_FLAGS) || !levels)
		return 0;
	cgroup = BPF_CORE_READ(memory, css.cgroup);
	level = BPF_CORE_READ(cgroup, level);
	for (int i = 0; i < TARGET_LEVELS; i++) {
		__u32 at = levels->at[i], *target;
		__u64 id;

		if (!at)
			break;
		if (at > level)
			continue;
		if (at == level)
			id = BPF_CORE_READ(cgroup, kn, id);
		else
			id = BPF_CORE_READ(cgroup, ancestors[at], kn, id);
		target = bpf_map_lookup_elem(&memory_ids, &id);
		if (target)
			return *target + 1;
	}
	return 0;
}

#endif
