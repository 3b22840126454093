// SPDX-License-Identifier: Apache-2.0
/* What the rules concluded, the worst first, and what they could not judge. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/report.h"
#include "report/table.h"
#include "report/text_parts.h"

#define LINE_MAX_BYTES (1 << 16)
#define INDENT 10 /* columns, behind "  warning " */

static void put_finding(const json_t *f, const struct report_style *style, struct buf *out)
{
	const char *severity = text_in(f, "severity"), *target = text_in(f, "target");
	const char *title = text_in(f, "title"), *text = text_in(f, "text");
	cleanup_buf struct buf line = BUF_INIT(LINE_MAX_BYTES);
	char column[16];

	snprintf(column, sizeof(column), "%-8s", severity ? severity : "?");
	buf_puts(out, "  ");
	text_toned(out, style,
		   severity && !strcmp(severity, "error")  ? TONE_BAD
		   : severity && !strcmp(severity, "info") ? TONE_DIM
							   : TONE_WARN,
		   column);
	buf_printf(&line, "%s: %s%s%s", target ? target : "run", title ? title : "",
		   title && text ? ": " : "", text ? text : "");
	(void)text_wrap(out, style, INDENT, INDENT, buf_str(&line)); /* @out keeps a failure */
	buf_puts(out, "\n");
	if (!text_in(f, "advice"))
		return;
	buf_printf(out, "%*s", INDENT, "");
	(void)text_wrap(out, style, INDENT, INDENT, text_in(f, "advice")); /* as above */
	buf_puts(out, "\n");
}

static bool told_before(const json_t *array, size_t at, const char *missing)
{
	for (size_t i = 0; i < at; i++) {
		const char *other = text_in(json_array_get(array, i), "missing");

		if (other && !strcmp(other, missing))
			return true;
	}
	return false;
}

/* Ids of the rules for want of the same thing, each once. */
static void put_ids(const json_t *array, const char *missing, struct buf *line)
{
	const char *before = "";
	json_t *n;
	size_t i;

	json_array_foreach(array, i, n) {
		const char *id = text_in(n, "id"), *what = text_in(n, "missing");

		if (!id || !what || strcmp(what, missing) != 0 || !strcmp(id, before))
			continue;
		buf_printf(line, "%s%s", *before ? ", " : "", id);
		before = id;
	}
}

static void put_not_judged(const json_t *array, const struct report_style *style, struct buf *out)
{
	cleanup_buf struct buf line = BUF_INIT(LINE_MAX_BYTES);
	json_t *n;
	size_t i;

	json_array_foreach(array, i, n) {
		const char *missing = text_in(n, "missing");

		if (!missing || told_before(array, i, missing))
			continue;
		buf_puts(&line, line.len ? "; " : "not judged for want of ");
		buf_printf(&line, "%s: ", missing);
		put_ids(array, missing, &line);
	}
	if (!line.len)
		return;
	buf_puts(out, "  ");
	(void)text_wrap(out, style, 2, 2, buf_str(&line)); /* @out keeps a failure */
	buf_puts(out, "\n");
}

int text_findings(const json_t *report, const struct report_style *style, struct buf *out)
{
	const json_t *findings = json_object_get(report, "findings");
	const json_t *not_judged = json_object_get(report, "not_judged");
	json_t *f;
	size_t i;

	if (!json_array_size(findings) && !json_array_size(not_judged))
		return 0;
	text_toned(out, style, TONE_BOLD, "findings");
	buf_puts(out, json_array_size(findings) ? "\n" : "  none\n");
	json_array_foreach(findings, i, f)
		put_finding(f, style, out);
	put_not_judged(not_judged, style, out);
	return buf_puts(out, "\n");
}
