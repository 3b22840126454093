// SPDX-License-Identifier: Apache-2.0
/* A comparison of runs in a terminal. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/strlist.h"
#include "report/compare_parts.h"
#include "report/format.h"
#include "report/report.h"
#include "report/table.h"

#define INDENT 2
#define VALUE_WIDTH 9 /* columns: "128.0 MiB" */
#define CHANGE_WIDTH 8
#define SIDE_MAX 5 /* runs beside the base in one table */
#define LONG_BYTES 60 /* a value beyond it is shown from where it differs */
#define SHOWN_BYTES 200 /* of a value */
#define LINE_MAX_BYTES 65536

/* --- runs --- */

/* "3"; of groups also of which side it is. */
static void add_number(struct table *t, size_t i, const json_t *run, bool groups)
{
	double side = number_in(run, "side");

	table_add(t, "%zu%s", i + 1, groups || i ? "" : " (base)");
	if (groups)
		table_add(t, "%.0f%s", side + 1, side > 0 ? "" : " (base)");
}

/* Which combination of a matrix each run is; nothing when none is any. */
static void put_combinations(const json_t *runs, bool groups, const struct report_style *style,
			     struct buf *out)
{
	struct table t = { .align = groups ? "lll" : "ll", .indent = INDENT };
	bool any = false;
	json_t *run;
	size_t i;

	json_array_foreach(runs, i, run) {
		cleanup_buf struct buf text = BUF_INIT(LINE_MAX_BYTES);

		(void)put_axes(&text, json_object_get(run, "axes")); /* what does not fit is cut */
		any |= text.len > 0;
		add_number(&t, i, run, groups);
		table_add(&t, "%s", text.len ? buf_str(&text) : "-");
	}
	if (any && table_print(&t, style, out))
		out->failed = out->failed ? out->failed : t.failed;
	table_fini(&t);
}

static void put_runs(const json_t *runs, bool groups, const struct report_style *style,
		     struct buf *out)
{
	struct table t = { .align = groups ? "lllllrl" : "llllrl",
			   .heading = true,
			   .indent = INDENT };
	json_t *run;
	size_t i;

	text_toned(out, style, TONE_BOLD, "runs");
	buf_puts(out, "\n");
	table_add(&t, "%s", "");
	if (groups)
		table_add(&t, "side");
	table_add(&t, "run");
	table_add(&t, "status");
	table_add(&t, "cbpf");
	table_add(&t, "took");
	table_add(&t, "on");
	json_array_foreach(runs, i, run) {
		const char *id = text_in(run, "id"), *status = text_in(run, "status");
		const char *version = text_in(run, "version"), *host = text_in(run, "hostname");

		add_number(&t, i, run, groups);
		table_add(&t, "%s", id ? id : "?");
		table_add(&t, "%s", status ? status : "?");
		table_add(&t, "%s", version ? version : "-");
		table_add(&t, "%s", format_seconds(json_object_get(run, "duration_s")).s);
		table_add(&t, "%s", host ? host : "-");
	}
	if (table_print(&t, style, out))
		out->failed = out->failed ? out->failed : t.failed;
	table_fini(&t);
	put_combinations(runs, groups, style, out);
	buf_puts(out, "\n");
}

/* --- warnings --- */

static void put_value(struct buf *out, const json_t *v, const char *what, const char *path);

/* "(a, a, b)": of the runs of one side. */
static void put_differing(struct buf *out, const json_t *list, const char *what, const char *path)
{
	json_t *v;
	size_t i;

	buf_puts(out, "(");
	json_array_foreach(list, i, v) {
		buf_puts(out, i ? ", " : "");
		put_value(out, v, what, path);
	}
	buf_puts(out, ")");
}

static void put_value(struct buf *out, const json_t *v, const char *what, const char *path)
{
	size_t len = strlen(path), i;
	json_t *item;

	if (json_is_string(v))
		buf_puts(out, *json_string_value(v) ? json_string_value(v) : "\"\"");
	else if (json_is_integer(v) && len > 3 && !strcmp(path + len - 3, "_ns"))
		buf_puts(out, format_ns(v).s);
	else if (json_is_integer(v))
		buf_printf(out, "%lld", (long long)json_integer_value(v));
	else if (json_is_real(v))
		buf_printf(out, "%.15g", json_real_value(v));
	else if (json_is_null(v))
		buf_puts(out, strcmp(what, "loss") ? "absent" : "none");
	else if (json_is_boolean(v) && strcmp(what, "target"))
		buf_puts(out, json_is_true(v) ? "true" : "false");
	else if (json_is_object(v) && json_object_get(v, "differ"))
		put_differing(out, json_object_get(v, "differ"), what, path);
	else if (json_is_array(v) && !json_array_size(v))
		buf_puts(out, "[]");
	else if (json_is_array(v) && !json_is_object(json_array_get(v, 0)))
		json_array_foreach(v, i, item) {
			buf_puts(out, i ? ", " : "");
			put_value(out, item, what, path);
		}
	else
		buf_puts(out, "present");
}

static size_t char_begin(const char *text, size_t at)
{
	while (at && (text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/* Bytes that long values have in common and that nobody needs to see again. */
static size_t common_part(const struct str_list *texts)
{
	size_t longest = 0, same;

	for (size_t i = 0; i < texts->n; i++)
		if (strlen(texts->v[i]) > longest)
			longest = strlen(texts->v[i]);
	if (longest <= LONG_BYTES)
		return 0;
	same = strlen(texts->v[0]);
	for (size_t i = 1; i < texts->n; i++)
		for (size_t k = 0; k < same; k++)
			if (texts->v[i][k] != texts->v[0][k])
				same = k;
	/* Whole words. */
	while (same && texts->v[0][same - 1] != ' ')
		same--;
	return same;
}

static void put_texts(struct buf *out, const struct str_list *texts)
{
	size_t skip = texts->n ? common_part(texts) : 0;

	for (size_t i = 0; i < texts->n; i++) {
		const char *text = texts->v[i] + skip;
		size_t len = strlen(text);
		bool cut = len > SHOWN_BYTES;

		buf_printf(out, "%s%s", i ? " / " : "", skip ? "... " : "");
		buf_put(out, text, cut ? char_begin(text, SHOWN_BYTES) : len);
		buf_puts(out, cut ? "..." : "");
	}
}

/* "disks.vda.scheduler: none / mq-deadline" */
static void put_warning(const json_t *w, struct buf *out)
{
	const char *what = text_in(w, "what"), *path = text_in(w, "path");
	const char *reason = text_in(w, "reason");
	struct str_list texts = { 0 };
	json_t *v;
	size_t i;

	what = what ? what : "?";
	path = path ? path : "";
	/* A run has one of each of these. */
	if (*path && strcmp(path, what) && strcmp(what, "interval"))
		buf_printf(out, "%s: ", path);
	json_array_foreach(json_object_get(w, "values"), i, v) {
		cleanup_buf struct buf text = BUF_INIT(LINE_MAX_BYTES);

		put_value(&text, v, what, path);
		if (str_list_add(&texts, buf_str(&text)))
			out->failed = -ENOMEM;
	}
	put_texts(out, &texts);
	str_list_fini(&texts);
	if (reason && *reason)
		buf_printf(out, " (%s)", reason);
}

static void put_warnings(const json_t *warnings, const struct report_style *style, struct buf *out)
{
	int widest = 0;
	json_t *w;
	size_t i;

	text_toned(out, style, TONE_BOLD, "warnings");
	buf_puts(out, json_array_size(warnings) ? "\n" : "  none\n");
	json_array_foreach(warnings, i, w) {
		int width = text_in(w, "what") ? (int)text_width(text_in(w, "what")) : 1;

		widest = width > widest ? width : widest;
	}
	json_array_foreach(warnings, i, w) {
		const char *what = text_in(w, "what") ? text_in(w, "what") : "?";
		cleanup_buf struct buf line = BUF_INIT(1 << 20);
		int at = INDENT + widest + 2;

		put_warning(w, &line);
		buf_printf(out, "%*s", INDENT, "");
		text_toned(out, style, TONE_WARN, what);
		buf_printf(out, "%*s", widest - (int)text_width(what) + 2, "");
		(void)text_wrap(out, style, at, at, buf_str(&line)); /* @out keeps a failure */
		buf_puts(out, "\n");
	}
	buf_puts(out, "\n");
}

/* --- metrics --- */

static void add_row(struct table *t, const json_t *row, size_t first, size_t n)
{
	const json_t *values = json_object_get(row, "values");
	const json_t *changes = json_object_get(row, "change_pct"),
		     *base = json_array_get(values, 0);
	const char *path = text_in(row, "path") ? text_in(row, "path") : "?";

	table_add(t, "%s", path);
	table_add(t, "%s", compare_format_value(path, base).s);
	for (size_t r = first; r < first + n; r++) {
		const json_t *v = json_array_get(values, r);

		table_add(t, "%s", compare_format_value(path, v).s);
		table_add(t, "%s", compare_format_change(json_array_get(changes, r), v, base).s);
	}
}

/* Rows [@from, @to) of one target, with runs [@first, @first + @n) beside the base. */
static void put_table(const json_t *metrics, size_t from, size_t to, size_t first, size_t n,
		      const struct report_style *style, struct buf *out)
{
	struct table t = { .heading = true, .indent = INDENT };
	char align[TABLE_MAX_COLS + 1] = "lr";

	for (size_t r = 0; r < n; r++)
		strcat(align, "rr");
	t.align = align;
	table_add(&t, "metric");
	table_add(&t, "1");
	for (size_t r = first; r < first + n; r++) {
		table_add(&t, "%zu", r + 1);
		table_add(&t, "change");
	}
	for (size_t i = from; i < to; i++)
		add_row(&t, json_array_get(metrics, i), first, n);
	if (table_print(&t, style, out))
		out->failed = out->failed ? out->failed : t.failed;
	table_fini(&t);
}

/* As many runs beside each other as fit. */
static void put_target(const json_t *metrics, size_t from, size_t to, size_t runs,
		       const struct report_style *style, struct buf *out)
{
	const char *target = text_in(json_array_get(metrics, from), "target");
	int widest = 0, left;
	size_t side;

	for (size_t i = from; i < to; i++) {
		const char *path = text_in(json_array_get(metrics, i), "path");
		int width = path ? (int)text_width(path) : 1;

		widest = width > widest ? width : widest;
	}
	left = style->width - INDENT - widest - 2 - VALUE_WIDTH;
	side = left > 0 ? (size_t)left / (2 + VALUE_WIDTH + 2 + CHANGE_WIDTH) : 0;
	if (!side || side > SIDE_MAX)
		side = side ? SIDE_MAX : 1;
	text_toned(out, style, TONE_BOLD, target ? target : "?");
	buf_puts(out, "\n");
	for (size_t first = 1; first < runs; first += side)
		put_table(metrics, from, to, first, runs - first < side ? runs - first : side,
			  style, out);
	buf_puts(out, "\n");
}

static void put_metrics(const json_t *metrics, size_t runs, const struct report_style *style,
			struct buf *out)
{
	size_t n = json_array_size(metrics);

	if (!n)
		buf_puts(out, "These runs have no target in common of which anything was "
			      "measured.\n\n");
	for (size_t from = 0, to; from < n; from = to) {
		const json_t *target = json_object_get(json_array_get(metrics, from), "target");

		for (to = from + 1; to < n; to++)
			if (!json_equal(target,
					json_object_get(json_array_get(metrics, to), "target")))
				break;
		put_target(metrics, from, to, runs, style, out);
	}
}

int report_compare_text(const json_t *comparison, const struct report_style *style, struct buf *out)
{
	const json_t *runs = json_object_get(comparison, "runs");
	const char *basis = text_in(comparison, "basis");
	bool groups = basis && !strcmp(basis, "groups");

	put_runs(runs, groups, style, out);
	put_warnings(json_object_get(comparison, "warnings"), style, out);
	if (groups)
		compare_text_groups(comparison, style, out);
	else
		put_metrics(json_object_get(comparison, "metrics"), json_array_size(runs), style,
			    out);
	if (basis && !strcmp(basis, "single runs")) {
		(void)compare_text_repetitions(comparison, style, out); /* as below */
		(void)text_wrap(out, style, 0, 0, /* @out keeps a failure */
				"1 run each: differences may be noise; repeat the run");
		buf_puts(out, "\n");
	}
	return compare_text_thresholds(comparison, style, out);
}
