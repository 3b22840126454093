// SPDX-License-Identifier: Apache-2.0
/* Single runs whose repetitions were compared, in a terminal. */
#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "report/compare_parts.h"
#include "report/format.h"
#include "report/repetitions.h"
#include "report/report.h"
#include "report/table.h"

/* "5" or "3..5": repetitions of one side, over all metrics. */
static void put_count(const json_t *metrics, size_t side, struct buf *out)
{
	double least = INFINITY, most = 0;
	json_t *row;
	size_t i;

	json_array_foreach(metrics, i, row) {
		const json_t *of = json_array_get(json_object_get(row, "sides"), side);

		if (!of)
			continue;
		least = fmin(least, number_in(of, "n"));
		most = fmax(most, number_in(of, "n"));
	}
	if (least < most)
		buf_printf(out, "%.0f..%.0f", least, most);
	else
		buf_printf(out, "%.0f", most);
}

int compare_text_repetitions(const json_t *comparison, const struct report_style *style,
			     struct buf *out)
{
	const json_t *metrics = json_object_get(comparison, "metrics");
	size_t sides = json_array_size(json_object_get(comparison, "runs"));

	if (!json_object_get(comparison, "family"))
		return out->failed;
	text_toned(out, style, TONE_BOLD, "repetitions");
	buf_puts(out, "  samples: " REPETITIONS_LABEL " (");
	for (size_t side = 0; side < sides; side++) {
		buf_puts(out, side ? ", " : "");
		put_count(metrics, side, out);
	}
	buf_puts(out, ")\n\n");
	(void)compare_text_tests(comparison, style, out); /* @out keeps a failure */
	(void)text_wrap(out, style, 0, 0,
			"Repetitions within a run have its files, caches and placement in common: "
			"they tell less than separate runs (repeat:) would.");
	return buf_puts(out, "\n\n");
}
