/* SPDX-License-Identifier: Apache-2.0 */
/* The perf probe: events that targets' tasks caused, counted by CPU. */
#ifndef CBPF_PROBE_PERF_H
#define CBPF_PROBE_PERF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/perf_event.h"
#include "probe/cost.h"

struct err;
struct losses;
struct perf_probe;
struct probe_targets;
struct str_list;

enum perf_backend {
	PERF_AUTO, /* the first of the others that this host can */
	PERF_BPF, /* each event once per CPU, charged to targets by BPF */
	PERF_CGROUP, /* each event once per CPU and target, by the kernel's own cgroup events */
	PERF_BACKENDS
};
extern const char *const perf_backends[PERF_BACKENDS]; /* auto, bpf, cgroup */

struct perf_config {
	enum perf_backend backend;
	const struct str_list *events; /* as perf list names them; NULL or empty: the usual ones */
	bool all; /* fail unless each of them can be counted */
};

/*
 * Count from now on, for @targets, borrowed until close. Events that this host cannot
 * count are told by perf_probe_losses(); -EOPNOTSUPP when none is left.
 */
int perf_probe_open(const struct probe_targets *targets, const struct perf_config *config,
		    struct perf_probe **ret, struct err *err);
const char *perf_probe_backend(const struct perf_probe *p); /* never "auto" */

/* Those that are counted: from 0, and in the order of the config. */
size_t perf_probe_events(const struct perf_probe *p);
const struct perf_event *perf_probe_event(const struct perf_probe *p, size_t event);

/*
 * The v2 cgroup of @target is the directory @dir. Needed by the backend "cgroup", which counts what
 * is in it from now on; for others, and when told again, nothing happens. From any
 * thread, but for a target from one after the other. 0 or -errno.
 */
int perf_probe_add(struct perf_probe *p, size_t target, const char *dir);

/* Have what is running be counted until now. Before a round of reads; does not allocate. */
void perf_probe_sweep(struct perf_probe *p);
/* Totals of @target. False: it is not counted, or not yet. */
bool perf_probe_read(const struct perf_probe *p, size_t target, size_t event,
		     struct perf_count *ret);
/* Totals of all that is no target's, idle CPUs included. False: this backend does not know. */
bool perf_probe_others(const struct perf_probe *p, size_t event, struct perf_count *ret);
/* What the CPUs themselves have counted, each by its own event. False: this backend does not know. */
bool perf_probe_cpus(const struct perf_probe *p, size_t event, struct perf_count *ret);

/* What is not counted, and why. */
void perf_probe_losses(struct perf_probe *p, struct losses *losses);
/* Own cost so far; returns how many were written. */
size_t perf_probe_costs(struct perf_probe *p, struct probe_cost *costs, size_t max);

/* Takes NULL. */
void perf_probe_close(struct perf_probe *p);

/* Can this host do it, by @backend? Loads and attaches for a moment. */
int perf_probe_try(enum perf_backend backend, struct err *err);

#endif
