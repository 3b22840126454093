/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a run's database to a sink, with a cursor: each round gives the sink what it lacks, and
 * the cursor moves on when the sink has it. What is given twice, since a round broke off, is the
 * same point again; what is lost with it counts once, when it is acknowledged. That, as the
 * sink's own losses, goes to sink->losses.
 */
#ifndef CBPF_SINK_DELIVER_H
#define CBPF_SINK_DELIVER_H

#include <stdbool.h>
#include <stdint.h>

struct delivery;
struct err;
struct sink;
struct store;

struct delivery_state {
	int64_t seq; /* last tick that the sink has; -1: none */
	int64_t last; /* last tick that is stored; -1: none */
	uint64_t points; /* given to the sink by this delivery */
	bool done; /* it has also what is told when a run has ended */
	bool whole; /* it was begun at the beginning, whatever was sent before */
};

struct delivery_config {
	struct sink *sink; /* borrowed, as all below */
	struct store *reader; /* of the run */
	struct store *cursor; /* where the cursor is kept; NULL: nowhere, and all is given */
	bool again; /* from the beginning, whatever the cursor says */
	/* Called now and then, after each step that the sink has acknowledged; may be NULL. */
	void (*progress)(void *arg, const struct delivery_state *now);
	void *arg;
};

int delivery_open(const struct delivery_config *config, struct delivery **ret, struct err *err);
/*
 * Give what is stored by now; with @may_end, and if the run has ended, also what is told then.
 * 0, or what the sink's put or flush returned: after -EAGAIN a later round goes on from the
 * cursor.
 */
int delivery_round(struct delivery *d, bool may_end, struct err *err);
void delivery_state(const struct delivery *d, struct delivery_state *ret);
void delivery_close(struct delivery *d); /* takes NULL; the sink stays, to be closed after it */

#endif
