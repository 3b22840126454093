/* SPDX-License-Identifier: Apache-2.0 */
/* Dashboards of Grafana, made from the tables of measurements. */
#ifndef CBPF_SINK_DASHBOARD_H
#define CBPF_SINK_DASHBOARD_H

struct buf;
struct err;

enum dashboard_kind { DASHBOARD_INFLUXQL, DASHBOARD_FLUX, DASHBOARD_PROMETHEUS };

/*
 * The dashboard for data sources of this kind, as JSON with a newline at its end. -EINVAL: a panel
 * names a measurement, tag or field that there is not.
 */
int dashboard_print(enum dashboard_kind kind, struct buf *out, struct err *err);

#endif
