// SPDX-License-Identifier: Apache-2.0
/* Opening the probes that look at tasks, in an order and on a thread of their own. */
#include "run/task_probes.h"

#include <signal.h>
#include <stdio.h>

#include "base/loss.h"
#include "probe/pagecache.h"
#include "probe/perf.h"
#include "probe/profile.h"
#include "probe/sched.h"
#include "probe/targets.h"
#include "probe/vfs.h"
#include "spec/spec.h"

static int open_sched(struct task_probes *p, const struct spec_collectors *asked, struct err *err)
{
	(void)asked;
	return sched_probe_open(p->targets, &p->sched, err);
}

static enum tri asked_sched(const struct spec_collectors *c)
{
	return c->sched;
}

/* After the scheduler probe: of calls' time it knows what was spent off CPUs. */
static int open_vfs(struct task_probes *p, const struct spec_collectors *asked, struct err *err)
{
	static const char *const backends[] = { [VFS_AUTO] = NULL,
						[VFS_FENTRY] = "fentry",
						[VFS_SYSCALLS] = "syscalls",
						[VFS_KPROBE] = "kprobe" };
	const struct vfs_config config = {
		.backend = backends[asked->vfs.backend],
		.tasks_fd = p->sched ? sched_probe_tasks(p->sched) : -1,
		.n_files = asked->vfs.files,
	};

	return vfs_probe_open(p->targets, &config, &p->vfs, err);
}

static enum tri asked_vfs(const struct spec_collectors *c)
{
	return c->vfs.mode;
}

static int open_pagecache(struct task_probes *p, const struct spec_collectors *asked,
			  struct err *err)
{
	return pagecache_probe_open(p->targets, asked->pagecache.backend, &p->pagecache, err);
}

static enum tri asked_pagecache(const struct spec_collectors *c)
{
	return c->pagecache.mode;
}

static int open_perf(struct task_probes *p, const struct spec_collectors *asked, struct err *err)
{
	static const enum perf_backend backends[] = {
		[COUNT_AUTO] = PERF_AUTO, [COUNT_BPF] = PERF_BPF, [COUNT_CGROUP] = PERF_CGROUP
	};
	const struct perf_config config = {
		.backend = backends[asked->perf.backend],
		.events = &asked->perf.events,
		/* Of the usual ones, what there is will do. */
		.all = asked->perf.mode == TRI_ON && asked->perf.events.n,
	};

	return perf_probe_open(p->targets, &config, &p->perf, err);
}

static enum tri asked_perf(const struct spec_collectors *c)
{
	return c->perf.mode;
}

static int open_profile(struct task_probes *p, const struct spec_collectors *asked, struct err *err)
{
	const struct profile_config config = {
		.frequency = (unsigned int)asked->profile.frequency,
		.duration_ns = p->duration_ns,
	};

	return profile_probe_open(p->targets, &config, &p->profile, err);
}

static enum tri asked_profile(const struct spec_collectors *c)
{
	return c->profile.mode;
}

/* In the order in which they are opened. */
static const struct {
	const char *name; /* of the collector */
	enum tri (*asked)(const struct spec_collectors *c);
	int (*open)(struct task_probes *p, const struct spec_collectors *asked, struct err *err);
} kinds[TASK_PROBES] = {
	[TASK_PROBE_SCHED] = { "sched", asked_sched, open_sched },
	[TASK_PROBE_VFS] = { "vfs", asked_vfs, open_vfs },
	[TASK_PROBE_PAGECACHE] = { "pagecache", asked_pagecache, open_pagecache },
	[TASK_PROBE_PERF] = { "perf", asked_perf, open_perf },
	[TASK_PROBE_PROFILE] = { "profile", asked_profile, open_profile },
};

/* The thread's, and what is left for who waits for it, so that both have enough to do. */
#define LATER TASK_PROBE_PAGECACHE

static void open_some(struct task_opening *o, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (kinds[i].asked(o->asked) != TRI_OFF && o->probes->targets)
			o->rc[i] = kinds[i].open(o->probes, o->asked, &o->err[i]);
}

static void *open_first(void *arg)
{
	open_some(arg, 0, LATER);
	return NULL;
}

void task_probes_begin(struct task_probes *p, const struct spec_collectors *asked, size_t n_targets,
		       uint64_t duration_ns, struct task_opening *o)
{
	sigset_t all, before;
	bool any = false;

	*o = (struct task_opening){ .asked = asked, .probes = p };
	p->duration_ns = duration_ns;
	for (size_t i = 0; i < TASK_PROBES; i++)
		any = any || kinds[i].asked(asked) != TRI_OFF;
	if (!any)
		return;
	o->rc[0] = probe_targets_open(n_targets, &p->targets, &o->err[0]);
	for (size_t i = 1; i < TASK_PROBES && o->rc[0]; i++) {
		o->rc[i] = o->rc[0];
		o->err[i] = o->err[0];
	}
	sigfillset(&all); /* they are for the thread that knows what to do */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	o->in_thread = !pthread_create(&o->thread, NULL, open_first, o);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!o->in_thread)
		open_first(o);
}

int task_probes_end(struct task_opening *o, struct losses *losses, struct err *err)
{
	int rc = 0;

	open_some(o, LATER, TASK_PROBES);
	if (o->in_thread)
		pthread_join(o->thread, NULL);
	for (size_t i = 0; i < TASK_PROBES; i++) {
		char what[32];

		if (!o->rc[i] || kinds[i].asked(o->asked) == TRI_OFF)
			continue;
		snprintf(what, sizeof(what), "collector %s", kinds[i].name);
		if (kinds[i].asked(o->asked) != TRI_ON) {
			loss_add(losses, what, 1, "%s", o->err[i].text);
		} else if (!rc) {
			*err = o->err[i];
			rc = err_wrap(err, "%s", what);
		}
	}
	return rc;
}

void task_probes_close(struct task_probes *p)
{
	vfs_probe_close(p->vfs);
	sched_probe_close(p->sched);
	pagecache_probe_close(p->pagecache);
	perf_probe_close(p->perf);
	profile_probe_close(p->profile);
	probe_targets_close(p->targets);
	*p = (struct task_probes){ 0 };
}
