// SPDX-License-Identifier: Apache-2.0
/* Sampled stacks for the flame graph: as many as there is room for, and what is left out told. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "html/parts.h"

static void put_flame(const json_t *target, size_t most, struct buf *out)
{
	const json_t *stacks = json_object_get(json_object_get(target, "profile"), "stacks");
	json_int_t left_samples = 0, left_stacks = 0;
	size_t i, begin = out->len;
	json_t *row;

	buf_printf(out, "{\"target\":%" JSON_INTEGER_FORMAT ",\"stacks\":[",
		   json_integer_value(json_object_get(target, "id")));
	json_array_foreach(stacks, i, row) {
		const char *stack = json_string_value(json_object_get(row, "stack"));
		json_int_t samples = json_integer_value(json_object_get(row, "samples"));

		/* They come in order: what is left out has fewer samples than what is there. */
		if (!stack || left_stacks || out->len - begin + strlen(stack) > most) {
			left_samples += samples;
			left_stacks++;
			continue;
		}
		buf_puts(out, i ? ",[" : "[");
		html_json_text(out, stack);
		buf_printf(out, ",%" JSON_INTEGER_FORMAT "]", samples);
	}
	buf_printf(out,
		   "],\"left_out\":{\"stacks\":%" JSON_INTEGER_FORMAT
		   ",\"samples\":%" JSON_INTEGER_FORMAT "}}",
		   left_stacks, left_samples);
}

int html_flames(const json_t *report, size_t most, struct buf *out)
{
	const json_t *targets = json_object_get(report, "targets");
	size_t i, n = 0, written = 0;
	json_t *t;

	json_array_foreach(targets, i, t)
		n += json_object_get(t, "profile") != NULL;
	buf_puts(out, "\"flames\":[");
	json_array_foreach(targets, i, t) {
		if (!json_object_get(t, "profile"))
			continue;
		buf_puts(out, written++ ? ",\n" : "");
		put_flame(t, most / n, out);
	}
	return buf_puts(out, "]");
}
