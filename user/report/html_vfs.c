// SPDX-License-Identifier: Apache-2.0
/* A target's file system calls in the HTML report. */
#include "base/buf.h"
#include "report/budget_parts.h"
#include "report/format.h"
#include "report/html_parts.h"

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
		html_cell(out, 1, format_count(json_object_get(o, "errors")).s);
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

int html_vfs(struct buf *out, const json_t *target)
{
	const json_t *vfs = json_object_get(target, "vfs");

	html_budget(out, json_object_get(target, "budget"));
	if (json_object_size(vfs)) {
		buf_puts(out, "<h3>File system calls</h3>");
		put_ops(out, vfs);
		put_mounts(out, json_object_get(target, "vfs_mounts"));
	}
	return out->failed;
}
