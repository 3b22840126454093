/* SPDX-License-Identifier: Apache-2.0 */
/* The contract every source of numbers fulfils. */
#ifndef CBPF_SAMPLE_COLLECTOR_H
#define CBPF_SAMPLE_COLLECTOR_H

#include "host/cgroup.h"

struct block_probe;
struct err;
struct frame;
struct losses;
struct owner_table;
struct pagecache_probe;
struct resctrl_set;
struct perf_probe;
struct profile_probe;
struct sched_probe;
struct vfs_probe;
struct target_set;

/* What a collector may look at; everything is borrowed until close. */
struct collector_env {
	const struct target_set *targets;
	const struct cgroup_layout *cgroups;
	struct owner_table *owners;
	struct block_probe *block; /* NULL when off */
	struct losses *losses;
	struct sched_probe *sched; /* NULL when off */
	struct vfs_probe *vfs; /* NULL when off */
	struct pagecache_probe *pagecache; /* NULL when off */
	const struct resctrl_set *rdt; /* NULL when off */
	struct perf_probe *perf; /* NULL when off */
	struct profile_probe *profile; /* NULL when off */
};

struct collector {
	const char *name; /* as written in a spec */
	const char *help;

	int (*open)(const struct collector_env *env, void **ret_state, struct err *err);
	/*
	 * One sweep: put what can be had now into @f. Neither allocates nor
	 * blocks. A value that cannot be read is left out; what is lost for
	 * good goes to losses.
	 */
	void (*read)(void *state, struct frame *f);
	/* A target's cgroup is about to go: no more reads from it. Takes NULL state. */
	void (*close)(void *state);
};

extern const struct collector collector_block;
extern const struct collector collector_cgroup;
extern const struct collector collector_sched;
extern const struct collector collector_vfs;
extern const struct collector collector_pagecache;
extern const struct collector collector_rdt;
extern const struct collector collector_perf;
extern const struct collector collector_profile;
extern const struct collector collector_device; /* /proc/diskstats, always on */

#endif
