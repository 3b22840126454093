/* SPDX-License-Identifier: Apache-2.0 */
/* Runs side by side: what was unlike about them, and what was measured. */
#ifndef CBPF_REPORT_COMPARE_H
#define CBPF_REPORT_COMPARE_H

#include <jansson.h>
#include <stddef.h>

#include "report/differ.h"

struct buf;
struct err;
struct report_style;

#define COMPARE_RUNS_MAX DIFFER_MAX

struct compare_run {
	const json_t *report; /* of report_build(); borrowed */
	const json_t *spec; /* as resolved; borrowed, NULL: not known */
};

/*
 * At least two runs, the first of which is the base. Caller decrefs:
 *
 *   {"runs": [{"id", "name", "status", ...}],
 *    "warnings": [{"what", "path", "values": [of each run]}],
 *    "metrics": [{"target", "path", "values": [...], "change_pct": [...]}],
 *    "basis": "single runs"}
 *
 * A value that a run does not have is null. TARGET.PATH of a metric is what `expect:` takes. A
 * change is against the base, in percent: null where either is absent, and from 0 to anything else.
 */
int report_compare(const struct compare_run *runs, size_t n, json_t **ret, struct err *err);

/* What report_compare() made, for a terminal. */
int report_compare_text(const json_t *comparison, const struct report_style *style,
			struct buf *out);

#endif
