// SPDX-License-Identifier: Apache-2.0
/* What each target used according to its cgroup: totals of counters, extremes of gauges. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/internal.h"

#define MAX_METRICS 256
#define MAX_TARGETS 4096

struct metric {
	char name[64];
	bool counter;
};

struct series { /* of one metric and target */
	uint64_t n;
	int64_t first, last, max;
	double sum;
};

struct samples {
	struct metric metrics[MAX_METRICS];
	size_t n_metrics;
	struct series *of_target[MAX_TARGETS]; /* n_metrics each; NULL: no row */
	int64_t first_ns[MAX_TARGETS], last_ns[MAX_TARGETS];
};

static void samples_free(struct samples *s)
{
	for (size_t i = 0; s && i < MAX_TARGETS; i++)
		free(s->of_target[i]);
	free(s);
}

/* Columns of sample by position after seq, target and the tick's end. */
static int read_metrics(struct building *b, struct samples *s)
{
	sqlite3_stmt *row = query(b, "SELECT c.name, m.kind FROM pragma_table_info('sample') c "
				     "JOIN metric m ON m.name = c.name ORDER BY c.cid");

	while (next(b, &row)) {
		struct metric *m = &s->metrics[s->n_metrics];

		if (s->n_metrics == MAX_METRICS)
			continue;
		snprintf(m->name, sizeof(m->name), "%s", (const char *)sqlite3_column_text(row, 0));
		m->counter = !strcmp((const char *)sqlite3_column_text(row, 1), "counter");
		s->n_metrics++;
	}
	return b->err->code;
}

static void add_row(struct building *b, struct samples *s, sqlite3_stmt *row)
{
	int64_t target = sqlite3_column_int64(row, 0), at_ns = sqlite3_column_int64(row, 1);
	struct series *of;

	if (target < 0 || target >= MAX_TARGETS)
		return;
	if (!s->of_target[target]) {
		s->of_target[target] = calloc(s->n_metrics, sizeof(*of));
		s->first_ns[target] = at_ns;
	}
	of = s->of_target[target];
	if (!of) {
		b->out_of_memory = true;
		return;
	}
	s->last_ns[target] = at_ns;
	for (size_t i = 0; i < s->n_metrics; i++) {
		int64_t v = sqlite3_column_int64(row, 2 + i);

		if (sqlite3_column_type(row, 2 + i) == SQLITE_NULL)
			continue;
		if (!of[i].n++)
			of[i].first = v;
		of[i].last = v;
		of[i].sum += v;
		if (v > of[i].max)
			of[i].max = v;
	}
}

static int read_samples(struct building *b, struct samples *s)
{
	sqlite3_str *sql = sqlite3_str_new(NULL);
	sqlite3_stmt *row;
	char *text;

	sqlite3_str_appendall(sql, "SELECT s.target, t.end_ns");
	for (size_t i = 0; i < s->n_metrics; i++)
		sqlite3_str_appendf(sql, ", s.\"%w\"", s->metrics[i].name);
	sqlite3_str_appendall(sql, " FROM sample s JOIN tick t ON t.seq = s.seq "
				   "ORDER BY s.seq, s.target");
	text = sqlite3_str_finish(sql);
	if (!text)
		return err_set(b->err, -ENOMEM, "cannot make a report");
	row = query(b, text);
	sqlite3_free(text);
	while (next(b, &row))
		add_row(b, s, row);
	return b->err->code;
}

/*
 * A cgroup that the run made counts from zero, and its first sample already holds
 * work: the total is the last value. One that was there before starts at its first
 * sample. So does the network, whose namespace may be older than the cgroup.
 */
static bool counts_from_zero(const json_t *target, const char *metric)
{
	const char *kind = json_string_value(json_object_get(target, "kind"));

	return kind && (!strcmp(kind, "container") || !strcmp(kind, "workload")) &&
	       strncmp(metric, "net_", 4);
}

/* "memory_bytes" becomes "memory_max_bytes": the unit stays at the end. */
static void gauge_key(const char *name, const char *what, char *key, size_t size)
{
	static const char *const units[] = { "_bytes", "_ns" };
	size_t len = strlen(name), unit = 0;

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		size_t n = strlen(units[i]);

		if (len > n && !strcmp(name + len - n, units[i]))
			unit = n;
	}
	snprintf(key, size, "%.*s_%s%s", (int)(len - unit), name, what, name + len - unit);
}

/* Gauges that have one value: limits, which is the last, and peaks, which is the highest. */
static bool is_limit(const char *name)
{
	static const char *const limits[] = {
		"memory_limit_bytes", "memory_high_bytes",	 "memory_low_bytes",
		"memory_min_bytes",   "memory_swap_limit_bytes", "pids_limit",
		"cpu_quota_ns",	      "cpu_period_ns",		 "hugetlb_limit_bytes",
	};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		if (!strcmp(name, limits[i]))
			return true;
	return false;
}

static bool is_peak(const char *name)
{
	return !strcmp(name, "memory_peak_bytes") || !strcmp(name, "pids_peak");
}

static void put_series(struct building *b, json_t *target, json_t *cgroup, const struct metric *m,
		       const struct series *s)
{
	char key[96];

	if (!s->n)
		return;
	if (m->counter) {
		int64_t base = counts_from_zero(target, m->name) ? 0 : s->first;

		if (s->last >= base)
			put(b, cgroup, m->name, json_integer(s->last - base));
	} else if (is_limit(m->name)) {
		put(b, cgroup, m->name, json_integer(s->last));
	} else if (is_peak(m->name)) {
		put(b, cgroup, m->name, json_integer(s->max));
	} else {
		gauge_key(m->name, "max", key, sizeof(key));
		put(b, cgroup, key, json_integer(s->max));
		gauge_key(m->name, "mean", key, sizeof(key));
		put(b, cgroup, key, json_real(s->sum / s->n));
	}
}

/* CPU time over the time it lived, or was watched. */
static void put_cores(struct building *b, json_t *target, json_t *cgroup, int64_t watched_ns)
{
	json_t *lived = json_object_get(target, "duration_s");
	json_t *cpu = json_object_get(cgroup, "cpu_usage_ns");
	double ns = lived ? json_number_value(lived) * 1e9 : watched_ns;

	if (!cpu || ns <= 0)
		return;
	put(b, cgroup, "cpu_cores", json_real(json_integer_value(cpu) / ns));
	put(b, cgroup, "watched_ns", json_integer((int64_t)ns));
}

/* The limit in CPUs' worth of time. */
static void put_cpu_limit(struct building *b, json_t *cgroup)
{
	json_t *quota = json_object_get(cgroup, "cpu_quota_ns");
	json_int_t period = json_integer_value(json_object_get(cgroup, "cpu_period_ns"));

	if (quota && period > 0)
		put(b, cgroup, "cpu_limit_cores",
		    json_real((double)json_integer_value(quota) / period));
}

/* What probes count is told elsewhere. */
static bool is_probes(const struct metric *m)
{
	static const char *const probes[] = { "sched_", "pagecache_", "rdt_" };

	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		if (!strncmp(m->name, probes[i], strlen(probes[i])))
			return true;
	return false;
}

/* The lists that were the last, and how often they have changed. */
static int put_cpusets(struct building *b)
{
	sqlite3_stmt *row;

	if (!has_column(b, "cpuset", "cpus"))
		return b->err->code;
	row = query(b, "SELECT target, cpus AS cpuset_cpus_list, mems AS cpuset_mems_list, "
		       "count(*) OVER (PARTITION BY target) - 1 AS cpuset_changes "
		       "FROM cpuset ORDER BY seq");
	while (next(b, &row)) {
		json_t *target = target_of(b, sqlite3_column_int64(row, 0));
		json_t *cgroup = json_object_get(target, "cgroup");

		for (int i = 1; cgroup && i < sqlite3_column_count(row); i++)
			put_column(b, cgroup, sqlite3_column_name(row, i), row, i);
	}
	return b->err->code;
}

int build_cgroup(struct building *b)
{
	struct samples *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_set(b->err, -ENOMEM, "cannot make a report");
	rc = read_metrics(b, s);
	if (!rc && s->n_metrics)
		rc = read_samples(b, s);
	for (size_t i = 0; !rc && i < MAX_TARGETS; i++) {
		json_t *target = s->of_target[i] ? target_of(b, i) : NULL, *cgroup;

		if (!target)
			continue;
		cgroup = json_object();
		for (size_t m = 0; m < s->n_metrics; m++)
			if (!is_probes(&s->metrics[m]))
				put_series(b, target, cgroup, &s->metrics[m], &s->of_target[i][m]);
		put_cores(b, target, cgroup, s->last_ns[i] - s->first_ns[i]);
		put_cpu_limit(b, cgroup);
		put(b, target, "cgroup", cgroup);
	}
	samples_free(s);
	return rc ? rc : put_cpusets(b);
}
