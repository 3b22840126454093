// SPDX-License-Identifier: Apache-2.0
/* One thread for each sink: a round each second, the last one when the run is stored. */
#include "run/sinks.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loss.h"
#include "run/progress.h"
#include "run/sink_kinds.h"
#include "sink/deliver.h"
#include "sink/sink.h"
#include "sink/writer.h"
#include "spec/spec.h"
#include "store/store.h"

#define ROUND_NS NSEC_PER_SEC /* between two rounds: how far a sink may be behind */
#define LOOK_NS (50 * NSEC_PER_MSEC) /* between two looks at whether it is time to give up */
#define RETRY_NS (5 * NSEC_PER_SEC) /* within a round, which holds up the database's checkpoints */
#define KINDS_MAX 8
#define WORDS sizeof(((struct err *)NULL)->text)

struct sending {
	const struct sink_kind *kind;
	struct sinks *all;
	struct sink *sink;
	struct store *reader; /* the thread's own */
	struct delivery *delivery;
	pthread_t thread;
	bool running; /* there is a thread to join */
	atomic_bool stop; /* give up */
	/* Under all->lock: */
	bool finished; /* the thread has returned, or is about to */
	uint64_t not_before_ns; /* it does nothing before, whatever happens, but stop; 0: it may */
	struct delivery_state state;
	char message[WORDS]; /* to be told; "" when there is none */
	int failed; /* why it is given up, -errno; 0: it is not */
	char why[WORDS];
};

struct sinks {
	struct sinks_config config;
	pthread_mutex_t lock;
	pthread_cond_t wake; /* by CLOCK_MONOTONIC */
	bool ended; /* the run is stored */
	size_t n;
	struct sending v[KINDS_MAX];
};

static void after(uint64_t ns, struct timespec *ret)
{
	uint64_t at = clock_mono_ns() + ns;

	ret->tv_sec = at / NSEC_PER_SEC;
	ret->tv_nsec = at % NSEC_PER_SEC;
}

static void give_up(struct sending *s)
{
	pthread_mutex_lock(&s->all->lock);
	s->stop = true;
	pthread_cond_broadcast(&s->all->wake);
	pthread_mutex_unlock(&s->all->lock);
}

/* True when this round is to be the last. */
static bool wait_for_round(struct sending *s)
{
	struct timespec until;
	bool ended;

	after(ROUND_NS, &until);
	pthread_mutex_lock(&s->all->lock);
	while (!s->all->ended && !s->stop &&
	       !pthread_cond_timedwait(&s->all->wake, &s->all->lock, &until))
		;
	ended = s->all->ended;
	pthread_mutex_unlock(&s->all->lock);
	return ended;
}

static void on_progress(void *arg, const struct delivery_state *now)
{
	struct sending *s = arg;

	pthread_mutex_lock(&s->all->lock);
	s->state = *now;
	pthread_mutex_unlock(&s->all->lock);
}

/* One that cannot be reached is tried again, and told once; any other failure is for good. */
static bool is_over(struct sending *s, int rc, const struct err *err)
{
	pthread_mutex_lock(&s->all->lock);
	if (rc && rc != -ECANCELED) {
		if (rc != -EAGAIN || !s->why[0])
			snprintf(s->message, sizeof(s->message), "%s", err->text);
		snprintf(s->why, sizeof(s->why), "%s", err->text);
	}
	if (!rc)
		s->why[0] = '\0'; /* it could not be reached, and can again */
	if (rc && rc != -EAGAIN && rc != -ECANCELED)
		s->failed = rc;
	pthread_mutex_unlock(&s->all->lock);
	return rc && rc != -EAGAIN;
}

/*
 * After a round that failed, the @last or not, until the next may be tried. That the run has ended
 * is a reason to try at once, and every second from then on, but not when the server asked not to:
 * only for that is the end not waited for.
 */
static void rest(struct sending *s, bool last)
{
	uint64_t now = clock_mono_ns(), until = now + LOOK_NS;
	struct sink *sink = s->sink;
	bool for_all = last || sink->asked;
	struct timespec end;

	if (last && !sink->asked && sink->not_before_ns > now + NSEC_PER_SEC)
		sink->not_before_ns = now + NSEC_PER_SEC;
	if (sink->not_before_ns > until)
		until = sink->not_before_ns;
	after(until - now, &end);
	pthread_mutex_lock(&s->all->lock);
	s->not_before_ns = sink->asked ? until : 0;
	while (!s->stop && (for_all || !s->all->ended) &&
	       !pthread_cond_timedwait(&s->all->wake, &s->all->lock, &end))
		;
	s->not_before_ns = 0;
	if (!for_all && s->all->ended)
		sink->not_before_ns = 0;
	pthread_mutex_unlock(&s->all->lock);
}

static void *send_all(void *data)
{
	struct sending *s = data;
	struct err err = { 0 };
	struct delivery_state now;
	bool last = false;
	int rc;

	do {
		last = wait_for_round(s);
		if (s->stop)
			break;
		err = (struct err){ 0 };
		rc = delivery_round(s->delivery, last, &err);
		if (is_over(s, rc, &err))
			break;
		if (rc) /* not now */
			rest(s, last);
		delivery_state(s->delivery, &now);
	} while (!last || !now.done);
	pthread_mutex_lock(&s->all->lock);
	s->finished = true;
	delivery_state(s->delivery, &s->state);
	pthread_cond_broadcast(&s->all->wake);
	pthread_mutex_unlock(&s->all->lock);
	return NULL;
}

/* Signals are for the thread that knows what to do; those that this one starts have none, too. */
static int start(struct sending *s)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = -pthread_create(&s->thread, NULL, send_all, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static int open_one(struct sinks *all, const struct sink_kind *kind, struct err *err)
{
	struct sending *s = &all->v[all->n];
	int rc;

	s->kind = kind;
	s->all = all;
	s->state.seq = s->state.last = -1;
	all->n++; /* whatever there is of it is closed with the others */
	rc = kind->open(
		&(struct sink_opening){
			.spec = all->config.spec,
			.run_dir = all->config.run_dir,
			.id = all->config.id,
			.losses = all->config.losses,
			.stop = &s->stop,
			.retry_for_ns = RETRY_NS,
		},
		&s->sink, err);
	if (!rc)
		rc = store_open(NULL, all->config.run_dir, &s->reader, NULL, err);
	if (!rc)
		rc = delivery_open(
			&(struct delivery_config){
				.sink = s->sink,
				.reader = s->reader,
				.cursor = all->config.store,
				.progress = on_progress,
				.arg = s,
			},
			&s->delivery, err);
	if (!rc)
		rc = start(s);
	if (rc)
		return err->code ? err_wrap(err, "sink %s", kind->name)
				 : err_set(err, rc, "sink %s: starting a thread", kind->name);
	s->running = true;
	return 0;
}

int sinks_open(const struct sinks_config *config, struct sinks **ret, struct err *err)
{
	struct sinks *all = calloc(1, sizeof(*all));
	pthread_condattr_t attr;
	int rc = 0;

	if (!all)
		return err_set(err, -ENOMEM, "opening sinks");
	all->config = *config;
	pthread_mutex_init(&all->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&all->wake, &attr);
	pthread_condattr_destroy(&attr);
	for (const struct sink_kind *const *k = sink_kinds; !rc && *k; k++)
		if ((*k)->wanted(config->spec))
			rc = open_one(all, *k, err);
	if (rc || (!all->n && config->spec->csv.given != FLAG_ON)) {
		sinks_close(all);
		return rc;
	}
	*ret = all;
	return 0;
}

void sinks_tell(struct sinks *all)
{
	char message[WORDS];

	for (size_t i = 0; all && i < all->n; i++) {
		struct sending *s = &all->v[i];

		pthread_mutex_lock(&all->lock);
		snprintf(message, sizeof(message), "%s", s->message);
		s->message[0] = '\0';
		pthread_mutex_unlock(&all->lock);
		if (message[0])
			progress_warn(all->config.progress, NULL,
				      "warning: sink %s: %s; the run goes on, and its data is in "
				      "its database",
				      s->kind->name, message);
	}
}

/* True when it has ended by then, one way or the other; there is no waiting for what cannot. */
static bool await(struct sending *s, uint64_t until_ns, const atomic_bool *at_once)
{
	struct timespec until;
	bool finished;

	pthread_mutex_lock(&s->all->lock);
	while (!s->finished && clock_mono_ns() < until_ns && s->not_before_ns < until_ns &&
	       !*at_once) {
		after(LOOK_NS, &until); /* a signal wakes nobody here */
		(void)pthread_cond_timedwait(&s->all->wake, &s->all->lock, &until);
	}
	finished = s->finished;
	pthread_mutex_unlock(&s->all->lock);
	return finished;
}

/* What it lacks, and how to send that. */
static void tell_lack(struct sending *s, bool in_time)
{
	const struct sinks_config *c = &s->all->config;
	char lack[96] = "", what[64];

	if (s->state.done)
		return;
	snprintf(what, sizeof(what), "sink.%s.behind", s->kind->name);
	if (s->state.last > s->state.seq)
		snprintf(lack, sizeof(lack), "%lld ticks and ",
			 (long long)(s->state.last - s->state.seq));
	loss_add(c->losses, what, 1, "it lacks %sthe end of the run (%s): 'cbpf export' sends it",
		 lack,
		 s->why[0] ? s->why
		 : in_time ? "stopped"
			   : "it was not fast enough");
	if (!s->failed)
		progress_warn(c->progress, NULL,
			      "warning: sink %s lacks %sthe end of the run; 'cbpf export %s' sends "
			      "it",
			      s->kind->name, lack, c->run_dir);
}

/* The tables as they are, for those who want files. */
static void write_csv(struct sinks *all, uint64_t begin_ns, const atomic_bool *at_once)
{
	const struct sinks_config *c = &all->config;
	const struct spec_csv *spec = &c->spec->csv;
	struct store *reader = NULL;
	struct err err = { 0 };
	bool late;
	int rc;

	if (spec->given != FLAG_ON)
		return;
	rc = store_open(NULL, c->run_dir, &reader, NULL, &err);
	if (!rc)
		rc = sink_csv_of_spec(spec, c->run_dir, c->id, reader,
				      &(struct writer_limits){ .stop = at_once,
							       .until_ns = begin_ns +
									   spec->flush_timeout_ns },
				      &err);
	store_close(reader);
	if (!rc)
		return;
	late = rc == -EAGAIN || rc == -ECANCELED;
	loss_add(c->losses, late ? "sink.csv.behind" : "sink.csv", 1, "%s%s", err.text,
		 late ? ": 'cbpf export' writes it" : "");
	if (late)
		progress_warn(c->progress, NULL,
			      "warning: sink csv: %s; 'cbpf export %s' writes it", err.text,
			      c->run_dir);
	else
		progress_warn(c->progress, NULL, "warning: sink csv: %s", err.text);
}

void sinks_finish(struct sinks *all, const atomic_bool *at_once)
{
	uint64_t begin_ns = clock_mono_ns();

	if (!all)
		return;
	pthread_mutex_lock(&all->lock);
	all->ended = true;
	pthread_cond_broadcast(&all->wake);
	pthread_mutex_unlock(&all->lock);
	write_csv(all, begin_ns, at_once);
	for (size_t i = 0; i < all->n; i++) {
		struct sending *s = &all->v[i];
		bool in_time;

		if (!s->running || s->kind->live_only)
			continue;
		in_time = await(s, begin_ns + s->kind->patience_ns(all->config.spec), at_once);
		give_up(s);
		pthread_join(s->thread, NULL);
		s->running = false;
		tell_lack(s, in_time);
	}
	sinks_tell(all);
}

uint64_t sinks_cpu_ns(const struct sinks *all)
{
	uint64_t ns = 0;

	for (size_t i = 0; all && i < all->n; i++) {
		const struct sink *sink = all->v[i].sink;

		if (sink && sink->ops->cpu_ns)
			ns += sink->ops->cpu_ns(sink);
	}
	return ns;
}

void sinks_close(struct sinks *all)
{
	if (!all)
		return;
	for (size_t i = 0; i < all->n; i++) {
		struct sending *s = &all->v[i];

		give_up(s);
		if (s->running)
			pthread_join(s->thread, NULL);
		delivery_close(s->delivery);
		sink_close(s->sink);
		store_close(s->reader);
	}
	pthread_cond_destroy(&all->wake);
	pthread_mutex_destroy(&all->lock);
	free(all);
}
