// SPDX-License-Identifier: Apache-2.0
/* The cursor's way through a run: a few ticks at a time, each kept once the sink has them. */
#include "sink/deliver.h"

#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "sink/feed.h"
#include "sink/sink.h"
#include "store/store.h"

#define STEP_TICKS 256 /* given between two acknowledgements */

struct delivery {
	struct delivery_config config;
	struct feed *feed;
	struct delivery_state now;
	uint64_t given; /* points, acknowledged or not */
};

static int read_cursor(struct delivery *d, struct err *err)
{
	const struct delivery_config *c = &d->config;

	if (!c->cursor || c->again || c->sink->from_start || c->sink->empty)
		return 0;
	return store_get_cursor(c->cursor, c->sink->where, &d->now.seq, &d->now.done, err);
}

int delivery_open(const struct delivery_config *config, struct delivery **ret, struct err *err)
{
	struct delivery *d = calloc(1, sizeof(*d));
	int rc;

	if (!d)
		return err_set(err, -ENOMEM, "sending a run to %s", config->sink->where);
	d->config = *config;
	d->now.seq = d->now.last = -1;
	rc = read_cursor(d, err);
	if (!rc)
		rc = feed_open(
			&(struct feed_config){
				.store = config->reader,
				.hists = config->sink->wants_hists || config->sink->wants_buckets,
				.buckets = config->sink->wants_buckets,
			},
			&d->feed, err);
	if (rc) {
		delivery_close(d);
		return rc;
	}
	*ret = d;
	return 0;
}

static int give(void *data, const struct point *p, struct err *err)
{
	struct delivery *d = data;
	struct sink *sink = d->config.sink;

	if (sink->stop && *sink->stop)
		return err_say(err, -ECANCELED, "sending to %s was stopped", sink->where);
	d->given++;
	return sink->ops->put(sink, p, err);
}

/* The sink has all up to here: keep that. */
static int acknowledged(struct delivery *d, int64_t seq, bool done, struct err *err)
{
	const struct delivery_config *c = &d->config;
	int rc = c->sink->ops->flush(c->sink, err);

	if (!rc && c->cursor && !c->sink->from_start)
		rc = store_put_cursor(c->cursor, c->sink->where, seq, done, err);
	if (rc)
		return rc;
	d->now.seq = seq;
	d->now.done = done;
	d->now.points = d->given;
	if (c->progress)
		c->progress(c->arg, &d->now);
	return 0;
}

static int give_ticks(struct delivery *d, struct err *err)
{
	int rc = 0;

	while (!rc && d->now.seq < d->now.last) {
		int64_t from = d->now.seq + 1, to = d->now.last;

		if (to - from >= STEP_TICKS)
			to = from + STEP_TICKS - 1;
		rc = feed_ticks(d->feed, from, to, give, d, err);
		if (!rc)
			rc = acknowledged(d, to, false, err);
	}
	return rc;
}

int delivery_round(struct delivery *d, bool may_end, struct err *err)
{
	bool ended = false;
	int rc = 0;

	if (d->now.done)
		return 0;
	/* Asked before the last tick is looked up: what has ended gets no more of them. */
	if (may_end)
		rc = feed_ended(d->feed, &ended, err);
	if (!rc)
		rc = feed_last(d->feed, &d->now.last, err);
	if (!rc)
		rc = give_ticks(d, err);
	if (!rc && ended)
		rc = feed_end(d->feed, give, d, err);
	if (!rc && ended)
		rc = acknowledged(d, d->now.seq, true, err);
	/* What was given and not acknowledged is given again, and is not to be counted twice. */
	if (rc)
		d->given = d->now.points;
	return rc;
}

void delivery_state(const struct delivery *d, struct delivery_state *ret)
{
	*ret = d->now;
}

void delivery_close(struct delivery *d)
{
	if (!d)
		return;
	feed_close(d->feed);
	free(d);
}
