// SPDX-License-Identifier: Apache-2.0
/*
 * Where the time of each target's file system calls went, over the run and in each phase
 * of the tool that it ran.
 *
 * The parts add up to the time of calls by construction: what the tasks spent off CPUs
 * within calls is known by reason from the scheduler, and the rest was spent on CPUs, or
 * taken from it there by interrupts and other guests of the host. What exceeds the time that
 * they had CPUs was a wait that was not seen. budget_wait.c cuts the wait for I/O in two.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/budget.h"
#include "report/internal.h"

static int read_times(struct building *b, struct ticks *t)
{
	sqlite3_stmt *row =
		query(b, "SELECT coalesce(lag(begin_ns) OVER (ORDER BY seq), begin_ns), "
			 "begin_ns, (SELECT count(*) FROM tick) FROM tick ORDER BY seq");

	while (next(b, &row)) {
		if (!t->v)
			t->v = calloc(sqlite3_column_int64(row, 2) + 1, sizeof(*t->v));
		if (!t->v) {
			sqlite3_finalize(row);
			return err_set(b->err, -ENOMEM, "reading the time of calls");
		}
		t->v[t->n++] = (struct tick){ .from_ns = sqlite3_column_int64(row, 0),
					      .to_ns = sqlite3_column_int64(row, 1) };
	}
	return b->err->code;
}

static struct tick *tick_at(struct ticks *t, uint64_t to_ns)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (t->v[mid].to_ns < to_ns)
			low = mid + 1;
		else
			high = mid;
	}
	return low < t->n ? &t->v[low] : NULL;
}

#define USE                                                                                        \
	"CASE WHEN op IN ('read', 'uring_read') THEN 0 WHEN op IN "                                \
	"('write', 'uring_write', 'fsync', 'fallocate', 'truncate') THEN 1 ELSE 2 END AS use"

/*
 * Of a file system whose device is a number of its own there may be a block device below all
 * the same, or nodes of block devices in it.
 */
#define ON_BLOCKS                                                                                  \
	"(coalesce(m.dev, '') NOT LIKE '0:%' OR m.fs IN ('aufs', 'bcachefs', 'btrfs', "            \
	"'devtmpfs', 'ecryptfs', 'overlay', 'tmpfs', 'zfs'))"

/* @returned: after calls, in none; older databases lack it. */
#define TIMES(returned)                                                                            \
	"SELECT t.begin_ns, " USE ", sum(ns - nested_ns + " returned                               \
	"), sum(io_ns) FILTER (WHERE " ON_BLOCKS "), sum(lock_ns), "                               \
	"sum(blocked_ns), sum(sleep_ns), sum(throttle_ns), sum(inode_ns), sum(journal_ns), "       \
	"sum(runq_ns + " returned "), sum(io_ns) FILTER (WHERE NOT " ON_BLOCKS "), "               \
	"sum(io_ns) FILTER (WHERE " ON_BLOCKS " AND op IN ('fsync', 'fallocate', 'truncate', "     \
	"'close', 'rename', 'unlink')), sum(" returned "), "                                       \
	"sum(io_ns) FILTER (WHERE " ON_BLOCKS " AND op IN ('copy', 'close', 'rename', 'unlink')) " \
	"FROM call_time c JOIN tick t ON t.seq = c.seq LEFT JOIN mount m ON m.id = c.mount "       \
	"WHERE target = ? GROUP BY c.seq, use"

/* Requests of io_uring have bytes, but are no calls that somebody waits in. */
#define SIZES                                                                                      \
	"SELECT t.begin_ns, " USE ", sum(bytes), "                                                 \
	"max(CASE WHEN op LIKE 'uring%' THEN 0 ELSE max END) FROM histogram h "                    \
	"JOIN tick t ON t.seq = h.seq WHERE target = ? AND layer = 'vfs' GROUP BY h.seq, use"

static sqlite3_stmt *query_target(struct building *b, const char *sql, int64_t target)
{
	sqlite3_stmt *row = query(b, sql);

	if (row)
		sqlite3_bind_int64(row, 1, target);
	return row;
}

/* False: nothing is known of the target's time. */
static bool read_calls(struct building *b, int64_t target, struct ticks *t)
{
	bool any = false, has_return = has_column(b, "call_time", "return_ns");
	sqlite3_stmt *row = query_target(b, has_return ? TIMES("return_ns") : TIMES("0"), target);

	while (next(b, &row)) {
		struct tick *tick = tick_at(t, sqlite3_column_int64(row, 0));

		any = true;
		for (int k = TOTAL; tick && k <= WRITES_TOO; k++)
			tick->calls[sqlite3_column_int(row, 1)][k] =
				sqlite3_column_int64(row, 2 + k);
	}
	row = query_target(b, SIZES, target);
	while (next(b, &row)) {
		struct tick *tick = tick_at(t, sqlite3_column_int64(row, 0));
		int use = sqlite3_column_int(row, 1);

		if (!tick)
			continue;
		tick->calls[use][BYTES] = sqlite3_column_int64(row, 2);
		tick->longest_ns[use] = sqlite3_column_int64(row, 3);
	}
	return any;
}

/*
 * Of leaves, since what is on top of them tells of the same requests; unless it has no other. Of an
 * empty flush the total alone is known, whose most is the device's.
 */
#define REQUESTS(stacked)                                                                          \
	"SELECT t.begin_ns, CASE h.op WHEN 'read' THEN 0 WHEN 'discard' THEN 2 ELSE 1 END AS "     \
	"why, "                                                                                    \
	"coalesce(sum(h.sum) FILTER (WHERE h.layer = 'block_device' AND h.op != 'flush'), 0) + "   \
	"max(coalesce(sum(h.sum) FILTER (WHERE h.layer = 'block_total' AND h.op = 'flush'), 0) - " \
	"coalesce(sum(h.sum) FILTER (WHERE h.layer = 'block_queue' AND h.op = 'flush'), 0), 0), "  \
	"sum(h.sum) FILTER (WHERE h.layer = 'block_queue') FROM histogram h "                      \
	"JOIN tick t ON t.seq = h.seq LEFT JOIN device d ON d.dev = h.device "                     \
	"WHERE h.target = ? AND h.layer IN ('block_device', 'block_queue', 'block_total') "        \
	"AND h.op IN ('read', 'write', 'flush', 'discard') "                                       \
	"AND coalesce(d.stacked, 0) = " stacked " GROUP BY h.seq, why"

static double read_requests(struct building *b, const char *sql, int64_t target, struct ticks *t)
{
	sqlite3_stmt *row = query_target(b, sql, target);
	double all = 0;

	while (next(b, &row)) {
		struct tick *tick = tick_at(t, sqlite3_column_int64(row, 0));
		struct requests of = { sqlite3_column_int64(row, 2), sqlite3_column_int64(row, 3) };

		if (tick)
			tick->requests[sqlite3_column_int(row, 1)] = of;
		all += of.device;
	}
	return all;
}

static void read_oncpu(struct building *b, int64_t target, struct ticks *t)
{
	sqlite3_stmt *row = query_target(
		b,
		"SELECT t.begin_ns, sched_oncpu_ns - lag(sched_oncpu_ns, 1, 0) OVER (ORDER BY "
		"s.seq) FROM sample s JOIN tick t ON t.seq = s.seq WHERE target = ? AND "
		"sched_oncpu_ns IS NOT NULL ORDER BY s.seq",
		target);

	while (next(b, &row)) {
		struct tick *tick = tick_at(t, sqlite3_column_int64(row, 0));

		t->bounded = true;
		if (tick)
			tick->oncpu_ns = sqlite3_column_int64(row, 1);
	}
}

void budget_add(struct budget *to, const struct tick *tick, enum use use, double part)
{
	for (int k = 0; k < PARTS; k++)
		to->calls[k] += part * tick->calls[use][k];
}

json_t *budget_json(struct building *b, const struct ticks *t, const struct budget *of)
{
	const double *calls = of->calls;
	double io = calls[WAIT] + calls[FOREIGN];
	double off = io + calls[LOCK] + calls[BLOCKED] + calls[SLEEP] + calls[THROTTLE] +
		     calls[INODE] + calls[JOURNAL] + calls[RUNQ];
	double unsure = t->watched ? calls[UNSURE] + calls[FOREIGN] : 0;
	int64_t rest = llround(fmax(calls[TOTAL], off)), unseen, other;
	json_t *json = json_object();
	const struct {
		const char *key;
		double ns; /* NAN: absent */
	} parts[] = {
		{ "runq_ns", calls[RUNQ] },
		{ "throttle_ns", calls[THROTTLE] },
		{ "queue_ns", t->watched ? calls[WAIT] - calls[DEVICE] - calls[UNSURE] : NAN },
		{ "device_ns", t->watched ? calls[DEVICE] : NAN },
		{ "io_ns", t->watched ? NAN : io },
		{ "journal_ns", calls[JOURNAL] },
		{ "lock_ns", calls[LOCK] + calls[INODE] },
		{ "other_ns", calls[SLEEP] + calls[BLOCKED] + unsure },
	};

	put(b, json, "total_ns", json_integer(rest));
	/* What ends while counters are read is in one of them and not yet in the other. */
	put(b, json, "excess_ns", json_integer(rest - llround(calls[TOTAL])));
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		int64_t ns = llround(fmax(parts[i].ns, 0));

		if (isnan(parts[i].ns))
			continue;
		if (ns > rest)
			ns = rest;
		rest -= ns;
		put(b, json, parts[i].key, json_integer(ns));
	}
	if (t->bounded && of->oncpu_ns > 0) {
		unseen = llround(fmax(rest - of->oncpu_ns, 0));
		rest -= unseen;
		other = json_integer_value(json_object_get(json, "other_ns"));
		put(b, json, "other_ns", json_integer(other + unseen));
		put(b, json, "unseen_ns", json_integer(unseen));
	}
	put(b, json, "cpu_ns", json_integer(rest));
	put(b, json, "inode_lock_ns", json_integer(llround(calls[INODE])));
	put(b, json, "return_ns", json_integer(llround(calls[RETURN])));
	put(b, json, "sleep_ns", json_integer(llround(calls[SLEEP])));
	put(b, json, "blocked_ns", json_integer(llround(calls[BLOCKED])));
	if (t->watched)
		put(b, json, "unaccounted_wait_ns",
		    json_integer(llround(calls[REST] + calls[FOREIGN])));
	return json;
}

/* What is known of the requests that the target waits for. */
static void read_trust(struct building *b, const json_t *target, struct ticks *t)
{
	const char *how = json_string_value(json_object_get(target, "attribution"));
	const char *backends = "SELECT json_extract(backends, '$.block') IS NOT NULL OR EXISTS "
			       "(SELECT 1 FROM histogram WHERE layer LIKE 'block%') FROM run";

	t->watched = query_int(b, backends, 0);
	t->exact = how && !strcmp(how, "exact");
	t->charged = t->exact && !json_object_get(target, "writeback");
}

static int build_one(struct building *b, json_t *target)
{
	int64_t id = json_integer_value(json_object_get(target, "id"));
	struct budget all = { 0 };
	struct ticks t = { 0 };
	json_t *budget;

	read_trust(b, target, &t);
	if (!read_times(b, &t) && read_calls(b, id, &t)) {
		if (read_requests(b, REQUESTS("0"), id, &t) == 0)
			read_requests(b, REQUESTS("1"), id, &t);
		budget_split_waits(&t);
		read_oncpu(b, id, &t);
		for (size_t i = 0; i < t.n; i++) {
			all.oncpu_ns += t.v[i].oncpu_ns;
			for (int use = 0; use < USES; use++)
				budget_add(&all, &t.v[i], use, 1);
		}
		budget = budget_json(b, &t, &all);
		put(b, target, "budget", budget);
		if (!budget_build_timeline(b, &t, budget))
			budget_build_phases(b, id, &t, budget);
	}
	free(t.v);
	return b->err->code;
}

int build_budget(struct building *b)
{
	json_t *target;
	size_t i;

	if (!has_column(b, "call_time", "journal_ns"))
		return 0;
	json_array_foreach(json_object_get(b->report, "targets"), i, target)
		if (build_one(b, target))
			break;
	return b->err->code;
}
