/* SPDX-License-Identifier: Apache-2.0 */
/* What the parsers of single tools share; others use launch/parse.h. */
#ifndef CBPF_LAUNCH_PARSE_TOOL_H
#define CBPF_LAUNCH_PARSE_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "launch/parse.h"

#define PARSE_MAX_WORDS 48 /* on one line; IOR's summary has 27 */

int parse_mdtest_text(const char *text, size_t len, struct result_set *ret, struct err *err);

/*
 * The next line of [*at, end) into @line, cut at its size, without CR and LF;
 * false at the end.
 */
bool parse_line(const char **at, const char *end, char *line, size_t size);

/* Split at blanks, in place; returns the number of words, at most @max. */
size_t parse_words(char *line, char **words, size_t max);

/* A number, or NAN for "-", "NA" and anything else. */
double parse_number(const char *word);

/* A small count, or -1 for NAN and what no count can be. */
int parse_int(double v);

/* RESULT_FAILED with @message unless something worse or earlier was found. */
void parse_fail(struct result_set *set, const char *message);

/* "cbpf-ior" or "ior", by the version that the tool prints. */
void parse_ior_binary(struct result_set *set);

#endif
