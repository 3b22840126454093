/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a comparison. */
#ifndef CBPF_REPORT_COMPARE_PARTS_H
#define CBPF_REPORT_COMPARE_PARTS_H

#include <jansson.h>

#include "report/compare.h"

/*
 * Names of targets that at least one run has, each once, as a new list: the runs' own in the order
 * of their specs, then "host" and "unattributed". NULL: no memory.
 */
json_t *compare_targets(const struct compare_run *runs, size_t n);
/* Bits of the runs that have target @name. */
uint64_t compare_who_has(const struct compare_run *runs, size_t n, const char *name);

/* The target of that name, as the report has it; borrowed, NULL: none. */
const json_t *compare_target(const json_t *report, const char *name);

/* Each appends to @array; 0 or -ENOMEM. */
int compare_warnings(const struct compare_run *runs, size_t n, json_t *array);
int compare_metrics(const struct compare_run *runs, size_t n, json_t *array);

#endif
