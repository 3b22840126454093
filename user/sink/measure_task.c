// SPDX-License-Identifier: Apache-2.0
/* Measurements of counters of the hardware, of caches and memory bandwidth. */
#include <stddef.h>

#include "sink/measure_rows.h"

static const struct measure_column perf_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	TAG("event", "as perf list has it"),
	TAG("hardware", "yes: it needs a counter of the hardware, and may have to share it; no"),
	TICK("value", "events",
	     "of the tick, ns of clocks; scaled where it shared its counter, absent "
	     "where it had none"),
	TOTAL("counted", "events", "since the run began, not scaled"),
	TOTAL("enabled_ns", "ns", "time on CPUs in which it was wanted"),
	TOTAL("running_ns", "ns", "of it, in which it was counted"),
	END,
};

const struct measurement cbpf_perf = {
	.name = "cbpf_perf",
	.help = "An event that tasks of a container caused, in ticks in which that has changed. "
		"(others) is all that is no container's, idle CPUs included; (cpus) what the CPUs "
		"have counted themselves, at the end",
	.columns = perf_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL
	       ", coalesce(t.name, iif(x.target = -1, '(others)', '(cpus)')), x.target, t.kind, "
	       "e.name, iif(e.hardware, 'yes', 'no'), NULL, x.value, x.enabled_ns, x.running_ns, "
	       "x.target, x.event FROM perf x CROSS JOIN perf_event e ON e.id = x.event "
	       "LEFT JOIN target t ON t.id = x.target WHERE " BETWEEN "ORDER BY x.seq",
	.more = more_perf,
};

static const struct measure_column rdt_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	TAG("domain", "id of the L3 cache"),
	GAUGE("llc_occupancy_bytes", "bytes", "in it"),
	TOTAL("mbm_total_bytes", "bytes",
	      "moved between it and any memory, since its monitor group "
	      "was made"),
	TOTAL("mbm_local_bytes", "bytes", "of it, memory of the cache's own node"),
	END,
};

const struct measurement cbpf_rdt = {
	.name = "cbpf_rdt",
	.help = "What a container has in an L3 cache at the end of a tick, and what it moved",
	.columns = rdt_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL TARGET_SQL
	       ", x.domain, x.llc_occupancy_bytes, x.mbm_total_bytes, x.mbm_local_bytes FROM rdt "
	       "x" JOIN_TARGET " WHERE " BETWEEN "ORDER BY x.seq",
};

static const struct measure_column class_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	STATE("class", "its control group; /: the default one"),
	STATE("mon_group", "that it is measured by"),
	STATE("schemata", "without L2; absent: the host only monitors"),
	END,
};

const struct measurement cbpf_rdt_class = {
	.name = "cbpf_rdt_class",
	.help = "The control group of a container: told in its first tick, and when that or its "
		"schemata have changed",
	.columns = class_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL TARGET_SQL
	       ", x.class, x.mon_group, x.schemata FROM rdt_class x" JOIN_TARGET " WHERE " BETWEEN
	       "ORDER BY x.seq",
};

static const struct measure_column alloc_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	TAG("resource", "L3; with CDP L3CODE, L3DATA; MB, SMBA"),
	TAG("domain", "id of the cache"),
	STATE("mask", "of caches, in hexadecimal"),
	GAUGE("ways", "ways", "bits of the mask"),
	GAUGE("bandwidth", NULL, "of MB and SMBA, what the kernel says: a percentage, or MB/s"),
	STATE("wrong", "why this host can have no such value; absent: it can"),
	END,
};

const struct measurement cbpf_rdt_alloc = {
	.name = "cbpf_rdt_alloc",
	.help = "The same schemata, a point for each cache",
	.columns = alloc_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL TARGET_SQL
	       ", x.resource, x.domain, iif(x.ways IS NULL, NULL, printf('%x', x.value)), x.ways, "
	       "iif(x.ways IS NULL, x.value, NULL), x.wrong FROM rdt_alloc x" JOIN_TARGET
	       " WHERE " BETWEEN "ORDER BY x.seq",
};
