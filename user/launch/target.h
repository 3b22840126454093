/* SPDX-License-Identifier: Apache-2.0 */
/* What is being measured: one target per container, plain struct and one writer. */
#ifndef CBPF_LAUNCH_TARGET_H
#define CBPF_LAUNCH_TARGET_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/cgroup.h"

struct plan_target;

enum target_state {
	TARGET_WAITING, /* not started yet */
	TARGET_STARTING, /* started, not ready */
	TARGET_READY, /* running (and ready where readiness was asked for) */
	TARGET_EXITED, /* by itself, or told to by `stop:` */
	TARGET_FAILED, /* could not be started or did not become ready */
};

/*
 * Launch writes; the sampling thread reads only @name and @container_id, which
 * are final before sampling starts, and, once @published is set (release/
 * acquire), @cg, @late, @attached, @held and @pid, which do not change afterwards.
 */
struct target {
	char name[64];
	const struct plan_target *plan; /* borrowed */
	char image[256];
	char container_id[80]; /* "" for native */
	char log_path[PATH_MAX];
	atomic_bool published;
	atomic_bool gone; /* exited: files may vanish */
	struct cgroup_ref cg;
	bool late; /* its own program may have begun before anybody could know @cg */
	bool attached; /* it ran before the run, and is not ended by it */
	bool held; /* launch_config.making dealt with its tasks before its own program began */
	pid_t pid; /* of the first process; 0 unknown */
	enum target_state state;
	int exit_code; /* as a shell tells it: 128+N for a signal; -1 unknown */
	char failure[512]; /* words for TARGET_FAILED or a bad exit */
	uint64_t start_ns, ready_ns, end_ns; /* CLOCK_MONOTONIC; 0 not yet */
	char binary[64]; /* of a workload: "ior" or "cbpf-ior"; "" else */
	char summary_path[PATH_MAX]; /* host path of the tool's JSON summary; "" none */
	char gate_dir[PATH_MAX]; /* of a workload whose phases are let go one by one; "" else */
	size_t phases; /* how many, each with a summary of its own: see plan_ior_summary() */
	int stopped; /* ended by us, or none of ours: an exit code is no failure */
	bool let_go; /* attached to, and still running when the run ended */
};

struct target_set {
	struct target *v; /* never moves while a run lasts */
	size_t n;
};

/* Characters of a container's id that tell it from others: as engines abbreviate it. */
#define TARGET_ID_MIN 12

/*
 * The cgroup that @t's block I/O is charged to, relative to its mount: "/" for the
 * root. Borrowed from @t and not terminated: @ret_len characters. NULL: unknown.
 */
const char *target_io_path(const struct cgroup_layout *l, const struct target *t, size_t *ret_len);

/*
 * Does what is charged there belong to @t alone? Not when it is an ancestor's,
 * which others share; but an ancestor that is named after the container is its own.
 */
bool target_owns_io(const struct cgroup_layout *l, const struct target *t);

#endif
