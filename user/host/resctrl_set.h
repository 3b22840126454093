/* SPDX-License-Identifier: Apache-2.0 */
/* A monitor group for each target of a run. */
#ifndef CBPF_HOST_RESCTRL_SET_H
#define CBPF_HOST_RESCTRL_SET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "host/resctrl_group.h"

struct cgroup_ref;
struct err;

struct resctrl_member {
	struct resctrl_group group; /* its owner's alone until @ready, and final then */
	atomic_bool ready; /* it has its tasks: may be read from any thread */
	size_t moved; /* tasks that were put in */
	size_t left; /* tasks that stay in monitor groups of others */
	bool early; /* some before the target's program began, and its class has not changed */
};

struct resctrl_set {
	struct resctrl fs;
	size_t n;
	struct resctrl_member *v;
};

/* @root as resctrl_open() takes it; no group is made yet. */
int resctrl_set_open(const char *root, size_t n, struct resctrl_set **ret, struct err *err);

/*
 * Make the group "cbpf.@name" of target @i, in the control group that this process is in:
 * what it forks is there, too. Errors are resctrl_group_make()'s.
 */
int resctrl_set_make(struct resctrl_set *s, size_t i, const char *name, struct err *err);

/*
 * Put a process that has not begun into the group, which is made anew if it is in
 * another control group.
 */
int resctrl_set_hold(struct resctrl_set *s, size_t i, const char *name, pid_t pid, struct err *err);

/*
 * Put those into the group that make a container: nothing of the container has run yet. True when
 * any were, or there is no group; failures are told when the container runs.
 */
bool resctrl_set_hold_cgroup(struct resctrl_set *s, size_t i, const struct cgroup_ref *cg);

/*
 * The container runs, and @pid (0: not known; then any task of @cg) is its first process: all of its
 * tasks are put into the group, which is made anew if they are in another control group. Of what
 * ran before (@attached) those stay where they are that others have put into monitor groups.
 */
int resctrl_set_take(struct resctrl_set *s, size_t i, const char *name, pid_t pid,
		     const struct cgroup_ref *cg, bool attached, struct err *err);

/* From now on it may be read. */
void resctrl_set_ready(struct resctrl_set *s, size_t i);

/* Removes all groups; takes NULL. @err is the first failure, and what it returns. */
int resctrl_set_close(struct resctrl_set *s, struct err *err);

#endif
