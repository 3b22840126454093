/* SPDX-License-Identifier: Apache-2.0 */
/* The probes that look at tasks of targets, opened beside the block probe. */
#ifndef CBPF_RUN_TASK_PROBES_H
#define CBPF_RUN_TASK_PROBES_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct losses;
struct pagecache_probe;
struct perf_probe;
struct probe_targets;
struct profile_probe;
struct sched_probe;
struct spec_collectors;
struct vfs_probe;

struct task_probes {
	uint64_t duration_ns; /* at most */
	struct probe_targets *targets; /* NULL: no such probe was asked for */
	struct sched_probe *sched; /* NULL: off, or this host cannot */
	struct vfs_probe *vfs; /* the same */
	struct pagecache_probe *pagecache; /* the same */
	struct perf_probe *perf; /* the same */
	struct profile_probe *profile; /* the same */
};

/* Each probe that a spec may ask for; how opening it went. */
enum task_probe {
	TASK_PROBE_SCHED,
	TASK_PROBE_VFS,
	TASK_PROBE_PAGECACHE,
	TASK_PROBE_PERF,
	TASK_PROBE_PROFILE,
	TASK_PROBES
};

struct task_opening {
	const struct spec_collectors *asked;
	struct task_probes *probes;
	bool in_thread;
	pthread_t thread;
	struct err err[TASK_PROBES];
	int rc[TASK_PROBES];
};

/*
 * Open what @asked (borrowed) asks for, for @n_targets and at most @duration_ns, on a thread of its own: the
 * verifier takes its time for each program. @o is in use until task_probes_end(), which
 * opens what is left for it.
 */
void task_probes_begin(struct task_probes *p, const struct spec_collectors *asked, size_t n_targets,
		       uint64_t duration_ns, struct task_opening *o);

/* Wait for it. What was required and cannot be had fails; what may be left out is a loss. */
int task_probes_end(struct task_opening *o, struct losses *losses, struct err *err);

void task_probes_close(struct task_probes *p);

#endif
