/* SPDX-License-Identifier: Apache-2.0 */
/* The profile probe: where tasks of targets were, asked at a steady rate on each CPU. */
#ifndef CBPF_PROBE_PROFILE_H
#define CBPF_PROBE_PROFILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "probe/cost.h"

struct err;
struct losses;
struct probe_targets;
struct profile_probe;

struct profile_config {
	unsigned int frequency; /* samples a second and CPU */
	uint64_t duration_ns; /* it takes no longer; 0: unknown */
};

/*
 * Ask each CPU so often in its own time (cpu-clock), from now on, for @targets, which are borrowed until
 * close. What runs with interrupts off is seen when they are on again.
 */
int profile_probe_open(const struct probe_targets *targets, const struct profile_config *config,
		       struct profile_probe **ret, struct err *err);
unsigned int profile_probe_frequency(const struct profile_probe *p);

/*
 * @pid is a process of @target, in its own container if it has one (@contained), which does not yet have
 * to be set up: what its root is tells where files are. May be told again; does not wait.
 */
void profile_probe_root(struct profile_probe *p, uint32_t target, pid_t pid, bool contained);

/* End sampling, and take in what is left, which may take some seconds: not during a sweep. */
void profile_probe_stop(struct profile_probe *p);

struct profile_totals {
	uint64_t samples; /* on all CPUs */
	uint64_t expected; /* CPUs times time times frequency */
	uint64_t idle; /* of the samples: nobody had the CPU */
	uint64_t others; /* tasks of no target */
	uint64_t lost; /* of targets, with no room for their stack: in none of them but [no room] */
};
void profile_probe_totals(const struct profile_probe *p, struct profile_totals *ret);

/* One stack of a target in words; several may have the same. */
struct profile_folded {
	uint32_t target;
	char *stack; /* owned; "comm;outermost;...;innermost_[k]" */
	uint64_t samples;
};

/*
 * All stacks, named: after profile_probe_stop(), once. Takes some ms for each file that was run, and at most a minute
 * when file systems do not answer; 10 s once *@hurried is set, and no time once *@at_once is (NULL: never):
 * what has no name then is [unknown], or the file's name. The caller frees with profile_folded_free(). 0 or
 * -errno.
 */
int profile_probe_fold(struct profile_probe *p, const atomic_bool *hurried,
		       const atomic_bool *at_once, struct profile_folded **ret, size_t *ret_n,
		       struct err *err);
void profile_folded_free(struct profile_folded *v, size_t n);

/* What is not in it, and why: after profile_probe_fold(). Own cost so far: as with other probes. */
void profile_probe_losses(struct profile_probe *p, struct losses *losses);
size_t profile_probe_costs(struct profile_probe *p, struct probe_cost *costs, size_t max);
/* Of the process that reads files; memory at its most. 0 and 0: unknown. */
void profile_probe_helper_cost(const struct profile_probe *p, uint64_t *ret_cpu_ns,
			       uint64_t *ret_rss_max_bytes);

void profile_probe_close(struct profile_probe *p); /* takes NULL */

/* Can this host do it? Loads and attaches for a moment. */
int profile_probe_try(struct err *err);
/* Are names of the kernel's functions known? 0, or -errno and in @err why not, and what changes that. */
int profile_probe_try_kernel(struct err *err);

#endif
