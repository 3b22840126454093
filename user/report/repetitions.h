/* SPDX-License-Identifier: Apache-2.0 */
/* Repetitions that a tool makes within one run. */
#ifndef CBPF_REPORT_REPETITIONS_H
#define CBPF_REPORT_REPETITIONS_H

#include <jansson.h>
#include <stdbool.h>

struct building;

/* What they are called wherever they stand for samples: they are not independent, as runs are. */
#define REPETITIONS_LABEL "repetitions within one run"

/*
 * targets[].repetitions, after results: for each operation (of each test and job) and each of
 * bw_mib_s, iops and times that two of its repetitions have or more, what spread_json() makes of
 * them, with "op", "test", "job", "path" (as `expect:` takes it) and "samples", one of each
 * repetition, null: none. "outliers" are indices of these. Returns 0; memory is told at the end.
 */
int build_repetitions(struct building *b);

/* Whether @r is another repetition of what @first did. */
bool repetitions_same(const json_t *first, const json_t *r);
/* @metric of each of @results that repeats @first, itself included. NULL: no memory. */
json_t *repetitions_samples(const json_t *results, const json_t *first, const char *metric);

#endif
