/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run has to tell the world outside: measurements with tags and fields, each
 * column with its type, unit and meaning. The document of measurements, the dashboards
 * and every sink are made from these tables, so that none can name what is not there.
 */
#ifndef CBPF_SINK_MEASURE_H
#define CBPF_SINK_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

enum column_kind {
	COLUMN_TAG, /* says which series it is; text */
	COLUMN_TICK, /* field: what happened since the tick before; a sum over ticks is right */
	COLUMN_TOTAL, /* field: only grows while the target lives */
	COLUMN_GAUGE, /* field: a state at the time; neither sum nor difference means anything */
	COLUMN_QUANTILE, /* field: a percentile or maximum of the tick; never to be averaged */
	COLUMN_FACT, /* field: told once, at the end of a run; or words */
};

enum column_type { TYPE_INT, TYPE_REAL, TYPE_TEXT, TYPE_BOOL };

struct measure_column {
	const char *name; /* of the tag or field, in InfluxDB's data model */
	enum column_kind kind;
	enum column_type type;
	const char *unit; /* ns, bytes, requests, 1 (a ratio), %, ...; NULL for words */
	const char *help; /* one line, lower case, no full stop */
	/* A pattern: "perf_*" stands for every event that is no other column's. */
	bool many;
};

enum measure_when { MEASURE_TICK, MEASURE_END };

struct feed;
struct err;
struct point;

struct measurement {
	const char *name; /* benchmark_metrics, cbpf_block, ... */
	const char *help; /* a sentence: what one point is */
	enum measure_when when; /* a row in each tick, or once when the run has ended */
	const struct measure_column *columns; /* tags first; the last has no name */
	/*
	 * How it is read. The columns of the result are: seq of the tick (NULL: the first that
	 * ends at that time or later), CLOCK_MONOTONIC ns (NULL: the end of the tick; of what is
	 * told at the end, that of the run), then the tags and fields in their order but for those
	 * that are many, then what @hists or @buckets need. ?1 and ?2 are the first and last tick
	 * wanted; rows come in the order of ticks. NULL: @more does all, called once in each tick.
	 */
	const char *sql;
	/*
	 * After the row was read into @p, by those that need more than SQL: derived fields,
	 * columns that are many. 0, -ENODATA to leave the row out, or an error.
	 */
	int (*more)(struct feed *f, struct point *p, struct err *err);
	/*
	 * Names of histograms that its quantiles were taken from, as in struct point, and then
	 * NULL. For each of them the result has its buckets as stored, their sum and maximum.
	 */
	const char *const *hists;
	/*
	 * Told only on request: a row is a point for each bucket of a histogram. The last columns
	 * are the tag "le" and the fields "count", cumulative, and "in_bucket", which adds up over
	 * ticks; the result has none of them, but the buckets as stored, and 1 when they hold
	 * sizes: bytes less 1.
	 */
	bool buckets;
};

/* Every measurement, in the order of the document; ends with NULL. */
extern const struct measurement *const measurements[];

/* The measurement of this name, or NULL. */
const struct measurement *measure_find(const char *name);
/* Its column of this name, a pattern's if that is what fits, or NULL. */
const struct measure_column *measure_column(const struct measurement *m, const char *name);

#endif
