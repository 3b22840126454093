// SPDX-License-Identifier: Apache-2.0
/* A bounded, thread-safe list of losses. */
#include "base/loss.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Called locked. */
static struct loss *entry(struct losses *l, const char *what, const char *reason)
{
	struct loss *e;

	for (size_t i = 0; i < l->n; i++) {
		e = &l->v[i];
		if (!strncmp(e->what, what, sizeof(e->what) - 1) &&
		    (!reason || !strncmp(e->reason, reason, sizeof(e->reason) - 1)))
			return e;
	}
	if (l->n == LOSS_MAX - 1) {
		what = "other";
		reason = "more kinds of losses than are kept apart";
	} else if (l->n == LOSS_MAX) {
		return &l->v[LOSS_MAX - 1];
	}
	e = &l->v[l->n++];
	snprintf(e->what, sizeof(e->what), "%s", what);
	snprintf(e->reason, sizeof(e->reason), "%s", reason ? reason : "");
	e->count = 0;
	return e;
}

void loss_add(struct losses *l, const char *what, uint64_t count, const char *fmt, ...)
{
	char reason[sizeof(l->v[0].reason)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&l->lock);
	entry(l, what, reason)->count += count;
	pthread_mutex_unlock(&l->lock);
}

void loss_set(struct losses *l, const char *what, uint64_t count, const char *reason)
{
	if (!count)
		return;
	pthread_mutex_lock(&l->lock);
	entry(l, what, reason)->count = count;
	pthread_mutex_unlock(&l->lock);
}

void loss_move(struct losses *l, struct losses *from)
{
	pthread_mutex_lock(&from->lock);
	for (size_t i = 0; i < from->n; i++)
		loss_add(l, from->v[i].what, from->v[i].count, "%s", from->v[i].reason);
	from->n = 0;
	pthread_mutex_unlock(&from->lock);
}

void loss_forget(struct losses *l)
{
	pthread_mutex_lock(&l->lock);
	l->n = 0;
	pthread_mutex_unlock(&l->lock);
}
