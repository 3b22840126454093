// SPDX-License-Identifier: Apache-2.0
/* A target's file system calls in a terminal. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "report/budget_parts.h"
#include "report/format.h"
#include "report/report.h"
#include "report/table.h"
#include "report/text_parts.h"

const char *const vfs_op_order[] = { "read",	    "write",	   "fsync",  "open",   "close",
				     "stat",	    "getdents",	   "rename", "unlink", "mkdir",
				     "truncate",    "fallocate",   "copy",   "fault",  "uring_read",
				     "uring_write", "uring_other", NULL };

static void put_calls(const json_t *vfs, const struct report_style *style, struct buf *out)
{
	struct table t = { .align = "lrrrrrrr", .heading = true, .indent = 2 };

	table_add(&t, "file system");
	table_add(&t, "calls");
	table_add(&t, "bytes");
	table_add(&t, "errors");
	table_add(&t, "time");
	table_add(&t, "p50");
	table_add(&t, "p99");
	table_add(&t, "max");
	for (const char *const *op = vfs_op_order; *op; op++) {
		const json_t *o = json_object_get(vfs, *op), *h = json_object_get(o, "latency_ns");

		if (!o)
			continue;
		table_add(&t, "%s", *op);
		table_add(&t, "%s", format_count(json_object_get(o, "calls")).s);
		table_add(&t, "%s",
			  json_object_get(o, "size_bytes")
				  ? format_size(json_object_get(o, "bytes")).s
				  : "-");
		table_add(&t, "%s", format_count(json_object_get(o, "errors")).s);
		table_add(&t, "%s", format_ns(json_object_get(h, "sum")).s);
		table_add(&t, "%s", format_ns(json_object_get(h, "p50")).s);
		table_add(&t, "%s", format_ns(json_object_get(h, "p99")).s);
		table_add(&t, "%s", format_ns(json_object_get(h, "max")).s);
	}
	(void)table_print(&t, style, out); /* @out keeps the failure */
	table_fini(&t);
}

/* "failed    open ENOENT 12, read EAGAIN 3, EINTR 1": those whose reason is known. */
static void put_failures(const json_t *vfs, const struct report_style *style, struct buf *out)
{
	cleanup_buf struct buf all = BUF_INIT(4096);

	for (const char *const *op = vfs_op_order; *op; op++) {
		const json_t *errnos = json_object_get(json_object_get(vfs, *op), "errnos");

		if (!json_object_size(errnos))
			continue;
		buf_printf(&all, "%s%s ", all.len ? ", " : "", *op);
		(void)put_errnos(&all, errnos); /* as many as there is room for */
	}
	if (!all.len)
		return;
	buf_puts(out, "  failed    ");
	text_wrap(out, style, 12, 12, buf_str(&all));
	buf_puts(out, "\n");
}

/* "on / (ext4): 1042 calls, 8.0 MiB"; what is not known is told as that. */
static void put_mounts(const json_t *mounts, const struct report_style *style, struct buf *out)
{
	struct table t = { .align = "llrr", .indent = 2 };
	json_t *m, *o;
	const char *op;
	size_t i;

	json_array_foreach(mounts, i, m) {
		json_int_t calls = 0, bytes = 0;
		json_t *sums;

		json_object_foreach(json_object_get(m, "ops"), op, o) {
			calls += json_integer_value(json_object_get(o, "calls"));
			bytes += json_integer_value(json_object_get(o, "bytes"));
		}
		sums = json_pack("{s:I, s:I}", "calls", calls, "bytes", bytes);
		table_add(&t, "on %s", text_in(m, "mount") ? text_in(m, "mount") : "unknown");
		table_add(&t, "%s", text_in(m, "fs") ? text_in(m, "fs") : "");
		table_add(&t, "%s calls", format_count(json_object_get(sums, "calls")).s);
		table_add(&t, "%s", format_size(json_object_get(sums, "bytes")).s);
		json_decref(sums);
	}
	(void)table_print(&t, style, out); /* @out keeps the failure */
	table_fini(&t);
}

#define FILES_SHOWN 5

/* What a file was used for: which members of it tell. */
static const struct {
	const char *name, *calls, *bytes, *ns;
} uses[] = {
	{ "read", "reads", "read_bytes", "read_ns" },
	{ "write", "writes", "write_bytes", "write_ns" },
	{ "other", "others", NULL, "other_ns" },
};

static void put_use(struct table *t, const json_t *f, size_t use)
{
	table_add(t, "%s", uses[use].name);
	table_add(t, "%s", format_count(json_object_get(f, uses[use].calls)).s);
	table_add(t, "%s",
		  uses[use].bytes ? format_size(json_object_get(f, uses[use].bytes)).s : "-");
	table_add(t, "%s", format_ns(json_object_get(f, uses[use].ns)).s);
	table_add(t, "%s",
		  format_mean_ns(number_in(f, uses[use].ns), number_in(f, uses[use].calls)).s);
}

/* A line for each use, and beside them: its path, how it was opened and on which mount, nothing. */
static void put_file(struct table *t, const json_t *f)
{
	cleanup_buf struct buf flags = BUF_INIT(256);
	const char *mount = text_in(f, "mount");
	int line = 0;

	(void)put_flags(&flags, json_object_get(f, "flags")); /* as much of it as there is */
	for (size_t use = 0; use < ARRAY_SIZE(uses) || line < 2; use++) {
		bool used = use < ARRAY_SIZE(uses) && number_in(f, uses[use].calls) > 0;

		if (!used && use < ARRAY_SIZE(uses))
			continue;
		if (line == 0)
			table_add(t, "%s", text_in(f, "path"));
		else if (line == 1)
			table_add(t, "  %s on %s", buf_str(&flags), mount ? mount : "unknown");
		else
			table_add(t, "%s", "");
		if (used)
			put_use(t, f, use);
		for (int i = 0; !used && i < 5; i++)
			table_add(t, "%s", "");
		table_add(t, "%s", line ? "" : format_count(json_object_get(f, "missed")).s);
		line++;
	}
}

/* How much of what the target did its files have, of those that were told apart to the end. */
static void put_total(const json_t *total, const struct report_style *style, struct buf *out)
{
	char words[160];

	if (!json_object_get(total, "read_bytes_ratio") &&
	    !json_object_get(total, "write_bytes_ratio"))
		return;
	snprintf(words, sizeof(words),
		 "%s files in the table have %s of the bytes read and %s of those written",
		 format_count(json_object_get(total, "files")).s,
		 format_ratio(number_in(total, "read_bytes_ratio"), 1).s,
		 format_ratio(number_in(total, "write_bytes_ratio"), 1).s);
	buf_puts(out, "  ");
	text_wrap(out, style, 2, 4, words);
	buf_puts(out, "\n");
}

static void put_files(const json_t *target, const struct report_style *style, struct buf *out)
{
	const json_t *files = json_object_get(target, "files");
	struct table t = { .align = "mlrrrrr", .heading = true, .indent = 2, .gap = 1 };
	static const char *const head[] = {
		"file", "", "calls", "bytes", "time", "mean", "missed"
	};
	json_t *f;
	size_t i;

	if (!json_array_size(files))
		return;
	for (i = 0; i < ARRAY_SIZE(head); i++)
		table_add(&t, "%s", head[i]);
	json_array_foreach(files, i, f)
		if (i < FILES_SHOWN)
			put_file(&t, f);
	(void)table_print(&t, style, out); /* @out keeps the failure */
	table_fini(&t);
	put_total(json_object_get(target, "files_total"), style, out);
}

int text_vfs(const json_t *target, const struct report_style *style, struct buf *out)
{
	const json_t *vfs = json_object_get(target, "vfs");

	if (json_object_size(vfs)) {
		put_calls(vfs, style, out);
		put_failures(vfs, style, out);
		put_mounts(json_object_get(target, "vfs_mounts"), style, out);
	}
	put_files(target, style, out);
	return text_budget(json_object_get(target, "budget"), style, out);
}
