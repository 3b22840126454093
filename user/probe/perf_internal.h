/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the perf probe share. */
#ifndef CBPF_PROBE_PERF_INTERNAL_H
#define CBPF_PROBE_PERF_INTERNAL_H

#include <linux/types.h>
#include <stdatomic.h>

#include "probe/perf.h"
#include "shared/perf.h"

/* An event that is not counted. */
struct perf_missing {
	char name[PERF_EVENT_NAME];
	char why[160];
	bool no_counter; /* the hardware has none for it */
};

struct perf_by_bpf;

struct perf_probe {
	enum perf_backend backend;
	const struct probe_targets *targets; /* borrowed */
	size_t n_targets, n_cpus; /* CPUs: that there may ever be */
	size_t n_events, n_missing;
	struct perf_event events[PERF_EVENTS];
	struct perf_missing missing[PERF_EVENTS];
	uint64_t too_many; /* events beyond PERF_EVENTS */

	/* perf_bpf.c; NULL: the other one */
	struct perf_by_bpf *by_bpf;
	int *cpu_fds; /* event e on CPU c at e * n_cpus + c; -1: it is offline */
	struct perf_count start[PERF_EVENTS]; /* of all CPUs, when counting began */

	/* perf_cgroup.c: the same for each target, NULL until it is added */
	_Atomic(int *) *target_fds;
	atomic_uint_fast64_t not_opened; /* targets whose events could not be */
	atomic_int not_opened_code;
};

/* Open event @e on each CPU that is online, for @cgroup_fd or with -1 for all, into @fds. -errno. */
int perf_open_cpus(const struct perf_probe *p, const struct perf_event *e, int cgroup_fd, int *fds);
void perf_close_cpus(const struct perf_probe *p, int *fds);
/* Their sum; an event that cannot be read adds nothing, and makes it false. */
bool perf_sum_cpus(const struct perf_probe *p, const int *fds, struct perf_count *ret);

int perf_by_bpf_open(struct perf_probe *p, struct err *err);
void perf_by_bpf_sweep(struct perf_probe *p);
/* @slot: 0 for what is no target's, else a target's index + 1. */
void perf_by_bpf_read(const struct perf_probe *p, size_t slot, size_t event,
		      struct perf_count *ret);
void perf_by_bpf_losses(struct perf_probe *p, struct losses *losses);
size_t perf_by_bpf_costs(struct perf_probe *p, struct probe_cost *costs, size_t max);
void perf_by_bpf_close(struct perf_by_bpf *b); /* takes NULL */

int perf_by_cgroup_open(struct perf_probe *p, struct err *err);
int perf_by_cgroup_add(struct perf_probe *p, size_t target, const char *dir);
bool perf_by_cgroup_read(const struct perf_probe *p, size_t target, size_t event,
			 struct perf_count *ret);
void perf_by_cgroup_losses(struct perf_probe *p, struct losses *losses);
void perf_by_cgroup_close(struct perf_probe *p);

#endif
