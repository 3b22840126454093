// SPDX-License-Identifier: Apache-2.0
/* Lines of comma separated values. */
#include "launch/parse_csv.h"

#include <math.h>
#include <string.h>

#include "launch/parse_tool.h"

void parse_csv_begin(struct parse_csv *csv, const char *text, size_t len, const char *mark)
{
	*csv = (struct parse_csv){ .at = text, .end = text + len, .mark = mark };
}

bool parse_csv_row(struct parse_csv *csv)
{
	while (parse_line(&csv->at, csv->end, csv->line, sizeof(csv->line))) {
		if (!strncmp(csv->line, csv->mark, strlen(csv->mark))) {
			strcpy(csv->header, csv->line);
			csv->n_columns = parse_commas(csv->header, csv->columns, PARSE_CSV_COLUMNS);
			continue;
		}
		csv->n = parse_commas(csv->line, csv->words, PARSE_CSV_COLUMNS);
		for (size_t i = csv->n; i < PARSE_CSV_COLUMNS; i++)
			csv->words[i] = "";
		if (csv->n && *csv->words[0])
			return true;
	}
	return false;
}

double parse_csv_number(const struct parse_csv *csv, const char *column)
{
	for (size_t i = 0; i < csv->n_columns && i < csv->n; i++)
		if (!strcmp(csv->columns[i], column))
			return parse_number(csv->words[i]);
	return NAN;
}
