// SPDX-License-Identifier: Apache-2.0
/* A scrape as text: OpenMetrics 1.0, or the Prometheus format 0.0.4 that came before it. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "sink/openmetrics_parts.h"

/* When nothing has been told of a target for so many ticks it has gone, and has no state any more. */
#define STALE_TICKS 10

struct out {
	enum om_format format;
	struct buf *text;
};

const char *om_content_type(enum om_format format)
{
	return format == OM_OPENMETRICS
		       ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		       : "text/plain; version=0.0.4; charset=utf-8";
}

static const char *const types[] = {
	[OM_COUNTER] = "counter",
	[OM_GAUGE] = "gauge",
	[OM_HISTOGRAM] = "histogram",
	[OM_INFO] = "info",
};

/* What samples that are no histogram's have at the end of the family's name. */
static const char *sample_suffix(const struct om_family *f)
{
	return f->type == OM_COUNTER ? "_total" : f->type == OM_INFO ? "_info" : "";
}

static void put_help(const struct out *o, const char *help)
{
	for (; *help; help++) {
		if (*help == '\\' || *help == '\n' || (*help == '"' && o->format == OM_OPENMETRICS))
			buf_puts(o->text, "\\");
		buf_put(o->text, *help == '\n' ? "n" : help, 1);
	}
	buf_puts(o->text, "\n");
}

/* The older format knows families by the names of their samples, and neither units nor info. */
static void put_heading(const struct out *o, const struct om_family *f, const char *help)
{
	bool classic = o->format == OM_CLASSIC;
	const char *suffix = classic ? sample_suffix(f) : "";

	buf_printf(o->text, "# TYPE %s%s %s\n", f->name, suffix,
		   types[classic && f->type == OM_INFO ? OM_GAUGE : f->type]);
	if (f->unit && !classic)
		buf_printf(o->text, "# UNIT %s %s\n", f->name, f->unit);
	buf_printf(o->text, "# HELP %s%s ", f->name, suffix);
	put_help(o, help);
}

static void put_number(const struct out *o, const struct om_family *f, const struct om_value *v)
{
	static const struct {
		unsigned int digits;
		double by;
	} scales[] = {
		[OM_PLAIN] = { 0, 1 },	 [OM_NANO] = { 9, 1e9 },    [OM_MICRO] = { 6, 1e6 },
		[OM_MILLI] = { 3, 1e3 }, [OM_PERCENT] = { 2, 1e2 }, [OM_BASIS_POINT] = { 4, 1e4 },
	};
	char text[OM_NUMBER_MAX];

	if (v->real)
		om_number(v->d / scales[f->scale].by, true, text);
	else
		om_decimal(v->i, scales[f->scale].digits, text);
	buf_puts(o->text, text);
}

/* @more: a further label, complete, or "". */
static void put_sample(const struct out *o, const struct om_family *f, const char *labels,
		       const char *more, const struct om_value *v)
{
	buf_printf(o->text, "%s%s", f->name, sample_suffix(f));
	if (*labels || *more)
		buf_printf(o->text, "{%s%s%s}", labels, *labels && *more ? "," : "", more);
	buf_puts(o->text, " ");
	put_number(o, f, v);
	buf_puts(o->text, "\n");
}

static void put_many(const struct out *o, const struct om_family *f, const struct om_row *row,
		     const struct om_many *many)
{
	buf_printf(o->text, "%s%s{%s%s%s=\"%s\"} ", f->name, sample_suffix(f), row->labels,
		   *row->labels ? "," : "", f->label, many->text);
	put_number(o, f, &many->value);
	buf_puts(o->text, "\n");
}

static bool has_state(const struct om_registry *r, const struct om_row *row)
{
	return row->target == SIZE_MAX || r->targets[row->target].seq >= r->last_seq - STALE_TICKS;
}

static void put_column(const struct out *o, const struct om_registry *r, const struct om_measure *m,
		       size_t column)
{
	const struct om_family *f = &m->families[column];
	const struct measure_column *c = &m->measurement->columns[column];
	size_t before = o->text->len, heading;

	if (!f->name[0])
		return;
	put_heading(o, f, c->help);
	heading = o->text->len;
	for (size_t i = 0; i < m->n_rows; i++) {
		const struct om_row *row = m->rows[i];

		if (f->type == OM_GAUGE && !has_state(r, row))
			continue;
		if (row->values[column].present)
			put_sample(o, f, row->labels, "", &row->values[column]);
		for (size_t j = 0; j < row->n_many; j++)
			if (row->many[j].column == column)
				put_many(o, f, row, &row->many[j]);
	}
	/* A family without samples is no use to anybody. */
	if (o->text->len == heading && !o->text->failed)
		o->text->data[o->text->len = before] = '\0';
}

static void put_edge(const struct out *o, const struct om_family *f, size_t edge, char *text)
{
	double value = om_edge(f, edge);

	om_number(f->scale == OM_NANO ? value / 1e9 : value, o->format == OM_CLASSIC, text);
}

static void put_hist(const struct out *o, const struct om_family *f, const struct om_row *row,
		     const struct om_hist *h)
{
	const char *labels = row->labels, *comma = *labels ? "," : "";
	char text[OM_NUMBER_MAX];

	for (size_t i = 0; i < om_edges(f); i++) {
		put_edge(o, f, i, text);
		buf_printf(o->text, "%s_bucket{%s%sle=\"%s\"} %" PRIu64 "\n", f->name, labels,
			   comma, text, h->below[i]);
	}
	buf_printf(o->text, "%s_bucket{%s%sle=\"+Inf\"} %" PRIu64 "\n", f->name, labels, comma,
		   h->count);
	om_decimal((int64_t)h->sum, f->scale == OM_NANO ? 9 : 0, text);
	buf_printf(o->text, "%s_sum{%s} %s\n", f->name, labels, text);
	buf_printf(o->text, "%s_count{%s} %" PRIu64 "\n", f->name, labels, h->count);
}

static void put_hists(const struct out *o, const struct om_measure *m, size_t which)
{
	const struct om_family *f = &m->hists[which];
	cleanup_buf struct buf help = BUF_INIT(1024);

	buf_printf(&help, "%s: histogram of %s", m->measurement->name, m->hist_names[which]);
	put_heading(o, f, buf_str(&help));
	for (size_t i = 0; i < m->n_rows; i++)
		if (m->rows[i]->hists[which])
			put_hist(o, f, m->rows[i], m->rows[i]->hists[which]);
}

static void put_own(const struct out *o, const struct om_family *f, const char *help, int64_t value)
{
	const struct om_value v = { .present = true, .i = value };

	put_heading(o, f, help);
	put_sample(o, f, "", "", &v);
}

#define OWN(n, t) (&(struct om_family){ .name = (n), .type = (t) })
#define OWN_SECONDS(n, t)                                                                          \
	(&(struct om_family){ .name = (n), .type = (t), .scale = OM_NANO, .unit = "seconds" })
#define OWN_BYTES(n, t) (&(struct om_family){ .name = (n), .type = (t), .unit = "bytes" })

static void put_health(const struct out *o, const struct om_registry *r, const struct om_health *h)
{
	put_own(o, OWN("cbpf_exporter_up", OM_GAUGE), "cbpf answers", 1);
	put_own(o, OWN("cbpf_exporter_ticks", OM_COUNTER), "ticks of the run told so far",
		r->n_ticks);
	if (r->last_seq >= 0 && h->now_ns >= (uint64_t)r->last_time_ns)
		put_own(o, OWN_SECONDS("cbpf_exporter_last_tick_age_seconds", OM_GAUGE),
			"how long ago the last tick was", h->now_ns - r->last_time_ns);
	put_own(o, OWN("cbpf_exporter_points", OM_COUNTER), "points taken so far", r->n_points);
	put_own(o, OWN("cbpf_exporter_series", OM_GAUGE), "series that are served", r->n_series);
	put_own(o, OWN("cbpf_exporter_series_limit", OM_GAUGE), "series that are served at most",
		r->max_series);
	put_own(o, OWN("cbpf_exporter_refused_values", OM_COUNTER),
		"values that are not served because their series would be too many", r->n_refused);
	put_own(o, OWN("cbpf_exporter_scrapes", OM_COUNTER), "scrapes answered, this one included",
		h->n_scrapes);
	if (h->cpu_ns >= 0)
		put_own(o, OWN_SECONDS("process_cpu_seconds", OM_COUNTER), "CPU time of cbpf",
			h->cpu_ns);
	if (h->rss_bytes >= 0)
		put_own(o, OWN_BYTES("process_resident_memory_bytes", OM_GAUGE),
			"memory of cbpf that is in RAM", h->rss_bytes);
}

static int put_info(const struct out *o, const char *id)
{
	const struct om_family *f = OWN("cbpf_run", OM_INFO);
	cleanup_buf struct buf labels = BUF_INIT(64 << 10);
	const struct om_value one = { .present = true, .i = 1 };
	bool mended;

	buf_puts(&labels, "benchmark_id=\"");
	if (om_escape(&labels, id, &mended) ||
	    buf_printf(&labels, "\",version=\"%s\"", CBPF_VERSION))
		return labels.failed;
	put_heading(o, f, "the run that is served");
	put_sample(o, f, buf_str(&labels), "", &one);
	return 0;
}

int om_render(const struct om_registry *r, const struct om_health *h, enum om_format format,
	      struct buf *out)
{
	const struct out o = { .format = format, .text = out };
	int rc = h->id ? put_info(&o, h->id) : 0;

	for (size_t i = 0; i < r->n_measures; i++) {
		for (size_t j = 0; j < r->measures[i].n_columns; j++)
			put_column(&o, r, &r->measures[i], j);
		for (size_t j = 0; j < r->measures[i].n_hists; j++)
			put_hists(&o, &r->measures[i], j);
	}
	put_health(&o, r, h);
	if (format == OM_OPENMETRICS)
		buf_puts(out, "# EOF\n");
	return rc ? rc : out->failed;
}
