// SPDX-License-Identifier: Apache-2.0
/*
 * What is needed to name what samples find, kept up by a thread of its own while processes live.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "probe/profile_internal.h"
#include "probe/profile_rings.h"
#include "profile.skel.h"
#include "symbol/files.h"
#include "symbol/space.h"

#define FILES_OPEN 4096 /* of all targets */

/* What a CPU tells may come that much later than what another one has told. */
#define HOLD_BACK_NS (20 * NSEC_PER_MSEC)
#define PERIOD_NS                                                                                  \
	(25 * NSEC_PER_MSEC) /* so often is it taken in, as processes may live no longer */
#define PATIENCE_S 5 /* with what the kernel tells of processes, at the end */

/* "address-address mode offset major:minor inode   path" */
static bool parse_maps(char *line, struct space_event *e)
{
	char mode[5];
	int at = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n", &e->start,
		   &e->end, mode, &e->offset, &e->file.major, &e->file.minor, &e->file.inode,
		   &at) < 7 ||
	    !at || mode[2] != 'x')
		return false;
	line[strcspn(line, "\n")] = '\0';
	e->path = line[at] ? line + at : "//anon";
	return true;
}

/* Mappings of a process that began before us. */
static void read_maps(void *arg, uint32_t tgid)
{
	struct profile_probe *p = arg;
	cleanup_free char *line = NULL;
	size_t size = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/maps", tgid);
	cleanup_fclose FILE *file = fopen(path, "re");

	while (file && getline(&line, &size, file) > 0) {
		struct space_event e = { .kind = SPACE_MAP, .tgid = tgid };

		if (parse_maps(line, &e))
			spaces_feed(p->spaces, &e);
	}
}

static void want_file(void *arg, uint32_t target, uint32_t tgid, const struct space_map *map)
{
	struct profile_probe *p = arg;

	symbol_files_want(p->files, target, tgid, map);
}

static void find_roots(struct profile_probe *p)
{
	for (size_t i = 0; i < p->n_targets; i++) {
		int pid = atomic_load(&p->pids[i]);

		if (pid)
			symbol_files_root(p->files, i, abs(pid), pid < 0);
	}
}

void profile_probe_root(struct profile_probe *p, uint32_t target, pid_t pid, bool contained)
{
	if (target < p->n_targets && pid > 0)
		atomic_store(&p->pids[target], contained ? -pid : pid);
}

static void take_news(struct profile_probe *p)
{
	int queue = bpf_map__fd(p->skel->maps.news);
	struct profile_news news;

	while (!bpf_map_lookup_and_delete_elem(queue, NULL, &news))
		(void)profile_rings_add(p->rings, &(struct space_event){ .time_ns = news.time_ns,
									 .kind = SPACE_SAMPLED,
									 .tgid = news.tgid,
									 .target = news.target });
}

static void take_in(struct profile_probe *p, bool last)
{
	uint64_t now = clock_mono_ns();

	symbol_files_tend(p->files);
	find_roots(p);
	take_news(p);
	profile_rings_feed(p->rings, last ? UINT64_MAX : now - HOLD_BACK_NS, p->spaces);
}

/* By the clock that nobody sets. */
static void after(struct timespec *at, uint64_t ns)
{
	clock_gettime(CLOCK_MONOTONIC, at);
	ns += (uint64_t)at->tv_nsec;
	at->tv_sec += (time_t)(ns / NSEC_PER_SEC);
	at->tv_nsec = (long)(ns % NSEC_PER_SEC);
}

/* Until told to stop; true: to. */
static bool rest(struct profile_keeper *k)
{
	struct timespec until;
	bool stop;

	after(&until, PERIOD_NS);
	pthread_mutex_lock(&k->lock);
	while (!k->stop && pthread_cond_clockwait(&k->wake, &k->lock, CLOCK_MONOTONIC, &until) == 0)
		;
	stop = k->stop;
	pthread_mutex_unlock(&k->lock);
	return stop;
}

static void *keep(void *arg)
{
	struct profile_probe *p = arg;
	bool stop;

	do {
		stop = rest(&p->keeper);
		take_in(p, stop);
	} while (!stop);
	return NULL;
}

int profile_keeper_start(struct profile_probe *p, struct err *err)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all); /* they are for the thread that knows what to do */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = -pthread_create(&p->keeper.thread, NULL, keep, p);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	p->keeper.running = !rc;
	return rc ? err_set(err, rc, "starting the thread of the profile probe") : 0;
}

void profile_keeper_stop(struct profile_probe *p)
{
	struct profile_keeper *k = &p->keeper;
	struct timespec until;

	if (!k->running)
		return;
	pthread_mutex_lock(&k->lock);
	k->stop = true;
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
	after(&until, PATIENCE_S * NSEC_PER_SEC);
	k->stuck = pthread_clockjoin_np(k->thread, NULL, CLOCK_MONOTONIC, &until);
	k->running = false;
}

/* Files that may be open, in a process that raises its limit; it needs some for other things, too. */
static size_t files_most(void)
{
	struct rlimit now;

	if (getrlimit(RLIMIT_NOFILE, &now) || now.rlim_max > 2 * FILES_OPEN)
		return FILES_OPEN;
	return now.rlim_max / 2;
}

int profile_keeper_open(struct profile_probe *p, struct err *err)
{
	const struct space_calls calls = { .unknown = read_maps, .file = want_file, .arg = p };
	int rc;

	pthread_mutex_init(&p->keeper.lock, NULL);
	pthread_cond_init(&p->keeper.wake, NULL);
	p->pids = calloc(p->n_targets, sizeof(*p->pids));
	rc = p->pids ? spaces_open(&calls, &p->spaces) : -ENOMEM;
	if (!rc)
		rc = symbol_files_open(p->n_targets, files_most(), &p->files);
	return rc ? err_set(err, rc, "the profile probe")
		  : profile_rings_open(p->n_cpus, &p->rings, err);
}

void profile_keeper_close(struct profile_probe *p)
{
	profile_rings_close(p->rings);
	spaces_close(p->spaces);
	symbol_files_close(p->files);
	free(p->pids);
}
