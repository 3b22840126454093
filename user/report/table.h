/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of text for a terminal of a known width. */
#ifndef CBPF_REPORT_TABLE_H
#define CBPF_REPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct report_style;

#define TABLE_MAX_COLS 12

/* Cells in row order; the first row is the heading when @heading. Zero it, then set what differs. */
struct table {
	const char *align; /* a letter per column: l, r, or m: as l, and cut in its middle */
	bool heading;
	int indent;
	int gap; /* blanks between columns; 0 means 2 */
	char **cells; /* owned */
	size_t n;
	int failed; /* -ENOMEM: nothing is printed */
};

/* The next cell. Control characters become '?': names come from outside. */
__attribute__((format(printf, 2, 3))) void table_add(struct table *t, const char *fmt, ...);

/*
 * Columns are as wide as their cells; when that exceeds the style's width, the
 * widest left-aligned one is cut, with an ellipsis: a path in its middle, so that names show.
 */
int table_print(const struct table *t, const struct report_style *style, struct buf *out);
void table_fini(struct table *t);

/* As a terminal shows it: code points that are not control characters. */
size_t text_width(const char *text);
/* @text with control characters replaced. */
int text_put(struct buf *out, const char *text);

/*
 * @text from column @at on, broken at blanks so that lines fit the style's width;
 * further lines begin at column @indent. Ends without a newline; returns the column.
 */
int text_wrap(struct buf *out, const struct report_style *style, int at, int indent,
	      const char *text);

enum text_tone { TONE_BOLD, TONE_DIM, TONE_GOOD, TONE_BAD, TONE_WARN };
/* @text in a colour when the style has any. */
int text_toned(struct buf *out, const struct report_style *style, enum text_tone tone,
	       const char *text);

#endif
