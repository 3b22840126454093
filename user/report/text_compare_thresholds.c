// SPDX-License-Identifier: Apache-2.0
/* Thresholds of a comparison in a terminal: which were crossed, and what decided. */
#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "report/compare_parts.h"
#include "report/format.h"
#include "report/report.h"
#include "report/table.h"

#define INDENT 2

int compare_text_thresholds(const json_t *comparison, const struct report_style *style,
			    struct buf *out)
{
	const json_t *list = json_object_get(comparison, "thresholds");
	json_t *t;
	size_t i;

	if (!json_array_size(list))
		return out->failed;
	buf_puts(out, "\n");
	text_toned(out, style, TONE_BOLD, "thresholds");
	buf_puts(out, "\n");
	json_array_foreach(list, i, t) {
		bool crossed = json_is_true(json_object_get(t, "crossed"));

		buf_printf(out, "%*s", INDENT, "");
		text_toned(out, style, crossed ? TONE_BAD : TONE_GOOD,
			   crossed ? "crossed" : "held");
		buf_puts(out, crossed ? "  " : "     ");
		text_put(out, text_in(t, "expr"));
		buf_printf(out, "\n%*s", INDENT + 9, "");
		(void)text_wrap(out, style, INDENT + 9, INDENT + 9, text_in(t, "text"));
		buf_puts(out, "\n");
	}
	return out->failed;
}
