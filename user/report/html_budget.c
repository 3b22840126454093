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
#define RIGHT 170
#define LINE 96 /* height of the time line, px */

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
	buf_printf(out, "<text x=\"%.1f\" y=\"%d\">%s", x + 6, row * ROW + 15,
		   format_ns(json_object_get(budget, "total_ns")).s);
	if (number_in(budget, "other_ns") >= 0)
		buf_printf(out, ", other %s", format_ratio(number_in(budget, "other_ns"), total).s);
	buf_puts(out, "</text>");
}

static void put_legend(struct buf *out, const json_t *budget)
{
	buf_puts(out, "<p>");
	for (const struct budget_part *p = budget_parts; p->key; p++)
		if (json_object_get(budget, p->key))
			buf_printf(out,
				   "<span style=\"border-left:1em solid %s;padding-left:.3em;"
				   "margin-right:1em\" title=\"%s\">%s</span>",
				   p->colour, p->words, p->name);
	buf_puts(out, "</p>\n");
}

/* Item @i of an array of the time line. */
static double item(const json_t *line, const char *key, size_t i)
{
	return json_number_value(json_array_get(json_object_get(line, key), i));
}

/* From the end of point @i - 1 to that of @i. */
static double width_ns(const json_t *line, size_t i)
{
	return item(line, "end_ns", i) -
	       (i ? item(line, "end_ns", i - 1) : number_in(line, "begin_ns"));
}

/* How many tasks were in calls for the reasons up to @last, and including it. */
static double height(const json_t *line, const struct budget_part *last, size_t i)
{
	double ns = 0, width = width_ns(line, i);

	for (const struct budget_part *p = budget_parts; p <= last && p->key; p++)
		ns += item(line, p->key, i);
	return width > 0 ? ns / width : 0;
}

/* One path per part: a column for each point, on top of those of the parts before. */
static void put_columns(struct buf *out, const json_t *line, size_t n, double most)
{
	double begin = number_in(line, "begin_ns"), span = item(line, "end_ns", n - 1) - begin;

	for (const struct budget_part *p = budget_parts; p->key; p++) {
		buf_printf(out, "<path fill=\"%s\" d=\"", p->colour);
		for (size_t i = 0; i < n; i++) {
			double top = height(line, p, i), width = width_ns(line, i);
			double part = width > 0 ? item(line, p->key, i) / width : 0;

			if (part > 0)
				buf_printf(out, "M%.1f %.1fh%.1fv%.1fh-%.1fz",
					   LEFT + (item(line, "end_ns", i) - width - begin) / span *
							   BAR,
					   LINE - top / most * LINE, width / span * BAR,
					   part / most * LINE, width / span * BAR);
		}
		buf_printf(out, "\"><title>%s</title></path>", p->name);
	}
}

static void put_line(struct buf *out, const json_t *line)
{
	size_t n = json_array_size(json_object_get(line, "end_ns"));
	const struct budget_part *all = budget_parts;
	double most = 0;
	json_t *span;

	while (all[1].key)
		all++;
	for (size_t i = 0; i < n; i++)
		most = fmax(most, height(line, all, i));
	if (!(most > 0))
		return;
	span = json_real(item(line, "end_ns", n - 1) - number_in(line, "begin_ns"));
	buf_printf(out,
		   "<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" "
		   "aria-label=\"time of file system calls by reason over time\">",
		   LEFT + BAR + RIGHT, LINE + 18, LEFT + BAR + RIGHT);
	put_columns(out, line, n, most);
	buf_printf(out,
		   "<text x=\"0\" y=\"10\">%.3g calls</text><text x=\"%d\" y=\"%d\">0 s</text>"
		   "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text></svg>\n",
		   most, LEFT, LINE + 14, LEFT + BAR, LINE + 14, format_ns(span).s);
	buf_printf(
		out,
		"<p class=\"dim\">How many calls were under way, by what they did, from the first "
		"to the last; %lld ticks to a column. All of a call's time is told where it "
		"ends, so one that outlasts a column stands out.</p>\n",
		(long long)json_integer_value(json_object_get(line, "ticks_per_point")));
	json_decref(span);
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
		   LEFT + BAR + RIGHT, rows * ROW + 4, LEFT + BAR + RIGHT);
	put_bar(out, budget, "all", most, row++);
	json_array_foreach(phases, i, phase) {
		snprintf(name, sizeof(name), "%s %lld", text_in(phase, "op"),
			 (long long)json_integer_value(json_object_get(phase, "iteration")));
		put_bar(out, phase, name, most, row++);
	}
	buf_puts(out, "</svg>\n");
	put_line(out, json_object_get(budget, "timeline"));
	put_legend(out, budget);
	if (budget_is_derived(budget))
		buf_puts(out, "<p class=\"dim\">" BUDGET_DERIVED_WORDS "</p>\n");
	put_bytes(out, phases);
	return out->failed;
}
