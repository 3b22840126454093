/* SPDX-License-Identifier: Apache-2.0 */
/* A process that is made ready, held, placed and let go; failures up to its exec have words. */
#ifndef CBPF_LAUNCH_NATIVE_CHILD_H
#define CBPF_LAUNCH_NATIVE_CHILD_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/strlist.h"

struct err;

struct native_limit {
	char *name; /* as the spec says it: "nofile"; owned */
	int resource; /* RLIMIT_* */
	struct rlimit value;
};

struct native_mount {
	char *source; /* owned; NULL: a tmpfs */
	char *dest; /* owned */
	bool read_only;
};

/* Everything about a process but its cgroup. Owned by whoever called native_exec_fini(). */
struct native_exec {
	struct str_list argv;
	struct str_list env; /* NAME=VALUE */
	char *dir; /* working directory */
	bool has_user;
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	size_t n_groups;
	struct native_limit *limits;
	size_t n_limits;
	struct native_mount *mounts; /* in a mount namespace of its own when there are any */
	size_t n_mounts;
	bool private_shm; /* one of them is a tmpfs on /dev/shm */
	bool has_cpus; /* for hosts without a cpuset controller */
	cpu_set_t cpus;
};

void native_exec_fini(struct native_exec *x);

/* Held before its first own instruction. */
struct native_child {
	pid_t pid; /* also of its session and process group */
	int go_fd, error_fd;
};

/*
 * Fork. stdin is /dev/null; stdout and stderr are @out_fd (-1: /dev/null).
 * @join_pid: enter that process's mount namespace instead of making one; 0: no.
 * It is killed when the calling thread ends.
 */
int native_child_fork(const struct native_exec *x, int out_fd, pid_t join_pid,
		      struct native_child *ret, struct err *err);
/* Let it run its program. When that cannot be, it is reaped and @err says why. */
int native_child_go(struct native_child *child, const struct native_exec *x, struct err *err);
/* Give it up before it was let go. */
void native_child_drop(struct native_child *child);

/* wait(2)'s status as a shell tells it. */
int native_exit_code(int status);

#endif
