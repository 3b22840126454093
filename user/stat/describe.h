/* SPDX-License-Identifier: Apache-2.0 */
/* What a few values are like: their middle, their spread, and which of them stand out. */
#ifndef CBPF_STAT_DESCRIBE_H
#define CBPF_STAT_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>

/* No value may be NAN. Everything is in the unit of the values. */

#define STAT_CONFIDENCE 0.95 /* of intervals, where nothing else is said */
#define STAT_OUTLIER_LEAST 5 /* values, below which none is told to stand out */

void stat_sort(double *v, size_t n);
double stat_mean(const double *v, size_t n); /* NAN without values */
/* Of a sample: divided by n - 1. NAN below two values. */
double stat_stddev(const double *v, size_t n);
/*
 * The quantile @q in [0, 1] of @sorted, linear between order statistics (definition 7 of Hyndman
 * and Fan, "Sample quantiles in statistical packages", 1996). NAN without values.
 */
double stat_quantile(const double *sorted, size_t n, double q);

struct stat_summary {
	size_t n;
	double mean, median, min, max; /* NAN without values */
	double stddev, ci_low, ci_high; /* NAN below two values; the mean's, by Student's t */
};

/* 0 or -ENOMEM. */
int stat_describe(const double *v, size_t n, struct stat_summary *ret);

/*
 * Marks those that stand out: 0.6745 * |v - median| / MAD above 3.5 (Iglewicz and Hoaglin, "How to
 * detect and handle outliers", 1993), or, where more than half are the same, |v - median| above
 * 3.5 * 1.2533 times its mean. None when there are fewer than STAT_OUTLIER_LEAST. Returns how many,
 * or -ENOMEM.
 */
int stat_outliers(const double *v, size_t n, bool *marks);

#endif
