/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the profile probe share. */
#ifndef CBPF_PROBE_PROFILE_INTERNAL_H
#define CBPF_PROBE_PROFILE_INTERNAL_H

#include <linux/types.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "probe/profile.h"
#include "shared/profile.h"

struct kernel_symbols;
struct spaces;
struct symbol_files;

/* The probe's own thread. */
struct profile_keeper {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool running, stop; /* under the lock */
	bool stuck; /* it did not end: what it has is not to be looked at, nor freed */
};

struct profile_probe {
	size_t n_targets, n_cpus, n_online;
	struct profile_config config;
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
	size_t stacks_max;
	unsigned int depth_max; /* frames that the kernel takes of a stack */
	cpu_set_t online; /* CPUs that are sampled */
	struct err kernel; /* why names of the kernel's are unknown; code 0: they are not */
};

/*
 * Stacks that each of @n_targets has room for: as many as there can be samples on @cpus, as far as memory goes (of
 * which there is @memory_bytes).
 */
size_t profile_stacks_each(const struct profile_config *config, size_t n_targets, size_t cpus,
			   uint64_t memory_bytes);

/* Why samples are missing, where the kernel takes at most @rate a second and CPU; 0: unknown. Static. */
const char *profile_missing_why(unsigned int frequency, uint64_t rate);

/* CPUs of @now that are not among @then. */
size_t profile_cpus_new(const cpu_set_t *then, const cpu_set_t *now);

/* profile_keep.c: a thread that takes in what the kernel tells of processes, from start to stop. */
int profile_keeper_open(struct profile_probe *p, struct err *err);
int profile_keeper_start(struct profile_probe *p, struct err *err);
void profile_keeper_stop(struct profile_probe *p); /* may be left stuck */
void profile_keeper_close(struct profile_probe *p); /* not when it is stuck */

/* Where names of frames come from. */
struct profile_names {
	const struct kernel_symbols *kernel; /* NULL: unknown */
	struct spaces *spaces; /* NULL: unknown, and so is all of user space */
	struct symbol_files *files;
	unsigned int depth_max; /* of a stack; 0: unknown */
};

/* Names that are needed for it will be asked for. */
void profile_fold_ask(const struct profile_names *names, const struct profile_key *key,
		      const struct profile_stack *stack);

/* One stack in words. */
int profile_fold(const struct profile_names *names, const struct profile_key *key,
		 const struct profile_stack *stack, struct buf *ret);

#endif
