// SPDX-License-Identifier: Apache-2.0
/* The table and the points made of it. */
#include "fake_points.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIME_NS 1764155040123456789ll /* of tick 0 */
#define TICK_NS 100000000ll

static const struct measure_column block_columns[] = {
	{ "benchmark_id", COLUMN_TAG, TYPE_TEXT, NULL, "id of the run", false },
	{ "target", COLUMN_TAG, TYPE_TEXT, NULL, "name of the target", false },
	{ "target_id", COLUMN_TAG, TYPE_TEXT, NULL, "its number", false },
	{ "kind", COLUMN_TAG, TYPE_TEXT, NULL, "container, or another", false },
	{ "device", COLUMN_TAG, TYPE_TEXT, NULL, "block device", false },
	{ "op", COLUMN_TAG, TYPE_TEXT, NULL, "read, write, flush or discard", false },
	{ "ios", COLUMN_TICK, TYPE_INT, "requests", "requests completed", false },
	{ "bytes", COLUMN_TICK, TYPE_INT, "bytes", "bytes moved", false },
	{ "queue_ns", COLUMN_TICK, TYPE_INT, "ns", "time in the queue", false },
	{ "depth", COLUMN_GAUGE, TYPE_INT, "requests", "requests in flight", false },
	{ "share", COLUMN_GAUGE, TYPE_REAL, "1", "part of the device's time", false },
	{ "busy", COLUMN_GAUGE, TYPE_REAL, "%", "how busy the device was", false },
	{ "total_p99", COLUMN_QUANTILE, TYPE_INT, "ns", "latency", false },
	{ "cache_*", COLUMN_TOTAL, TYPE_REAL, "events", "counter of the cache", true },
	{ "scheduler", COLUMN_FACT, TYPE_TEXT, NULL, "I/O scheduler", false },
	{ "stacked", COLUMN_GAUGE, TYPE_BOOL, NULL, "made of other devices", false },
	{ 0 },
};

static const struct measure_column cgroup_columns[] = {
	{ "benchmark_id", COLUMN_TAG, TYPE_TEXT, NULL, "id of the run", false },
	{ "target", COLUMN_TAG, TYPE_TEXT, NULL, "name of the target", false },
	{ "cpu_usage_ns", COLUMN_TOTAL, TYPE_INT, "ns", "CPU time", false },
	{ "memory_bytes", COLUMN_GAUGE, TYPE_INT, "bytes", "memory in use", false },
	{ 0 },
};

static const struct measure_column result_columns[] = {
	{ "benchmark_id", COLUMN_TAG, TYPE_TEXT, NULL, "id of the run", false },
	{ "target", COLUMN_TAG, TYPE_TEXT, NULL, "name of the target", false },
	{ "bytes", COLUMN_FACT, TYPE_INT, "bytes", "bytes moved", false },
	{ "bw_mib_s", COLUMN_FACT, TYPE_REAL, "MiB/s", "bandwidth", false },
	{ 0 },
};

static const struct measure_column metrics_columns[] = {
	{ "container_name", COLUMN_TAG, TYPE_TEXT, NULL, "name of the container", false },
	{ "perf_cycles", COLUMN_GAUGE, TYPE_INT, "cycles", "cycles", false },
	{ 0 },
};

const struct measurement fake_block = {
	.name = "cbpf_block", .help = "Requests.", .when = MEASURE_TICK, .columns = block_columns
};
const struct measurement fake_cgroup = {
	.name = "cbpf_cgroup", .help = "A cgroup.", .when = MEASURE_TICK, .columns = cgroup_columns
};
const struct measurement fake_result = {
	.name = "cbpf_result", .help = "A result.", .when = MEASURE_END, .columns = result_columns
};
const struct measurement fake_metrics = { .name = "benchmark_metrics",
					  .help = "A container.",
					  .when = MEASURE_TICK,
					  .columns = metrics_columns };
const struct measurement *const fake_measurements[] = { &fake_metrics, &fake_block, &fake_cgroup,
							&fake_result, NULL };

void fake_point(struct point *p, const struct measurement *m, int64_t seq)
{
	memset(p, 0, sizeof(*p));
	p->measurement = m;
	p->seq = seq;
	p->time_ns = TIME_NS + (seq == INT64_MAX ? 0 : seq * TICK_NS);
}

static struct point_value *add(struct point *p, const char *name, bool tag, enum column_type type)
{
	const struct measure_column *c = p->measurement->columns;
	struct point_value *v = tag ? &p->tags[p->n_tags++] : &p->fields[p->n_fields++];

	for (; c->name; c++)
		if (c->many ? !strncmp(c->name, name, strlen(c->name) - 1) : !strcmp(c->name, name))
			break;
	if (!c->name || c->type != type || (c->kind == COLUMN_TAG) != tag) {
		fprintf(stderr, "%s has no such column %s\n", p->measurement->name, name);
		exit(1);
	}
	v->column = c;
	v->name = name;
	return v;
}

void fake_tag(struct point *p, const char *name, const char *text)
{
	add(p, name, true, TYPE_TEXT)->text = text;
}

void fake_int(struct point *p, const char *name, int64_t value)
{
	add(p, name, false, TYPE_INT)->i = value;
}

void fake_real(struct point *p, const char *name, double value)
{
	add(p, name, false, TYPE_REAL)->real = value;
}

void fake_text(struct point *p, const char *name, const char *text)
{
	add(p, name, false, TYPE_TEXT)->text = text;
}

void fake_bool(struct point *p, const char *name, bool value)
{
	add(p, name, false, TYPE_BOOL)->yes = value;
}

void fake_hist(struct point *p, const char *name, const struct hist *hist)
{
	p->hists[p->n_hists].name = name;
	p->hists[p->n_hists++].hist = hist;
}
