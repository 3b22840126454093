/* SPDX-License-Identifier: Apache-2.0 */
/* Log-linear histograms in user space: edges, deltas, merging, percentiles, encoding. */
#ifndef CBPF_BASE_HIST_H
#define CBPF_BASE_HIST_H

#include <linux/types.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/hist.h"

struct buf;

/* Bucket of @value, as the kernel side computes it. */
unsigned int hist_bucket(uint64_t value);
/* First value of a bucket, and the first value after it. */
uint64_t hist_low(unsigned int bucket);
uint64_t hist_high(unsigned int bucket);

void hist_add(struct hist *h, uint64_t value);
void hist_merge(struct hist *to, const struct hist *from);

/*
 * @ret = @now - @before, for counters that only grow. The max of an interval
 * cannot be known from two maxima: it is @now's when it grew, else the upper
 * edge of the highest bucket that did, capped at @now's max.
 */
void hist_delta(const struct hist *now, const struct hist *before, struct hist *ret);

/*
 * Live histograms of the kernel side. hist_set_add() adds one bank to a sum,
 * while it is being counted in; hist_set_delta() is hist_delta() of one histogram
 * of two sums.
 */
void hist_set_add(const struct hist_set *from, struct hist_set *to);
void hist_set_delta(const struct hist_set *now, const struct hist_set *before, unsigned int which,
		    struct hist *ret);

/*
 * The value at quantile @q in [0, 1]: midpoint of the bucket that holds the
 * ceil(q * count)-th value, capped at max. 0 when empty: check count first.
 */
uint64_t hist_quantile(const struct hist *h, double q);
/* The same, but the last value of the bucket: never too small, and below 2^37 at most 1/16 too large. */
uint64_t hist_quantile_high(const struct hist *h, double q);

/*
 * Sparse blob: for each non-empty bucket its distance from the one before and
 * its count, both as LEB128. Count, sum and max travel beside it.
 * hist_encode() writes at most HIST_BLOB_MAX bytes and returns how many.
 */
#define HIST_BLOB_MAX (HIST_BUCKETS * 12)
size_t hist_encode(const struct hist *h, uint8_t *blob);
/* Adds to @h's buckets and count; 0 or -EBADMSG. */
int hist_decode(const uint8_t *blob, size_t len, struct hist *h);

#endif
