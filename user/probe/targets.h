/* SPDX-License-Identifier: Apache-2.0 */
/* Which cgroups are targets: one table for all probes that look at tasks. */
#ifndef CBPF_PROBE_TARGETS_H
#define CBPF_PROBE_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_object;
struct err;
struct probe_targets;

/* For targets 0 to @n - 1, of which none is known yet. */
int probe_targets_open(size_t n, struct probe_targets **ret, struct err *err);
size_t probe_targets_count(const struct probe_targets *t);

/*
 * Have @object, which includes target.bpf.h, and target_memory.bpf.h or not, and is
 * not loaded yet, look there.
 */
int probe_targets_use(const struct probe_targets *t, struct bpf_object *object);

/*
 * What is in the cgroup @id of the default hierarchy, which is @level deep (the
 * root is 0), and in all below it, belongs to @target from now on. From any thread.
 * -EINVAL: no such target, or it has no cgroup there. -ENOSPC: targets lie at more
 * than TARGET_LEVELS depths.
 */
int probe_targets_add(struct probe_targets *t, size_t target, uint64_t id, unsigned int level);

/*
 * The same from the first instruction of the container's own program on: who makes the
 * container is in its cgroup before. Where that has begun already, or to be sure of it,
 * probe_targets_add() follows.
 */
int probe_targets_await(struct probe_targets *t, size_t target, uint64_t id, unsigned int level);

/*
 * As probe_targets_add(), for what is charged to the cgroup @id of the hierarchy that has the memory
 * controller. Where a target's memory is charged to another it has none.
 */
int probe_targets_add_memory(struct probe_targets *t, size_t target, uint64_t id,
			     unsigned int level);
bool probe_targets_have_memory(const struct probe_targets *t, size_t target);

/* After all probes that use it. Takes NULL. */
void probe_targets_close(struct probe_targets *t);

#endif
