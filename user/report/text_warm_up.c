// SPDX-License-Identifier: Apache-2.0
/* Warm-up within phases, in a terminal: what was found, and of what nothing was. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/report.h"
#include "report/table.h"
#include "report/text_parts.h"
#include "stat/warm_up.h"

#define INDENT 12 /* columns, behind "  warm-up   " */
#define NAMES_MAX 8 /* of phases; more are a number */
#define LINE_MAX_BYTES 65536

static const struct {
	const char *name, *mean, *steady_mean;
} series[] = { { "throughput", "mean_bytes_per_s", "steady_mean_bytes_per_s" },
	       { "latency", "mean_ns", "steady_mean_ns" } };

/* "write 0", "1: read 2"; without phases "write". */
static void name_of(const json_t *phase, char *name, size_t size)
{
	const json_t *iteration = json_object_get(phase, "iteration");
	char op[160];

	result_name(phase, op, sizeof(op));
	if (json_is_integer(iteration))
		snprintf(name, size, "%s %lld", op, (long long)json_integer_value(iteration));
	else
		snprintf(name, size, "%s", op);
}

static bool is(const json_t *phase, size_t of, const char *settled)
{
	const char *verdict = text_in(json_object_get(phase, series[of].name), "settled");

	return verdict && !strcmp(verdict, settled);
}

/* "512.0 MiB/s" or "1.23 ms" */
static struct text value_of(const json_t *one, size_t of, const char *key)
{
	struct text text =
		of ? format_ns(json_object_get(one, key)) : format_size(json_object_get(one, key));

	if (!of && strlen(text.s) + 2 < sizeof(text.s))
		strcat(text.s, "/s");
	return text;
}

static void put_line(struct buf *out, const struct report_style *style, bool first,
		     const char *line)
{
	buf_puts(out, first ? "  warm-up   " : "            ");
	(void)text_wrap(out, style, INDENT, INDENT, line); /* @out keeps a failure */
	buf_puts(out, "\n");
}

/* "write 0 throughput: first 1.40 s, 14 of 98 ticks; 512.0 MiB/s, 640.0 MiB/s without it" */
static bool put_found(const json_t *phases, const struct report_style *style, struct buf *out)
{
	bool any = false;
	json_t *phase;
	char name[256];
	size_t i;

	json_array_foreach(phases, i, phase)
		for (size_t of = 0; of < ARRAY_SIZE(series); of++) {
			const json_t *one = json_object_get(phase, series[of].name);
			cleanup_buf struct buf line = BUF_INIT(LINE_MAX_BYTES);

			if (!is(phase, of, stat_settled_name(STAT_WARM_UP)))
				continue;
			name_of(phase, name, sizeof(name));
			buf_printf(&line, "%s %s: first %s, %.0f of %.0f ticks; %s, ", name,
				   series[of].name,
				   format_seconds(json_object_get(one, "until_s")).s,
				   number_in(one, "warm_up_ticks"), number_in(one, "ticks"),
				   value_of(one, of, series[of].mean).s);
			buf_printf(&line, "%s without it",
				   value_of(one, of, series[of].steady_mean).s);
			put_line(out, style, !any, buf_str(&line));
			any = true;
		}
	return any;
}

/* "none in write 0, read 0 latency": which have that verdict. */
static void add_those(struct buf *line, const json_t *phases, enum stat_settled settled,
		      const char *words)
{
	const char *verdict = stat_settled_name(settled);
	size_t i, n = 0;
	json_t *phase;
	char name[256];

	json_array_foreach(phases, i, phase) {
		bool rate = is(phase, 0, verdict), time = is(phase, 1, verdict);

		if (!rate && !time)
			continue;
		if (n++ >= NAMES_MAX)
			continue;
		name_of(phase, name, sizeof(name));
		buf_puts(line, n > 1 ? ", " : line->len ? "; " : "");
		buf_puts(line, n > 1 ? "" : words);
		buf_puts(line, name);
		if (rate != time)
			buf_printf(line, " %s", series[!rate].name);
	}
	if (n > NAMES_MAX)
		buf_printf(line, ", %zu more", n - NAMES_MAX);
}

int text_warm_up(const json_t *target, const struct report_style *style, struct buf *out)
{
	const json_t *phases = json_object_get(target, "warm_up");
	cleanup_buf struct buf rest = BUF_INIT(LINE_MAX_BYTES);
	bool any;

	if (!json_array_size(phases))
		return out->failed;
	any = put_found(phases, style, out);
	add_those(&rest, phases, STAT_UNSETTLED, "not settled within half of ");
	add_those(&rest, phases, STAT_STEADY, "none in ");
	add_those(&rest, phases, STAT_TOO_FEW, "too few ticks to say in ");
	if (rest.len)
		put_line(out, style, !any, buf_str(&rest));
	return out->failed;
}
