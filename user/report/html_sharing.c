// SPDX-License-Identifier: Apache-2.0
/* Who was in each device and what they lost to each other, in the HTML report. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/html_parts.h"

static void put_device(struct buf *out, const json_t *report, const json_t *device)
{
	static const char *const head[] = { "owner", "share", "in flight", "at most", NULL };
	const json_t *probe = json_object_get(device, "probe");
	const char *name = text_in(device, "name");
	json_t *t;
	size_t i;

	if (!probe || !name)
		return;
	buf_puts(out, "<h3>");
	html_text(out, name);
	buf_printf(out, "</h3>\n<p>busy %s, %s requests in flight on average, at most %s</p>\n",
		   format_ns(json_object_get(probe, "busy_ns")).s,
		   format_real(json_object_get(probe, "depth_mean")).s,
		   format_count(json_object_get(probe, "depth_max")).s);
	buf_puts(out, "<table>");
	html_head(out, head);
	json_array_foreach(json_object_get(report, "targets"), i, t) {
		const json_t *its = json_object_get(json_object_get(t, "sharing"), name);

		if (!its)
			continue;
		buf_puts(out, "<tr>");
		html_cell(out, 0, text_in(t, "name"));
		html_cell(out, 1, format_ratio(number_in(its, "share_ratio"), 1).s);
		html_cell(out, 1, format_real(json_object_get(its, "depth_mean")).s);
		html_cell(out, 1, format_count(json_object_get(its, "depth_max")).s);
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</table>\n");
}

static void put_interference(struct buf *out, const json_t *list)
{
	static const char *const head[] = { "whose requests", "lost to", "on", "time", NULL };
	json_t *c;
	size_t i;

	if (!json_array_size(list))
		return;
	buf_puts(out, "<h3>Interference</h3>\n<table>");
	html_head(out, head);
	json_array_foreach(list, i, c) {
		buf_puts(out, "<tr>");
		html_cell(out, 0, text_in(c, "victim"));
		html_cell(out, 0, text_in(c, "aggressor"));
		html_cell(out, 0, text_in(c, "device"));
		html_cell(out, 1, format_ns(json_object_get(c, "ns")).s);
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</table>\n");
}

int html_sharing(struct buf *out, const json_t *report)
{
	const json_t *devices = json_object_get(report, "devices");
	size_t i, n = 0;
	json_t *d;

	json_array_foreach(devices, i, d)
		n += json_object_get(d, "probe") != NULL;
	if (!n)
		return out->failed;
	buf_puts(out, "<section><h2>Sharing <small>while n requests are in a device, each has the "
		      "n-th part of its time</small></h2>\n");
	json_array_foreach(devices, i, d)
		put_device(out, report, d);
	put_interference(out, json_object_get(report, "interference"));
	return buf_puts(out, "</section>\n");
}
