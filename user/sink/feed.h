/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The points of a run, read from its database: those of each tick in turn, and at the end what
 * is only known then. Reading the same ticks again gives the same points.
 */
#ifndef CBPF_SINK_FEED_H
#define CBPF_SINK_FEED_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct feed;
struct point;
struct store;

struct feed_config {
	struct store *store; /* open for reading, borrowed */
	const char *host; /* tag of every point; NULL: as stored with the run */
	bool hists; /* decode histograms into points */
	bool buckets; /* histograms as points of their own, cbpf_*_bucket, too */
};

int feed_open(const struct feed_config *config, struct feed **ret, struct err *err);
/* The run's id; borrowed. */
const char *feed_id(const struct feed *f);
/* The last tick that is stored by now; -1: none. */
int feed_last(struct feed *f, int64_t *ret_seq, struct err *err);
/* The run has ended and all of it is stored: what is told at the end can be told. */
int feed_ended(struct feed *f, bool *ret_ended, struct err *err);

/* Called with each point; what it returns, if not 0, ends the reading and is returned. */
typedef int feed_fn(void *data, const struct point *p, struct err *err);

/*
 * Ticks @from to @to, tick by tick and within one in the order of measurements. Both are at
 * most feed_last(). One consistent state of the database is read.
 */
int feed_ticks(struct feed *f, int64_t from, int64_t to, feed_fn *fn, void *data, struct err *err);
/* What is told when a run has ended. */
int feed_end(struct feed *f, feed_fn *fn, void *data, struct err *err);
void feed_close(struct feed *f); /* takes NULL */

#endif
