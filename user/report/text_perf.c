// SPDX-License-Identifier: Apache-2.0
/* A target's events, in a terminal. */
#include <math.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/report.h"
#include "report/table.h"
#include "report/text_parts.h"

#define LINE_MAX_BYTES 8192
#define INDENT 12

static void put_rates(const json_t *perf, struct buf *text)
{
	static const struct {
		const char *key, *words;
		double of;
	} rates[] = {
		{ "cache_miss_rate", "of cache references missed", 1 },
		{ "branch_miss_rate", "of branches mispredicted", 100 },
		{ "stalled_cycles_percent", "of cycles stalled", 100 },
		{ "stalls_l3_miss_percent", "of these for L3 misses", 100 },
	};
	double ipc = number_in(perf, "instructions_per_cycle");

	if (!isnan(ipc))
		buf_printf(text, "%.2f instructions per cycle", ipc);
	if (!isnan(number_in(perf, "theoretical_ipc")))
		buf_printf(text, " (%.2f without stalls)", number_in(perf, "theoretical_ipc"));
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		double rate = number_in(perf, rates[i].key);

		if (!isnan(rate))
			buf_printf(text, "%s%s %s", text->len ? ", " : "",
				   format_ratio(rate, rates[i].of).s, rates[i].words);
	}
}

/* "cycles 15.2 M (52 %)": that much of the time it had a counter, and the number is scaled. */
static void put_events(const json_t *perf, struct buf *text)
{
	const char *name;
	json_t *event;

	json_object_foreach(json_object_get(perf, "events"), name, event) {
		const json_t *value = json_object_get(perf, name);
		double running = number_in(event, "running_pct");

		buf_printf(text, "%s%s %s", text->len ? ", " : "", name,
			   format_event(name, value).s);
		if (running < 100)
			buf_printf(text, " (%s)", format_ratio(running, 100).s);
	}
}

int text_perf(const json_t *target, const struct report_style *style, struct buf *out)
{
	cleanup_buf struct buf events = BUF_INIT(LINE_MAX_BYTES), rates = BUF_INIT(LINE_MAX_BYTES);
	const json_t *perf = json_object_get(target, "perf");

	put_events(perf, &events);
	put_rates(perf, &rates);
	if (!events.len)
		return out->failed;
	buf_puts(out, "  perf      ");
	(void)text_wrap(out, style, INDENT, INDENT, buf_str(&events)); /* @out keeps the failure */
	buf_puts(out, "\n");
	if (!rates.len)
		return out->failed;
	buf_puts(out, "            ");
	(void)text_wrap(out, style, INDENT, INDENT, buf_str(&rates));
	return buf_puts(out, "\n");
}
