/* SPDX-License-Identifier: Apache-2.0 */
/* Down-sampling that keeps extremes: ticks into bins of several, each with mean, least and most. */
#ifndef CBPF_HTML_BINS_H
#define CBPF_HTML_BINS_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* The time axis of a run: ticks, of which @per each are a bin. */
struct axis {
	uint64_t *seq; /* of tick i, rising */
	uint64_t *at_ns; /* its sweep began, CLOCK_MONOTONIC */
	size_t n; /* ticks */
	uint64_t begin_ns; /* of the first tick: what it has is of the time since then */
	size_t per; /* ticks of a bin; the last one may have fewer */
	size_t bins;
	size_t columns; /* of bins, for what has a second axis */
	size_t bins_per_column;
};

/*
 * How many ticks make a bin, so that there are at most @most_bins, and how many bins a column, so
 * that there are at most @most_columns. Both at least 1.
 */
void axis_divide(struct axis *a, size_t most_bins, size_t most_columns);
void axis_fini(struct axis *a);
/* Tick with @seq; @a->n when there is none. */
size_t axis_find(const struct axis *a, uint64_t seq);
/* Seconds of tick @i, and of bin @bin; from the tick before, or the begin of the first. */
double axis_seconds(const struct axis *a, size_t i);
double axis_bin_seconds(const struct axis *a, size_t bin);

/* A value in each bin of an axis. */
struct bins {
	const struct axis *axis; /* borrowed */
	double *sum, *weight; /* mean = sum / weight */
	double *least, *most; /* of the values of single ticks, NAN: none */
	unsigned int *ticks; /* with a value */
};

int bins_init(struct bins *b, const struct axis *axis);
void bins_fini(struct bins *b);
/* @value in tick @i, counted for @weight; with NAN, or without weight, nothing is. */
void bins_add(struct bins *b, size_t i, double value, double weight);
/* Ticks without a value had 0, for their seconds. */
void bins_fill_zero(struct bins *b);
/*
 * Amounts per second: those of the same tick are one value, and ticks without any have 0. They
 * come in order of ticks.
 */
struct rate {
	struct bins bins;
	double amount; /* of tick @at */
	size_t at; /* n of the axis: none yet */
};
int rate_init(struct rate *r, const struct axis *axis);
void rate_fini(struct rate *r);
void rate_add(struct rate *r, size_t i, double amount);
/* After the last one. */
void rate_end(struct rate *r);

/* True when no tick had one. */
int bins_empty(const struct bins *b);
/* "mean":[...] and, where they differ from it, "min":[...],"max":[...]; NULL for no value. */
int bins_json(const struct bins *b, struct buf *out);

#endif
