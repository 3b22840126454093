/* SPDX-License-Identifier: Apache-2.0 */
/* What a container of the spec means for a plain process. */
#ifndef CBPF_LAUNCH_NATIVE_SPEC_H
#define CBPF_LAUNCH_NATIVE_SPEC_H

#include "host/cgroup.h"
#include "launch/native_child.h"

struct plan_target;
struct spec_container;
struct target;

/* A user of this host as "user[:group]", by names or numbers, into @x. */
int native_user(const char *text, struct native_exec *x, struct err *err);

/* "nofile" and "1024", "1024:2048" or "unlimited" into one more limit of @x. */
int native_add_limit(const char *name, const char *value, struct native_exec *x, struct err *err);

/* "SRC:DEST[:ro|:rw]" into one more mount of @x; named volumes lie below @volumes_dir. */
int native_add_mount(const char *text, const char *volumes_dir, struct native_exec *x,
		     struct err *err);

/*
 * A /dev/shm of its own for an MPI workload, which keeps its session directory
 * (by TMPDIR) and its shared memory there: however it ends, nothing is left,
 * and none of it is I/O. Not when the spec itself uses /dev/shm.
 */
int native_private_shm(const struct spec_container *c, struct native_exec *x, struct err *err);

/* This process's environment with what the container (and its workload) changes. */
int native_env(const struct spec_container *c, struct native_exec *x, struct err *err);

/* Limits for the cgroup. @work_dir is where I/O goes when there is no volume. */
int native_limits(const struct cgroup_layout *l, const struct spec_container *c,
		  const struct native_exec *x, const char *work_dir, struct cgroup_limits *ret,
		  struct err *err);

#endif
