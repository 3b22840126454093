/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of comma separated values, found by a header that may be missing. */
#ifndef CBPF_LAUNCH_PARSE_CSV_H
#define CBPF_LAUNCH_PARSE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#define PARSE_CSV_COLUMNS 32

struct parse_csv {
	const char *at, *end;
	const char *mark; /* what the header begins with */
	char header[1024], line[1024];
	char *columns[PARSE_CSV_COLUMNS]; /* of the last header */
	size_t n_columns; /* 0: there was none so far */
	char *words[PARSE_CSV_COLUMNS]; /* of the row; those that are not there are "" */
	size_t n;
};

void parse_csv_begin(struct parse_csv *csv, const char *text, size_t len, const char *mark);
/* The next line that has words and is no header; false at the end. */
bool parse_csv_row(struct parse_csv *csv);
/* Of the row, by the header; NAN without such a column or number. */
double parse_csv_number(const struct parse_csv *csv, const char *column);

#endif
