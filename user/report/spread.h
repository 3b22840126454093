/* SPDX-License-Identifier: Apache-2.0 */
/* How much repetitions spread: of separate runs, or within one. */
#ifndef CBPF_REPORT_SPREAD_H
#define CBPF_REPORT_SPREAD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct buf;
struct report_style;
struct table;

/*
 * Of @n values in the order of time, of which repetition @of each is. Caller decrefs; NULL: no memory.
 *
 *   {"n", "mean", "median", "min", "max", "stddev", "ci": [low, high], "outliers": [of which],
 *    "settled": "found", "warm_up": 2, "steady_mean"}
 *
 * as stat/describe.h and stat/warm_up.h compute them: the mean's interval is of 95 %, absent with
 * one value, as is stddev. "settled" is "too few", "none", "found" or "not settled"; only with
 * "found" there is "warm_up", how many of the first are unlike the others, and the mean of those
 * others. @rises: more is better. Outliers and warm-up are told, and have their part in all numbers.
 */
json_t *spread_json(const double *v, const size_t *of, size_t n, bool rises);

/* Whether more of @path is better, and so a rise of it is warm-up: "results.write.bw_mib_s". */
bool spread_rises(const char *path);

/* Columns of a table: what spread_json() made of @path; outliers count from @first. */
#define SPREAD_ALIGN "lrrrrrll"
void spread_heading(struct table *t);
void spread_row(struct table *t, const char *name, const char *path, const json_t *spread,
		size_t first);
/* A line below it where there is warm-up: the mean of all, and of those without it. */
int spread_steady(struct buf *out, const struct report_style *style, const char *name,
		  const char *path, const json_t *spread);

#endif
