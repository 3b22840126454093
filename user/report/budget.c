// SPDX-License-Identifier: Apache-2.0
/*
 * Where the time of each target's file system calls went, over the run and in each phase
 * of the tool that it ran.
 *
 * The parts add up to the time of calls by construction: what the tasks spent off CPUs
 * within calls is known by reason from the scheduler, and the rest was spent on CPUs. The
 * wait for I/O is cut in two by what the target's own requests did meanwhile:
 *
 *	device = wait * D / (D + Q)	where D + Q >= wait
 *	device = D			otherwise
 *	queue = wait - device
 *
 * with D and Q the time of its requests in devices and in their queues. Requests that
 * nobody waited for (writeback) are in D and Q too, which is why the first line is a share;
 * what throttles before there is a request (io.max) is in neither, and so in the queue.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/internal.h"

/* Numbers of one tick. Times are in ns. */
enum part {
	TOTAL,
	WAIT, /* for I/O */
	LOCK,
	BLOCKED,
	SLEEP,
	THROTTLE,
	INODE,
	JOURNAL,
	RUNQ,
	BYTES,
	PARTS
};

/* What calls are for: a phase of writing has those that write. */
enum use { READS, WRITES, OTHERS, USES };

struct tick {
	uint64_t from_ns, to_ns;
	double calls[USES][PARTS];
	double device, queue; /* of the target's requests */
};

struct ticks {
	struct tick *v; /* of one target, in order */
	size_t n;
};

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

#define USE(column)                                                                                \
	"CASE WHEN " column " IN ('read', 'uring_read') THEN 0 WHEN " column                       \
	" IN ('write', 'uring_write', 'fsync', 'fallocate', 'truncate') THEN 1 ELSE 2 END"

/* False: nothing is known of the target's time. */
static bool read_calls(struct building *b, int64_t target, struct ticks *t)
{
	sqlite3_stmt *row = query(
		b, "SELECT t.begin_ns, " USE(
			   "c.op") " AS use, "
				   "sum(c.ns - c.nested_ns), sum(io_ns), sum(lock_ns), "
				   "sum(blocked_ns), "
				   "sum(sleep_ns), sum(throttle_ns), sum(inode_ns), "
				   "sum(journal_ns), sum(runq_ns), "
				   "(SELECT sum(bytes) FROM histogram h WHERE h.seq = c.seq AND "
				   "h.target = "
				   "c.target AND h.layer = 'vfs' AND " USE("h.op") " = " USE(
					   "c.op") ") "
						   "FROM call_time c JOIN tick t ON t.seq = c.seq "
						   "WHERE c.target = ? "
						   "GROUP BY c.seq, use");
	bool any = false;

	if (row)
		sqlite3_bind_int64(row, 1, target);
	while (next(b, &row)) {
		struct tick *tick = tick_at(t, sqlite3_column_int64(row, 0));

		any = true;
		for (int k = 0; tick && k < PARTS; k++)
			tick->calls[sqlite3_column_int(row, 1)][k] +=
				sqlite3_column_int64(row, 2 + k);
	}
	return any;
}

/* Of leaves, since what is on top of them tells of the same requests; unless it has no other. */
#define BLOCK_SUMS(stacked)                                                                        \
	"SELECT t.begin_ns, sum(h.sum) FILTER (WHERE h.layer = 'block_device'), "                  \
	"sum(h.sum) FILTER (WHERE h.layer = 'block_queue') FROM histogram h "                      \
	"JOIN tick t ON t.seq = h.seq LEFT JOIN device d ON d.dev = h.device "                     \
	"WHERE h.target = ? AND h.layer IN ('block_device', 'block_queue') "                       \
	"AND coalesce(d.stacked, 0) = " stacked " GROUP BY h.seq"

static double read_requests(struct building *b, const char *sql, int64_t target, struct ticks *t)
{
	sqlite3_stmt *row = query(b, sql);
	double all = 0;

	if (row)
		sqlite3_bind_int64(row, 1, target);
	while (next(b, &row)) {
		struct tick *tick = tick_at(t, sqlite3_column_int64(row, 0));

		if (!tick)
			continue;
		tick->device += sqlite3_column_int64(row, 1);
		tick->queue += sqlite3_column_int64(row, 2);
		all += sqlite3_column_int64(row, 1);
	}
	return all;
}

/* Some of the time of calls, and of the requests that were under way meanwhile. */
struct budget {
	double calls[PARTS];
	double device, queue;
};

static void add(struct budget *to, const struct tick *tick, enum use use, double part)
{
	for (int k = 0; k < PARTS; k++)
		to->calls[k] += part * tick->calls[use][k];
}

/* The parts of a budget; they add up to the total. */
static json_t *json_budget(struct building *b, const struct budget *of)
{
	const double *calls = of->calls;
	double both = of->device + of->queue, device = of->device, wait = calls[WAIT];
	double off = wait + calls[LOCK] + calls[BLOCKED] + calls[SLEEP] + calls[THROTTLE] +
		     calls[INODE] + calls[JOURNAL] + calls[RUNQ];
	/* What ends while counters are read is in one of them and not yet in the other. */
	int64_t rest = llround(fmax(calls[TOTAL], off));
	json_t *json = json_object();

	if (both >= wait)
		device = both > 0 ? wait * of->device / both : 0;
	put(b, json, "total_ns", json_integer(rest));
	const struct {
		const char *key;
		double ns;
	} parts[] = {
		{ "runq_ns", calls[RUNQ] },
		{ "throttle_ns", calls[THROTTLE] },
		{ "queue_ns", wait - device },
		{ "device_ns", device },
		{ "journal_ns", calls[JOURNAL] },
		{ "lock_ns", calls[LOCK] + calls[INODE] },
		{ "other_ns", calls[SLEEP] + calls[BLOCKED] },
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		int64_t ns = llround(parts[i].ns);

		if (ns > rest)
			ns = rest;
		rest -= ns;
		put(b, json, parts[i].key, json_integer(ns));
	}
	put(b, json, "cpu_ns", json_integer(rest));
	put(b, json, "inode_lock_ns", json_integer(llround(calls[INODE])));
	return json;
}

#define MAX_PHASES 4096

struct phase {
	uint64_t from_ns, to_ns;
	enum use use;
	struct budget budget;
};

static double overlap(const struct tick *t, const struct phase *p)
{
	double begin = fmax(t->from_ns, p->from_ns), end = fmin(t->to_ns, p->to_ns);

	return end > begin ? end - begin : 0;
}

/*
 * Calls that write belong to the phases of writing that the tick is in, by how long each
 * was; so do those that read. Others go by time alone, and so do requests.
 */
static void share_out(const struct ticks *t, struct phase *phases, size_t n)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct tick *tick = &t->v[i];
		double of_use[USES] = { 0 }, all = 0;

		for (size_t k = 0; k < n; k++) {
			of_use[phases[k].use] += overlap(tick, &phases[k]);
			all += overlap(tick, &phases[k]);
		}
		for (size_t k = 0; k < n && all > 0; k++) {
			double ns = overlap(tick, &phases[k]);

			if (ns <= 0)
				continue;
			add(&phases[k].budget, tick, phases[k].use, ns / of_use[phases[k].use]);
			phases[k].budget.device += tick->device * ns / all;
			phases[k].budget.queue += tick->queue * ns / all;
		}
	}
}

static json_t *json_phase(struct building *b, const struct phase *p, sqlite3_stmt *row)
{
	json_t *json = json_budget(b, &p->budget);

	put_column(b, json, "op", row, 0);
	put_column(b, json, "iteration", row, 1);
	put_column(b, json, "begin_ns", row, 2);
	put_column(b, json, "end_ns", row, 3);
	if (sqlite3_column_type(row, 4) != SQLITE_NULL)
		put(b, json, "tool_bytes", json_integer(llround(sqlite3_column_double(row, 4))));
	put(b, json, "seen_bytes", json_integer(llround(p->budget.calls[BYTES])));
	return json;
}

#define PHASES                                                                                     \
	"SELECT op, iteration, begin_ns, end_ns, bytes FROM result WHERE target = ? "              \
	"AND op IN ('write', 'read') AND end_ns > begin_ns ORDER BY begin_ns"

/* Phases of the tool by its own clock, and what was seen of the bytes that it tells. */
static int build_phases(struct building *b, int64_t target, const struct ticks *t, json_t *budget)
{
	struct phase *phases = calloc(MAX_PHASES, sizeof(*phases));
	json_t *array;
	size_t n = 0, i = 0;
	sqlite3_stmt *row;

	if (!phases)
		return err_set(b->err, -ENOMEM, "reading phases");
	row = query(b, PHASES);
	if (row)
		sqlite3_bind_int64(row, 1, target);
	while (next(b, &row))
		if (n < MAX_PHASES)
			phases[n++] = (struct phase){
				.use = strcmp((const char *)sqlite3_column_text(row, 0), "read")
					       ? WRITES
					       : READS,
				.from_ns = sqlite3_column_int64(row, 2),
				.to_ns = sqlite3_column_int64(row, 3),
			};
	share_out(t, phases, n);
	array = json_array();
	row = query(b, PHASES);
	if (row)
		sqlite3_bind_int64(row, 1, target);
	while (next(b, &row))
		if (i < n)
			put_append(b, array, json_phase(b, &phases[i++], row));
	if (n)
		put(b, budget, "phases", array);
	else
		json_decref(array);
	free(phases);
	return b->err->code;
}

static int build_one(struct building *b, json_t *target)
{
	int64_t id = json_integer_value(json_object_get(target, "id"));
	struct budget all = { 0 };
	struct ticks t = { 0 };
	json_t *budget;

	if (!read_times(b, &t) && read_calls(b, id, &t)) {
		if (read_requests(b, BLOCK_SUMS("0"), id, &t) == 0)
			read_requests(b, BLOCK_SUMS("1"), id, &t);
		for (size_t i = 0; i < t.n; i++) {
			for (int use = 0; use < USES; use++)
				add(&all, &t.v[i], use, 1);
			all.device += t.v[i].device;
			all.queue += t.v[i].queue;
		}
		budget = json_budget(b, &all);
		put(b, target, "budget", budget);
		build_phases(b, id, &t, budget);
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
