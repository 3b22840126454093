/* SPDX-License-Identifier: Apache-2.0 */
/* Limits as the lines that the kernel wants in cgroup files; pure. */
#ifndef CBPF_HOST_CGROUP_LIMITS_H
#define CBPF_HOST_CGROUP_LIMITS_H

#include "host/cgroup.h"

#define CGROUP_WRITES_MAX 16

struct cgroup_write {
	enum cgroup_ctrl ctrl; /* v1 name of the controller; v2 calls CG_BLKIO "io" */
	bool v2;
	const char *what; /* the limit as the user knows it: "memory" */
	const char *file;
	const char *or_file; /* tried when @file does not exist; NULL: none */
	char text[160];
	char or_text[32]; /* for @or_file where it differs; "" as @text */
};

struct cgroup_writes {
	struct cgroup_write v[CGROUP_WRITES_MAX];
	size_t n;
};

/*
 * What to write, in the order in which the kernel takes it. -EOPNOTSUPP names a
 * controller that the host lacks, -EINVAL a limit that no kernel takes.
 */
int cgroup_limits_writes(const struct cgroup_layout *l, const struct cgroup_limits *limits,
			 struct cgroup_writes *ret, struct err *err);

#endif
