/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the dashboards share: panels, and queries that are made of them. */
#ifndef CBPF_SINK_DASHBOARD_PARTS_H
#define CBPF_SINK_DASHBOARD_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "sink/dashboard.h"
#include "sink/measure.h"

struct buf;
struct err;

#define PANEL_COLUMNS 12
#define PANEL_BY 4

enum panel_type {
	PANEL_LINES, /* each column over time, in the way that its kind allows */
	PANEL_SPARED, /* 1 - first / second column, both totals */
	PANEL_HEATMAP, /* of the histogram @hist */
	PANEL_TABLE, /* what is told at the end of a run */
};

struct panel {
	const char *row; /* a heading that it begins; NULL: it is in the row before */
	const char *title;
	enum panel_type type;
	const char *measurement; /* of a heatmap, that of the buckets */
	const char *columns[PANEL_COLUMNS];
	const char *by[PANEL_BY]; /* tags: a line each; of a table, columns too */
	const char *hist; /* of a heatmap: value of the tag layer */
	const char *of; /* of a heatmap: measurement that has the histogram */
};

/* All of them, in their order; the last has no title. */
extern const struct panel dashboard_panels[];

/* dashboard_print() of these panels. */
int dashboard_make(enum dashboard_kind kind, const struct panel *panels, struct buf *out,
		   struct err *err);

enum query_how {
	QUERY_RATE, /* of a sum over ticks, per second */
	QUERY_DERIVATIVE, /* of a total, per second */
	QUERY_STATE, /* mean */
	QUERY_WORST, /* largest */
	QUERY_SPARED,
	QUERY_HEATMAP,
	QUERY_TABLE,
};

/* One line of a panel, with all its names found in the tables. */
struct query {
	enum query_how how;
	const struct panel *panel;
	const struct measurement *measurement;
	const struct measure_column
		*columns[PANEL_COLUMNS]; /* the first, but of a table and QUERY_SPARED */
	size_t n_columns;
	const struct measure_column *by[PANEL_BY];
	size_t n_by;
	bool has_target; /* the measurement has this tag */
	bool has_stacked; /* the same: devices on top of others are left out, lest requests count twice */
	bool in_ns; /* per second it is a part of the time, and so divided by 10^9 */
};

/* Queries as text; Grafana fills in its variables. Failures are those of @out. */
void query_influxql(const struct query *q, struct buf *out);
void query_flux(const struct query *q, struct buf *out);
/* false: there is none, since OpenMetrics does not have it. */
bool query_prometheus(const struct query *q, struct buf *out);

/* What a further panel shows that is about the endpoint itself; the last has no title. */
struct own_panel {
	const char *title, *unit, *expr, *legend;
};
extern const struct own_panel prometheus_own[];

#endif
