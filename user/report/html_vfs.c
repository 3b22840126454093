// SPDX-License-Identifier: Apache-2.0
/* A target's file system calls in the HTML report. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "report/budget_parts.h"
#include "report/format.h"
#include "report/html_parts.h"

/* "3 (ENOENT 2, EIO 1)" */
static void put_errors(struct buf *out, const json_t *op)
{
	cleanup_buf struct buf text = BUF_INIT(1024);
	const json_t *errnos = json_object_get(op, "errnos");

	buf_puts(&text, format_count(json_object_get(op, "errors")).s);
	if (json_object_size(errnos)) {
		buf_puts(&text, " (");
		(void)put_errnos(&text, errnos); /* as many as there is room for */
		buf_puts(&text, ")");
	}
	html_cell(out, 1, buf_str(&text));
}

static void put_ops(struct buf *out, const json_t *ops)
{
	static const char *const head[] = { "call", "calls", "bytes", "errors", "time",
					    "p50",  "p99",   "max",   NULL };

	buf_puts(out, "<table>");
	html_head(out, head);
	for (const char *const *op = vfs_op_order; *op; op++) {
		const json_t *o = json_object_get(ops, *op), *h = json_object_get(o, "latency_ns");

		if (!o)
			continue;
		buf_puts(out, "<tr>");
		html_cell(out, 0, *op);
		html_cell(out, 1, format_count(json_object_get(o, "calls")).s);
		html_cell(out, 1,
			  json_object_get(o, "size_bytes")
				  ? format_size(json_object_get(o, "bytes")).s
				  : "-");
		put_errors(out, o);
		html_cell(out, 1, format_ns(json_object_get(h, "sum")).s);
		html_cell(out, 1, format_ns(json_object_get(h, "p50")).s);
		html_cell(out, 1, format_ns(json_object_get(h, "p99")).s);
		html_cell(out, 1, format_ns(json_object_get(h, "max")).s);
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</table>\n");
}

static void put_mounts(struct buf *out, const json_t *mounts)
{
	json_t *m;
	size_t i;

	json_array_foreach(mounts, i, m) {
		const char *at = text_in(m, "mount"), *fs = text_in(m, "fs");

		buf_puts(out, "<details><summary>on ");
		html_text(out, at ? at : "an unknown mount");
		if (fs) {
			buf_puts(out, " (");
			html_text(out, fs);
			buf_puts(out, ")");
		}
		buf_puts(out, "</summary>");
		put_ops(out, json_object_get(m, "ops"));
		buf_puts(out, "</details>\n");
	}
}

static void put_file(struct buf *out, const json_t *f)
{
	static const char *const uses[][3] = { { "reads", "read_bytes", "read_ns" },
					       { "writes", "write_bytes", "write_ns" } };
	cleanup_buf struct buf flags = BUF_INIT(256);
	const char *mount = text_in(f, "mount");
	json_t *ns = json_real(number_in(f, "read_ns") + number_in(f, "write_ns") +
			       number_in(f, "other_ns"));

	(void)put_flags(&flags, json_object_get(f, "flags")); /* as much of it as there is */
	buf_puts(out, "<tr>");
	html_cell(out, 0, text_in(f, "path"));
	html_cell(out, 0, mount ? mount : "unknown");
	html_cell(out, 0, buf_str(&flags));
	html_cell(out, 1, format_ns(ns).s);
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++) {
		html_cell(out, 1, format_count(json_object_get(f, uses[i][0])).s);
		html_cell(out, 1, format_size(json_object_get(f, uses[i][1])).s);
		html_cell(out, 1,
			  format_mean_ns(number_in(f, uses[i][2]), number_in(f, uses[i][0])).s);
	}
	html_cell(out, 1, format_count(json_object_get(f, "others")).s);
	html_cell(out, 1, format_count(json_object_get(f, "direct")).s);
	html_cell(out, 1, format_count(json_object_get(f, "missed")).s);
	buf_puts(out, "</tr>\n");
	json_decref(ns);
}

static void put_files(struct buf *out, const json_t *files, const json_t *total)
{
	static const char *const left[] = { "file", "mount", "opened" };
	static const char *const right[] = { "time",  "reads", "bytes", "mean",	  "writes",
					     "bytes", "mean",  "other", "direct", "missed" };
	json_t *f;
	size_t i;

	buf_puts(out, "<h3>Files used most</h3><table><tr>");
	for (i = 0; i < ARRAY_SIZE(left); i++)
		buf_printf(out, "<th>%s</th>", left[i]);
	for (i = 0; i < ARRAY_SIZE(right); i++)
		buf_printf(out, "<th class=\"n\">%s</th>", right[i]);
	buf_puts(out, "</tr>\n");
	json_array_foreach(files, i, f)
		put_file(out, f);
	buf_puts(out, "</table>\n<p class=\"dim\">Missed: calls that there may have been "
		      "besides, at most, while other files had its place.</p>\n");
	if (json_object_get(total, "read_bytes_ratio") ||
	    json_object_get(total, "write_bytes_ratio"))
		buf_printf(
			out,
			"<p class=\"dim\">Of the %s files in the table, which has those with most "
			"calls, these took most time. All of them have %s of the bytes that were "
			"read and %s of those written.</p>\n",
			format_count(json_object_get(total, "files")).s,
			format_ratio(number_in(total, "read_bytes_ratio"), 1).s,
			format_ratio(number_in(total, "write_bytes_ratio"), 1).s);
}

int html_vfs(struct buf *out, const json_t *target)
{
	const json_t *vfs = json_object_get(target, "vfs");

	html_budget(out, json_object_get(target, "budget"));
	if (json_object_size(vfs)) {
		buf_puts(out, "<h3>File system calls</h3>");
		put_ops(out, vfs);
		put_mounts(out, json_object_get(target, "vfs_mounts"));
	}
	if (json_array_size(json_object_get(target, "files")))
		put_files(out, json_object_get(target, "files"),
			  json_object_get(target, "files_total"));
	return out->failed;
}
