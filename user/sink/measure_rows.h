/* SPDX-License-Identifier: Apache-2.0 */
/* How rows of a measurement are written down, and what many measurements have in common. */
#ifndef CBPF_SINK_MEASURE_ROWS_H
#define CBPF_SINK_MEASURE_ROWS_H

#include "sink/measure.h"

#define TAG(name, help)                                                                            \
	{                                                                                          \
		name, COLUMN_TAG, TYPE_TEXT, NULL, help, false                                     \
	}
#define TICK(name, unit, help)                                                                     \
	{                                                                                          \
		name, COLUMN_TICK, TYPE_INT, unit, help, false                                     \
	}
#define TOTAL(name, unit, help)                                                                    \
	{                                                                                          \
		name, COLUMN_TOTAL, TYPE_INT, unit, help, false                                    \
	}
#define GAUGE(name, unit, help)                                                                    \
	{                                                                                          \
		name, COLUMN_GAUGE, TYPE_INT, unit, help, false                                    \
	}
#define RATIO(name, unit, help)                                                                    \
	{                                                                                          \
		name, COLUMN_GAUGE, TYPE_REAL, unit, help, false                                   \
	}
#define STATE(name, help)                                                                          \
	{                                                                                          \
		name, COLUMN_GAUGE, TYPE_TEXT, NULL, help, false                                   \
	}
#define QUANTILE(name, unit, help)                                                                 \
	{                                                                                          \
		name, COLUMN_QUANTILE, TYPE_INT, unit, help, false                                 \
	}
#define FACT(name, type, unit, help)                                                               \
	{                                                                                          \
		name, COLUMN_FACT, TYPE_##type, unit, help, false                                  \
	}
#define WORDS(name, help)                                                                          \
	{                                                                                          \
		name, COLUMN_FACT, TYPE_TEXT, NULL, help, false                                    \
	}
#define MANY(name, kind, type, unit, help)                                                         \
	{                                                                                          \
		name, COLUMN_##kind, TYPE_##type, unit, help, true                                 \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, COLUMN_TAG, TYPE_TEXT, NULL, NULL, false                                     \
	}

/*
 * Parameters of every statement: ?1 and ?2 the ticks, ?3 the run's id, ?4 the host, ?5 when it
 * began, as RFC 3339 has it, ?6 its status, ?7 the host's memory in bytes. Tables have the columns of this version, whatever
 * version the database is: what it lacks is NULL.
 */
#define RUN_TAGS                                                                                   \
	TAG("benchmark_id", "id of the run"), TAG("host", "name of the host that it was made on")
#define RUN_SQL " ?3, ?4"

/* In statements t is the table target, d the table device, and x the rows that points are made of. */
#define TARGET_TAGS                                                                                \
	TAG("target", "container of the spec, or whoever else did it"),                            \
		TAG("target_id", "its number within the run: names of other cgroups may return"),  \
		TAG("kind", "container, workload, cgroup, host, unattributed")
#define TARGET_SQL ", t.name, t.id, t.kind"
#define JOIN_TARGET " CROSS JOIN target t ON t.id = x.target"

#define DEVICE_TAGS                                                                                \
	TAG("device", "its name in /proc/diskstats"), TAG("dev", "major:minor"),                   \
		TAG("stacked", "yes: on top of others, never to be added to them; no")
#define DEVICE_SQL                                                                                 \
	", coalesce(d.name, (x.device >> 20) || ':' || (x.device & 1048575)), "                    \
	"(x.device >> 20) || ':' || (x.device & 1048575), "                                        \
	"CASE d.stacked WHEN 1 THEN 'yes' WHEN 0 THEN 'no' END"
#define JOIN_DEVICE " LEFT JOIN device d ON d.dev = x.device "

#define BETWEEN "x.seq BETWEEN ?1 AND ?2 "

/* A histogram's columns: @name of its series, @unit of its values, @things that have one. */
#define HIST_COLUMNS(name, unit, things)                                                           \
	TICK(name "_count", things, "with a known value"),                                         \
		TICK(name "_sum_" unit, unit, "sum of all values"),                                \
		QUANTILE(name "_p50_" unit, unit, "median, as all percentiles within 3.2 %"),      \
		QUANTILE(name "_p90_" unit, unit, "90th percentile"),                              \
		QUANTILE(name "_p99_" unit, unit, "99th percentile"),                              \
		QUANTILE(name "_p999_" unit, unit, "99.9th percentile"),                           \
		QUANTILE(name "_max_" unit, unit, "maximum")
#define HIST_SQL(h)                                                                                \
	", " #h ".count, " #h ".sum, " #h ".p50, " #h ".p90, " #h ".p99, " #h ".p999, " #h ".max"
/* What a measurement with histograms has after its columns, for each. */
#define HIST_BLOB(h) ", " #h ".buckets, " #h ".sum, " #h ".max"
/* The row of that layer, of the same tick and target, and what else it has in common with x. */
#define JOIN_LAYER(h, layer_name, op_sql, device_sql)                                              \
	" LEFT JOIN histogram " #h " ON " #h ".seq = x.seq AND " #h ".target = x.target AND " #h   \
	".layer = '" layer_name "' AND " #h ".op = " op_sql " AND " #h ".device = " device_sql

/* The columns of a measurement of buckets end with these. */
#define BUCKET_COLUMNS                                                                             \
	TAG("le", "last value of the bucket; +Inf: all"),                                          \
		TICK("count", NULL, "values of the tick that are not larger"),                     \
		TICK("in_bucket", NULL, "of them, those larger than the bucket before holds")

/* feed_perf.c, feed_bench.c: what is not in one row. */
int more_perf(struct feed *f, struct point *p, struct err *err);
int more_bench(struct feed *f, struct point *p, struct err *err);
int more_cores(struct feed *f, struct point *p, struct err *err);

extern const struct measurement benchmark_metrics, benchmark_core_allocation, benchmark_meta,
	benchmark_container_meta;
extern const struct measurement cbpf_block, cbpf_block_bucket, cbpf_block_error, cbpf_share,
	cbpf_interference, cbpf_device, cbpf_device_meta;
extern const struct measurement cbpf_vfs, cbpf_vfs_bucket, cbpf_vfs_error;
extern const struct measurement cbpf_cgroup, cbpf_pressure, cbpf_pagecache, cbpf_sched,
	cbpf_sched_bucket, cbpf_preemption, cbpf_cpuset;
extern const struct measurement cbpf_perf, cbpf_rdt, cbpf_rdt_class, cbpf_rdt_alloc;
extern const struct measurement cbpf_event, cbpf_self, cbpf_cost, cbpf_probe;
extern const struct measurement cbpf_run_meta, cbpf_target_meta, cbpf_result, cbpf_finding,
	cbpf_loss, cbpf_expect;

#endif
