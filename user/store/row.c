// SPDX-License-Identifier: Apache-2.0
/* The statements of a run database, prepared on first use. */
#include "store/row.h"

#include <math.h>

#define METRIC_PARAM(name, kind, unit, source) ",?"

static const char *const sql[STMT_COUNT] = {
	[STMT_TARGET_SEEN] = "INSERT INTO target (id, name, kind, io_cgroup_id) "
			     "VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
	[STMT_TARGET] =
		"INSERT INTO target VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
		"?, ?, ?) "
		"ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, "
		"image = coalesce(excluded.image, image), "
		"container_id = coalesce(excluded.container_id, container_id), "
		"cgroup = coalesce(excluded.cgroup, cgroup), "
		"io_cgroup_id = coalesce(excluded.io_cgroup_id, io_cgroup_id), "
		"default_cgroup_id = coalesce(excluded.default_cgroup_id, default_cgroup_id), "
		"state = coalesce(excluded.state, state), "
		"failure = coalesce(excluded.failure, failure), "
		"binary = coalesce(excluded.binary, binary), "
		"exit_code = coalesce(excluded.exit_code, exit_code), "
		"start_ns = coalesce(excluded.start_ns, start_ns), "
		"ready_ns = coalesce(excluded.ready_ns, ready_ns), "
		"end_ns = coalesce(excluded.end_ns, end_ns), "
		"attribution = coalesce(excluded.attribution, attribution), "
		"attribution_reason = coalesce(excluded.attribution_reason, attribution_reason), "
		"writeback = coalesce(excluded.writeback, writeback), "
		"cpus = coalesce(excluded.cpus, cpus), "
		"start_after_ns = coalesce(excluded.start_after_ns, start_after_ns), "
		"stop_after_ns = coalesce(excluded.stop_after_ns, stop_after_ns)",
	[STMT_TICK] = "INSERT INTO tick VALUES (?, ?, ?, ?, ?)",
	[STMT_SAMPLE] = "INSERT INTO sample VALUES (?, ?" METRICS(METRIC_PARAM) ")",
	[STMT_CPUSET] = "INSERT INTO cpuset VALUES (?, ?, ?, ?)",
	[STMT_RDT] = "INSERT INTO rdt VALUES (?, ?, ?, ?, ?, ?)",
	[STMT_RDT_CLASS] = "INSERT INTO rdt_class VALUES (?, ?, ?, ?, ?)",
	[STMT_RDT_ALLOC] = "INSERT OR REPLACE INTO rdt_alloc VALUES (?, ?, ?, ?, ?, ?, ?)",
	[STMT_HISTOGRAM] =
		"INSERT INTO histogram VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STMT_BLOCK] = "INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STMT_BLOCK_ERROR] = "INSERT INTO block_error VALUES (?, ?, ?, ?, ?, ?) "
			     "ON CONFLICT DO UPDATE SET count = count + excluded.count",
	[STMT_SHARE] = "INSERT INTO share VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
		       "share_ns = share_ns + excluded.share_ns, "
		       "depth_ns = depth_ns + excluded.depth_ns, "
		       "max_depth = max(max_depth, excluded.max_depth)",
	[STMT_INTERFERENCE] = "INSERT INTO interference VALUES (?, ?, ?, ?, ?) "
			      "ON CONFLICT DO UPDATE SET ns = ns + excluded.ns",
	[STMT_DEVICE_NAMED] = "INSERT INTO device (dev, name) VALUES (?, ?) ON CONFLICT (dev) "
			      "DO UPDATE SET name = excluded.name WHERE name IS NULL",
	[STMT_DEVICE_DEPTH] = "INSERT INTO device_depth VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STMT_DEVICE_SEEN] = "INSERT INTO device (dev) VALUES (?) ON CONFLICT DO NOTHING",
	[STMT_DEVICE] = "INSERT INTO device (dev, name, stacked) VALUES (?, ?, ?) "
			"ON CONFLICT (dev) DO UPDATE SET "
			"name = excluded.name, stacked = excluded.stacked "
			"WHERE name IS NOT excluded.name OR stacked IS NOT excluded.stacked",
	[STMT_DEVICE_MADE_OF] = "INSERT INTO device (dev, kind, label, leaves) VALUES (?, ?, ?, ?) "
				"ON CONFLICT (dev) DO UPDATE SET kind = excluded.kind, "
				"label = excluded.label, leaves = excluded.leaves",
	[STMT_DEVICE_SAMPLE] = "INSERT INTO device_sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STMT_EVENT] = "INSERT INTO event (mono_ns, target, what, text) VALUES (?, ?, ?, ?)",
	[STMT_RESULT] = "INSERT INTO result VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
			"?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STMT_LOSS] = "INSERT INTO loss VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
		      "count = count + excluded.count",
	[STMT_LOSS_FORGET] = "DELETE FROM loss WHERE what = ?",
	[STMT_FINDING] = "INSERT INTO finding VALUES (NULL, ?, ?, ?, ?, ?, ?)",
	[STMT_THRESHOLD] = "INSERT OR REPLACE INTO threshold VALUES (?, ?)",
	[STMT_EXPECT] = "INSERT INTO expect VALUES (NULL, ?, ?, ?)",
	[STMT_PREEMPTION] = "INSERT INTO preemption VALUES (?, ?, ?, ?)",
	[STMT_MOUNT] = "INSERT INTO mount VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
	[STMT_CALL_TIME] =
		"INSERT INTO call_time VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STMT_FILE] =
		"INSERT INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT DO UPDATE SET reads = reads + excluded.reads, "
		"writes = writes + excluded.writes, others = others + excluded.others, "
		"read_bytes = read_bytes + excluded.read_bytes, "
		"write_bytes = write_bytes + excluded.write_bytes, "
		"read_ns = read_ns + excluded.read_ns, write_ns = write_ns + excluded.write_ns, "
		"other_ns = other_ns + excluded.other_ns, missed = missed + excluded.missed, "
		"direct = direct + excluded.direct, flags = flags | excluded.flags",
	[STMT_VFS_ERROR] = "INSERT INTO vfs_error VALUES (?, ?, ?, ?, ?) "
			   "ON CONFLICT DO UPDATE SET count = count + excluded.count",
	[STMT_HOST] = "UPDATE run SET host = ?",
	[STMT_PERF_EVENT] = "INSERT INTO perf_event VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
	[STMT_PERF] = "INSERT INTO perf VALUES (?, ?, ?, ?, ?, ?)",
	[STMT_RANK] = "INSERT OR REPLACE INTO rank VALUES (?, ?, ?)",
	[STMT_IO_LIMIT] = "INSERT OR REPLACE INTO io_limit VALUES (?, ?, ?, ?, ?, ?, ?)",
	[STMT_FILESYSTEM] = "INSERT OR REPLACE INTO filesystem VALUES (?, ?, ?, ?)",
	[STMT_PROFILE_RUN] = "INSERT INTO profile_run VALUES (?, ?, ?, ?, ?, ?)",
	[STMT_PROFILE] = "INSERT INTO profile VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
			 "samples = samples + excluded.samples",
	[STMT_CURSOR] = "INSERT INTO main.cursor (sink, seq, done, position) VALUES "
			"(?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, "
			"done = excluded.done, position = excluded.position",
	[STMT_FINISH] = "UPDATE run SET status = ?, ended_mono_ns = ?, self = ?",
};

struct row row_of(struct store *s, enum store_stmt which)
{
	struct row r = { .rc = SQLITE_OK };

	if (!s->stmt[which])
		r.rc = sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
					  &s->stmt[which], NULL);
	r.st = s->stmt[which];
	return r;
}

static void row_keep(struct row *r, int rc)
{
	if (r->rc == SQLITE_OK)
		r->rc = rc;
}

void row_int(struct row *r, uint64_t v)
{
	row_keep(r, sqlite3_bind_int64(r->st, ++r->at, v));
}

void row_null(struct row *r)
{
	row_keep(r, sqlite3_bind_null(r->st, ++r->at));
}

void row_int_if(struct row *r, bool there, uint64_t v)
{
	if (there)
		row_int(r, v);
	else
		row_null(r);
}

void row_real(struct row *r, double v)
{
	row_keep(r, isfinite(v) ? sqlite3_bind_double(r->st, ++r->at, v)
				: sqlite3_bind_null(r->st, ++r->at));
}

/* A time that a tool told, in whole ns. */
void row_ns(struct row *r, double v)
{
	row_keep(r, isfinite(v) && v >= 0 ? sqlite3_bind_int64(r->st, ++r->at, (int64_t)v)
					  : sqlite3_bind_null(r->st, ++r->at));
}

void row_text(struct row *r, const char *v)
{
	row_keep(r, sqlite3_bind_text(r->st, ++r->at, v, -1, SQLITE_STATIC)); /* NULL binds NULL */
}

/* As row_text(), and what is empty is absent. */
void row_text_if(struct row *r, const char *v)
{
	row_text(r, v && *v ? v : NULL);
}

int row_end(struct row *r)
{
	if (r->rc == SQLITE_OK) {
		r->rc = sqlite3_step(r->st);
		if (r->rc == SQLITE_DONE)
			r->rc = SQLITE_OK;
	}
	/* Repeats the failure of the step, which is kept already. */
	(void)sqlite3_reset(r->st);
	return r->rc;
}

void row_blob(struct row *r, const void *v, size_t len)
{
	if (len)
		row_keep(r, sqlite3_bind_blob(r->st, ++r->at, v, len, SQLITE_STATIC));
	else
		row_null(r);
}
