// SPDX-License-Identifier: Apache-2.0
/* Limits of targets' block I/O with what was reached of them, and what file systems have left. */
#include <stdio.h>

#include "base/err.h"
#include "report/internal.h"

#define NSEC 1000000000
#define GAP_NS NSEC /* in which nothing completes: what follows is another piece */
#define ENOUGH_NS NSEC /* shorter, a rate says nothing of a limit */

/* I/O without gaps: what completed in the ticks behind the first. */
struct piece {
	int64_t begin_ns, end_ns;
	int64_t bytes, ios;
};

static void put_longest(struct building *b, json_t *limit, const char *op,
			const struct piece *longest)
{
	double s = (double)(longest->end_ns - longest->begin_ns) / NSEC;
	char key[32];

	if (longest->end_ns - longest->begin_ns < ENOUGH_NS)
		return;
	snprintf(key, sizeof(key), "%s_bps_reached", op);
	put(b, limit, key, json_real((double)longest->bytes / s));
	snprintf(key, sizeof(key), "%s_iops_reached", op);
	put(b, limit, key, json_real((double)longest->ios / s));
}

/* The rate of the longest time without gaps. */
static int put_reached(struct building *b, json_t *limit, int64_t target, int64_t device,
		       const char *op)
{
	struct piece now = { 0 }, longest = { 0 };
	sqlite3_stmt *row =
		query(b, "SELECT t.end_ns, h.bytes, h.ios FROM histogram h JOIN tick t ON t.seq = "
			 "h.seq WHERE h.target = ?1 AND h.device = ?2 AND h.layer = 'block_total' "
			 "AND h.op = ?3 AND h.ios > 0 ORDER BY h.seq");

	if (!row)
		return b->err->code;
	sqlite3_bind_int64(row, 1, target);
	sqlite3_bind_int64(row, 2, device);
	sqlite3_bind_text(row, 3, op, -1, SQLITE_STATIC);
	while (next(b, &row)) {
		int64_t end_ns = sqlite3_column_int64(row, 0);

		if (!now.end_ns || end_ns - now.end_ns > GAP_NS) {
			now = (struct piece){ .begin_ns = end_ns, .end_ns = end_ns };
			continue;
		}
		now.end_ns = end_ns;
		now.bytes += sqlite3_column_int64(row, 1);
		now.ios += sqlite3_column_int64(row, 2);
		if (now.end_ns - now.begin_ns > longest.end_ns - longest.begin_ns)
			longest = now;
	}
	put_longest(b, limit, op, &longest);
	return b->err->code;
}

static int put_all_reached(struct building *b)
{
	json_t *t, *limit;
	size_t i, k;

	json_array_foreach(json_object_get(b->report, "targets"), i, t)
		json_array_foreach(json_object_get(t, "io_limits"), k, limit) {
			int64_t dev = json_integer_value(json_object_get(limit, "dev"));
			int64_t id = json_integer_value(json_object_get(t, "id"));
			int rc = put_reached(b, limit, id, dev, "read");

			rc = rc ? rc : put_reached(b, limit, id, dev, "write");
			if (rc)
				return rc;
		}
	return 0;
}

static int put_limits(struct building *b)
{
	sqlite3_stmt *row;

	if (!has_column(b, "io_limit", "device"))
		return 0;
	row = query(b,
		    "SELECT l.target, coalesce(d.name, (l.device >> 20) || ':' || (l.device & "
		    "1048575)) AS device, l.device AS dev, version, read_bps, write_bps, "
		    "read_iops, write_iops FROM io_limit l LEFT JOIN device d ON d.dev = l.device "
		    "ORDER BY l.target, l.device");
	while (next(b, &row)) {
		json_t *t = target_of(b, sqlite3_column_int64(row, 0)), *list, *limit;

		if (!t)
			continue;
		list = json_object_get(t, "io_limits");
		if (!list) {
			list = json_array();
			put(b, t, "io_limits", list);
		}
		limit = json_object();
		put_row(b, limit, row);
		json_object_del(limit, "target");
		put_append(b, list, limit);
	}
	return b->err->code ? b->err->code : put_all_reached(b);
}

static int put_filesystems(struct building *b)
{
	json_t *list;
	sqlite3_stmt *row;

	if (!has_column(b, "filesystem", "dev"))
		return 0;
	list = json_array();
	put(b, b->report, "filesystems", list);
	row = query(b, "SELECT dev, at, used_bytes, free_bytes FROM filesystem ORDER BY at");
	while (next(b, &row)) {
		json_t *one = json_object();

		put_row(b, one, row);
		put_append(b, list, one);
	}
	return b->err->code;
}

int build_limits(struct building *b)
{
	int rc = put_limits(b);

	return rc ? rc : put_filesystems(b);
}
