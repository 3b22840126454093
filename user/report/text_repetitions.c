// SPDX-License-Identifier: Apache-2.0
/* How much the repetitions of a tool within one run spread, in a terminal. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "report/format.h"
#include "report/repetitions.h"
#include "report/report.h"
#include "report/spread.h"
#include "report/table.h"
#include "report/text_parts.h"

/* Times are in JSON. */
static bool is_told(const json_t *row)
{
	return spread_rises(text_in(row, "path"));
}

/* "write MiB/s", as results have it. */
static void name_of(const json_t *row, char *name, size_t size)
{
	const char *path = text_in(row, "path"), *last = strrchr(path, '.');
	char op[160];

	result_name(row, op, sizeof(op));
	snprintf(name, size, "%s %s", op, strcmp(last, ".iops") ? "MiB/s" : "IOPS");
}

int text_repetitions(const json_t *target, const struct report_style *style, struct buf *out)
{
	struct table t = { .align = SPREAD_ALIGN, .heading = true, .indent = 2, .gap = 1 };
	const json_t *rows = json_object_get(target, "repetitions");
	char name[256];
	bool any = false;
	json_t *row;
	size_t i;

	spread_heading(&t);
	json_array_foreach(rows, i, row)
		if (is_told(row)) {
			name_of(row, name, sizeof(name));
			spread_row(&t, name, text_in(row, "path"), row, 0);
			any = true;
		}
	if (any && table_print(&t, style, out))
		out->failed = out->failed ? out->failed : t.failed;
	table_fini(&t);
	json_array_foreach(rows, i, row)
		if (is_told(row)) {
			name_of(row, name, sizeof(name));
			(void)spread_steady(out, style, name, text_in(row, "path"), row);
		}
	if (!any)
		return out->failed;
	buf_puts(out, "    ");
	(void)text_wrap(out, style, 4, 4,
			"of " REPETITIONS_LABEL ": less independent than separate runs (repeat:)");
	return buf_puts(out, "\n");
}
