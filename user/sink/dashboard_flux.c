// SPDX-License-Identifier: Apache-2.0
/* Queries in Flux, for InfluxDB 2. */
#include "base/buf.h"
#include "sink/dashboard_parts.h"

#define WINDOW "  |> aggregateWindow(every: v.windowPeriod, fn: %s, createEmpty: false)\n"

static void put_from(const struct query *q, struct buf *out)
{
	buf_printf(out,
		   "from(bucket: v.defaultBucket)\n"
		   "  |> range(start: v.timeRangeStart, stop: v.timeRangeStop)\n"
		   "  |> filter(fn: (r) => r._measurement == \"%s\" and r.benchmark_id == "
		   "\"${benchmark_id}\")\n",
		   q->measurement->name);
	if (q->has_target)
		buf_puts(out, "  |> filter(fn: (r) => not exists r.target or r.target =~ "
			      "/^${target:regex}$/)\n");
	if (q->has_stacked)
		buf_puts(out, "  |> filter(fn: (r) => not exists r.stacked or r.stacked != "
			      "\"yes\")\n");
	if (q->how == QUERY_HEATMAP)
		buf_printf(out, "  |> filter(fn: (r) => r.layer == \"%s\")\n", q->panel->hist);
	buf_puts(out, "  |> filter(fn: (r) => ");
	for (size_t i = 0; i < q->n_columns; i++)
		buf_printf(out, "%sr._field == \"%s\"", i ? " or " : "", q->columns[i]->name);
	buf_puts(out, ")\n");
}

/* "a", "b" of the tags that are shown; @more: one column beside them. */
static void put_list(const struct query *q, const char *more, struct buf *out)
{
	const char *comma = "";

	for (size_t i = 0; i < q->n_by; i++, comma = ", ")
		buf_printf(out, "%s\"%s\"", comma, q->by[i]->name);
	if (more)
		buf_printf(out, "%s\"%s\"", comma, more);
}

static void put_group(const struct query *q, const char *more, struct buf *out)
{
	buf_puts(out, "  |> group(columns: [");
	put_list(q, more, out);
	buf_puts(out, "])\n");
}

/* A series has one type only, and a row of a table many: as text they may be together. */
static void put_table(const struct query *q, struct buf *out)
{
	buf_puts(out, "  |> toString()\n  |> group(columns: [\"_measurement\"");
	for (const struct measure_column *c = q->measurement->columns; c->name; c++)
		if (c->kind == COLUMN_TAG)
			buf_printf(out, ", \"%s\"", c->name);
	buf_puts(out, "])\n"
		      "  |> pivot(rowKey: [\"_time\"], columnKey: [\"_field\"], valueColumn: "
		      "\"_value\")\n"
		      "  |> group()\n"
		      "  |> keep(columns: [\"_time\", ");
	put_list(q, NULL, out);
	for (size_t i = 0; i < q->n_columns; i++)
		buf_printf(out, "%s\"%s\"", i || q->n_by ? ", " : "", q->columns[i]->name);
	buf_puts(out, "])\n");
}

static void put_spared(const struct query *q, struct buf *out)
{
	const char *part = q->columns[0]->name, *whole = q->columns[1]->name;

	buf_printf(out, WINDOW "  |> difference(nonNegative: true)\n", "max");
	put_group(q, "_field", out);
	buf_printf(out, WINDOW, "sum");
	put_group(q, NULL, out);
	buf_printf(out,
		   "  |> pivot(rowKey: [\"_time\"], columnKey: [\"_field\"], valueColumn: "
		   "\"_value\")\n"
		   "  |> filter(fn: (r) => exists r.%s and exists r.%s and r.%s > 0)\n"
		   "  |> map(fn: (r) => ({r with _value: 1.0 - float(v: r.%s) / float(v: r.%s)}))\n"
		   "  |> drop(columns: [\"%s\", \"%s\"])\n",
		   part, whole, whole, part, whole, part, whole);
}

void query_flux(const struct query *q, struct buf *out)
{
	put_from(q, out);
	switch (q->how) {
	case QUERY_TABLE: put_table(q, out); return;
	case QUERY_SPARED: put_spared(q, out); return;
	case QUERY_DERIVATIVE:
		/* Series by series, since of two the difference would mean nothing. */
		buf_printf(out, WINDOW "  |> derivative(unit: 1s, nonNegative: true)\n", "max");
		put_group(q, NULL, out);
		buf_printf(out, WINDOW, "sum");
		if (q->in_ns)
			buf_puts(out, "  |> map(fn: (r) => ({r with _value: r._value / "
				      "1000000000.0}))\n");
		return;
	case QUERY_RATE:
		put_group(q, NULL, out);
		buf_printf(out,
			   WINDOW "  |> map(fn: (r) => ({r with _value: float(v: r._value)%s / "
				  "float(v: int(v: v.windowPeriod))}))\n",
			   "sum", q->in_ns ? "" : " * 1000000000.0");
		return;
	case QUERY_HEATMAP:
		buf_puts(out, "  |> group(columns: [\"le\"])\n");
		buf_printf(out, WINDOW, "sum");
		return;
	case QUERY_STATE:
	case QUERY_WORST:
		put_group(q, NULL, out);
		buf_printf(out, WINDOW, q->how == QUERY_WORST ? "max" : "mean");
		return;
	}
}
