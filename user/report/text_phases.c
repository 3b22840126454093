// SPDX-License-Identifier: Apache-2.0
/* The tool beside the kernel in each phase, in a terminal. */
#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "report/phases_cells.h"
#include "report/report.h"
#include "report/table.h"
#include "report/text_parts.h"

/* Where a stonewall ended the phase, what was moved after it. */
static void put_wear_out(const json_t *phase, struct buf *out)
{
	const json_t *tool = json_object_get(phase, "tool");

	if (isnan(number_in(tool, "wear_out_s")))
		return;
	buf_printf(out, "    %s: %s until the stonewall, %s after it",
		   phases_columns[0].cell(phase).s,
		   format_seconds(json_object_get(tool, "stonewall_s")).s,
		   format_seconds(json_object_get(tool, "wear_out_s")).s);
	if (json_object_get(phase, "wear_out"))
		buf_printf(out, " with %s seen",
			   format_size(
				   json_object_get(json_object_get(phase, "wear_out"), "app_bytes"))
				   .s);
	buf_puts(out, "\n");
}

int text_phases(const json_t *target, const struct report_style *style, struct buf *out)
{
	struct table table = { .align = "lrrrrrrrrrr", .heading = true, .indent = 2, .gap = 1 };
	const json_t *phases = json_object_get(target, "phases");
	json_t *phase;
	size_t i;

	if (!json_array_size(phases))
		return out->failed;
	for (const struct phases_column *c = phases_columns; c->title; c++)
		if (!c->wide)
			table_add(&table, "%s", c->title);
	json_array_foreach(phases, i, phase)
		for (const struct phases_column *c = phases_columns; c->title; c++)
			if (!c->wide)
				table_add(&table, "%s", c->cell(phase).s);
	(void)table_print(&table, style, out); /* @out keeps the failure */
	table_fini(&table);
	json_array_foreach(phases, i, phase)
		put_wear_out(phase, out);
	buf_puts(out, "    ");
	text_wrap(out, style, 4, 4, PHASES_HELP);
	return buf_puts(out, "\n");
}
