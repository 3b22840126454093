/* SPDX-License-Identifier: Apache-2.0 */
/* What was measured of one run after the other: a list of values for each metric. */
#ifndef CBPF_REPORT_SERIES_H
#define CBPF_REPORT_SERIES_H

#include <jansson.h>
#include <stddef.h>

struct buf;
struct compare_options;
struct err;
struct report_style;

struct series; /* opaque */

struct series *series_open(void); /* NULL: no memory */
void series_close(struct series *s); /* takes NULL */
/*
 * The next run, of which nothing is kept but its numbers. @run stands for it where runs are named.
 * @o says which metrics; may be NULL. 0 or -ENOMEM.
 */
int series_add(struct series *s, const json_t *report, size_t run, const struct compare_options *o);
size_t series_runs(const struct series *s);

/*
 * How much repetitions spread. Caller decrefs; NULL: no memory. For each metric what spread_json()
 * makes of it, with "target", "path" and "samples" (of each run, null: none). What no run has is
 * absent.
 */
json_t *series_spread(const struct series *s);

/*
 * Where values changed, for each metric {"target", "path", "samples", "changes": [{"run", "before",
 * "after", "change_pct", "p"}]}: a change is from "run" on, between the means up to the next one.
 * The chance that any of all is none is below COMPARE_ALPHA. Caller decrefs; NULL: no memory.
 */
json_t *series_changes(const struct series *s);

/*
 * A history of runs, oldest first: {"runs": [{"id", ...}], "metrics": what series_changes() made,
 * "alpha": for each metric, "needed": runs without which no change could be found, "unlike":
 * {"spec_sha256", "hostname", "version": how many there are of it; absent: all runs have the same}}.
 */
int report_history_json(const struct series *s, const json_t *runs, json_t **ret, struct err *err);
/* That for a terminal. */
int report_history_text(const json_t *history, const struct report_style *style, struct buf *out);

#endif
