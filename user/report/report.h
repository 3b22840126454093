/* SPDX-License-Identifier: Apache-2.0 */
/* From the database to what a person or a program reads. */
#ifndef CBPF_REPORT_REPORT_H
#define CBPF_REPORT_REPORT_H

#include <jansson.h>
#include <stdbool.h>

struct buf;
struct err;
struct store;
struct str_list;

/* The report as one JSON object (the contract of `cbpf report --json`); caller decrefs. */
int report_build(struct store *s, json_t **ret, struct err *err);

struct report_style {
	bool colour;
	bool unicode;
	int width; /* columns */
};

/* All that follows renders what report_build() made, and nothing else. */
int report_text(const json_t *report, const struct report_style *style, struct buf *out);
/* Of that only what the rules concluded. */
int report_text_findings(const json_t *report, const struct report_style *style, struct buf *out);
/*
 * Sampled stacks as flamegraph.pl, speedscope and their like read them, a line each:
 * "target;task;frame;...;leaf N". A ';' or a control character in a name is '_'. Nothing when
 * the report has no "profile".
 */
int report_folded(const json_t *report, struct buf *out);

/*
 * The number that TARGET.PATH means in `expect:`, such as "victim" and "block.read.p99"; NAN: there
 * is none. "unattributed" is all that is nobody's.
 */
double report_value(const json_t *report, const char *target, const char *path);

struct expect;

/* Durations are ns wherever they are compared, but a path that ends in _s, not per_s, is in seconds. */
void report_match_units(struct expect *e, const char *expr);

/* One verdict per expression: {"expr", "actual" (null: no such value), "ok"}; caller decrefs. */
int report_expect(const json_t *report, const struct str_list *exprs, json_t **ret_array,
		  bool *ret_all_ok, struct err *err);

#endif
