// SPDX-License-Identifier: Apache-2.0
/* The cursor's way through a run: a few ticks at a time, each kept once the sink has them. */
#include "sink/deliver.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/loss.h"
#include "sink/feed.h"
#include "sink/point.h"
#include "sink/sink.h"
#include "store/store.h"

#define STEP_TICKS 256 /* given between two acknowledgements */

struct delivery {
	struct delivery_config config;
	struct feed *feed;
	struct delivery_state now;
	int64_t position; /* of the sink with the last acknowledgement; -1: it has none */
	bool failed; /* the last round did: the sink may have more than was acknowledged */
	uint64_t given; /* points, acknowledged or not */
	struct losses *losses; /* where they are told when they are acknowledged; may be NULL */
	struct losses told; /* since the last acknowledgement: what the sink tells in between */
	char what[64]; /* "sink.influxdb" */
};

static int put_cursor(struct delivery *d, int64_t seq, bool done, int64_t position, struct err *err)
{
	const struct delivery_config *c = &d->config;
	const struct store_cursor cursor = { .seq = seq, .done = done, .position = position };

	return c->cursor && !c->sink->from_start
		       ? store_put_cursor(c->cursor, c->sink->where, &cursor, err)
		       : 0;
}

static int read_cursor(struct delivery *d, struct err *err)
{
	const struct delivery_config *c = &d->config;
	struct store_cursor cursor = { .seq = -1, .position = -1 };
	int rc = 0;

	if (c->cursor && !c->again && !c->sink->from_start && !c->sink->empty)
		rc = store_get_cursor(c->cursor, c->sink->where, &cursor, NULL, err);
	d->now.seq = cursor.seq;
	d->now.done = cursor.done;
	d->now.whole = cursor.seq < 0 && !cursor.done;
	d->position = cursor.position;
	return rc;
}

/*
 * Who keeps a position goes on there; without one, at its end, and that is noted before it gets
 * anything, since whoever comes after us may find more than we could note.
 */
static int find_position(struct delivery *d, struct err *err)
{
	struct sink *sink = d->config.sink;
	int rc;

	if (!sink->ops->resume)
		return 0;
	if (d->position < 0)
		d->position = sink->ops->position(sink);
	rc = sink->ops->resume(sink, d->position, err);
	if (rc == -ESTALE) {
		/* Another file, or it was cut: it gets all that is not there from the beginning. */
		*err = (struct err){ 0 };
		d->now.seq = -1;
		d->now.done = false;
		d->now.whole = true;
		d->position = 0;
		rc = sink->ops->resume(sink, 0, err);
	}
	return rc || d->now.done ? rc : put_cursor(d, d->now.seq, d->now.done, d->position, err);
}

int delivery_open(const struct delivery_config *config, struct delivery **ret, struct err *err)
{
	struct delivery *d = calloc(1, sizeof(*d));
	int rc;

	if (!d)
		return err_set(err, -ENOMEM, "sending a run to %s", config->sink->where);
	d->config = *config;
	d->now.last = -1;
	pthread_mutex_init(&d->told.lock, NULL);
	d->losses = config->sink->losses;
	config->sink->losses = &d->told;
	snprintf(d->what, sizeof(d->what), "sink.%s", config->sink->ops->name);
	rc = read_cursor(d, err);
	if (!rc)
		rc = find_position(d, err);
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
	for (size_t i = 0; i < p->n_too_large; i++)
		loss_add(&d->told, d->what, 1,
			 "%s of %s was above %" PRId64
			 ", which the run's database cannot hold: it is left out",
			 p->too_large[i]->name, p->measurement->name, INT64_MAX);
	if (!p->n_fields)
		return 0;
	d->given++;
	return sink->ops->put(sink, p, err);
}

/* The sink has all up to here: keep that. */
static int acknowledged(struct delivery *d, int64_t seq, bool done, struct err *err)
{
	const struct delivery_config *c = &d->config;
	const struct sink_ops *ops = c->sink->ops;
	int64_t position;
	int rc = ops->flush(c->sink, err);

	if (rc)
		return rc;
	position = ops->position ? ops->position(c->sink) : -1;
	rc = put_cursor(d, seq, done, position, err);
	if (rc)
		return rc;
	if (d->losses)
		loss_move(d->losses, &d->told);
	d->now.seq = seq;
	d->now.done = done;
	d->now.points = d->given;
	d->position = position;
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

static int give_all(struct delivery *d, bool may_end, struct err *err)
{
	bool ended = false;
	int rc = 0;

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
	return rc;
}

int delivery_round(struct delivery *d, bool may_end, struct err *err)
{
	struct sink *sink = d->config.sink;
	int rc = 0;

	if (d->now.done)
		return 0;
	if (d->failed && sink->ops->resume)
		rc = sink->ops->resume(sink, d->position, err);
	if (!rc)
		rc = give_all(d, may_end, err);
	d->failed = rc != 0;
	/* What was given and not acknowledged is given again, and is not to be counted twice. */
	if (rc) {
		d->given = d->now.points;
		loss_forget(&d->told);
	}
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
	d->config.sink->losses = d->losses;
	feed_close(d->feed);
	free(d);
}
