// SPDX-License-Identifier: Apache-2.0
/* Latency histograms as inline SVG. */
#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/units.h"
#include "report/format.h"
#include "report/html_parts.h"
#include "report/spark.h"

#define COLUMNS 60
#define BAR 8 /* width of a column, px */
#define ROW 44 /* height of a layer's bars, px */
#define GAP 10
#define LEFT 56 /* room for the layer's name */

static const struct {
	const char *key, *name;
} layers[] = { { "queue_ns", "queue" }, { "device_ns", "device" }, { "total_ns", "total" } };

static void put_bars(struct buf *out, const struct spark_axis *axis, const json_t *hist, int top)
{
	double columns[COLUMNS], most = spark_columns(axis, hist, COLUMNS, columns);
	double from = log(axis->low), step = (log(axis->high) - from) / COLUMNS;

	for (int i = 0; i < COLUMNS; i++) {
		double h = most > 0 ? columns[i] / most * ROW : 0;
		char low[32], high[32];

		if (h <= 0)
			continue;
		if (h < 1)
			h = 1; /* what is there shows */
		units_format_duration(exp(from + i * step), low, sizeof(low));
		units_format_duration(exp(from + (i + 1) * step), high, sizeof(high));
		buf_printf(out,
			   "<rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\">"
			   "<title>%s to %s: about %.0f</title></rect>",
			   LEFT + i * BAR, top + ROW - h, BAR - 1, h, low, high, columns[i]);
	}
}

/* A mark at each power of ten. */
static void put_axis(struct buf *out, const struct spark_axis *axis, int bottom)
{
	double from = log(axis->low), span = log(axis->high) - from;

	for (double at = pow(10, ceil(log10(axis->low))); at < axis->high; at *= 10) {
		double x = LEFT + (log(at) - from) / span * COLUMNS * BAR;
		char text[32];

		snprintf(text, sizeof(text), "%g %s",
			 at >= 1e9   ? at / 1e9
			 : at >= 1e6 ? at / 1e6
			 : at >= 1e3 ? at / 1e3
				     : at,
			 at >= 1e9   ? "s"
			 : at >= 1e6 ? "ms"
			 : at >= 1e3 ? "us"
				     : "ns");
		buf_printf(out,
			   "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" y2=\"%d\"/>"
			   "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
			   x, x, bottom, x, bottom + 13, text);
	}
}

int html_histograms(struct buf *out, const json_t *op)
{
	struct spark_axis axis = { 0 };
	int n = 0, row = 0;

	for (size_t i = 0; i < ARRAY_SIZE(layers); i++) {
		spark_include(&axis, json_object_get(op, layers[i].key));
		n += json_object_get(op, layers[i].key) != NULL;
	}
	if (!n)
		return out->failed;
	buf_printf(out,
		   "<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" "
		   "aria-label=\"latency histograms, logarithmic axis\">",
		   LEFT + COLUMNS * BAR + 24, n * (ROW + GAP) + 18, LEFT + COLUMNS * BAR + 24);
	put_axis(out, &axis, n * (ROW + GAP));
	for (size_t i = 0; i < ARRAY_SIZE(layers); i++) {
		const json_t *h = json_object_get(op, layers[i].key);
		int top = row * (ROW + GAP) + GAP / 2;

		if (!h)
			continue;
		buf_printf(out, "<text x=\"0\" y=\"%d\">%s</text><g class=\"%s\">", top + ROW - 2,
			   layers[i].name, layers[i].name);
		put_bars(out, &axis, h, top);
		buf_puts(out, "</g>");
		row++;
	}
	return buf_puts(out, "</svg>\n");
}
