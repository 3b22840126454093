// SPDX-License-Identifier: Apache-2.0
/* Limits of a target's block I/O, and what was reached of them, in a terminal. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/report.h"
#include "report/table.h"
#include "report/text_parts.h"

static const struct {
	const char *key, *name;
	bool bytes;
} limits[] = { { "read_bps", "read", true },
	       { "write_bps", "write", true },
	       { "read_iops", "read", false },
	       { "write_iops", "write", false } };

/* "10.0 MiB/s", "500 IOPS" */
static void add_rate(struct buf *line, const json_t *limit, const char *key, bool bytes)
{
	if (bytes)
		buf_printf(line, "%s/s", format_size(json_object_get(limit, key)).s);
	else
		buf_printf(line, "%s IOPS", format_rate(number_in(limit, key)).s);
}

/* "vda write 10.0 MiB/s (9.8 MiB/s reached)" */
static void add_limit(struct buf *line, const json_t *limit)
{
	const char *device = text_in(limit, "device");
	bool told = false;
	char key[32];

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		if (isnan(number_in(limit, limits[i].key)))
			continue;
		buf_printf(line, "%s%s%s%s ", line->len ? ", " : "",
			   told	    ? ""
			   : device ? device
				    : "?",
			   told ? "" : " ", limits[i].name);
		told = true;
		add_rate(line, limit, limits[i].key, limits[i].bytes);
		snprintf(key, sizeof(key), "%s_reached", limits[i].key);
		if (isnan(number_in(limit, key)))
			continue;
		buf_puts(line, " (reached ");
		add_rate(line, limit, key, limits[i].bytes);
		buf_puts(line, ")");
	}
}

int text_limits(const json_t *target, const struct report_style *style, struct buf *out)
{
	cleanup_buf struct buf line = BUF_INIT(65536);
	json_t *limit;
	size_t i;

	json_array_foreach(json_object_get(target, "io_limits"), i, limit)
		add_limit(&line, limit);
	if (!line.len)
		return out->failed;
	buf_puts(out, "  io limit  ");
	(void)text_wrap(out, style, 12, 12, buf_str(&line)); /* @out keeps a failure */
	return buf_puts(out, "\n");
}
