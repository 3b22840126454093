/* SPDX-License-Identifier: Apache-2.0 */
/* The scheduler probe: what the kernel's scheduler did with the tasks of each target. */
#ifndef CBPF_PROBE_SCHED_H
#define CBPF_PROBE_SCHED_H

#include <linux/types.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/cost.h"
#include "shared/sched.h"

struct err;
struct losses;
struct probe_targets;
struct sched_probe;

/*
 * Load and attach, for @targets, borrowed until close. What tells of locks (since
 * Linux 5.19) is left out where it is not, and told as a loss.
 */
int sched_probe_open(const struct probe_targets *targets, struct sched_probe **ret,
		     struct err *err);
const char *sched_probe_backend(const struct sched_probe *p); /* "tp_btf" */

/* The map in which it remembers tasks, for a probe that splits the time of calls; borrowed. */
int sched_probe_tasks(const struct sched_probe *p);

/* Totals since the target was added, running slices included. Neither allocates. */
void sched_probe_read(struct sched_probe *p, size_t target, uint64_t now_ns,
		      struct sched_slot *ret);
/* The same without the histograms' buckets, which are left as they are: much less to read. */
void sched_probe_totals(struct sched_probe *p, size_t target, uint64_t now_ns,
			struct sched_slot *ret);

/* Who took CPUs from whom so far, at most @max; returns how many. */
size_t sched_probe_preemptions(struct sched_probe *p, struct sched_pair *pairs, uint64_t *counts,
			       size_t max);

/* What could not be counted so far, as totals. */
void sched_probe_losses(struct sched_probe *p, struct losses *losses);
/* Own cost so far; returns how many were written. */
size_t sched_probe_costs(struct sched_probe *p, struct probe_cost *costs, size_t max);

/* Takes NULL. */
void sched_probe_close(struct sched_probe *p);

/* Can this host do it? Loads and attaches for a moment. */
int sched_probe_try(struct err *err);

#endif
