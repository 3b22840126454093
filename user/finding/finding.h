/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a run is slow, or misleading: each rule is a row of the table and a function over the report
 * of one run. A rule tells what was seen with its numbers, or that it could not judge, and what for;
 * it never tells what the evidence does not show.
 */
#ifndef CBPF_FINDING_FINDING_H
#define CBPF_FINDING_FINDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct err;

#define FINDING_THRESHOLDS 3

struct finding_threshold {
	const char *name; /* RULE.NAME is how a user sets it; NULL ends the list */
	double preset;
	const char *unit; /* "ratio", "s", "bytes", "requests" */
	const char *help; /* what is above or below it */
};

struct judging;

enum finding_scope { FINDING_TARGET, FINDING_RUN };

struct finding_rule {
	const char *id; /* cache-reads */
	const char *severity; /* info, warning, error */
	const char *title; /* what it says of a run: a clause */
	const char *why; /* why that matters: a sentence */
	const char *advice; /* what to do: concrete options and commands */
	enum finding_scope scope; /* judged once for each container or workload, or once */
	struct finding_threshold thresholds[FINDING_THRESHOLDS + 1];
	void (*judge)(struct judging *j);
};

/* Every rule, in the order in which they are told; ends with NULL. */
extern const struct finding_rule *const finding_rules[];

/* The threshold that RULE.NAME means; NULL: there is none. */
const struct finding_threshold *finding_threshold(const char *name);

/*
 * Judge a report (as report_build() makes it) by all rules. @thresholds: {"cache-reads.ratio":
 * 0.1}, those that are not as preset; NULL: all are. *ret_findings: [{"id", "severity",
 * "target" (absent: the run), "title", "text", "why", "advice", "confidence": "high" | "medium" |
 * "low", "evidence": {numbers, "rows": SQL that shows them in the database, "thresholds"}}], the
 * errors first; *ret_not_judged: [{"id", "target", "missing"}]. Caller decrefs both.
 */
int findings_judge(const json_t *report, const json_t *thresholds, json_t **ret_findings,
		   json_t **ret_not_judged, struct err *err);

#endif
