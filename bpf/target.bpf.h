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

/* What target_ids has for the one of @cgroup's ancestors, or itself, that is at depth @at. */
static __always_inline __u32 *entry_above(struct cgroup *cgroup, __u32 at)
{
	__u64 id = BPF_CORE_READ(cgroup, ancestors[at], kn, id);

	return bpf_map_lookup_elem(&target_ids, &id);
}

/* Index + 1; 0: none. Works for what is deeper in a target's cgroup, too. */
static __always_inline __u32 target_of_entry(const __u32 *entry)
{
	return entry && likely(!(*entry & TARGET_AWAITED)) ? *entry + 1 : 0;
}

static __always_inline __u32 target_of_cgroup(struct cgroup *cgroup)
{
	__u32 level = cgroup->level, zero = 0;
	struct target_levels *levels = bpf_map_lookup_elem(&target_levels, &zero);

	if (!levels)
		return 0;
	for (int i = 0; i < TARGET_LEVELS; i++) {
		__u32 at = levels->at[i], *entry;
		__u64 id;

		if (!at)
			break;
		if (at > level)
			continue;
		if (likely(at == level)) {
			id = cgroup->kn->id;
			entry = bpf_map_lookup_elem(&target_ids, &id);
		} else {
			entry = entry_above(cgroup, at);
		}
		if (entry)
			return target_of_entry(entry);
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

/* A program that starts itself once more, as makers of containers do: by the file that it runs. */
static __always_inline bool is_itself(const struct linux_binprm *bprm)
{
	char name[sizeof("/proc/self/")] = { 0 };

	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(bprm, filename));
	return !bpf_strncmp(name, sizeof("/proc/self/") - 1, "/proc/self/") ||
	       !bpf_strncmp(name, sizeof("/dev/fd/") - 1, "/dev/fd/");
}

/*
 * A task has become another program: of an awaited target its own, unless it is what makes the
 * container. Whose it is. Rare, and so read by helper, which is quick to verify.
 */
static __always_inline __u32 task_execs(struct task_struct *task, const struct linux_binprm *bprm)
{
	struct cgroup *cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp);
	__u32 level = BPF_CORE_READ(cgroup, level), *entry = NULL, zero = 0;
	struct target_levels *levels = bpf_map_lookup_elem(&target_levels, &zero);

	for (int i = 0; levels && !entry && i < TARGET_LEVELS; i++)
		if (levels->at[i] && levels->at[i] <= level)
			entry = entry_above(cgroup, levels->at[i]);
	if (entry && *entry & TARGET_AWAITED && !is_itself(bprm))
		__sync_fetch_and_and(entry, ~TARGET_AWAITED);
	return target_of_entry(entry);
}

#endif
