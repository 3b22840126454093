// SPDX-License-Identifier: Apache-2.0
/* The sampling and the writing thread, and the ring between them. */
#include "run/pipeline.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "run/describe.h"
#include "run/live.h"
#include "sample/frame.h"
#include "sample/sampler.h"
#include "store/store.h"

#define FRAMES 8
#define EVENTS 256

struct event {
	uint64_t mono_ns;
	char target[64];
	char what[32];
	char text[512];
};

struct pipeline {
	struct pipeline_config config;
	struct ticker ticker;
	struct describer devices; /* the writer's */
	pthread_t sampling, writing;
	bool threads;
	atomic_bool ending;

	pthread_mutex_t lock;
	pthread_cond_t filled; /* a frame or an event waits, or the end has come */
	struct frame frames[FRAMES];
	uint64_t head, tail; /* frames [tail, head) wait for the writer, modulo FRAMES */
	bool closed; /* nothing more will be put */
	struct event events[EVENTS];
	size_t n_events;
	uint64_t events_dropped;
	uint64_t seq;
	struct pipeline_stats stats;
	struct err failure;
};

/* The frame to fill next, or NULL when the writer still has them all. */
static struct frame *take_free(struct pipeline *p)
{
	struct frame *f = NULL;

	pthread_mutex_lock(&p->lock);
	if (p->head - p->tail < FRAMES)
		f = &p->frames[p->head % FRAMES];
	pthread_mutex_unlock(&p->lock);
	return f;
}

static void put_filled(struct pipeline *p, const struct frame *f)
{
	uint64_t took = f->end_ns - f->begin_ns;
	uint64_t late = f->begin_ns > f->due_ns ? f->begin_ns - f->due_ns : 0;

	pthread_mutex_lock(&p->lock);
	p->head++;
	p->stats.sweep_sum_ns += took;
	if (took > p->stats.sweep_max_ns)
		p->stats.sweep_max_ns = took;
	if (late > p->stats.late_max_ns)
		p->stats.late_max_ns = late;
	pthread_cond_signal(&p->filled);
	pthread_mutex_unlock(&p->lock);
}

static bool sweep(struct pipeline *p, uint64_t due_ns, bool last)
{
	struct frame *f = take_free(p);

	if (!f)
		return false;
	/* Before the sweep: the last one gives out what collectors hold back. */
	f->seq = p->seq++;
	f->due_ns = due_ns;
	f->last = last;
	sampler_sweep(p->config.sampler, f);
	put_filled(p, f);
	return true;
}

static void *sampling_main(void *arg)
{
	struct pipeline *p = arg;
	uint64_t due_ns;

	while (!atomic_load(&p->ending)) {
		int rc = ticker_wait(&p->ticker, &due_ns);

		if (rc == -EINTR)
			continue;
		if (rc < 0)
			break;
		if (atomic_load(&p->ending))
			break;
		if (!sweep(p, due_ns, false)) {
			pthread_mutex_lock(&p->lock);
			p->stats.skipped++;
			pthread_mutex_unlock(&p->lock);
		}
	}
	return NULL;
}

/* Copy out the events that wait; called locked. */
static size_t take_events(struct pipeline *p, struct event *to)
{
	size_t n = p->n_events;

	memcpy(to, p->events, n * sizeof(*to));
	p->n_events = 0;
	return n;
}

static void fail_once(struct pipeline *p, const struct err *err)
{
	pthread_mutex_lock(&p->lock);
	if (!p->failure.code)
		p->failure = *err;
	pthread_mutex_unlock(&p->lock);
}

static void write_events(struct pipeline *p, const struct event *events, size_t n)
{
	struct err err = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct event *e = &events[i];

		if (store_put_event(p->config.store, e->mono_ns, e->target[0] ? e->target : NULL,
				    e->what, e->text, &err))
			fail_once(p, &err);
	}
}

static void write_frame(struct pipeline *p, const struct frame *f)
{
	struct err err = { 0 };

	if (!p->failure.code && (store_put_frame(p->config.store, f, p->config.owners, &err) ||
				 describe_devices(&p->devices, f, p->config.store, &err)))
		fail_once(p, &err);
	live_add(p->config.live, f);
	pthread_mutex_lock(&p->lock);
	p->tail++;
	if (!p->failure.code)
		p->stats.ticks++;
	pthread_mutex_unlock(&p->lock);
}

static void *writing_main(void *arg)
{
	struct pipeline *p = arg;
	struct event *events = calloc(EVENTS, sizeof(*events));
	bool over = false;

	if (!events) {
		struct err err;

		err_set(&err, -ENOMEM, "starting the writer");
		fail_once(p, &err);
		return NULL;
	}
	while (!over) {
		const struct frame *f = NULL;
		size_t n_events;

		pthread_mutex_lock(&p->lock);
		while (p->head == p->tail && !p->n_events && !p->closed)
			pthread_cond_wait(&p->filled, &p->lock);
		if (p->head != p->tail)
			f = &p->frames[p->tail % FRAMES];
		n_events = take_events(p, events);
		over = !f && p->closed;
		pthread_mutex_unlock(&p->lock);
		write_events(p, events, n_events);
		if (f)
			write_frame(p, f);
	}
	free(events);
	return NULL;
}

/* Signals are for the main thread: block them while the others are made. */
static int start_threads(struct pipeline *p, struct err *err)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&p->writing, NULL, writing_main, p);
	if (!rc) {
		rc = pthread_create(&p->sampling, NULL, sampling_main, p);
		if (rc) {
			pthread_mutex_lock(&p->lock);
			p->closed = true;
			pthread_cond_signal(&p->filled);
			pthread_mutex_unlock(&p->lock);
			pthread_join(p->writing, NULL);
		}
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	p->threads = !rc;
	return rc ? err_set(err, -rc, "starting the sampling threads") : 0;
}

int pipeline_open(const struct pipeline_config *config, struct pipeline **ret, struct err *err)
{
	struct pipeline *p = calloc(1, sizeof(*p));
	int rc = 0;

	if (!p)
		return err_set(err, -ENOMEM, "starting the pipeline");
	p->config = *config;
	p->ticker.fd = -1;
	p->devices.sys = "/sys";
	p->devices.mountinfo = "/proc/self/mountinfo";
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->filled, NULL);
	for (size_t i = 0; i < FRAMES && !rc; i++)
		rc = sampler_frame_init(config->sampler, &p->frames[i], err);
	if (!rc)
		rc = ticker_open(&p->ticker, config->interval_ns, err);
	if (!rc) {
		sweep(p, clock_mono_ns(), false);
		rc = start_threads(p, err);
	}
	if (rc) {
		pipeline_close(p);
		return rc;
	}
	*ret = p;
	return 0;
}

void pipeline_event(struct pipeline *p, const char *target, const char *what, const char *fmt, ...)
{
	struct event *e;
	va_list ap;

	pthread_mutex_lock(&p->lock);
	if (p->n_events == EVENTS) {
		p->events_dropped++;
		pthread_mutex_unlock(&p->lock);
		return;
	}
	e = &p->events[p->n_events++];
	e->mono_ns = clock_mono_ns();
	snprintf(e->target, sizeof(e->target), "%s", target ? target : "");
	snprintf(e->what, sizeof(e->what), "%s", what);
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	pthread_cond_signal(&p->filled);
	pthread_mutex_unlock(&p->lock);
}

int pipeline_failed(struct pipeline *p, struct err *err)
{
	int rc;

	pthread_mutex_lock(&p->lock);
	rc = p->failure.code;
	if (rc)
		*err = p->failure;
	pthread_mutex_unlock(&p->lock);
	return rc;
}

int pipeline_finish(struct pipeline *p, struct err *err)
{
	if (!p->threads)
		return pipeline_failed(p, err);
	atomic_store(&p->ending, true);
	pthread_join(p->sampling, NULL);
	/*
	 * The very last sweep must not be skipped: wait for a free frame. One
	 * that could not hold every row is followed by another.
	 */
	for (bool complete = false; !complete && !pipeline_failed(p, err);) {
		struct frame *f = take_free(p);

		if (!f) {
			clock_sleep_until(clock_mono_ns() + NSEC_PER_MSEC);
			continue;
		}
		sweep(p, clock_mono_ns(), true);
		complete = !f->hists_dropped;
	}
	pthread_mutex_lock(&p->lock);
	p->closed = true;
	pthread_cond_signal(&p->filled);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->writing, NULL);
	p->threads = false;
	p->stats.overruns = p->ticker.overruns;
	return pipeline_failed(p, err);
}

void pipeline_stats(struct pipeline *p, struct pipeline_stats *ret)
{
	pthread_mutex_lock(&p->lock);
	*ret = p->stats;
	pthread_mutex_unlock(&p->lock);
}

uint64_t pipeline_events_dropped(struct pipeline *p)
{
	return p->events_dropped;
}

void pipeline_close(struct pipeline *p)
{
	struct err err = { 0 };

	if (!p)
		return;
	(void)pipeline_finish(p, &err); /* a failure was told to whoever finished it */
	ticker_close(&p->ticker);
	for (size_t i = 0; i < FRAMES; i++)
		frame_fini(&p->frames[i]);
	pthread_cond_destroy(&p->filled);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
