// SPDX-License-Identifier: Apache-2.0
/* The tool beside the kernel in each phase, in the HTML report. */
#include "base/buf.h"
#include "report/html_parts.h"
#include "report/phases_cells.h"

int html_phases(struct buf *out, const json_t *target)
{
	const json_t *phases = json_object_get(target, "phases");
	json_t *phase;
	size_t i;

	if (!json_array_size(phases))
		return out->failed;
	buf_puts(out, "<h3>Phases</h3>\n<table><tr>");
	for (const struct phases_column *c = phases_columns; c->title; c++) {
		buf_printf(out, "<th%s title=\"%s\">", c == phases_columns ? "" : " class=\"n\"",
			   c->help);
		html_text(out, c->title);
		buf_puts(out, "</th>");
	}
	buf_puts(out, "</tr>\n");
	json_array_foreach(phases, i, phase) {
		buf_puts(out, "<tr>");
		for (const struct phases_column *c = phases_columns; c->title; c++)
			html_cell(out, c != phases_columns, c->cell(phase).s);
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</table>\n<p class=\"dim\">" PHASES_HELP "</p>\n");
	return out->failed;
}
