/* SPDX-License-Identifier: Apache-2.0 */
/* Monitor groups of ours: made, locked while their run lasts, given tasks, removed. */
#ifndef CBPF_HOST_RESCTRL_GROUP_H
#define CBPF_HOST_RESCTRL_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "host/resctrl.h"

struct buf;
struct cgroup_ref;
struct err;

#define RESCTRL_GROUP_PATH (RESCTRL_PATH + 2 * RESCTRL_NAME + 32)

struct resctrl_group {
	char class[RESCTRL_NAME]; /* the control group that it is in; "": the default one */
	char path[RESCTRL_GROUP_PATH]; /* of its directory; "": there is none */
	int lock; /* descriptor of it, which says that its owner lives */
};

/*
 * Make the monitor group "cbpf.@name" in a control group. -ENOSPC: there is no RMID
 * left for it; -EBUSY: those that were freed are in use until the cache has dropped
 * what was brought in under them.
 */
int resctrl_group_make(const struct resctrl *r, const char *class, const char *name,
		       struct resctrl_group *ret, struct err *err);

/*
 * Put one task (a thread) into it. -ESRCH: it is gone; -EINVAL: it is in another control group,
 * or @tid is none.
 */
int resctrl_group_add(const struct resctrl *r, const struct resctrl_group *g, pid_t tid,
		      struct err *err);

/*
 * Put all tasks of a cgroup, and what is below it, into it, again until no new ones appear.
 * @ret_n: how many it was. @ret_left: how many stay in monitor groups of others, which they are
 * in already; NULL: none does. -EAGAIN: new ones kept appearing; else the first failure of a task.
 */
int resctrl_group_add_cgroup(const struct resctrl *r, const struct resctrl_group *g,
			     const struct cgroup_ref *cg, size_t *ret_n, size_t *ret_left,
			     struct err *err);

/* Any task of a cgroup, or of what is below it; 0: there is none that can be named. */
pid_t resctrl_cgroup_task(const struct cgroup_ref *cg);

/* Its tasks go back to the control group. Nothing to do where it was never made, or is gone. */
int resctrl_group_remove(struct resctrl_group *g, struct err *err);

/*
 * Remove the groups of runs that are gone, below @root (NULL: RESCTRL_ROOT). One line each
 * goes to @report. No such file system is nothing to do.
 */
int resctrl_clean(const char *root, bool dry_run, struct buf *report, struct err *err);

#endif
