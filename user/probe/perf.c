// SPDX-License-Identifier: Apache-2.0
/* Which events can be counted here, and by which backend. */
#include "probe/perf.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fd_limit.h"
#include "base/loss.h"
#include "base/strlist.h"
#include "probe/cpus.h"
#include "probe/perf_internal.h"
#include "probe/targets.h"

const char *const perf_backends[PERF_BACKENDS] = { "auto", "bpf", "cgroup" };

/* Software events, which every host has, and what a CPU with four counters counts at once or nearly so. */
static const char *const usual[] = {
	"task-clock",	"context-switches",    "cpu-migrations", "page-faults",
	"major-faults", "instructions",	       "cycles",	 "cache-references",
	"cache-misses", "branch-instructions", "branch-misses"
};

int perf_open_cpus(const struct perf_probe *p, const struct perf_event *e, int cgroup_fd, int *fds)
{
	cpu_set_t cpus;
	int rc = probe_cpus_online(&cpus);

	for (size_t i = 0; i < p->n_cpus; i++)
		fds[i] = -1;
	for (size_t i = 0; i < p->n_cpus && i < CPU_SETSIZE && !rc; i++) {
		if (!CPU_ISSET(i, &cpus))
			continue;
		fds[i] = perf_event_open_cpu(e, i, cgroup_fd);
		rc = fds[i] < 0 ? fds[i] : 0;
	}
	if (rc)
		perf_close_cpus(p, fds);
	return rc;
}

void perf_close_cpus(const struct perf_probe *p, int *fds)
{
	for (size_t i = 0; i < p->n_cpus; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

bool perf_sum_cpus(const struct perf_probe *p, const int *fds, struct perf_count *ret)
{
	struct perf_count sum = { 0 }, one;
	bool all = true;

	for (size_t i = 0; i < p->n_cpus; i++) {
		if (fds[i] < 0)
			continue;
		if (perf_event_read(fds[i], &one)) {
			all = false;
			continue;
		}
		sum.value += one.value;
		sum.enabled_ns += one.enabled_ns;
		sum.running_ns += one.running_ns;
	}
	*ret = sum;
	return all;
}

__attribute__((format(printf, 3, 4))) static void miss(struct perf_probe *p, const char *name,
						       const char *fmt, ...)
{
	struct perf_missing *m = &p->missing[p->n_missing];
	va_list ap;

	if (p->n_missing == PERF_EVENTS) {
		p->too_many++;
		return;
	}
	p->n_missing++;
	snprintf(m->name, sizeof(m->name), "%s", name);
	va_start(ap, fmt);
	vsnprintf(m->why, sizeof(m->why), fmt, ap);
	va_end(ap);
}

/* Count it, if this host can: with the BPF backend on all CPUs, else only tried. */
static void add_event(struct perf_probe *p, const struct perf_event_env *env, const char *name)
{
	struct perf_event *e = &p->events[p->n_events];
	int *fds = p->cpu_fds + p->n_events * p->n_cpus;
	struct err err = { 0 };
	int rc;

	if (p->n_events == PERF_EVENTS) {
		p->too_many++;
		return;
	}
	if (perf_event_parse(env, name, e, &err)) {
		miss(p, name, "%s", err.text);
		return;
	}
	for (size_t i = 0; i < p->n_events; i++)
		if (!strcmp(p->events[i].name, e->name)) {
			miss(p, name, "asked for twice");
			return;
		}
	rc = perf_open_cpus(p, e, -1, fds);
	if (rc) {
		miss(p, e->name, "%s", perf_event_why(e, rc));
		if (perf_event_has_no_counter(e, rc) && p->n_missing)
			p->missing[p->n_missing - 1].no_counter = true;
		return;
	}
	p->n_events++;
}

static int add_events(struct perf_probe *p, const struct perf_config *config, struct err *err)
{
	const bool given = config->events && config->events->n;
	size_t n = given ? config->events->n : ARRAY_SIZE(usual);
	struct perf_event_env env = { .cpuinfo = PERF_EVENT_CPUINFO };

	fd_limit_raise(n * p->n_cpus);
	env.pmus = open(PERF_EVENT_SYSFS, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < n; i++)
		add_event(p, &env, given ? config->events->v[i] : usual[i]);
	if (env.pmus >= 0)
		close(env.pmus);
	if (config->all && p->too_many)
		return err_say(err, -EOPNOTSUPP, "at most %d events can be counted", PERF_EVENTS);
	if (p->n_missing && (config->all || !p->n_events))
		return err_say(err, -EOPNOTSUPP, "cannot count %s: %s", p->missing[0].name,
			       p->missing[0].why);
	return 0;
}

static int open_by(struct perf_probe *p, enum perf_backend backend, struct err *err)
{
	p->backend = backend;
	return backend == PERF_BPF ? perf_by_bpf_open(p, err) : perf_by_cgroup_open(p, err);
}

static int open_any(struct perf_probe *p, enum perf_backend backend, struct err *err)
{
	struct err first = { 0 };
	int rc;

	if (backend != PERF_AUTO)
		return open_by(p, backend, err);
	rc = open_by(p, PERF_BPF, &first);
	if (!rc || !open_by(p, PERF_CGROUP, err))
		return 0;
	*err = first; /* what is missing for the better one */
	return rc;
}

int perf_probe_open(const struct probe_targets *targets, const struct perf_config *config,
		    struct perf_probe **ret, struct err *err)
{
	struct perf_probe *p = calloc(1, sizeof(*p));
	int cpus = libbpf_num_possible_cpus(), rc;

	if (!p || cpus < 1) {
		free(p);
		return err_set(err, cpus < 0 ? cpus : -ENOMEM, "the perf probe");
	}
	p->targets = targets;
	p->n_targets = probe_targets_count(targets);
	p->n_cpus = cpus;
	p->cpu_fds = malloc(PERF_EVENTS * p->n_cpus * sizeof(*p->cpu_fds));
	if (p->cpu_fds) {
		for (size_t i = 0; i < PERF_EVENTS * p->n_cpus; i++)
			p->cpu_fds[i] = -1;
		rc = add_events(p, config, err);
	} else {
		rc = err_set(err, -ENOMEM, "the perf probe");
	}
	if (!rc)
		rc = open_any(p, config->backend, err);
	if (rc) {
		perf_probe_close(p);
		return rc;
	}
	*ret = p;
	return 0;
}

const char *perf_probe_backend(const struct perf_probe *p)
{
	return perf_backends[p->backend];
}

size_t perf_probe_events(const struct perf_probe *p)
{
	return p->n_events;
}

const struct perf_event *perf_probe_event(const struct perf_probe *p, size_t event)
{
	return &p->events[event];
}

int perf_probe_add(struct perf_probe *p, size_t target, const char *dir)
{
	return p->by_bpf ? 0 : perf_by_cgroup_add(p, target, dir);
}

void perf_probe_sweep(struct perf_probe *p)
{
	if (p->by_bpf)
		perf_by_bpf_sweep(p);
}

bool perf_probe_read(const struct perf_probe *p, size_t target, size_t event,
		     struct perf_count *ret)
{
	if (target >= p->n_targets || event >= p->n_events)
		return false;
	if (!p->by_bpf)
		return perf_by_cgroup_read(p, target, event, ret);
	perf_by_bpf_read(p, target + 1, event, ret);
	return true;
}

bool perf_probe_others(const struct perf_probe *p, size_t event, struct perf_count *ret)
{
	if (!p->by_bpf || event >= p->n_events)
		return false;
	perf_by_bpf_read(p, 0, event, ret);
	return true;
}

bool perf_probe_cpus(const struct perf_probe *p, size_t event, struct perf_count *ret)
{
	const struct perf_count *start = &p->start[event];

	if (!p->by_bpf || event >= p->n_events ||
	    !perf_sum_cpus(p, p->cpu_fds + event * p->n_cpus, ret))
		return false;
	ret->value -= start->value;
	ret->enabled_ns -= start->enabled_ns;
	ret->running_ns -= start->running_ns;
	return true;
}

/* Most often all events of the hardware are missing, for one reason. */
static void put_no_counter(const struct perf_probe *p, struct losses *losses)
{
	cleanup_buf struct buf text = BUF_INIT(4096);
	const char *why = NULL;
	size_t n = 0;

	for (size_t i = 0; i < p->n_missing; i++) {
		if (!p->missing[i].no_counter)
			continue;
		why = p->missing[i].why;
		buf_printf(&text, "%s%s", n++ ? ", " : "", p->missing[i].name);
	}
	buf_printf(&text, ": %s", why ? why : "");
	loss_set(losses, "perf.hardware", n, buf_str(&text));
}

void perf_probe_losses(struct perf_probe *p, struct losses *losses)
{
	for (size_t i = 0; i < p->n_missing; i++) {
		char what[PERF_EVENT_NAME + 8];

		snprintf(what, sizeof(what), "perf.%s", p->missing[i].name);
		if (!p->missing[i].no_counter)
			loss_set(losses, what, 1, p->missing[i].why);
	}
	put_no_counter(p, losses);
	loss_set(losses, "perf.events", p->too_many, "more events than can be counted");
	if (p->by_bpf)
		perf_by_bpf_losses(p, losses);
	else
		perf_by_cgroup_losses(p, losses);
}

size_t perf_probe_costs(struct perf_probe *p, struct probe_cost *costs, size_t max)
{
	return p->by_bpf ? perf_by_bpf_costs(p, costs, max) : 0;
}

void perf_probe_close(struct perf_probe *p)
{
	if (!p)
		return;
	perf_by_bpf_close(p->by_bpf);
	perf_by_cgroup_close(p);
	for (size_t e = 0; p->cpu_fds && e < PERF_EVENTS; e++)
		perf_close_cpus(p, p->cpu_fds + e * p->n_cpus);
	free(p->cpu_fds);
	free(p);
}

int perf_probe_try(enum perf_backend backend, struct err *err)
{
	struct probe_targets *targets;
	struct perf_probe *p;
	char *name = (char *)"task-clock";
	const struct str_list events = { .v = &name, .n = 1 };
	int rc = probe_targets_open(1, &targets, err);

	if (rc)
		return rc;
	rc = perf_probe_open(targets,
			     &(struct perf_config){
				     .backend = backend, .events = &events, .all = true },
			     &p, err);
	if (!rc)
		perf_probe_close(p);
	probe_targets_close(targets);
	return rc;
}
