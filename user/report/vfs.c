// SPDX-License-Identifier: Apache-2.0
/* What each target asked of file systems: by operation, and the same by mount. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/openflags.h"
#include "report/internal.h"

/* One target, mount and op over the whole run. */
struct sums {
	int64_t target, mount;
	char op[24];
	int64_t calls, bytes, errors;
	struct hist latency, sizes;
};

/* object[@key], made when it is not there. */
static json_t *inner(struct building *b, json_t *object, const char *key)
{
	json_t *o = json_object_get(object, key);

	if (object && !o) {
		o = json_object();
		put(b, object, key, o);
	}
	return o;
}

static void add_number(struct building *b, json_t *object, const char *key, int64_t n)
{
	put(b, object, key, json_integer(json_integer_value(json_object_get(object, key)) + n));
}

/* What was there before as a histogram, and @h, as @key. */
static void add_latency(struct building *b, json_t *object, const struct hist *h)
{
	json_t *before = json_object_get(object, "latency_ns");
	struct hist sum = *h;

	if (before)
		hist_of_json(before, &sum);
	if (sum.count)
		put(b, object, "latency_ns", json_hist(b, &sum));
}

static void add_sizes(struct building *b, json_t *object, const struct hist *less_one)
{
	json_t *before = json_object_get(object, "size_bytes");
	struct hist sum = *less_one;

	if (before)
		sizes_of_json(before, &sum);
	if (sum.count)
		put(b, object, "size_bytes", json_sizes(b, &sum));
}

static void add_op(struct building *b, json_t *ops, const struct sums *s)
{
	json_t *op = inner(b, ops, s->op);

	add_number(b, op, "calls", s->calls);
	add_number(b, op, "bytes", s->bytes);
	add_number(b, op, "errors", s->errors);
	add_latency(b, op, &s->latency);
	add_sizes(b, op, &s->sizes);
}

/* targets[].vfs_mounts[] of a mount. */
static json_t *mount_of(struct building *b, json_t *target, int64_t id)
{
	json_t *mounts = json_object_get(target, "vfs_mounts"), *m;
	size_t i;

	if (!mounts) {
		mounts = json_array();
		put(b, target, "vfs_mounts", mounts);
	}
	json_array_foreach(mounts, i, m)
		if (json_integer_value(json_object_get(m, "id")) == id)
			return m;
	m = json_pack("{s:I, s:n, s:n, s:n}", "id", (json_int_t)id, "mount", "fs", "dev");
	put_append(b, mounts, m);
	return m;
}

static void add_sums(struct building *b, const struct sums *s)
{
	json_t *target = s->target < 0 ? NULL : target_of(b, s->target);

	if (!target)
		return;
	add_op(b, inner(b, target, "vfs"), s);
	add_op(b, inner(b, mount_of(b, target, s->mount), "ops"), s);
}

static int decode(struct building *b, sqlite3_stmt *row, int at, struct hist *h, int64_t sum,
		  int64_t max)
{
	h->sum += sum;
	if ((uint64_t)max > h->max)
		h->max = max;
	if (hist_decode(sqlite3_column_blob(row, at), sqlite3_column_bytes(row, at), h))
		return err_say(b->err, -EBADMSG, "a histogram of file system calls is damaged");
	return 0;
}

static int build_ops(struct building *b)
{
	sqlite3_stmt *row = query(b, "SELECT target, device, op, layer, ios, bytes, errors, count, "
				     "sum, coalesce(max, 0), buckets FROM histogram "
				     "WHERE layer IN ('vfs', 'vfs_size') "
				     "ORDER BY target, device, op");
	struct sums *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(b->err, -ENOMEM, "reading file system calls");
	s->target = -1;
	while (next(b, &row)) {
		int64_t target = sqlite3_column_int64(row, 0), mount = sqlite3_column_int64(row, 1);
		const char *op = (const char *)sqlite3_column_text(row, 2);
		bool sizes = !strcmp((const char *)sqlite3_column_text(row, 3), "vfs_size");
		int64_t n = sqlite3_column_int64(row, 7);

		if (target != s->target || mount != s->mount || strcmp(op, s->op)) {
			add_sums(b, s);
			*s = (struct sums){ .target = target, .mount = mount };
			snprintf(s->op, sizeof(s->op), "%s", op);
		}
		if (sizes) {
			/* Stored as sizes; buckets hold them less 1. */
			decode(b, row, 10, &s->sizes, sqlite3_column_int64(row, 8) - n,
			       sqlite3_column_int64(row, 9) - 1);
			continue;
		}
		s->calls += sqlite3_column_int64(row, 4);
		s->bytes += sqlite3_column_int64(row, 5);
		s->errors += sqlite3_column_int64(row, 6);
		decode(b, row, 10, &s->latency, sqlite3_column_int64(row, 8),
		       sqlite3_column_int64(row, 9));
	}
	add_sums(b, s);
	free(s);
	return b->err->code;
}

static void name_mount(struct building *b, int64_t id, sqlite3_stmt *row)
{
	json_t *t, *m;
	size_t i, k;

	json_array_foreach(json_object_get(b->report, "targets"), i, t)
		json_array_foreach(json_object_get(t, "vfs_mounts"), k, m)
			if (json_integer_value(json_object_get(m, "id")) == id)
				put_row(b, m, row);
}

static int build_mounts(struct building *b)
{
	sqlite3_stmt *row = query(b, "SELECT at AS mount, fs, dev, id FROM mount");

	while (next(b, &row))
		name_mount(b, sqlite3_column_int64(row, 3), row);
	return b->err->code;
}

static int build_errors(struct building *b)
{
	sqlite3_stmt *row = query(b, "SELECT target, op, mount, errno, count FROM vfs_error "
				     "ORDER BY count DESC, errno");

	while (next(b, &row)) {
		json_t *t = target_of(b, sqlite3_column_int64(row, 0));
		const char *op = (const char *)sqlite3_column_text(row, 1);
		const char *name = strerrorname_np(sqlite3_column_int(row, 3));
		json_t *ops[2] = { json_object_get(t, "vfs") };
		char number[24];

		snprintf(number, sizeof(number), "%d", sqlite3_column_int(row, 3));
		if (t)
			ops[1] = inner(b, mount_of(b, t, sqlite3_column_int64(row, 2)), "ops");
		for (size_t i = 0; i < 2; i++) {
			json_t *o = json_object_get(ops[i], op);

			if (o)
				add_number(b, inner(b, o, "errnos"), name ? name : number,
					   sqlite3_column_int64(row, 4));
		}
	}
	return b->err->code;
}

#define STRING_(x) #x
#define STRING(x) STRING_(x)
#define FILES_SHOWN 20 /* of each target; the database has all */
#define FILES_FLAGS 17 /* the column that has them; those before it are told as they are */

static json_t *flags_by_name(struct building *b, uint32_t bits)
{
	json_t *names = json_array();

	for (size_t i = 0; names && openflags_name(i); i++)
		if (bits >> i & 1)
			put_append(b, names, json_string(openflags_name(i)));
	return names;
}

/* What has been called of all calls and bytes of the target that may have been on files. */
static void put_share(struct building *b, json_t *total, const json_t *vfs, const char *op,
		      const char *of_files, const char *key)
{
	const char *const ops[] = { op, "copy" };
	double all = 0, seen = json_number_value(json_object_get(total, of_files));
	char name[32];

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		all += json_number_value(json_object_get(json_object_get(vfs, ops[i]), key));
	snprintf(name, sizeof(name), "%s_ratio", of_files);
	if (all > 0)
		put(b, total, name, json_real(fmin(seen / all, 1)));
}

/* Of all files in the table, beside what the target did. */
static int build_files_total(struct building *b)
{
	sqlite3_stmt *row = query(b, "SELECT target, count(*) AS files, sum(reads) AS reads, "
				     "sum(read_bytes) AS read_bytes, sum(writes) AS writes, "
				     "sum(write_bytes) AS write_bytes, sum(others) AS others "
				     "FROM file GROUP BY target");

	while (next(b, &row)) {
		json_t *t = target_of(b, sqlite3_column_int64(row, 0)), *total, *vfs;

		if (!t)
			continue;
		total = json_object();
		vfs = json_object_get(t, "vfs");
		for (int i = 1; i < sqlite3_column_count(row); i++)
			put_column(b, total, sqlite3_column_name(row, i), row, i);
		put_share(b, total, vfs, "read", "reads", "calls");
		put_share(b, total, vfs, "read", "read_bytes", "bytes");
		put_share(b, total, vfs, "write", "writes", "calls");
		put_share(b, total, vfs, "write", "write_bytes", "bytes");
		put(b, t, "files_total", total);
	}
	return b->err->code;
}

/* Those that took most time. */
static int build_files(struct building *b)
{
	sqlite3_stmt *row = query(
		b, "SELECT * FROM (SELECT target, f.path, m.at AS mount, m.fs, f.dev, inode, "
		   "generation, reads, read_bytes, read_ns, writes, write_bytes, write_ns, others, "
		   "other_ns, missed, direct, flags, row_number() OVER (PARTITION BY target "
		   "ORDER BY read_ns + write_ns + other_ns DESC) AS place "
		   "FROM file f LEFT JOIN mount m ON m.id = f.mount) "
		   "WHERE place <= " STRING(FILES_SHOWN) " ORDER BY target, place");

	while (next(b, &row)) {
		json_t *t = target_of(b, sqlite3_column_int64(row, 0)), *files, *f;

		if (!t)
			continue;
		files = json_object_get(t, "files");
		if (!files) {
			files = json_array();
			put(b, t, "files", files);
		}
		f = json_object();
		for (int i = 1; i < FILES_FLAGS; i++)
			put_column(b, f, sqlite3_column_name(row, i), row, i);
		put(b, f, "flags", flags_by_name(b, sqlite3_column_int64(row, FILES_FLAGS)));
		put_append(b, files, f);
	}
	return b->err->code;
}

int build_vfs(struct building *b)
{
	int rc;

	if (!has_column(b, "mount", "fs"))
		return 0;
	rc = build_ops(b);
	rc = rc ? rc : build_mounts(b);
	rc = rc ? rc : build_errors(b);
	if (rc || !has_column(b, "file", "generation"))
		return rc;
	rc = build_files(b);
	return rc ? rc : build_files_total(b);
}

/* What the table of files lacks, where there is one. */
int build_vfs_losses(struct building *b)
{
	static const char *const ops[] = { "uring_read", "uring_write", "uring_other" };
	json_t *target;
	size_t i;

	if (!has_column(b, "file", "generation") ||
	    !query_int(b, "SELECT EXISTS (SELECT 1 FROM file)", 0))
		return b->err->code;
	json_array_foreach(json_object_get(b->report, "targets"), i, target) {
		const json_t *vfs = json_object_get(target, "vfs");
		const char *name = json_string_value(json_object_get(target, "name"));
		json_int_t calls = 0;

		for (size_t k = 0; k < ARRAY_SIZE(ops); k++)
			calls += json_integer_value(
				json_object_get(json_object_get(vfs, ops[k]), "calls"));
		if (calls)
			put_loss(b, "vfs.files_io_uring", calls,
				 json_sprintf("%s: requests of io_uring: told of no file",
					      name ? name : "?"));
	}
	return b->err->code;
}
