// SPDX-License-Identifier: Apache-2.0
/* The runs of a group in a terminal: a row for each combination, target and operation. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/group.h"
#include "report/report.h"
#include "report/spread.h"
#include "report/table.h"

#define AXES_MAX 3 /* columns of their own; more share one */
#define AXES_BYTES 8192

/* What the table has columns for. */
struct shape {
	const json_t *axes; /* names */
	bool shared; /* axes are one column */
	bool status, target, calls;
};

static bool is_ok(const json_t *row)
{
	return number_in(row, "ok") == (double)json_array_size(json_object_get(row, "runs"));
}

static void look_at(const json_t *group, struct shape *s)
{
	const json_t *targets, *first = NULL;
	json_t *row, *target, *op;
	size_t i, k, o;

	*s = (struct shape){ .axes = json_object_get(group, "axes") };
	s->shared = json_array_size(s->axes) > AXES_MAX;
	json_array_foreach(json_object_get(group, "matrix"), i, row) {
		targets = json_object_get(row, "targets");
		s->status |= !is_ok(row) || json_array_size(json_object_get(row, "runs")) > 1;
		json_array_foreach(targets, k, target) {
			const json_t *name = json_object_get(target, "name");

			s->target |= first && !json_equal(first, name);
			first = first ? first : name;
			json_array_foreach(json_object_get(target, "ops"), o, op)
				s->calls |= json_object_get(op, "vfs_ns") != NULL;
		}
	}
}

/* "ok", "2 of 3 ok", or why a single one is not. */
static void add_status(struct table *t, const json_t *row)
{
	const json_t *runs = json_object_get(row, "runs");
	const char *status = text_in(json_array_get(runs, 0), "status");
	size_t n = json_array_size(runs);

	if (n == 1)
		table_add(t, "%s", status ? status : "?");
	else if (is_ok(row))
		table_add(t, "%zu ok", n);
	else
		table_add(t, "%.0f of %zu ok", number_in(row, "ok"), n);
}

/* @again: of a combination that has a line already. */
static void add_axes(struct table *t, const struct shape *s, const json_t *row, bool again)
{
	const json_t *values = json_object_get(row, "axes");
	cleanup_buf struct buf text = BUF_INIT(AXES_BYTES);
	json_t *name;
	size_t i;

	if (s->shared) {
		(void)put_axes(&text, values); /* what does not fit is cut */
		table_add(t, "%s", again ? "" : buf_str(&text));
	} else {
		json_array_foreach(s->axes, i, name) {
			const char *value = text_in(values, json_string_value(name));

			table_add(t, "%s", again ? "" : value ? value : "?");
		}
	}
	if (s->status && again)
		table_add(t, "%s", "");
	else if (s->status)
		add_status(t, row);
}

/* "533 ±4 %" */
static void add_sum(struct table *t, const json_t *sum, const struct report_style *style)
{
	double stddev = number_in(sum, "stddev"), mean = number_in(sum, "mean");
	struct text value = format_real(json_object_get(sum, "mean"));

	if (isnan(stddev) || !(mean > 0))
		table_add(t, "%s", value.s);
	else
		table_add(t, "%s %s%s", value.s, style->unicode ? "±" : "+-",
			  format_ratio(stddev, mean).s);
}

/*
 * The hit ratio is of pages that are read through the cache. Where that is little of what calls
 * read, as with O_DIRECT, it is about the program itself, not about its data.
 */
static bool reads_cached(const json_t *target, const json_t *op)
{
	const char *name = text_in(op, "op");
	double bytes = number_in(op, "vfs_bytes"), pages = number_in(target, "accessed_pages");

	return name && !strcmp(name, "read") && (isnan(bytes) || pages * 4096 >= bytes / 2);
}

static void add_op(struct table *t, const struct shape *s, const json_t *target, const json_t *op,
		   const struct report_style *style)
{
	const json_t *times = json_object_get(op, s->calls ? "vfs_ns" : "block_ns");
	const char *name = text_in(op, "op");

	if (s->target)
		table_add(t, "%s", text_in(target, "name") ? text_in(target, "name") : "-");
	table_add(t, "%s", name ? name : "-");
	add_sum(t, json_object_get(op, "bw_mib_s"), style);
	table_add(t, "%s", format_real(json_object_get(json_object_get(op, "iops"), "mean")).s);
	table_add(t, "%s", format_ns(json_object_get(times, "p50")).s);
	table_add(t, "%s", format_ns(json_object_get(times, "p99")).s);
	table_add(t, "%s",
		  reads_cached(target, op) ? format_ratio(number_in(target, "hit_ratio"), 1).s
					   : "-");
	table_add(t, "%s", format_size(json_object_get(op, "device_bytes")).s);
}

static void add_row(struct table *t, const struct shape *s, const json_t *row,
		    const struct report_style *style)
{
	bool again = false;
	json_t *target, *op;
	size_t i, o;

	json_array_foreach(json_object_get(row, "targets"), i, target)
		json_array_foreach(json_object_get(target, "ops"), o, op) {
			add_axes(t, s, row, again);
			add_op(t, s, target, op, style);
			again = true;
		}
	if (again)
		return;
	add_axes(t, s, row, false);
	add_op(t, s, NULL, NULL, style);
}

static void put_header(const json_t *group, const struct report_style *style, struct buf *out)
{
	const char *name = text_in(group, "name"), *id = text_in(group, "group");
	double runs = number_in(group, "runs"), planned = number_in(group, "planned");

	text_toned(out, style, TONE_BOLD, name ? name : "?");
	buf_puts(out, "  group ");
	text_put(out, id ? id : "?");
	if (!isnan(planned) && planned > runs)
		buf_printf(out, "  %.0f of %.0f runs\n", runs, planned);
	else
		buf_printf(out, "  %.0f run%s\n", runs, runs == 1 ? "" : "s");
}

static void add_heading(struct table *t, const struct shape *s, char *align)
{
	json_t *name;
	size_t i;

	if (s->shared)
		table_add(t, "matrix");
	else
		json_array_foreach(s->axes, i, name)
			table_add(t, "%s", json_string_value(name));
	if (s->status)
		table_add(t, "runs");
	if (s->target)
		table_add(t, "target");
	table_add(t, "op");
	memset(align, 'l', t->n);
	memset(align + t->n, 'r', 6);
	align[t->n + 6] = '\0';
	table_add(t, "MiB/s");
	table_add(t, "IOPS");
	table_add(t, "p50");
	table_add(t, "p99");
	table_add(t, "hits");
	table_add(t, "device");
}

/* --- repetitions --- */

static bool is_of_tool(const json_t *metric)
{
	const char *path = text_in(metric, "path");

	return path && !strncmp(path, "results.", strlen("results."));
}

/* What the tool says; else latencies of calls. */
static bool is_told(const json_t *metric, bool tool)
{
	const char *path = text_in(metric, "path");

	if (tool)
		return is_of_tool(metric);
	return path && (!strcmp(path, "vfs.read.p99") || !strcmp(path, "vfs.write.p99"));
}

/* The row of a metric, or the line below the table. */
static void add_spread(struct table *t, const struct report_style *style, const json_t *m,
		       struct buf *out)
{
	const char *target = text_in(m, "target"), *path = text_in(m, "path");
	char name[1024];

	snprintf(name, sizeof(name), "%s.%s", target ? target : "?", path);
	if (out)
		(void)spread_steady(out, style, name, path, m); /* @out keeps a failure */
	else
		spread_row(t, name, path, m, 1);
}

/* Of one combination: how much its repetitions spread, and which stand out. */
static void put_repetitions(const json_t *row, const struct report_style *style, struct buf *out)
{
	struct table t = { .align = SPREAD_ALIGN, .heading = true, .indent = 2, .gap = 1 };
	const json_t *metrics = json_object_get(row, "metrics");
	cleanup_buf struct buf axes = BUF_INIT(AXES_BYTES);
	bool tool = false, any = false;
	json_t *m;
	size_t i;

	json_array_foreach(metrics, i, m)
		tool |= is_of_tool(m);
	spread_heading(&t);
	json_array_foreach(metrics, i, m)
		if (is_told(m, tool)) {
			add_spread(&t, style, m, NULL);
			any = true;
		}
	(void)put_axes(&axes, json_object_get(row, "axes")); /* what does not fit is cut */
	if (any) {
		buf_puts(out, "\n");
		text_toned(out, style, TONE_BOLD, "repetitions");
		buf_puts(out, axes.len ? "  " : "");
		text_put(out, buf_str(&axes));
		buf_puts(out, "\n");
		if (table_print(&t, style, out))
			out->failed = out->failed ? out->failed : t.failed;
	}
	json_array_foreach(metrics, i, m)
		if (is_told(m, tool))
			add_spread(&t, style, m, out);
	table_fini(&t);
}

int report_group_text(const json_t *group, const struct report_style *style, struct buf *out)
{
	struct table t = { .heading = true, .indent = 2 };
	char align[TABLE_MAX_COLS + 1];
	struct shape s;
	json_t *row;
	size_t i;

	look_at(group, &s);
	t.align = align;
	put_header(group, style, out);
	add_heading(&t, &s, align);
	json_array_foreach(json_object_get(group, "matrix"), i, row)
		add_row(&t, &s, row, style);
	if (table_print(&t, style, out))
		out->failed = out->failed ? out->failed : t.failed;
	table_fini(&t);
	buf_puts(out, "  ");
	(void)text_wrap(
		out, style, 2, 2, /* @out keeps a failure */
		s.calls ? "p50 and p99 are of file system calls, hits of pages where most "
			  "is read through the page cache, device of bytes per run"
			: "p50 and p99 are of requests to devices, hits of pages where most "
			  "is read through the page cache, device of bytes per run");
	buf_puts(out, "\n");
	json_array_foreach(json_object_get(group, "matrix"), i, row)
		put_repetitions(row, style, out);
	return out->failed;
}
