/* SPDX-License-Identifier: Apache-2.0 */
/* What the parsers of single tools share; others use launch/parse.h. */
#ifndef CBPF_LAUNCH_PARSE_TOOL_H
#define CBPF_LAUNCH_PARSE_TOOL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "launch/parse.h"

#define PARSE_MAX_WORDS 48 /* on one line; IOR's summary has 27 */

int parse_mdtest_text(const char *text, size_t len, struct result_set *ret, struct err *err);
int parse_md_workbench(const char *text, size_t len, struct result_set *ret, struct err *err);
int parse_fio_json(const char *text, size_t len, struct result_set *ret, struct err *err);
/* IOR's summaryFormat=CSV: a row per phase. */
int parse_ior_csv(const char *text, size_t len, struct result_set *ret, struct err *err);
/* saveRankPerformanceDetailsCSV: a row per phase and rank. */
int parse_ior_rank_csv(const char *text, size_t len, struct result_set *ret, struct err *err);
/* savePerOpDataCSV of one rank: a row per phase, with the times of its calls. */
int parse_ior_op_csv(const char *text, size_t len, struct result_set *ret, struct err *err);

/*
 * The next line of [*at, end) into @line, cut at its size, without CR and LF;
 * false at the end.
 */
bool parse_line(const char **at, const char *end, char *line, size_t size);

/* Split at blanks, in place; returns the number of words, at most @max. */
size_t parse_words(char *line, char **words, size_t max);

/* Split at commas, in place, without the blanks around; an empty one is "". */
size_t parse_commas(char *line, char **words, size_t max);

/* A number, or NAN for "-", "NA" and anything else. */
double parse_number(const char *word);

/* What rounding may have taken from a number that is printed so: half of its last digit. */
double parse_rounding(const char *word);

/* A small count, or -1 for NAN and what no count can be. */
int parse_int(double v);

/* RESULT_FAILED with @message unless something worse or earlier was found. */
void parse_fail(struct result_set *set, const char *message);

/* Does the last line of the text end? What is cut within a line may be a number that is cut. */
bool parse_whole_lines(const char *text, size_t len);

/* "cbpf-ior" or "ior", by the version that the tool prints. */
void parse_ior_binary(struct result_set *set);

/* A member of a JSON object: NAN when it is no number, "" when it is no text. */
double parse_json_number(const json_t *o, const char *key);
void parse_json_text(const json_t *o, const char *key, char *text, size_t size);

/*
 * Does what a row says agree with itself? Bandwidth is bytes by time, each of them
 * rounded by at most @round_bw (MiB/s) and @round_s. What cannot be judged agrees.
 */
bool parse_agrees(const struct result *r, double round_bw, double round_s);

/* What IOR's own summary says of one operation of one test. NAN, -1: it does not. */
struct parse_total {
	const char *op;
	int test; /* -1: any */
	double max, min, mean; /* MiB/s */
	double rounding; /* of these, at most */
	double repetitions;
	bool or_fewer; /* a limit of time may have ended the test before the last of them */
};

/* May the tests of this command line have such a limit? A script may set one. */
bool parse_ior_may_end_early(const char *command);

/*
 * Fails the set when its rows are not those that the summary is of: one that
 * is missing, or that has another bandwidth than it says, as where lines are lost or
 * out of order. @rounding: of the rows' bandwidth, relative.
 */
void parse_ior_compare(struct result_set *set, const struct parse_total *total);

#endif
