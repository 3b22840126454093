// SPDX-License-Identifier: Apache-2.0
/* Where the time of a target's file system calls went, in the HTML report. */
#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "report/budget_parts.h"
#include "report/format.h"
#include "report/html_parts.h"

#define BAR 480 /* px */
#define ROW 22
#define LEFT 80

/* One bar: as wide as @total is of @most. */
static void put_bar(struct buf *out, const json_t *budget, const char *name, double most, int row)
{
	double total = number_in(budget, "total_ns"), x = LEFT;

	buf_printf(out, "<text x=\"0\" y=\"%d\">", row * ROW + 15);
	html_text(out, name);
	buf_puts(out, "</text>");
	for (const struct budget_part *p = budget_parts; p->key && most > 0; p++) {
		double ns = number_in(budget, p->key), width = ns / most * BAR;

		if (!(ns > 0))
			continue;
		buf_printf(out,
			   "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\">"
			   "<title>%s: %s (%s)</title></rect>",
			   x, row * ROW + 2, fmax(width, 0.5), ROW - 5, p->colour, p->name,
			   format_ns(json_object_get(budget, p->key)).s, format_ratio(ns, total).s);
		x += width;
	}
	buf_printf(out, "<text x=\"%.1f\" y=\"%d\">%s</text>", x + 6, row * ROW + 15,
		   format_ns(json_object_get(budget, "total_ns")).s);
}

static void put_legend(struct buf *out)
{
	buf_puts(out, "<p>");
	for (const struct budget_part *p = budget_parts; p->key; p++)
		buf_printf(out,
			   "<span style=\"border-left:1em solid %s;padding-left:.3em;"
			   "margin-right:1em\" title=\"%s\">%s</span>",
			   p->colour, p->words, p->name);
	buf_puts(out, "</p>\n");
}

/* Phases whose bytes are not those that the tool tells. */
static void put_bytes(struct buf *out, const json_t *phases)
{
	json_t *p;
	size_t i;

	json_array_foreach(phases, i, p)
		if (budget_bytes_differ(p))
			buf_printf(out,
				   "<p class=\"bad\">%s %lld: %s were seen of %s that the tool "
				   "tells</p>\n",
				   text_in(p, "op"),
				   (long long)json_integer_value(json_object_get(p, "iteration")),
				   format_size(json_object_get(p, "seen_bytes")).s,
				   format_size(json_object_get(p, "tool_bytes")).s);
}

int html_budget(struct buf *out, const json_t *budget)
{
	const json_t *phases = json_object_get(budget, "phases");
	double most = number_in(budget, "total_ns");
	int rows = 1 + json_array_size(phases), row = 0;
	json_t *phase;
	char name[48];
	size_t i;

	if (!(most > 0))
		return out->failed;
	buf_printf(out,
		   "<h3>Where the time of calls went</h3><svg viewBox=\"0 0 %d %d\" width=\"%d\" "
		   "role=\"img\" aria-label=\"time of file system calls by reason\">",
		   LEFT + BAR + 90, rows * ROW + 4, LEFT + BAR + 90);
	put_bar(out, budget, "all", most, row++);
	json_array_foreach(phases, i, phase) {
		snprintf(name, sizeof(name), "%s %lld", text_in(phase, "op"),
			 (long long)json_integer_value(json_object_get(phase, "iteration")));
		put_bar(out, phase, name, most, row++);
	}
	buf_puts(out, "</svg>\n");
	put_legend(out);
	put_bytes(out, phases);
	return out->failed;
}
