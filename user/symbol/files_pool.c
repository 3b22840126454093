// SPDX-License-Identifier: Apache-2.0
#include "symbol/files_pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

#define WORKERS 2 /* while all is well */
#define WORKERS_MAX 256
#define STACK_BYTES (512 << 10)
#define STALLED_NS NSEC_PER_SEC /* who takes longer may never come back */
#define STALLED_MAX 2 /* of a target, before others of it are refused */
#define BUSY_MAX (STALLED_MAX + 1) /* of a target: others always find somebody */
/* So long may what waits wait for threads that work: to read symbols may take that. */
#define OPEN_NS (100 * NSEC_PER_MSEC)
#define NAMES_NS (2 * NSEC_PER_SEC)
#define TEND_MS 20

struct job {
	struct job *next;
	struct ask ask;
};

struct worker {
	struct pool *pool;
	uint64_t since_ns; /* 0: it has nothing to do */
	uint32_t target;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct job *first, **last; /* that wait */
	uint64_t taken_ns; /* when one was taken, or began to wait for nobody */
	size_t idle, n, max;
	size_t *busy; /* threads, of each target */
	void (*work)(void *arg, const struct ask *a, int refused);
	void *arg;
	struct worker workers[WORKERS_MAX];
};

static size_t stalled_of(const struct pool *p, uint32_t target, uint64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->workers[i].since_ns && p->workers[i].target == target &&
		     p->workers[i].since_ns + STALLED_NS < now;
	return n;
}

/* The first that can be done, or refused, taken out; NULL: all wait for others of their target. */
static struct job *next_job(struct pool *p, uint64_t now, int *ret_refused)
{
	for (struct job **at = &p->first, *j; (j = *at); at = &j->next) {
		size_t busy = p->busy[j->ask.target];

		*ret_refused =
			busy >= STALLED_MAX && stalled_of(p, j->ask.target, now) >= STALLED_MAX;
		if (busy >= BUSY_MAX && !*ret_refused)
			continue;
		*at = j->next;
		if (!j->next)
			p->last = at;
		return j;
	}
	return NULL;
}

static struct job *take(struct worker *w, int *ret_refused)
{
	struct pool *p = w->pool;
	struct job *j;

	pthread_mutex_lock(&p->lock);
	if (w->since_ns)
		p->busy[w->target]--;
	w->since_ns = 0;
	p->idle++;
	while (!(j = next_job(p, clock_mono_ns(), ret_refused)))
		pthread_cond_wait(&p->wake, &p->lock);
	p->idle--;
	p->taken_ns = w->since_ns = clock_mono_ns();
	w->target = j->ask.target;
	p->busy[w->target]++;
	pthread_mutex_unlock(&p->lock);
	return j;
}

static void *work(void *arg)
{
	struct worker *w = arg;

	for (;;) {
		int refused;
		struct job *j = take(w, &refused);

		w->pool->work(w->pool->arg, &j->ask, refused);
		free(j);
	}
	return NULL;
}

static void more(struct pool *p)
{
	pthread_attr_t attr;
	pthread_t thread;

	if (p->n == p->max)
		return;
	p->workers[p->n] = (struct worker){ .pool = p };
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	p->n += !pthread_create(&thread, &attr, work, &p->workers[p->n]);
	pthread_attr_destroy(&attr);
}

int pool_open(size_t n_targets, void (*do_work)(void *arg, const struct ask *a, int refused),
	      void *arg, struct pool **ret)
{
	struct pool *p = calloc(1, sizeof(*p));
	size_t max = n_targets * BUSY_MAX + WORKERS;

	if (p)
		p->busy = calloc(n_targets, sizeof(*p->busy));
	if (!p || !p->busy) {
		free(p);
		return -ENOMEM;
	}
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wake, NULL);
	p->last = &p->first;
	p->max = max < WORKERS_MAX ? max : WORKERS_MAX;
	p->work = do_work;
	p->arg = arg;
	*ret = p;
	return 0;
}

int pool_put(struct pool *p, const struct ask *a)
{
	struct job *j = malloc(sizeof(*j));

	if (!j)
		return -ENOMEM;
	*j = (struct job){ .ask = *a };
	pthread_mutex_lock(&p->lock);
	if (!p->first)
		p->taken_ns = clock_mono_ns();
	*p->last = j;
	p->last = &j->next;
	if (!p->idle && p->n < WORKERS)
		more(p);
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
	return 0;
}

int pool_tend(struct pool *p)
{
	int ms = -1;

	pthread_mutex_lock(&p->lock);
	if (p->first) {
		uint64_t patience = p->first->ask.kind == ASK_NAMES ? NAMES_NS : OPEN_NS;
		uint64_t now = clock_mono_ns();

		ms = TEND_MS;
		pthread_cond_signal(&p->wake); /* by now it may be refused */
		if (!p->idle && p->taken_ns + patience < now) {
			more(p);
			p->taken_ns = now;
		}
	}
	pthread_mutex_unlock(&p->lock);
	return ms;
}
