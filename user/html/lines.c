// SPDX-License-Identifier: Apache-2.0
/* Counters and gauges of targets over time, and who was in the devices. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "html/parts.h"
#include "report/internal.h"

/*
 * RATE: growth per second, times @scale. LEVEL: the sum of both columns, where the second is
 * there. PART: of the growth of the second column, what is not growth of the first.
 */
enum how { RATE, LEVEL, PART };

struct metric {
	const char *name, *unit, *column, *second;
	enum how how;
	double scale;
};

static const struct metric of_sample[] = {
	{ "cpu", "cores", "cpu_usage_ns", NULL, RATE, 1e-9 },
	{ "cpu_user", "cores", "cpu_user_ns", NULL, RATE, 1e-9 },
	{ "cpu_system", "cores", "cpu_system_ns", NULL, RATE, 1e-9 },
	{ "cpu_throttled", "ratio", "cpu_throttled_ns", NULL, RATE, 1e-9 },
	{ "runq", "tasks", "sched_runq_ns", NULL, RATE, 1e-9 },
	{ "io_wait", "tasks", "sched_io_ns", NULL, RATE, 1e-9 },
	{ "io_some", "ratio", "io_some_ns", NULL, RATE, 1e-9 },
	{ "io_full", "ratio", "io_full_ns", NULL, RATE, 1e-9 },
	{ "cpu_some", "ratio", "cpu_some_ns", NULL, RATE, 1e-9 },
	{ "memory_some", "ratio", "memory_some_ns", NULL, RATE, 1e-9 },
	{ "memory_full", "ratio", "memory_full_ns", NULL, RATE, 1e-9 },
	{ "memory", "bytes", "memory_bytes", NULL, LEVEL, 1 },
	{ "memory_limit", "bytes", "memory_limit_bytes", NULL, LEVEL, 1 },
	{ "page_cache", "bytes", "memory_file_bytes", NULL, LEVEL, 1 },
	{ "dirty", "bytes", "memory_dirty_bytes", "memory_writeback_bytes", LEVEL, 1 },
	{ "hit_ratio", "ratio", "pagecache_missed", "pagecache_accessed", PART, 1 },
	{ "cgroup_read", "bytes/s", "io_read_bytes", NULL, RATE, 1 },
	{ "cgroup_write", "bytes/s", "io_write_bytes", NULL, RATE, 1 },
	{ "net_rx", "bytes/s", "net_rx_bytes", NULL, RATE, 1 },
	{ "net_tx", "bytes/s", "net_tx_bytes", NULL, RATE, 1 },
};

static const struct metric of_rdt[] = {
	{ "llc", "bytes", "llc_occupancy_bytes", NULL, LEVEL, 1 },
	{ "mbm_total", "bytes/s", "mbm_total_bytes", NULL, RATE, 1 },
	{ "mbm_local", "bytes/s", "mbm_local_bytes", NULL, RATE, 1 },
};

/* One metric of one owner, and what it was last. */
struct line {
	struct bins bins;
	double first, second;
	size_t at; /* tick of these; n of the axis: none yet */
};

static int lines_init(struct line *lines, size_t n, const struct axis *axis)
{
	for (size_t i = 0; i < n; i++) {
		lines[i].at = axis->n;
		if (bins_init(&lines[i].bins, axis))
			return -ENOMEM;
	}
	return 0;
}

static void lines_free(struct line *lines, size_t n)
{
	for (size_t i = 0; lines && i < n; i++)
		bins_fini(&lines[i].bins);
	free(lines);
}

/* A counter that fell began anew: of that tick nothing is known. */
static void add_growth(struct line *l, const struct metric *m, size_t i, double first,
		       double second)
{
	const struct axis *axis = l->bins.axis;
	double seconds = (axis->at_ns[i] - axis->at_ns[l->at]) / 1e9;
	double grown = first - l->first, of = second - l->second;

	if (grown < 0)
		return;
	if (m->how == RATE && seconds > 0)
		bins_add(&l->bins, i, grown / seconds * m->scale, seconds);
	/* Weighed by what was accessed; what was missed may be counted a tick later. */
	if (m->how == PART && of > 0)
		bins_add(&l->bins, i, fmax(0, 1 - grown / of), of);
}

static void add_value(struct line *l, const struct metric *m, size_t i, double first, double second)
{
	const struct axis *axis = l->bins.axis;

	if (!isfinite(first) || (m->how == PART && !isfinite(second)))
		return;
	if (m->how == LEVEL)
		bins_add(&l->bins, i, (first + (isfinite(second) ? second : 0)) * m->scale,
			 fmax(axis_seconds(axis, i), 1e-9));
	else if (l->at < i)
		add_growth(l, m, i, first, second);
	l->first = first;
	l->second = second;
	l->at = i;
}

static double real_of(sqlite3_stmt *row, int at)
{
	return sqlite3_column_type(row, at) == SQLITE_NULL ? NAN : sqlite3_column_double(row, at);
}

static void put_line(struct buf *out, int64_t target, const struct metric *m, const char *device,
		     const struct bins *bins)
{
	if (bins_empty(bins))
		return;
	buf_puts(out, out->len && out->data[out->len - 1] != '[' ? ",\n" : "");
	buf_printf(out, "{\"target\":%" PRId64 ",\"metric\":\"%s\",\"unit\":\"%s\",", target,
		   m->name, m->unit);
	if (device) {
		buf_puts(out, "\"device\":");
		html_json_text(out, device);
		buf_put(out, ",", 1);
	}
	(void)bins_json(bins, out); /* @out keeps the failure */
	buf_put(out, "}", 1);
}

/* Rows of @from: seq, target, and two columns of @table for each metric. */
static int put_metrics(struct building *b, const struct axis *axis, const struct owners *o,
		       const struct metric *m, size_t n, const char *table, const char *from,
		       struct buf *out)
{
	cleanup_buf struct buf sql = BUF_INIT(16384);
	struct line *lines = calloc(n * o->n + 1, sizeof(*lines));
	sqlite3_stmt *row;

	if (!lines || lines_init(lines, n * o->n, axis)) {
		lines_free(lines, n * o->n);
		return err_set(b->err, -ENOMEM, "cannot make series of %zu targets", o->n);
	}
	buf_puts(&sql, "SELECT seq, target");
	for (size_t k = 0; k < n; k++)
		buf_printf(&sql, ", %s, %s",
			   has_column(b, table, m[k].column) ? m[k].column : "NULL",
			   m[k].second && has_column(b, table, m[k].second) ? m[k].second : "NULL");
	buf_puts(&sql, from);
	row = query(b, buf_str(&sql));
	while (next(b, &row)) {
		size_t i = axis_find(axis, sqlite3_column_int64(row, 0));
		size_t owner = owners_find(o, sqlite3_column_int64(row, 1));

		for (size_t k = 0; k < n && i < axis->n && owner < o->n; k++)
			add_value(&lines[owner * n + k], &m[k], i, real_of(row, (int)(2 + 2 * k)),
				  real_of(row, (int)(3 + 2 * k)));
	}
	for (size_t k = 0; k < n * o->n; k++)
		put_line(out, owners_id(o, k / n), &m[k % n], NULL, &lines[k].bins);
	lines_free(lines, n * o->n);
	return b->err->code;
}

static const struct metric of_share = { "share", "ratio", "share_ns", NULL, RATE, 1e-9 };

static void rates_free(struct rate *rates, size_t n)
{
	for (size_t i = 0; rates && i < n; i++)
		rate_fini(&rates[i]);
	free(rates);
}

static struct rate *rates_new(size_t n, const struct axis *axis)
{
	struct rate *rates = calloc(n, sizeof(*rates));

	for (size_t i = 0; rates && i < n; i++)
		if (rate_init(&rates[i], axis)) {
			rates_free(rates, n);
			return NULL;
		}
	return rates;
}

static int put_shares_of(struct building *b, const struct axis *axis, const struct owners *o,
			 int64_t dev, const char *name, struct buf *out)
{
	struct rate *rates = rates_new(o->n + 1, axis);
	sqlite3_stmt *row = NULL;

	if (!rates)
		return err_set(b->err, -ENOMEM, "cannot make series of a device");
	row = query(b, "SELECT seq, target, share_ns FROM share WHERE device = ?1 ORDER BY seq");
	if (row)
		(void)sqlite3_bind_int64(row, 1, dev);
	while (next(b, &row)) {
		size_t i = axis_find(axis, sqlite3_column_int64(row, 0));
		size_t owner = owners_find(o, sqlite3_column_int64(row, 1));

		if (i < axis->n)
			rate_add(&rates[owner], i, sqlite3_column_double(row, 2) * of_share.scale);
	}
	for (size_t k = 0; k <= o->n; k++) {
		rate_end(&rates[k]);
		put_line(out, owners_id(o, k), &of_share, name, &rates[k].bins);
	}
	rates_free(rates, o->n + 1);
	return b->err->code;
}

/* A stacked device has none: its time is that of what it rests upon. */
static int put_shares(struct building *b, const struct axis *axis, const struct owners *o,
		      struct buf *out)
{
	json_t *d;
	size_t i;

	json_array_foreach(json_object_get(b->report, "devices"), i, d) {
		const char *name = json_string_value(json_object_get(d, "name"));
		const json_t *dev = json_object_get(d, "dev");

		if (json_is_true(json_object_get(d, "stacked")) || !dev)
			continue;
		if (put_shares_of(b, axis, o, json_integer_value(dev), name ? name : "?", out))
			return b->err->code;
	}
	return 0;
}

int html_lines(struct building *b, const struct axis *axis, const struct owners *o, struct buf *out)
{
	int rc;

	buf_puts(out, "\"lines\":[");
	rc = put_metrics(b, axis, o, of_sample, ARRAY_SIZE(of_sample), "sample",
			 " FROM sample ORDER BY seq", out);
	if (!rc && has_column(b, "rdt", "domain"))
		/* One domain that could not be read leaves the sum unknown. */
		rc = put_metrics(b, axis, o, of_rdt, ARRAY_SIZE(of_rdt), "rdt",
				 " FROM (SELECT seq, target, "
				 "iif(count(*) = count(llc_occupancy_bytes), "
				 "sum(llc_occupancy_bytes), NULL) AS llc_occupancy_bytes, "
				 "iif(count(*) = count(mbm_total_bytes), "
				 "sum(mbm_total_bytes), NULL) AS mbm_total_bytes, "
				 "iif(count(*) = count(mbm_local_bytes), "
				 "sum(mbm_local_bytes), NULL) AS mbm_local_bytes "
				 "FROM rdt GROUP BY seq, target) ORDER BY seq",
				 out);
	if (!rc && has_column(b, "share", "share_ns"))
		rc = put_shares(b, axis, o, out);
	buf_puts(out, "]");
	return rc;
}
