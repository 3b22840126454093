// SPDX-License-Identifier: Apache-2.0
/* The runs of a group as CSV (RFC 4180): what is absent is empty. */
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/group.h"

static void put_text(struct buf *out, const char *text)
{
	bool plain = *text && !strpbrk(text, "\",\r\n");

	if (plain) {
		(void)buf_puts(out, text); /* report_group_csv() looks at @failed */
		return;
	}
	(void)buf_puts(out, "\"");
	for (; *text; text++)
		(void)buf_put(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
	(void)buf_puts(out, "\"");
}

/* @at: of the cell in its line, from 0. */
static void put_value(struct buf *out, size_t at, const json_t *v)
{
	(void)buf_puts(out, at ? "," : "");
	if (json_is_string(v))
		put_text(out, json_string_value(v));
	else if (json_is_integer(v))
		(void)buf_printf(out, "%lld", (long long)json_integer_value(v));
	else if (json_is_real(v))
		(void)buf_printf(out, "%.15g", json_real_value(v));
}

/* Behind the axes: a value of the combination, of the target or of the operation. */
static const struct {
	const char *column;
	enum { OF_ROW, OF_TARGET, OF_OP } of;
	const char *key, *below;
} columns[] = {
	{ "ok", OF_ROW, "ok", NULL },
	{ "target", OF_TARGET, "name", NULL },
	{ "op", OF_OP, "op", NULL },
	{ "source", OF_OP, "source", NULL },
	{ "bw_mib_s", OF_OP, "bw_mib_s", "mean" },
	{ "bw_stddev_mib_s", OF_OP, "bw_mib_s", "stddev" },
	{ "iops", OF_OP, "iops", "mean" },
	{ "vfs_p50_ns", OF_OP, "vfs_ns", "p50" },
	{ "vfs_p99_ns", OF_OP, "vfs_ns", "p99" },
	{ "block_p50_ns", OF_OP, "block_ns", "p50" },
	{ "block_p99_ns", OF_OP, "block_ns", "p99" },
	{ "vfs_bytes", OF_OP, "vfs_bytes", NULL },
	{ "hit_ratio", OF_TARGET, "hit_ratio", NULL },
	{ "accessed_pages", OF_TARGET, "accessed_pages", NULL },
	{ "device_bytes", OF_OP, "device_bytes", NULL },
};

static void put_line(struct buf *out, const json_t *axes, const json_t *row, const json_t *target,
		     const json_t *op)
{
	const json_t *const of[] = { row, target, op };
	size_t i, n = json_array_size(axes);
	json_t *name;

	json_array_foreach(axes, i, name)
		put_value(out, i,
			  json_object_get(json_object_get(row, "axes"), json_string_value(name)));
	(void)buf_printf(out, "%s%zu", n ? "," : "", json_array_size(json_object_get(row, "runs")));
	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		const json_t *v = json_object_get(of[columns[i].of], columns[i].key);

		put_value(out, n + 1, columns[i].below ? json_object_get(v, columns[i].below) : v);
	}
	(void)buf_puts(out, "\r\n");
}

int report_group_csv(const json_t *group, struct buf *out)
{
	const json_t *axes = json_object_get(group, "axes");
	json_t *row, *target, *op, *name;
	size_t i, k, o;

	json_array_foreach(axes, i, name)
		put_value(out, i, name);
	(void)buf_printf(out, "%sruns", json_array_size(axes) ? "," : "");
	for (i = 0; i < ARRAY_SIZE(columns); i++)
		(void)buf_printf(out, ",%s", columns[i].column);
	(void)buf_puts(out, "\r\n");
	json_array_foreach(json_object_get(group, "matrix"), i, row) {
		bool any = false;

		json_array_foreach(json_object_get(row, "targets"), k, target)
			json_array_foreach(json_object_get(target, "ops"), o, op) {
				put_line(out, axes, row, target, op);
				any = true;
			}
		if (!any)
			put_line(out, axes, row, NULL, NULL);
	}
	return out->failed;
}
