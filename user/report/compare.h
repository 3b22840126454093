/* SPDX-License-Identifier: Apache-2.0 */
/* Runs side by side: what was unlike about them, and what was measured. */
#ifndef CBPF_REPORT_COMPARE_H
#define CBPF_REPORT_COMPARE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "report/differ.h"

struct buf;
struct err;
struct report_style;
struct str_list;

#define COMPARE_RUNS_MAX DIFFER_MAX

#define COMPARE_ALPHA 0.05 /* chance that any difference of a comparison is none */

struct compare_run {
	const json_t *report; /* of report_build(); borrowed */
	const json_t *spec; /* as resolved; borrowed, NULL: not known */
};

struct compare_options { /* all borrowed */
	const size_t *sides; /* of each run, ascending from 0; NULL: each run is a side */
	const struct str_list
		*metrics; /* patterns of TARGET.PATH as of fnmatch(3); NULL, none: all */
	const struct str_list *fail_if; /* expressions; NULL: none */
	bool buckets; /* distributions have "sides", too: as json_hist() in internal.h has them */
};

/*
 * At least two sides, the first of which is the base. Caller decrefs:
 *
 *   {"runs": [{"id", "name", "status", ..., "side": 0}],
 *    "warnings": [{"what", "path", "values": [of each side]}],
 *    "metrics": [{"target", "path", "values": [...], "change_pct": [...]}],
 *    "distributions": [{"target", "path", "count": [...], "ks": [...], "wasserstein_ns": [...]}],
 *    "basis": "single runs"}
 *
 * A value that a side does not have is null. TARGET.PATH of a metric is what `expect:` takes. A
 * change is against the base, in percent: null where either is absent, and from 0 to anything else.
 * Distances of a distribution are from the base's (stat/distance.h), path is "block.read", say.
 *
 * Where a side has several runs "basis" is "groups", and "values" are means over those that ended
 * well. A warning's value that differs within a side is {"differ": [of each run]}. A metric has
 *
 *     "sides": [{"n", "median", "stddev", "ci": [low, high], "outliers": [indices of "runs"],
 *                "samples": [of each run, null: none]}],
 *     "tests": [null, {"difference", "ci", "change_ci_pct", "cliffs_delta", "hedges_g", "p",
 *                      "p_adjusted", "exact", "verdict"}]
 *
 * as stat/ computes them; ci is of 95 %. "p_adjusted" is Holm's over all tests that could find
 * anything, which are "tests" of {"family": {"tests", "alpha", "needed"}}: as many repetitions of
 * each side would do. "verdict" is "differs", "no difference" or "not enough repetitions": not even
 * samples that are wholly apart would be told from chance.
 *
 * Of single runs, metrics of results that a tool repeated have "sides" and "tests", too: "samples"
 * of each side are then of each repetition (report/repetitions.h), "outliers" their indices, and
 * what spread_json() adds is there. Where any metric has, there are "family" and "samples":
 * "repetitions within one run"; of groups that is "runs".
 *
 * With fail_if, "thresholds": [{"expr", "side", "base", "value", "change_pct", "change_ci_pct",
 * "p_adjusted", "by", "crossed", "text"}], and "crossed": how many are. "by" is what decided:
 * "value" alone; "test", too, which found a difference or did not; "few" repetitions for one, so the
 * value alone; "absent", which counts as crossed.
 *
 * -EINVAL for an expression that is none, or whose target no run has.
 */
int report_compare(const struct compare_run *runs, size_t n, const struct compare_options *o,
		   json_t **ret, struct err *err);

/* What report_compare() made, for a terminal. */
int report_compare_text(const json_t *comparison, const struct report_style *style,
			struct buf *out);

#endif
