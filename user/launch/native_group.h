/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroups of one native run: "/cbpf/<run>.<pid>" in every hierarchy, locked
 * by flock(2) while its owner lives, so that what a killed run left is known
 * for certain, across pid namespaces and pid reuse.
 */
#ifndef CBPF_LAUNCH_NATIVE_GROUP_H
#define CBPF_LAUNCH_NATIVE_GROUP_H

#include <stdbool.h>

#include "host/cgroup.h"

struct buf;
struct err;

struct native_group {
	struct cgroup_layout layout;
	char parent[CGROUP_PATH]; /* relative to the mounts */
	int locks[CG_NCTRL + 1]; /* directories; -1 where there is none */
};

/* @run_dir is remembered beside the cgroups: clean-up removes work/ and volumes/ in it. */
int native_group_open(const struct cgroup_layout *l, const char *run_id, const char *run_dir,
		      struct native_group *ret, struct err *err);
/* Remove the directories, which must hold no cgroup any more, and the locks. */
void native_group_close(struct native_group *g);

/* Kill and remove the groups whose owner is gone; a line each to @report. */
int native_group_clean(const struct cgroup_layout *l, bool dry_run, struct buf *report,
		       struct err *err);

#endif
