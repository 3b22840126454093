// SPDX-License-Identifier: Apache-2.0
/* Sampled stacks as other tools read them. */
#include <string.h>

#include "base/buf.h"
#include "report/format.h"
#include "report/report.h"

/* @text with what would end a line, or is in @parts, as '_'. */
static void put_text(struct buf *out, const char *text, const char *parts)
{
	for (const char *p = text ? text : ""; *p; p++) {
		unsigned char c = *p;

		buf_put(out, c < 0x20 || c == 0x7f || strchr(parts, c) ? "_" : p, 1);
	}
}

int report_folded(const json_t *report, struct buf *out)
{
	json_t *target, *row;
	size_t i, k;

	json_array_foreach(json_object_get(report, "targets"), i, target) {
		const json_t *stacks =
			json_object_get(json_object_get(target, "profile"), "stacks");

		json_array_foreach(stacks, k, row) {
			const char *stack = text_in(row, "stack");

			put_text(out, text_in(target, "name"), ";");
			buf_puts(out, stack && *stack ? ";" : "");
			put_text(out, stack, "");
			buf_printf(out, " %lld\n",
				   json_integer_value(json_object_get(row, "samples")));
		}
	}
	return out->failed;
}
