// SPDX-License-Identifier: Apache-2.0
/* Where the time of a target's file system calls went, in a terminal. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "report/budget_parts.h"
#include "report/format.h"
#include "report/report.h"
#include "report/table.h"
#include "report/text_parts.h"

#define BAR 28 /* columns */

const struct budget_part budget_parts[] = {
	{ "cpu_ns", "copy/CPU", 'c' },
	{ "runq_ns", "run queue", 'r' },
	{ "throttle_ns", "dirty throttle", 't' },
	{ "queue_ns", "block queue", 'q' },
	{ "device_ns", "device", 'd' },
	{ "io_ns", "I/O", 'i' },
	{ "journal_ns", "journal", 'j' },
	{ "lock_ns", "locks", 'l' },
	{ "other_ns", "other", 'o' },
	{ 0 },
};

/* A letter per column of the total; what has at least half of one shows. */
static void put_bar(const json_t *budget, struct buf *out)
{
	double total = number_in(budget, "total_ns"), end = 0;
	int at = 0;

	buf_puts(out, "[");
	for (const struct budget_part *p = budget_parts; p->key; p++) {
		end += fmax(number_in(budget, p->key), 0);
		while (total > 0 && at < (int)lround(end / total * BAR)) {
			buf_printf(out, "%c", p->letter);
			at++;
		}
	}
	while (at++ < BAR)
		buf_puts(out, " ");
	buf_puts(out, "]");
}

/* What each part is of the total, right of the bar; on more lines where one is too narrow. */
static void put_shares(const json_t *budget, const struct report_style *style, struct buf *out)
{
	struct text total = format_ns(json_object_get(budget, "total_ns"));
	int left = 12 + BAR + 3, at = left + (int)text_width(total.s);
	char share[FORMAT_MAX + 8];

	buf_puts(out, total.s);
	for (const struct budget_part *p = budget_parts; p->key; p++) {
		double ns = number_in(budget, p->key), all = number_in(budget, "total_ns");
		bool is_rest = !p[1].key; /* told whatever its size is */
		int width;

		if (!(all > 0 && (ns >= all / 20 || (is_rest && ns >= 0))))
			continue;
		snprintf(share, sizeof(share), " %c %s", p->letter, format_ratio(ns, all).s);
		width = (int)text_width(share);
		if (style->width && at + width > style->width) {
			buf_printf(out, "\n%*s", left - 1, "");
			at = left - 1;
		}
		buf_puts(out, share);
		at += width;
	}
	buf_puts(out, "\n");
}

static void put_row(const char *what, const json_t *budget, const struct report_style *style,
		    struct buf *out)
{
	buf_printf(out, "  %-9s ", what);
	put_bar(budget, out);
	buf_puts(out, " ");
	put_shares(budget, style, out);
}

/* What does not fit is told below the bar. */
static void put_bytes(const json_t *phase, struct buf *out)
{
	if (budget_bytes_differ(phase))
		buf_printf(out, "            %s were seen of %s that the tool tells\n",
			   format_size(json_object_get(phase, "seen_bytes")).s,
			   format_size(json_object_get(phase, "tool_bytes")).s);
}

int text_budget(const json_t *budget, const struct report_style *style, struct buf *out)
{
	json_t *phase;
	char what[32], legend[160] = "";
	size_t i;

	if (!(number_in(budget, "total_ns") > 0))
		return out->failed;
	put_row("time in", budget, style, out);
	json_array_foreach(json_object_get(budget, "phases"), i, phase) {
		double test = number_in(phase, "test");
		int n = test > 0 ? snprintf(what, sizeof(what), "%.0f:", test) : 0;

		snprintf(what + n, sizeof(what) - n, "%.6s %lld", text_in(phase, "op"),
			 (long long)json_integer_value(json_object_get(phase, "iteration")));
		put_row(what, phase, style, out);
		put_bytes(phase, out);
	}
	for (const struct budget_part *p = budget_parts; p->key; p++) {
		size_t used = strlen(legend);

		if (json_object_get(budget, p->key))
			snprintf(legend + used, sizeof(legend) - used, "%s%c %s", used ? ", " : "",
				 p->letter, p->name);
	}
	buf_puts(out, "            ");
	text_wrap(out, style, 12, 12, legend);
	if (budget_is_derived(budget))
		buf_puts(out, "\n            " BUDGET_DERIVED_WORDS);
	return buf_puts(out, "\n");
}
