/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a comparison. */
#ifndef CBPF_REPORT_COMPARE_PARTS_H
#define CBPF_REPORT_COMPARE_PARTS_H

#include <jansson.h>
#include <stdbool.h>

#include "report/compare.h"
#include "report/format.h"

/*
 * Names of targets that at least one run has, each once, as a new list: the runs' own in the order
 * of their specs, then "host" and "unattributed". NULL: no memory.
 */
json_t *compare_targets(const struct compare_run *runs, size_t n);
/* Bits of the runs that have target @name. */
uint64_t compare_who_has(const struct compare_run *runs, size_t n, const char *name);

/* The target of that name, as the report has it; borrowed, NULL: none. */
const json_t *compare_target(const json_t *report, const char *name);

/* Sides of runs; @o may be NULL. */
size_t compare_side(const struct compare_options *o, size_t run);
size_t compare_sides(const struct compare_options *o, size_t n);
/* Whether a run has a part in the numbers of its side: one that did not end well has when alone. */
bool compare_counts(const struct compare_run *runs, size_t n, const struct compare_options *o,
		    size_t run);

/* Whether one of the patterns, if there are any, is of TARGET.PATH. */
bool compare_wants(const struct compare_options *o, const char *target, const char *path);

/* Each appends to @array; 0 or -ENOMEM. */
int compare_warnings(const struct compare_run *runs, size_t n, json_t *array);
int compare_metrics(const struct compare_run *runs, size_t n, const struct compare_options *o,
		    json_t *array);
int compare_distributions(const struct compare_run *runs, size_t n, const struct compare_options *o,
			  json_t *array);

/* Values of each run become those of each side; a loss that all sides have is left out. */
int compare_fold_warnings(const struct compare_options *o, size_t n, json_t *array);

/* A number as JSON: null when it is none, whole where it is. */
json_t *compare_number(double v);
/* @v in percent of @base more than it; NAN: not to be told. */
double compare_change(double v, double base);

/* What one path is on all sides: the row of a metric without its tests. NULL: no memory. */
json_t *compare_row(const struct compare_run *runs, size_t n, const struct compare_options *o,
		    const char *target, const char *path);
/* Adds "tests" to each row; they are one family, told in *@ret_family. 0 or -ENOMEM. */
int compare_tests(json_t *rows, json_t **ret_family);

/*
 * Of single runs: rows of what a tool repeated within one of them or more get "sides", whose "samples"
 * are these repetitions, and "tests". No family when there is no such row. 0 or -ENOMEM.
 */
int compare_repetitions(const struct compare_run *runs, size_t n, json_t *metrics,
			json_t **ret_family);

/* A value of metric @path, in its unit. */
struct text compare_format_value(const char *path, const json_t *v);

/*
 * A value that the threshold @expr was held against, in the unit of its metric, followed by
 * the digits that decided where these are not the same: "5.10 ms, 5100000".
 */
struct text compare_format_decided(const char *expr, const json_t *v);
/* "+12 %"; "from 0" where percent have no meaning; "-" where there is nothing to compare. */
struct text compare_format_change(const json_t *change, const json_t *v, const json_t *base);
/* "-12..-8 %", of [low, high] in percent; "-" where either is absent. */
struct text compare_format_interval(const json_t *ci);
/* Tables of a comparison of groups, and thresholds with what became of them. */
int compare_text_groups(const json_t *comparison, const struct report_style *style,
			struct buf *out);
/* Of these the tables of rows that have tests, and what they mean. */
int compare_text_tests(const json_t *comparison, const struct report_style *style, struct buf *out);
/* Of single runs, what compare_repetitions() found; nothing without any. */
int compare_text_repetitions(const json_t *comparison, const struct report_style *style,
			     struct buf *out);
int compare_text_thresholds(const json_t *comparison, const struct report_style *style,
			    struct buf *out);

/* 0, -EINVAL for an expression that is none, -ENOMEM. */
int compare_thresholds(const struct compare_run *runs, size_t n, const struct compare_options *o,
		       json_t **ret, struct err *err);

#endif
