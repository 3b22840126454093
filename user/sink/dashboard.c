// SPDX-License-Identifier: Apache-2.0
/* A dashboard as Grafana's JSON: rows, panels, variables; each name is looked up first. */
#include "sink/dashboard.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "sink/dashboard_parts.h"

#define QUERY_MAX (64 << 10) /* bytes */
#define SCHEMA_VERSION 39 /* of Grafana 11, which later ones read */
#define COLUMNS 24 /* of Grafana's grid */
#define PANEL_WIDTH 12
#define PANEL_HEIGHT 8

static const struct {
	const char *id, *title, *type, *uid;
} kinds[] = {
	[DASHBOARD_INFLUXQL] = { "cbpf-influxql", "cbpf (InfluxQL)", "influxdb", "cbpf-influxql" },
	[DASHBOARD_FLUX] = { "cbpf-flux", "cbpf (Flux)", "influxdb", "cbpf-flux" },
	[DASHBOARD_PROMETHEUS] = { "cbpf-prometheus", "cbpf (Prometheus)", "prometheus",
				   "cbpf-prometheus" },
};

struct building {
	enum dashboard_kind kind;
	json_t *panels; /* borrowed */
	int id, x, y; /* of the next panel */
	struct err *err;
};

static int no_such(const struct panel *p, const char *what, const char *name, struct err *err)
{
	return err_say(err, -EINVAL, "panel '%s': %s has no %s '%s'", p->title, p->measurement,
		       what, name);
}

static const struct measure_column *find_column(const struct measurement *m, const char *name,
						bool tag)
{
	const struct measure_column *c = measure_column(m, name);

	return c && (c->kind == COLUMN_TAG) == tag ? c : NULL;
}

static enum query_how how_of(const struct panel *p, const struct measure_column *c)
{
	static const enum query_how kind[] = {
		[COLUMN_TICK] = QUERY_RATE,   [COLUMN_TOTAL] = QUERY_DERIVATIVE,
		[COLUMN_GAUGE] = QUERY_STATE, [COLUMN_QUANTILE] = QUERY_WORST,
		[COLUMN_FACT] = QUERY_STATE,
	};

	switch (p->type) {
	case PANEL_SPARED: return QUERY_SPARED;
	case PANEL_HEATMAP: return QUERY_HEATMAP;
	case PANEL_TABLE: return QUERY_TABLE;
	case PANEL_LINES: break;
	}
	return kind[c->kind];
}

/* Queries have names of the tables only: @columns of @p, or what its type means. */
static int resolve(const struct panel *p, const char *const *columns, size_t n, struct query *ret,
		   struct err *err)
{
	struct query q = { .panel = p, .measurement = measure_find(p->measurement) };

	if (!q.measurement || (p->of && !measure_find(p->of)))
		return err_say(err, -EINVAL, "panel '%s': there is no measurement %s", p->title,
			       q.measurement ? p->of : p->measurement);
	for (; q.n_columns < n && columns[q.n_columns]; q.n_columns++) {
		const char *name = columns[q.n_columns];

		q.columns[q.n_columns] = find_column(q.measurement, name, false);
		if (!q.columns[q.n_columns])
			return no_such(p, "field", name, err);
	}
	for (; q.n_by < PANEL_BY && p->by[q.n_by]; q.n_by++) {
		q.by[q.n_by] = find_column(q.measurement, p->by[q.n_by], true);
		if (!q.by[q.n_by])
			return no_such(p, "tag", p->by[q.n_by], err);
	}
	q.how = how_of(p, q.columns[0]);
	q.in_ns = q.columns[0]->unit && !strcmp(q.columns[0]->unit, "ns");
	q.has_target = find_column(q.measurement, "target", true);
	q.has_stacked = find_column(q.measurement, "stacked", true);
	*ret = q;
	return 0;
}

/* Grafana's name of the unit in which a query answers. */
static const char *unit_of(enum dashboard_kind kind, const struct query *q)
{
	static const struct {
		const char *unit, *rate, *value;
	} units[] = {
		{ "ns", "percentunit", "ns" },	 { "bytes", "Bps", "bytes" },
		{ "requests", "iops", "short" }, { "calls", "ops", "short" },
		{ "1", "cps", "percentunit" },	 { "%", "cps", "percent" },
	};
	bool rate = q->how == QUERY_RATE || q->how == QUERY_DERIVATIVE;
	const char *unit = q->columns[0]->unit;

	if (q->how == QUERY_SPARED)
		return "percentunit";
	if (q->how == QUERY_HEATMAP)
		return kind == DASHBOARD_PROMETHEUS ? "s" : "ns";
	for (size_t i = 0; unit && i < ARRAY_SIZE(units); i++)
		if (!strcmp(unit, units[i].unit))
			return rate					  ? units[i].rate
			       : q->in_ns && kind == DASHBOARD_PROMETHEUS ? "s"
									  : units[i].value;
	return rate ? "cps" : "short";
}

/* What a line is called: its tags in @before and @after, then the column. */
static void put_legend(const struct query *q, const char *before, const char *after,
		       struct buf *out)
{
	for (size_t i = 0; i < q->n_by; i++)
		buf_printf(out, "%s%s%s%s", i ? " " : "", before, q->by[i]->name, after);
	if (q->how == QUERY_HEATMAP)
		buf_printf(out, "%sle%s", before, after);
	else if (q->how != QUERY_SPARED && (q->panel->columns[1] || !q->n_by))
		buf_printf(out, "%s%s", q->n_by ? " " : "", q->columns[0]->name);
}

static json_t *datasource(enum dashboard_kind kind)
{
	return json_pack("{s:s, s:s}", "type", kinds[kind].type, "uid", "${datasource}");
}

/* NULL without an error in @b: there is no such query. */
static json_t *make_target(struct building *b, const struct query *q, const char *ref)
{
	cleanup_buf struct buf text = BUF_INIT(QUERY_MAX), legend = BUF_INIT(QUERY_MAX);
	bool table = q->how == QUERY_TABLE, heatmap = q->how == QUERY_HEATMAP;

	switch (b->kind) {
	case DASHBOARD_INFLUXQL:
		query_influxql(q, &text);
		put_legend(q, "$tag_", "", &legend);
		return json_pack("{s:s, s:b, s:s, s:s, s:s}", "refId", ref, "rawQuery", 1, "query",
				 buf_str(&text), "resultFormat", table ? "table" : "time_series",
				 "alias", table ? "" : buf_str(&legend));
	case DASHBOARD_FLUX:
		query_flux(q, &text);
		return json_pack("{s:s, s:s}", "refId", ref, "query", buf_str(&text));
	case DASHBOARD_PROMETHEUS:
		if (!query_prometheus(q, &text))
			return NULL;
		put_legend(q, "{{", "}}", &legend);
		return json_pack("{s:s, s:s, s:s, s:s, s:b}", "refId", ref, "expr", buf_str(&text),
				 "legendFormat", buf_str(&legend), "format",
				 heatmap ? "heatmap" : "time_series", "range", 1);
	}
	return NULL;
}

/* Flux has no legends: names come from labels, query by query. */
static json_t *make_override(const struct query *q, const char *ref)
{
	cleanup_buf struct buf legend = BUF_INIT(QUERY_MAX);

	put_legend(q, "${__field.labels.", "}", &legend);
	return json_pack("{s:{s:s, s:s}, s:[{s:s, s:s}]}", "matcher", "id", "byFrameRefID",
			 "options", ref, "properties", "id", "displayName", "value",
			 buf_str(&legend));
}

static int place_panel(struct building *b, json_t *panel, int width, int height)
{
	if (b->x + width > COLUMNS) {
		b->x = 0;
		b->y += PANEL_HEIGHT;
	}
	if (!panel || json_object_set_new(panel, "id", json_integer(++b->id)) ||
	    json_object_set_new(panel, "gridPos",
				json_pack("{s:i, s:i, s:i, s:i}", "h", height, "w", width, "x",
					  b->x, "y", b->y)) ||
	    json_array_append_new(b->panels, panel))
		return err_set(b->err, -ENOMEM, "cannot make the dashboard");
	b->x += width;
	return 0;
}

static int add_row(struct building *b, const char *title)
{
	int rc;

	if (b->x) {
		b->x = 0;
		b->y += PANEL_HEIGHT;
	}
	rc = place_panel(b,
			 json_pack("{s:s, s:s, s:b, s:[]}", "type", "row", "title", title,
				   "collapsed", 0, "panels"),
			 COLUMNS, 1);
	b->x = 0;
	b->y++;
	return rc;
}

static json_t *options_of(enum dashboard_kind kind, const struct query *q)
{
	switch (q->how) {
	case QUERY_TABLE: return json_pack("{s:b}", "showHeader", 1);
	case QUERY_HEATMAP:
		return json_pack(
			"{s:b, s:i, s:{s:s, s:s, s:s, s:f}, s:{s:s}, s:{s:s}, s:{s:s, s:b}}",
			"calculate", 0, "cellGap", 1, "color", "mode", "scheme", "scheme",
			"Oranges", "scale", "exponential", "exponent", 0.5, "rowsFrame", "layout",
			"le", "yAxis", "unit", unit_of(kind, q), "tooltip", "mode", "single",
			"yHistogram", 1);
	default:
		return json_pack("{s:{s:s, s:s, s:[s, s]}, s:{s:s, s:s}}", "legend", "displayMode",
				 "table", "placement", "bottom", "calcs", "mean", "max", "tooltip",
				 "mode", "multi", "sort", "desc");
	}
}

static const char *type_of(const struct query *q)
{
	return q->how == QUERY_TABLE ? "table" : q->how == QUERY_HEATMAP ? "heatmap" : "timeseries";
}

/* A panel of these targets, which it takes over. */
static int add_panel(struct building *b, const struct query *q, json_t *targets, json_t *overrides)
{
	const struct panel *p = q->panel;
	json_t *defaults = q->how == QUERY_TABLE || q->how == QUERY_HEATMAP
				   ? json_object()
				   : json_pack("{s:s, s:{s:b, s:s}}", "unit", unit_of(b->kind, q),
					       "custom", "spanNulls", 0, "showPoints", "auto");
	json_t *panel =
		json_pack("{s:s, s:s, s:s, s:o, s:{s:o, s:o}, s:o, s:o}", "type", type_of(q),
			  "title", p->title, "description", q->measurement->help, "datasource",
			  datasource(b->kind), "fieldConfig", "defaults", defaults, "overrides",
			  overrides, "options", options_of(b->kind, q), "targets", targets);

	return place_panel(b, panel, PANEL_WIDTH, PANEL_HEIGHT);
}

/* All columns of a table or ratio are one query; else each is one. */
static int add_measured(struct building *b, const struct panel *p)
{
	static const char *const counted[] = { "in_bucket" };
	bool whole = p->type == PANEL_TABLE || p->type == PANEL_SPARED;
	json_t *targets = json_array(), *overrides = json_array();
	struct query q = { 0 };
	char ref[] = "A";
	int rc = 0;

	for (size_t i = 0; !rc && i < PANEL_COLUMNS; i += whole ? PANEL_COLUMNS : 1) {
		json_t *target;

		if (p->type == PANEL_HEATMAP ? i > 0 : !p->columns[i])
			break;
		rc = resolve(p, p->type == PANEL_HEATMAP ? counted : &p->columns[i],
			     whole ? PANEL_COLUMNS : 1, &q, b->err);
		target = rc ? NULL : make_target(b, &q, ref);
		if (!target)
			continue;
		json_array_append_new(targets, target);
		if (b->kind == DASHBOARD_FLUX && q.how != QUERY_TABLE)
			json_array_append_new(overrides, make_override(&q, ref));
		ref[0]++;
	}
	if (!rc && json_array_size(targets))
		return add_panel(b, &q, targets, overrides);
	json_decref(targets);
	json_decref(overrides);
	return rc;
}

static bool has_any(const struct building *b, const struct panel *p)
{
	return b->kind != DASHBOARD_PROMETHEUS || p->type != PANEL_TABLE;
}

static int add_own(struct building *b)
{
	int rc = 0;

	for (const struct own_panel *o = prometheus_own; !rc && o->title; o++)
		rc = place_panel(
			b,
			json_pack("{s:s, s:s, s:o, s:{s:{s:s}, s:[]}, s:[{s:s, s:s, s:s, s:b}]}",
				  "type", "timeseries", "title", o->title, "datasource",
				  datasource(b->kind), "fieldConfig", "defaults", "unit", o->unit,
				  "overrides", "targets", "refId", "A", "expr", o->expr,
				  "legendFormat", o->legend, "range", 1),
			PANEL_WIDTH, PANEL_HEIGHT);
	return rc;
}

static int add_panels(struct building *b, const struct panel *panels)
{
	const char *row = NULL;
	int rc = 0;

	for (const struct panel *p = panels; !rc && p->title; p++) {
		if (p->row)
			row = p->row;
		if (!has_any(b, p))
			continue;
		if (row)
			rc = add_row(b, row);
		row = NULL;
		if (!rc)
			rc = add_measured(b, p);
	}
	return !rc && b->kind == DASHBOARD_PROMETHEUS ? add_own(b) : rc;
}

/* What lists the values of a tag. */
static const char *values_query(enum dashboard_kind kind, bool target)
{
	switch (kind) {
	case DASHBOARD_INFLUXQL:
		return target ? "SHOW TAG VALUES WITH KEY = \"target\" WHERE \"benchmark_id\" = "
				"'$benchmark_id'"
			      : "SHOW TAG VALUES WITH KEY = \"benchmark_id\"";
	case DASHBOARD_FLUX:
		return target ? "import \"influxdata/influxdb/schema\"\n"
				"schema.tagValues(bucket: v.defaultBucket, tag: \"target\", "
				"predicate: "
				"(r) => r.benchmark_id == \"${benchmark_id}\", start: "
				"v.timeRangeStart)"
			      : "import \"influxdata/influxdb/schema\"\n"
				"schema.tagValues(bucket: v.defaultBucket, tag: \"benchmark_id\", "
				"start: "
				"v.timeRangeStart)";
	case DASHBOARD_PROMETHEUS: break;
	}
	return target ? "label_values({__name__=~\"cbpf_.+\", benchmark_id=\"$benchmark_id\"}, "
			"target)"
		      : "label_values(cbpf_run_info, benchmark_id)";
}

static json_t *make_variables(enum dashboard_kind kind)
{
	/* Ids sort by time: the last run comes first. */
	json_t *run = json_pack("{s:s, s:s, s:s, s:o, s:s, s:i, s:i}", "type", "query", "name",
				"benchmark_id", "label", "run", "datasource", datasource(kind),
				"query", values_query(kind, false), "refresh", 2, "sort", 2);
	json_t *target =
		json_pack("{s:s, s:s, s:s, s:o, s:s, s:i, s:i, s:b, s:b, s:s, s:{s:s, s:s}}",
			  "type", "query", "name", "target", "label", "target", "datasource",
			  datasource(kind), "query", values_query(kind, true), "refresh", 2, "sort",
			  1, "multi", 1, "includeAll", 1, "allValue", ".*", "current", "text",
			  "All", "value", "$__all");

	return json_pack("{s:[{s:s, s:s, s:s, s:s, s:{s:s, s:s}}, o, o]}", "list", "type",
			 "datasource", "name", "datasource", "label", "data source", "query",
			 kinds[kind].type, "current", "text", kinds[kind].title, "value",
			 kinds[kind].uid, run, target);
}

int dashboard_make(enum dashboard_kind kind, const struct panel *panels, struct buf *out,
		   struct err *err)
{
	struct building b = { .kind = kind, .panels = json_array(), .err = err };
	json_t *dashboard =
		json_pack("{s:s, s:s, s:[s], s:i, s:i, s:b, s:{s:s, s:s}, s:s, s:o, s:O}", "uid",
			  kinds[kind].id, "title", kinds[kind].title, "tags", "cbpf",
			  "schemaVersion", SCHEMA_VERSION, "version", 1, "editable", 1, "time",
			  "from", "now-1h", "to", "now", "refresh", "", "templating",
			  make_variables(kind), "panels", b.panels);
	char *text = NULL;
	int rc = dashboard ? add_panels(&b, panels)
			   : err_set(err, -ENOMEM, "cannot make the dashboard");

	if (!rc) {
		text = json_dumps(dashboard, JSON_INDENT(2));
		rc = !text || buf_puts(out, text) || buf_puts(out, "\n")
			     ? err_set(err, -ENOMEM, "cannot print the dashboard")
			     : 0;
	}
	free(text);
	json_decref(b.panels);
	json_decref(dashboard);
	return rc;
}

int dashboard_print(enum dashboard_kind kind, struct buf *out, struct err *err)
{
	return dashboard_make(kind, dashboard_panels, out, err);
}
