// SPDX-License-Identifier: Apache-2.0
/* Questions in the order they were asked, each answered once. */
#include "sample/resolver.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"

struct question {
	uint64_t id;
	char path[CGROUP_PATH];
	int rc; /* of cgroup_path_of_id() */
	atomic_bool answered; /* publishes path and rc */
};

struct resolver {
	const struct cgroup_layout *layout;
	pthread_t thread;
	sem_t asked; /* one post per question, and one to stop */
	atomic_bool stop;
	int n; /* the asking thread's */
	struct question v[RESOLVER_MAX];
};

static void *answer_all(void *arg)
{
	struct resolver *r = arg;

	for (int i = 0;; i++) {
		struct question *q = &r->v[i];

		while (sem_wait(&r->asked) && errno == EINTR)
			;
		if (atomic_load(&r->stop))
			return NULL;
		q->rc = cgroup_path_of_id(r->layout, true, q->id, q->path, sizeof(q->path));
		atomic_store_explicit(&q->answered, true, memory_order_release);
	}
}

int resolver_open(const struct cgroup_layout *layout, struct resolver **ret, struct err *err)
{
	struct resolver *r = calloc(1, sizeof(*r));
	sigset_t all, before;
	int rc;

	if (!r)
		return err_set(err, -ENOMEM, "the resolver of cgroup ids");
	r->layout = layout;
	sem_init(&r->asked, 0, 0);
	/* Signals are for the threads that wait for them. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = -pthread_create(&r->thread, NULL, answer_all, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc) {
		sem_destroy(&r->asked);
		free(r);
		return err_set(err, rc, "starting the resolver of cgroup ids");
	}
	*ret = r;
	return 0;
}

int resolver_ask(struct resolver *r, uint64_t id)
{
	if (r->n == RESOLVER_MAX)
		return -ENOSPC;
	r->v[r->n].id = id;
	sem_post(&r->asked);
	return r->n++;
}

int resolver_answer(struct resolver *r, int ticket, const char **ret_path)
{
	const struct question *q;

	if (ticket < 0)
		return -ENOENT;
	q = &r->v[ticket];
	if (!atomic_load_explicit(&q->answered, memory_order_acquire))
		return -EAGAIN;
	if (q->rc)
		return -ENOENT;
	*ret_path = q->path;
	return 0;
}

void resolver_wait(const struct resolver *r, int ticket, uint64_t until_ns)
{
	while (ticket >= 0 && !atomic_load_explicit(&r->v[ticket].answered, memory_order_acquire) &&
	       clock_mono_ns() < until_ns)
		clock_sleep_until(clock_mono_ns() + 100 * NSEC_PER_USEC);
}

void resolver_close(struct resolver *r)
{
	if (!r)
		return;
	atomic_store(&r->stop, true);
	sem_post(&r->asked);
	pthread_join(r->thread, NULL);
	sem_destroy(&r->asked);
	free(r);
}
