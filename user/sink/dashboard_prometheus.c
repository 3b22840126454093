// SPDX-License-Identifier: Apache-2.0
/* Queries in PromQL, by the names that the OpenMetrics endpoint has. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "sink/dashboard_parts.h"
#include "sink/openmetrics_parts.h"

const struct own_panel prometheus_own[] = {
	{ "CPU time of cbpf", "percentunit", "rate(process_cpu_seconds_total[$__rate_interval])",
	  "CPU" },
	{ "Memory of cbpf", "bytes", "process_resident_memory_bytes", "resident" },
	{ "Age of the last tick", "s", "cbpf_exporter_last_tick_age_seconds", "age" },
	{ "Series", "short", "cbpf_exporter_series", "served" },
	{ "Values not served", "cps", "rate(cbpf_exporter_refused_values_total[$__rate_interval])",
	  "refused" },
	{ 0 },
};

static void put_filter(const struct query *q, struct buf *out)
{
	buf_puts(out, "{benchmark_id=\"$benchmark_id\"");
	if (q->has_target)
		buf_puts(out, ",target=~\"$target\"");
	if (q->has_stacked)
		buf_puts(out, ",stacked!=\"yes\"");
	buf_puts(out, "}");
}

static void put_by(const struct query *q, const char *more, struct buf *out)
{
	const char *comma = "";

	buf_puts(out, "by (");
	for (size_t i = 0; i < q->n_by; i++, comma = ", ")
		buf_printf(out, "%s%s", comma, q->by[i]->name);
	if (more)
		buf_printf(out, "%s%s", comma, more);
	buf_puts(out, ")");
}

static void put_rate(const struct query *q, const char *name, const char *suffix, const char *more,
		     struct buf *out)
{
	buf_puts(out, "sum ");
	put_by(q, more, out);
	buf_printf(out, " (rate(%s%s", name, suffix);
	put_filter(q, out);
	buf_puts(out, "[$__rate_interval]))");
}

/* "queue_p99_ns" is of the histogram "queue", at 0.99; the maximum is in none. */
static bool put_quantile(const struct query *q, struct buf *out)
{
	const char *column = q->columns[0]->name, *at = strstr(column, "_p");
	struct om_family f;
	char hist[64];
	unsigned int digits;

	if (!at || sscanf(at, "_p%u", &digits) != 1)
		return false;
	snprintf(hist, sizeof(hist), "%.*s", (int)(at - column), column);
	om_family_hist(q->measurement, hist, &f);
	buf_printf(out, "histogram_quantile(0.%u, ", digits);
	put_rate(q, f.name, "_bucket", "le", out);
	buf_puts(out, ")");
	return true;
}

static bool put_heatmap(const struct query *q, struct buf *out)
{
	struct om_family f;

	om_family_hist(measure_find(q->panel->of), q->panel->hist, &f);
	buf_printf(out, "sum by (le) (increase(%s_bucket", f.name);
	put_filter(q, out);
	buf_puts(out, "[$__rate_interval]))");
	return true;
}

bool query_prometheus(const struct query *q, struct buf *out)
{
	struct om_family f, whole;

	if (q->how == QUERY_TABLE)
		return false;
	if (q->how == QUERY_WORST)
		return put_quantile(q, out);
	if (q->how == QUERY_HEATMAP)
		return put_heatmap(q, out);
	if (om_family(q->measurement, q->columns[0], &f) ||
	    (q->how == QUERY_SPARED && om_family(q->measurement, q->columns[1], &whole)))
		return false;
	switch (q->how) {
	case QUERY_SPARED:
		buf_puts(out, "1 - ");
		put_rate(q, f.name, "_total", NULL, out);
		buf_puts(out, " / (");
		put_rate(q, whole.name, "_total", NULL, out);
		buf_puts(out, " > 0)");
		return true;
	case QUERY_STATE:
		buf_puts(out, "sum ");
		put_by(q, NULL, out);
		buf_printf(out, " (%s", f.name);
		put_filter(q, out);
		buf_puts(out, ")");
		return true;
	default: put_rate(q, f.name, "_total", NULL, out); return true;
	}
}
