// SPDX-License-Identifier: Apache-2.0
/* Queries in InfluxQL, for InfluxDB 1 and what speaks its language. */
#include "base/buf.h"
#include "sink/dashboard_parts.h"

static void put_where(const struct query *q, struct buf *out)
{
	buf_puts(out, "WHERE $timeFilter AND \"benchmark_id\" = '$benchmark_id'");
	if (q->has_target)
		buf_puts(out, " AND \"target\" =~ /^${target:regex}$/");
	if (q->has_stacked)
		buf_puts(out, " AND \"stacked\" != 'yes'");
	if (q->how == QUERY_HEATMAP)
		buf_printf(out, " AND \"layer\" = '%s'", q->panel->hist);
}

static void put_tags(const struct query *q, struct buf *out)
{
	for (size_t i = 0; i < q->n_by; i++)
		buf_printf(out, ", \"%s\"", q->by[i]->name);
}

/* What a total is one of: of two, the difference would mean nothing. */
static void put_series(const struct query *q, struct buf *out)
{
	for (const struct measure_column *c = q->measurement->columns; c->name; c++)
		if (c->kind == COLUMN_TAG)
			buf_printf(out, ", \"%s\"", c->name);
}

static void put_table(const struct query *q, struct buf *out)
{
	buf_puts(out, "SELECT ");
	for (size_t i = 0; i < q->n_by; i++)
		buf_printf(out, "\"%s\", ", q->by[i]->name);
	for (size_t i = 0; i < q->n_columns; i++)
		buf_printf(out, "%s\"%s\"", i ? ", " : "", q->columns[i]->name);
	buf_printf(out, " FROM \"%s\" ", q->measurement->name);
	put_where(q, out);
}

/* Totals are told apart by all tags inside, and added up by those that are shown. */
static void put_derivatives(const struct query *q, struct buf *out)
{
	const char *divide = q->in_ns ? " / 1000000000" : "";

	if (q->how == QUERY_SPARED)
		buf_puts(out, "SELECT 1 - \"a\" / \"b\" FROM (SELECT sum(\"a\") AS \"a\", "
			      "sum(\"b\") AS \"b\" FROM (SELECT ");
	else
		buf_printf(out, "SELECT sum(\"a\")%s FROM (SELECT ", divide);
	for (size_t i = 0; i < q->n_columns; i++)
		buf_printf(out, "%snon_negative_derivative(max(\"%s\"), 1s) AS \"%c\"",
			   i ? ", " : "", q->columns[i]->name, (char)('a' + i));
	buf_printf(out, " FROM \"%s\" ", q->measurement->name);
	put_where(q, out);
	buf_puts(out, " GROUP BY time($__interval)");
	put_series(q, out);
	buf_puts(out, " fill(null)) WHERE $timeFilter GROUP BY time($__interval)");
	put_tags(q, out);
	buf_puts(out, " fill(null)");
	if (q->how != QUERY_SPARED)
		return;
	/* Of nothing there is no ratio. */
	buf_puts(out, ") WHERE $timeFilter AND \"b\" > 0 GROUP BY ");
	for (size_t i = 0; i < q->n_by; i++)
		buf_printf(out, "%s\"%s\"", i ? ", " : "", q->by[i]->name);
}

void query_influxql(const struct query *q, struct buf *out)
{
	const char *column = q->columns[0]->name;

	if (q->how == QUERY_TABLE) {
		put_table(q, out);
		return;
	}
	if (q->how == QUERY_DERIVATIVE || q->how == QUERY_SPARED) {
		put_derivatives(q, out);
		return;
	}
	if (q->how == QUERY_RATE)
		buf_printf(out, "SELECT sum(\"%s\") / $__interval_ms %s", column,
			   q->in_ns ? "/ 1000000" : "* 1000");
	else
		buf_printf(out, "SELECT %s(\"%s\")",
			   q->how == QUERY_HEATMAP ? "sum"
			   : q->how == QUERY_WORST ? "max"
						   : "mean",
			   column);
	buf_printf(out, " FROM \"%s\" ", q->measurement->name);
	put_where(q, out);
	buf_puts(out, " GROUP BY time($__interval)");
	put_tags(q, out);
	buf_puts(out, q->how == QUERY_HEATMAP ? ", \"le\" fill(null)" : " fill(null)");
}
