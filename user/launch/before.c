// SPDX-License-Identifier: Apache-2.0
/* The thread that prepares the host, and what it did. */
#include "launch/before.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/err.h"
#include "launch/before_action.h"
#include "plan/plan.h"

#define MAX_LINES 5

struct before {
	struct before_config config;
	pthread_t thread;
	atomic_bool closing;
	atomic_bool done; /* what is below is final */
	struct before_line lines[MAX_LINES];
	atomic_size_t n; /* of them are final */
	struct err err; /* code 0: all was done */
};

typedef int (*action_fn)(const struct before_config *c, struct before_line *ret, struct err *err);

bool before_cancelled(const struct before_config *c)
{
	return (c->cancel && atomic_load(c->cancel)) || (c->closing && atomic_load(c->closing));
}

/* In this order: what is clean can be dropped, and all of it makes the device busy. */
static void *prepare(void *arg)
{
	struct before *b = arg;
	const struct spec_before *what = b->config.what;
	const struct {
		bool wanted;
		action_fn act;
	} actions[MAX_LINES] = {
		{ what->governor, before_governor },
		{ what->sync == FLAG_ON, before_sync },
		{ what->drop_caches == FLAG_ON, before_drop_caches },
		{ what->trim == FLAG_ON, before_trim },
		{ what->settle_ns != OPTION_UNSET, before_settle },
	};
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; i < MAX_LINES && !rc && !before_cancelled(&b->config); i++) {
		if (!actions[i].wanted)
			continue;
		rc = actions[i].act(&b->config, &b->lines[n], &b->err);
		if (!rc)
			atomic_store_explicit(&b->n, ++n, memory_order_release);
	}
	atomic_store_explicit(&b->done, true, memory_order_release);
	return NULL;
}

int before_check(const struct before_config *config, struct err *err)
{
	const struct spec_before *what = config->what;
	int rc = what->drop_caches == FLAG_ON ? before_can_drop(config, err) : 0;

	return rc || what->trim != FLAG_ON ? rc : before_can_trim(config, err);
}

int before_start(const struct before_config *config, struct before **ret, struct err *err)
{
	struct before *b = calloc(1, sizeof(*b));
	sigset_t all, old;
	int rc;

	if (!b)
		return err_set(err, -ENOMEM, "preparing the host");
	b->config = *config;
	b->config.closing = &b->closing;
	/* Signals are for the main thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&b->thread, NULL, prepare, b);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc) {
		free(b);
		return err_set(err, -rc, "preparing the host");
	}
	*ret = b;
	return 0;
}

bool before_done(const struct before *b)
{
	return atomic_load_explicit(&b->done, memory_order_acquire);
}

size_t before_lines(const struct before *b, const struct before_line **ret)
{
	*ret = b->lines;
	return atomic_load_explicit(&b->n, memory_order_acquire);
}

int before_result(const struct before *b, struct err *err)
{
	if (b->err.code)
		*err = b->err;
	return b->err.code;
}

void before_close(struct before *b)
{
	if (!b)
		return;
	atomic_store(&b->closing, true);
	pthread_join(b->thread, NULL);
	free(b);
}
