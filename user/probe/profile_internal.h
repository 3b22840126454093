/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the profile probe share. */
#ifndef CBPF_PROBE_PROFILE_INTERNAL_H
#define CBPF_PROBE_PROFILE_INTERNAL_H

#include <linux/types.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/buf.h"
#include "probe/profile.h"
#include "shared/profile.h"

struct kernel_symbols;
struct spaces;
struct symbol_files;

/* What the probe's own thread does: opening files may take as long as their file systems like. */
struct profile_keeper {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool running, stop; /* under the lock */
	bool stuck; /* it did not end: what it has is not to be looked at, nor freed */
};

struct profile_probe {
	size_t n_targets, n_cpus, n_online;
	unsigned int frequency;
	uint64_t begin_ns, end_ns; /* of sampling; 0: it goes on */
	struct profile_bpf *skel;
	struct bpf_link **links; /* of each CPU; NULL: it is offline */
	int stats_fd;
	const struct profile_cpu *cpus; /* as the map has them */
	const struct profile_target *targets; /* the same */
	struct profile_rings *rings;
	struct spaces *spaces;
	struct symbol_files *files;
	struct profile_keeper keeper;
	atomic_int *
		pids; /* of each target: a process of it; 0: unknown, negative: with a root of its own */
	int *roots; /* of each target; -1: not known yet. Of the keeper's, until it ends */
	size_t stacks_max;
};

/* profile_keep.c: a thread that takes in what the kernel tells of processes, from start to stop. */
int profile_keeper_open(struct profile_probe *p, struct err *err);
int profile_keeper_start(struct profile_probe *p, struct err *err);
void profile_keeper_stop(struct profile_probe *p); /* may be left stuck */
void profile_keeper_close(struct profile_probe *p); /* not when it is stuck */

/* Where names of frames come from. */
struct profile_names {
	const struct kernel_symbols *kernel; /* NULL: unknown */
	const struct spaces *spaces;
	struct symbol_files *files;
	const int *roots; /* of each target */
};

/* One stack in words. */
int profile_fold(const struct profile_names *names, const struct profile_key *key,
		 const struct profile_stack *stack, struct buf *ret);

#endif
