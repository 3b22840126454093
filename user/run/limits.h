/* SPDX-License-Identifier: Apache-2.0 */
/* What holds targets back from outside: limits of their I/O, and room on their file systems. */
#ifndef CBPF_RUN_LIMITS_H
#define CBPF_RUN_LIMITS_H

#include "store/store.h"

struct cgroup_layout;
struct target;

struct limits {
	struct store_io_limit *v; /* freed by limits_fini() */
	size_t n;
};

/* What holds for target @owner now, when it has just been started, is added. -ENOMEM. */
int limits_look(struct limits *limits, const struct cgroup_layout *l, const struct target *t,
		uint32_t owner);
void limits_fini(struct limits *limits);

/*
 * Rows of `filesystem`: of @mountinfo (/proc/self/mountinfo) what targets used, by the rows of
 * `mount`. One that does not answer is not asked: only what a target has used is.
 */
int limits_put_filesystems(struct store *s, const char *mountinfo, struct err *err);

#endif
