/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the feed share among themselves. */
#ifndef CBPF_SINK_FEED_INTERNAL_H
#define CBPF_SINK_FEED_INTERNAL_H

#include <sqlite3.h>

#include "base/hist.h"
#include "sink/feed.h"
#include "sink/feed_state.h"
#include "sink/point.h"

#define FEED_STREAMS 64

/* Rows of a statement in the order of ticks; the first that was not used yet. */
struct stream {
	sqlite3_stmt *st; /* NULL: none */
	const struct measurement *m; /* NULL: of the state */
	bool row; /* there is one */
	int64_t seq; /* its tick; -1: the one that ends at @mono_ns or later */
	int64_t mono_ns; /* when; -1: as the tick */
};

struct tick {
	int64_t seq, end_ns; /* CLOCK_MONOTONIC */
};

struct feed {
	struct feed_config config;
	sqlite3 *db; /* borrowed with the store */
	bool old; /* feed_old_begin() has made up for what the database lacks */
	char *id, *host, *started; /* ?3, ?4, ?5; @host may be NULL */
	int64_t started_wall_ns, started_mono_ns;
	int64_t memory_bytes; /* of the host; -1: unknown */
	int64_t first_ns; /* end of the first tick of benchmark_metrics; -1: not known yet */
	sqlite3_stmt *ticks;
	struct stream streams[FEED_STREAMS]; /* of measurements with a point in each tick */
	size_t n_streams;
	struct state state;
	struct tick tick; /* that is being told */
	sqlite3_stmt *row; /* of the point, while its more() is called */
	struct point point;
	struct hist hists[4];
	char le[24];
};

/* Of the last call of SQLite: returns -EIO or what is more to the point. */
int feed_fail(struct feed *f, struct err *err);
/* Prepare and bind what stays: ?3 to ?7. */
int feed_prepare(struct feed *f, const char *sql, sqlite3_stmt **ret, struct err *err);
/* Begin at ticks @from to @to, and go to the first row; no-op without a statement. */
int stream_begin(struct feed *f, struct stream *s, int64_t from, int64_t to, struct err *err);
int stream_next(struct feed *f, struct stream *s, struct err *err);
/* Leave it: no row, no lock. */
void stream_end(struct stream *s);

/* feed_row.c: a point of the row, or as many as it has buckets; what @fn returned. */
int feed_row(struct feed *f, struct stream *s, feed_fn *fn, void *data, struct err *err);
/* The same for a measurement that has no rows. */
int feed_no_row(struct feed *f, const struct measurement *m, feed_fn *fn, void *data,
		struct err *err);
/* A further field. */
void point_int(struct point *p, const struct measure_column *c, const char *name, int64_t v);
void point_real(struct point *p, const struct measure_column *c, const char *name, double v);
void point_text(struct point *p, const struct measure_column *c, const char *name, const char *v);

/*
 * feed_old.c: what this version's tables have and the database's have not becomes there, as
 * empty tables and columns of NULL, for this connection only and until the end.
 */
int feed_old_begin(struct feed *f, struct err *err);
void feed_old_end(struct feed *f);

#endif
