// SPDX-License-Identifier: Apache-2.0
/* The keys of a spec as Markdown tables, from its option rows. */
#include <stdio.h>

#include "base/buf.h"
#include "spec/spec.h"

static const char *type_name(const struct option_row *row)
{
	switch (row->type) {
	case OPTION_BOOL: return "true, false";
	case OPTION_TRI: return "true, auto, false";
	case OPTION_INT: return "whole number";
	case OPTION_SIZE: return "size";
	case OPTION_DURATION: return "duration";
	case OPTION_REAL: return "number";
	case OPTION_CPUS: return "CPU list";
	case OPTION_STRINGS: return "list";
	case OPTION_STRMAP: return "mapping or list of NAME=VALUE";
	case OPTION_SECTION: return row->scalar ? "section, or its first key's value" : "section";
	case OPTION_SECTIONS:
		return row->names ? "section per name, or list of names" : "section per name";
	case OPTION_MATRIX: return "list of values, or mapping of labels, per axis";
	default: return "text";
	}
}

static void print_type(const struct option_row *row, struct buf *out)
{
	if (row->choices) {
		for (size_t i = 0; row->choices[i]; i++)
			(void)buf_printf(out, "%s`%s`", i ? ", " : "", row->choices[i]);
		return;
	}
	(void)buf_puts(out, type_name(row)); /* spec_reference() looks at @failed */
	if (row->type == OPTION_INT && row->max)
		(void)buf_printf(out, ", %llu to %llu", (unsigned long long)row->min,
				 (unsigned long long)row->max);
}

static void print_table(const struct option_row *rows, const char *path, struct buf *out)
{
	char below[256];

	if (*path)
		(void)buf_printf(out, "\n### `%s`\n", path);
	(void)buf_puts(out, "\n| key | takes | preset | meaning |\n|---|---|---|---|\n");
	for (const struct option_row *row = rows; row->name; row++) {
		(void)buf_printf(out, "| `%s`%s | ", row->name, row->required ? " (required)" : "");
		print_type(row, out);
		(void)buf_printf(out, " | %s%s%s | %s |\n", row->preset ? "`" : "",
				 row->preset ? row->preset : "", row->preset ? "`" : "", row->help);
	}
	for (const struct option_row *row = rows; row->name; row++) {
		if (!row->rows)
			continue;
		snprintf(below, sizeof(below), "%s%s%s%s", path, *path ? "." : "", row->name,
			 row->type == OPTION_SECTIONS ? ".NAME" : "");
		print_table(row->rows, below, out);
	}
}

int spec_reference(struct buf *out)
{
	print_table(spec_rows, "", out);
	return out->failed;
}
