/* SPDX-License-Identifier: Apache-2.0 */
/* From the id of the cgroup that I/O was charged to, to the owner it is shown under. */
#ifndef CBPF_SAMPLE_OWNER_MAP_H
#define CBPF_SAMPLE_OWNER_MAP_H

#include <stdbool.h>
#include <stdint.h>

struct collector_env;
struct err;
struct owner_map;

/*
 * Sweeps for which I/O of a cgroup that is nobody's is held back: a container
 * does its first I/O some milliseconds before its engine tells where it runs,
 * and paths are looked up on another thread. The first sweep, before any target is
 * started, holds nothing back; it waits a little for paths instead.
 */
#define OWNER_MAP_HOLD 10

/* @env is copied; what it points at is borrowed until close. */
int owner_map_open(const struct collector_env *env, struct owner_map **ret, struct err *err);

/*
 * The handle of cgroup @id, made when new; -ENOSPC when there are too many.
 * @name: the cgroup's own directory name when it was first seen; copied.
 * @why: with @id 0, why it is nobody's (enum block_why).
 */
int owner_map_add(struct owner_map *m, uint64_t id, const char *name, unsigned int why);
/* The handle of a cgroup that was added before, or -ENOENT. */
int owner_map_find(const struct owner_map *m, uint64_t id);

/* Once per sweep, before what is new in it is added: look which targets are known by now. */
void owner_map_sweep(struct owner_map *m);

/*
 * Owner of @handle as an index into the owner table, or -EAGAIN: hold its I/O
 * back and ask again next sweep. With @last the answer is final.
 *
 *   0                                        nobody's, by reason
 *   the hierarchy's root                     "host"
 *   a target's cgroup, or one below it       the target
 *   a name or path with a container's id     the target, published or not
 *   anything else                            itself, by path (by name when it was gone)
 *
 * The last also for the ancestor of targets whose cgroups lack the io controller.
 * A cgroup that turns out to be a target's later goes to it from then on.
 */
int owner_map_get(struct owner_map *m, int handle, bool last);

/* The owner of what is nobody's, for enum block_why @why. */
int owner_map_nobody(const struct owner_map *m, unsigned int why);
/* The owner that stands for cgroups which are not told apart. */
int owner_map_others(struct owner_map *m);

void owner_map_close(struct owner_map *m);

#endif
