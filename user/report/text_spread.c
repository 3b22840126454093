// SPDX-License-Identifier: Apache-2.0
/* How much repetitions spread, as rows of a table. */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/compare_parts.h"
#include "report/format.h"
#include "report/report.h"
#include "report/spread.h"
#include "report/table.h"

void spread_heading(struct table *t)
{
	static const char *const heading[] = { "metric",   "n",	     "mean",
					       "median",   "stddev", "95 % of mean",
					       "outliers", "warm-up" };

	for (size_t i = 0; i < ARRAY_SIZE(heading); i++)
		table_add(t, "%s", heading[i]);
}

/* "3, 7" */
static void add_outliers(struct table *t, const json_t *outliers, size_t first)
{
	cleanup_buf struct buf text = BUF_INIT(1024);
	json_t *one;
	size_t i;

	json_array_foreach(outliers, i, one)
		buf_printf(&text, "%s%lld", i ? ", " : "",
			   (long long)(json_integer_value(one) + (json_int_t)first));
	table_add(t, "%s", text.len ? buf_str(&text) : "-");
}

/* "first 2"; "not settled"; "too few"; "none". */
static void add_warm_up(struct table *t, const json_t *spread)
{
	const char *settled = text_in(spread, "settled");

	if (!isnan(number_in(spread, "warm_up")))
		table_add(t, "first %.0f", number_in(spread, "warm_up"));
	else
		table_add(t, "%s", settled ? settled : "-");
}

void spread_row(struct table *t, const char *name, const char *path, const json_t *spread,
		size_t first)
{
	static const char *const keys[] = { "mean", "median", "stddev" };
	const json_t *ci = json_object_get(spread, "ci");

	table_add(t, "%s", name);
	table_add(t, "%.0f", number_in(spread, "n"));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		table_add(t, "%s", compare_format_value(path, json_object_get(spread, keys[i])).s);
	if (ci)
		table_add(t, "%s..%s", compare_format_value(path, json_array_get(ci, 0)).s,
			  compare_format_value(path, json_array_get(ci, 1)).s);
	else
		table_add(t, "-");
	add_outliers(t, json_object_get(spread, "outliers"), first);
	add_warm_up(t, spread);
}

int spread_steady(struct buf *out, const struct report_style *style, const char *name,
		  const char *path, const json_t *spread)
{
	cleanup_buf struct buf line = BUF_INIT(4096);

	if (isnan(number_in(spread, "warm_up")))
		return out->failed;
	buf_printf(&line, "%s: mean %s, %s without the first %.0f", name,
		   compare_format_value(path, json_object_get(spread, "mean")).s,
		   compare_format_value(path, json_object_get(spread, "steady_mean")).s,
		   number_in(spread, "warm_up"));
	buf_puts(out, "    ");
	(void)text_wrap(out, style, 4, 4, buf_str(&line)); /* @out keeps a failure */
	return buf_puts(out, "\n");
}
