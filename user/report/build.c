// SPDX-License-Identifier: Apache-2.0
/* The report as one JSON object: the run, its targets, and what was concluded and lost. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "finding/finding.h"
#include "report/internal.h"
#include "report/ranks.h"
#include "report/repetitions.h"
#include "report/report.h"
#include "report/warm_up.h"
#include "store/store.h"

#define REPORT_SCHEMA 1

/* A column that holds JSON; what cannot be parsed is absent. */
static json_t *column_object(sqlite3_stmt *row, int at)
{
	const char *text = (const char *)sqlite3_column_text(row, at);

	return text ? json_loads(text, 0, NULL) : NULL;
}

/* Since version 2 has `matrix:`. */
static int build_axes(struct building *b)
{
	sqlite3_stmt *row;
	json_t *axes;

	if (!has_column(b, "run", "axes"))
		return 0;
	row = query(b, "SELECT axes, group_runs FROM run");
	while (next(b, &row)) {
		axes = column_object(row, 0);
		if (axes)
			put(b, b->report, "axes", axes);
		put_column(b, b->report, "group_runs", row, 1);
	}
	return b->err->code;
}

static int build_run(struct building *b)
{
	sqlite3_stmt *row =
		query(b,
		      "SELECT id, name, version, runtime, run_group AS \"group\", repetition, "
		      "interval_ns, spec_sha256, started_wall_ns, host, backends, self, "
		      "coalesce(ended_mono_ns, (SELECT max(end_ns) FROM tick)) - started_mono_ns, "
		      "started_mono_ns FROM run");
	json_t *r = b->report, *nested;
	char started[32];

	while (next(b, &row)) {
		for (int i = 0; i <= 7; i++)
			put_column(b, r, sqlite3_column_name(row, i), row, i);
		put_column(b, r, "started_mono_ns", row, 13);
		clock_rfc3339(sqlite3_column_int64(row, 8), started, sizeof(started));
		put(b, r, "started", json_string(started));
		if (sqlite3_column_type(row, 12) != SQLITE_NULL)
			put(b, r, "duration_s", json_real(sqlite3_column_int64(row, 12) / 1e9));
		nested = column_object(row, 9);
		put(b, r, "host", nested ? nested : json_object());
		nested = column_object(row, 10);
		put(b, r, "backends", nested ? nested : json_object());
		nested = column_object(row, 11);
		put(b, r, "self", nested ? nested : json_object());
	}
	put(b, r, "status", json_string(store_status(b->store)));
	put(b, r, "database", json_text(store_path(b->store)));
	return b->err->code;
}

/* What the profiler says of its own time axis, unless the run told it already. */
static int build_ticks(struct building *b)
{
	json_t *self = json_object_get(b->report, "self"), *ticks = json_object();
	sqlite3_stmt *row = query(b, "SELECT count(*) AS ticks, "
				     "max(begin_ns - due_ns) / 1e3 AS late_max_us, "
				     "avg(end_ns - begin_ns) / 1e3 AS sweep_mean_us, "
				     "max(end_ns - begin_ns) / 1e3 AS sweep_max_us FROM tick");

	while (next(b, &row))
		put_row(b, ticks, row);
	if (json_object_update_missing(self, ticks))
		b->out_of_memory = true;
	json_decref(ticks);
	return b->err->code;
}

static int build_targets(struct building *b)
{
	sqlite3_stmt *row =
		query(b, "SELECT id, name, kind, image, container_id, cgroup AS cgroup_path, "
			 "state, failure, binary, "
			 "exit_code, start_ns, ready_ns, end_ns, io_cgroup_id, default_cgroup_id, "
			 "(end_ns - start_ns) / 1e9 AS duration_s FROM target ORDER BY id");
	json_t *targets = json_array();

	put(b, b->report, "targets", targets);
	while (next(b, &row)) {
		json_t *t = json_object();

		put_row(b, t, row);
		put(b, t, "block", json_object());
		put(b, t, "results", json_array());
		put_append(b, targets, t);
	}
	return b->err->code;
}

/* Since schema version 2. */
static int build_attribution(struct building *b)
{
	sqlite3_stmt *row;

	if (!has_column(b, "target", "attribution"))
		return 0;
	row = query(b, "SELECT id, attribution, attribution_reason, writeback FROM target");
	while (next(b, &row)) {
		json_t *t = target_of(b, sqlite3_column_int64(row, 0));

		for (int i = 1; t && i < sqlite3_column_count(row); i++)
			put_column(b, t, sqlite3_column_name(row, i), row, i);
	}
	return b->err->code;
}

json_t *target_of(struct building *b, int64_t id)
{
	json_t *t;
	size_t i;

	json_array_foreach(json_object_get(b->report, "targets"), i, t)
		if (json_integer_value(json_object_get(t, "id")) == id)
			return t;
	return NULL;
}

/*
 * Of a phase that wrote: the most that was not on the device yet in the ticks beside the end of its
 * clock. Absent where the memory of the target is not known, or when that was; and of a phase that is
 * over before two ticks are, whose file may have been removed by the next.
 */
static int put_dirty(struct building *b, json_t *result, int64_t target)
{
	static const char sql[] = "SELECT max(memory_dirty_bytes + memory_writeback_bytes) FROM "
				  "run, sample s JOIN tick "
				  "t ON t.seq = s.seq WHERE s.target = ?1 AND ?2 - ?3 >= 2 * "
				  "interval_ns AND t.begin_ns "
				  "BETWEEN ?2 - interval_ns AND ?2 + interval_ns";
	const json_t *begin = json_object_get(result, "begin_ns");
	const json_t *end = json_object_get(result, "end_ns");
	const char *op = json_string_value(json_object_get(result, "op"));
	sqlite3_stmt *row;

	if (!json_is_integer(end) || !json_is_integer(begin) || !op || strcmp(op, "write") != 0)
		return 0;
	row = query(b, sql);
	if (!row)
		return b->err->code;
	(void)sqlite3_bind_int64(row, 1, target);
	(void)sqlite3_bind_int64(row, 2, json_integer_value(end));
	(void)sqlite3_bind_int64(row, 3, json_integer_value(begin));
	while (next(b, &row))
		put_column(b, result, "dirty_at_end_bytes", row, 0);
	return b->err->code;
}

/*
 * Sum of what the tools say they moved, beside what the devices saw. An operation has none where one of
 * its rows does not say: what is known of the others would pass for all.
 */
static void add_application(struct building *b, json_t *target)
{
	json_t *sums = json_object(), *app = json_object(), *result, *sum;
	const char *op;
	size_t i;

	json_array_foreach(json_object_get(target, "results"), i, result) {
		json_t *bytes = json_object_get(result, "bytes");

		op = json_string_value(json_object_get(result, "op"));
		sum = op ? json_object_get(sums, op) : NULL;
		if (op && (!bytes || json_is_null(sum)))
			put(b, sums, op, json_null());
		else if (op)
			put(b, sums, op,
			    json_integer(json_integer_value(sum) + json_integer_value(bytes)));
	}
	json_object_foreach(sums, op, sum)
		if (!json_is_null(sum))
			put(b, app, op, json_pack("{s:O}", "bytes", sum));
	json_decref(sums);
	if (json_object_size(app))
		put(b, target, "application", app);
	else
		json_decref(app);
}

#define RESULTS(more)                                                                              \
	"SELECT target, tool, version, binary, source, command, status, message, op, "             \
	"iteration, bytes, bw_mib_s, iops, latency_s, block_kib, xfer_kib, open_s, "               \
	"wrrd_s, close_s, total_s, begin_ns, end_ns, tasks" more " FROM result ORDER BY id"

/* What each rank did is of what all did together, and stands apart. */
static void append_result(struct building *b, json_t *target, json_t *result)
{
	static const char *const of_all[] = { "tool",	 "version", "binary", "source",
					      "command", "status",  "message" };
	bool is_rank = json_object_get(result, "rank");
	const char *key = is_rank ? "rank_results" : "results";
	json_t *results = json_object_get(target, key);

	for (size_t i = 0; is_rank && i < sizeof(of_all) / sizeof(of_all[0]); i++)
		(void)json_object_del(result, of_all[i]); /* what is not there need not go */
	if (is_rank && ranks_host(target, json_object_get(result, "rank")))
		put(b, result, "host",
		    json_incref(ranks_host(target, json_object_get(result, "rank"))));

	if (!results) {
		results = json_array();
		put(b, target, key, results);
	}
	put_append(b, results, result);
}

static int build_results(struct building *b)
{
	sqlite3_stmt *row = query(b, has_column(b, "result", "stonewall_s")
					     ? RESULTS(", test, rank, job, calls, errors, min_s, "
						       "p50_s, p90_s, p99_s, p999_s, max_s, "
						       "stonewall_s")
					     : RESULTS(""));
	json_t *target;
	size_t k;

	while (next(b, &row)) {
		json_t *t = target_of(b, sqlite3_column_int64(row, 0)), *r, *bytes;

		if (!t)
			continue;
		r = json_object();
		for (int i = 1; i < sqlite3_column_count(row); i++)
			put_column(b, r, sqlite3_column_name(row, i), row, i);
		/* Bytes are whole, whatever a tool's own arithmetic makes of them. */
		bytes = json_object_get(r, "bytes");
		if (bytes)
			put(b, r, "bytes", json_integer(llround(json_number_value(bytes))));
		if (put_dirty(b, r, sqlite3_column_int64(row, 0))) {
			json_decref(r);
			sqlite3_finalize(row);
			break;
		}
		append_result(b, t, r);
	}
	json_array_foreach(json_object_get(b->report, "targets"), k, target)
		add_application(b, target);
	return b->err->code;
}

/* Rows of @sql as objects; @object names a column that holds JSON, @boolean one that is 0 or 1. */
static int build_rows(struct building *b, const char *key, const char *sql, const char *object,
		      const char *boolean)
{
	sqlite3_stmt *row = query(b, sql);
	json_t *rows = json_array();

	put(b, b->report, key, rows);
	while (next(b, &row)) {
		json_t *r = json_object();

		for (int i = 0; i < sqlite3_column_count(row); i++) {
			const char *name = sqlite3_column_name(row, i);
			json_t *nested;

			if (boolean && !strcmp(name, boolean)) {
				put(b, r, name, json_boolean(sqlite3_column_int(row, i)));
			} else if (object && !strcmp(name, object)) {
				nested = column_object(row, i);
				if (nested)
					put(b, r, name, nested);
			} else {
				put_column(b, r, name, row, i);
			}
		}
		put_append(b, rows, r);
	}
	return b->err->code;
}

/* As the spec has them; a database of before there were any has none. */
static json_t *thresholds_of(struct building *b)
{
	json_t *set = json_object();
	sqlite3_stmt *row;

	if (!has_column(b, "threshold", "name"))
		return set;
	row = query(b, "SELECT name, value FROM threshold");
	while (next(b, &row))
		put(b, set, (const char *)sqlite3_column_text(row, 0),
		    json_real(sqlite3_column_double(row, 1)));
	return set;
}

/* A run that lasts has not shown yet what it is. */
static int build_findings(struct building *b)
{
	const char *status = json_string_value(json_object_get(b->report, "status"));
	bool lasts = status && !strcmp(status, "running") &&
		     !query_int(b, "SELECT ended_mono_ns IS NOT NULL FROM run", 0);
	json_t *set = thresholds_of(b), *findings = json_array(), *not_judged = json_array();
	int rc = b->err->code;

	if (!rc && !lasts) {
		json_decref(findings);
		json_decref(not_judged);
		findings = not_judged = NULL;
		rc = findings_judge(b->report, set, &findings, &not_judged, b->err);
	}
	json_decref(set);
	if (rc)
		return rc;
	put(b, b->report, "findings", findings);
	put(b, b->report, "not_judged", not_judged);
	return 0;
}

static int build_all(struct building *b)
{
	int rc;

	put(b, b->report, "schema", json_integer(REPORT_SCHEMA));
	rc = build_run(b);
	rc = rc ? rc : build_axes(b);
	rc = rc ? rc : build_ticks(b);
	rc = rc ? rc : build_targets(b);
	rc = rc ? rc : build_attribution(b);
	rc = rc ? rc : build_ranks(b);
	rc = rc ? rc : build_block(b);
	rc = rc ? rc : build_sharing(b);
	rc = rc ? rc : build_devices(b);
	rc = rc ? rc : build_limits(b);
	rc = rc ? rc : build_cgroup(b);
	rc = rc ? rc : build_sched(b);
	rc = rc ? rc : build_vfs(b);
	rc = rc ? rc : build_budget(b);
	rc = rc ? rc : build_pagecache(b);
	rc = rc ? rc : build_phases(b);
	rc = rc ? rc : build_warm_up(b);
	rc = rc ? rc : build_rdt(b);
	rc = rc ? rc : build_perf(b);
	rc = rc ? rc : build_profile(b);
	rc = rc ? rc : build_residual(b);
	rc = rc ? rc : build_results(b);
	rc = rc ? rc : build_repetitions(b);
	rc = rc ? rc
		: build_rows(b, "losses",
			     "SELECT what, count, reason FROM loss ORDER BY what, reason", NULL,
			     NULL);
	rc = rc ? rc : build_vfs_losses(b);
	rc = rc ? rc : build_budget_losses(b);
	rc = rc ? rc
		: build_rows(b, "events",
			     "SELECT mono_ns, target, what, text FROM event ORDER BY id", NULL,
			     NULL);
	rc = rc ? rc
		: build_rows(b, "expect", "SELECT expr, actual, ok FROM expect ORDER BY id", NULL,
			     "ok");
	return rc ? rc : build_findings(b); /* of all that is there */
}

int report_build(struct store *s, json_t **ret, struct err *err)
{
	struct building b = { .store = s, .err = err, .report = json_object() };
	int rc;

	err->code = 0;
	if (!b.report)
		return err_set(err, -ENOMEM, "cannot make a report");
	store_snapshot_begin(s);
	rc = build_all(&b);
	store_snapshot_end(s);
	if (!rc && b.out_of_memory)
		rc = err_set(err, -ENOMEM, "cannot make a report of %s", store_path(s));
	if (rc) {
		json_decref(b.report);
		return rc;
	}
	*ret = b.report;
	return 0;
}
