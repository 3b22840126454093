/* SPDX-License-Identifier: Apache-2.0 */
/* Histograms as a row of columns over a logarithmic axis of time. */
#ifndef CBPF_REPORT_SPARK_H
#define CBPF_REPORT_SPARK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define SPARK_MAX 64

struct spark_axis { /* [low, high) ns; empty when low is 0 */
	uint64_t low, high;
};

/* Widen @axis so that it holds all of @hist ("buckets" of a report's histogram). */
void spark_include(struct spark_axis *axis, const json_t *hist);

/* How much of @hist falls into each of @n <= SPARK_MAX columns; returns the largest. */
double spark_columns(const struct spark_axis *axis, const json_t *hist, size_t n, double *columns);

/* The same as characters: from ▁ to █, or ASCII; a column with anything in it shows. */
int spark_put(struct buf *out, const struct spark_axis *axis, const json_t *hist, size_t n,
	      bool unicode);

#endif
