// SPDX-License-Identifier: Apache-2.0
/* How requests lay and failed, who was in each device, and what they lost to each other. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/internal.h"

/* Names of block statuses (BLK_STS_*), which have kept their numbers since Linux 5.16. */
static const char *const statuses[] = {
	NULL,	     "not supported", "timeout", "no space",	"transport",
	"target",    "reserved",      "medium",	 "protection",	"no resource",
	"I/O error", "requeue (dm)",  "again",	 "device busy",
};

static json_t *device_named(struct building *b, const char *name)
{
	json_t *d;
	size_t i;

	json_array_foreach(json_object_get(b->report, "devices"), i, d) {
		const char *its = json_string_value(json_object_get(d, "name"));

		if (its && name && !strcmp(its, name))
			return d;
	}
	return NULL;
}

/* The object of a target's operation on a device, or NULL. */
static json_t *op_of(struct building *b, int64_t target, const char *device, const char *op)
{
	json_t *block = json_object_get(target_of(b, target), "block");

	return json_object_get(json_object_get(block, device ? device : ""), op ? op : "");
}

#define NAME_OF "coalesce(d.name, (b.device >> 20) || ':' || (b.device & 1048575))"

static int add_access(struct building *b)
{
	sqlite3_stmt *row = query(
		b, "SELECT b.target, " NAME_OF ", b.op, sum(b.asked) AS asked, "
		   "sum(b.consecutive) AS consecutive, sum(b.forward) AS forward, "
		   "sum(b.backward) AS backward, "
		   "sum(b.requeues) AS requeues, sum(b.merges) AS merges, sum(b.splits) AS splits, "
		   "sum(b.partial) AS partial, sum(b.missed) AS missed FROM block b "
		   "LEFT JOIN device d ON d.dev = b.device GROUP BY 1, 2, 3");

	while (next(b, &row)) {
		json_t *op = op_of(b, sqlite3_column_int64(row, 0),
				   (const char *)sqlite3_column_text(row, 1),
				   (const char *)sqlite3_column_text(row, 2));
		json_int_t known = sqlite3_column_int64(row, 4) + sqlite3_column_int64(row, 5) +
				   sqlite3_column_int64(row, 6);

		if (!op)
			continue;
		for (int i = 3; i < sqlite3_column_count(row); i++)
			put_column(b, op, sqlite3_column_name(row, i), row, i);
		/* Of the others the order was not looked at. */
		if (known)
			put(b, op, "sequential_ratio",
			    json_real((double)sqlite3_column_int64(row, 4) / known));
	}
	return b->err->code;
}

static int add_errors(struct building *b)
{
	sqlite3_stmt *row = query(b, "SELECT b.target, " NAME_OF ", b.op, b.status, sum(b.count) "
				     "FROM block_error b LEFT JOIN device d ON d.dev = b.device "
				     "GROUP BY 1, 2, 3, 4");

	while (next(b, &row)) {
		json_t *op = op_of(b, sqlite3_column_int64(row, 0),
				   (const char *)sqlite3_column_text(row, 1),
				   (const char *)sqlite3_column_text(row, 2)),
		       *by;
		size_t status = sqlite3_column_int64(row, 3);
		char name[32];

		if (!op)
			continue;
		by = json_object_get(op, "errors_by_status");
		if (!by) {
			by = json_object();
			put(b, op, "errors_by_status", by);
		}
		if (status < ARRAY_SIZE(statuses) && statuses[status])
			snprintf(name, sizeof(name), "%s", statuses[status]);
		else
			snprintf(name, sizeof(name), "status %zu", status);
		put(b, by, name, json_integer(sqlite3_column_int64(row, 4)));
	}
	return b->err->code;
}

/* What the probe saw of each device over the run. */
static int add_depths(struct building *b)
{
	sqlite3_stmt *row = query(
		b,
		"SELECT " NAME_OF ", b.busy_ns, b.max_depth AS depth_max, "
		"b.depth_ns * 1.0 / (SELECT max(end_ns) - min(begin_ns) FROM tick) "
		"AS depth_mean, b.clock_requests, b.clock_unset, b.clock_early, "
		"b.clock_early_max_ns FROM device_depth b "
		"JOIN (SELECT device, max(seq) AS seq FROM device_depth GROUP BY device) m "
		"ON m.device = b.device AND m.seq = b.seq LEFT JOIN device d ON d.dev = b.device");

	while (next(b, &row)) {
		json_t *d = device_named(b, (const char *)sqlite3_column_text(row, 0)), *probe;

		if (!d)
			continue;
		probe = json_object();
		for (int i = 1; i < sqlite3_column_count(row); i++)
			put_column(b, probe, sqlite3_column_name(row, i), row, i);
		put(b, d, "probe", probe);
	}
	return b->err->code;
}

static int add_shares(struct building *b)
{
	sqlite3_stmt *row = query(
		b,
		"SELECT b.target, " NAME_OF ", sum(b.share_ns) AS share_ns, "
		"max(b.max_depth) AS depth_max, "
		"sum(b.depth_ns) * 1.0 / (SELECT max(end_ns) - min(begin_ns) FROM tick) "
		"AS depth_mean FROM share b LEFT JOIN device d ON d.dev = b.device GROUP BY 1, 2");

	while (next(b, &row)) {
		json_t *target = target_of(b, sqlite3_column_int64(row, 0)), *all, *its;
		const char *device = (const char *)sqlite3_column_text(row, 1);
		json_int_t busy;

		if (!target)
			continue;
		all = json_object_get(target, "sharing");
		if (!all) {
			all = json_object();
			put(b, target, "sharing", all);
		}
		its = json_object();
		for (int i = 2; i < sqlite3_column_count(row); i++)
			put_column(b, its, sqlite3_column_name(row, i), row, i);
		busy = json_integer_value(json_object_get(
			json_object_get(device_named(b, device), "probe"), "busy_ns"));
		if (busy > 0)
			put(b, its, "share_ratio",
			    json_real((double)sqlite3_column_int64(row, 2) / busy));
		put(b, all, device, its);
	}
	return b->err->code;
}

/*
 * Whose requests were in the devices that a target used while it ran: those of the ticks that lie in its
 * life at least in part. A tick's numbers are of the time since the one before.
 */
static int add_meanwhile(struct building *b)
{
	sqlite3_stmt *row = query(
		b,
		"SELECT t.id, " NAME_OF ", o.name AS name, o.kind AS kind, "
		"sum(b.share_ns) AS share_ns FROM target t JOIN tick k ON k.begin_ns > t.start_ns "
		"LEFT JOIN tick p ON p.seq = k.seq - 1 JOIN share b ON b.seq = k.seq "
		"JOIN target o ON o.id = b.target LEFT JOIN device d ON d.dev = b.device "
		"WHERE t.kind IN ('container', 'workload') AND "
		"(t.end_ns IS NULL OR coalesce(p.begin_ns, 0) < t.end_ns) "
		"GROUP BY t.id, b.device, o.id HAVING sum(b.share_ns) > 0 ORDER BY share_ns DESC");

	while (next(b, &row)) {
		const char *device = (const char *)sqlite3_column_text(row, 1);
		json_t *its =
			json_object_get(json_object_get(target_of(b, sqlite3_column_int64(row, 0)),
							"sharing"),
					device ? device : "");
		json_t *owner, *all = json_object_get(its, "meanwhile");

		if (!its)
			continue;
		if (!all) {
			all = json_array();
			put(b, its, "meanwhile", all);
		}
		owner = json_object();
		for (int i = 2; i < sqlite3_column_count(row); i++)
			put_column(b, owner, sqlite3_column_name(row, i), row, i);
		put_append(b, all, owner);
	}
	return b->err->code;
}

/* Ticks in which a target had requests in a device: how long they were, and the device's busy time in them. */
static int add_activity(struct building *b)
{
	sqlite3_stmt *row = query(
		b,
		"WITH p AS MATERIALIZED (SELECT seq, end_ns - lag(end_ns, 1, "
		"(SELECT started_mono_ns FROM run)) OVER (ORDER BY seq) AS period_ns FROM tick), "
		"k AS MATERIALIZED (SELECT seq, device, busy_ns - lag(busy_ns) OVER "
		"(PARTITION BY device ORDER BY seq) AS busy_ns FROM device_sample) "
		"SELECT b.target, " NAME_OF ", sum(p.period_ns), sum(k.busy_ns) FROM share b "
		"JOIN p ON p.seq = b.seq JOIN k ON k.seq = b.seq AND k.device = b.device "
		"LEFT JOIN device d ON d.dev = b.device "
		"WHERE b.share_ns > 0 AND k.busy_ns IS NOT NULL GROUP BY 1, 2");

	while (next(b, &row)) {
		json_t *all =
			json_object_get(target_of(b, sqlite3_column_int64(row, 0)), "sharing");
		const char *device = (const char *)sqlite3_column_text(row, 1);
		json_t *its = json_object_get(all, device ? device : "");

		if (!its)
			continue;
		put(b, its, "active_ns", json_integer(sqlite3_column_int64(row, 2)));
		put(b, its, "active_busy_ns", json_integer(sqlite3_column_int64(row, 3)));
	}
	return b->err->code;
}

static int add_interference(struct building *b)
{
	json_t *list = json_object_get(b->report, "interference");
	sqlite3_stmt *row =
		query(b, "SELECT " NAME_OF " AS device, v.name AS victim, a.name AS aggressor, "
			 "sum(b.ns) AS ns FROM interference b JOIN target v ON v.id = b.victim "
			 "JOIN target a ON a.id = b.aggressor LEFT JOIN device d "
			 "ON d.dev = b.device GROUP BY b.device, b.victim, b.aggressor "
			 "ORDER BY ns DESC");

	while (next(b, &row)) {
		json_t *cell = json_object();

		put_row(b, cell, row);
		put_append(b, list, cell);
	}
	return b->err->code;
}

int build_sharing(struct building *b)
{
	int rc;

	put(b, b->report, "interference", json_array());
	/* Databases of schema version 1 have none of it. */
	if (!query_int(b, "SELECT count(*) FROM sqlite_master WHERE name = 'interference'", 0))
		return b->err->code;
	rc = add_access(b);
	if (!rc)
		rc = add_errors(b);
	if (!rc)
		rc = add_depths(b);
	if (!rc)
		rc = add_shares(b);
	if (!rc)
		rc = add_meanwhile(b);
	if (!rc)
		rc = add_activity(b);
	return rc ? rc : add_interference(b);
}
