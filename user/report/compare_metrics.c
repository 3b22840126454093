// SPDX-License-Identifier: Apache-2.0
/* What was measured of targets that runs have in common, by the paths that `expect:` takes. */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/compare_parts.h"
#include "report/format.h"
#include "report/report.h"

#define NAMES_MAX 12
#define EXACT 9007199254740992.0 /* whole numbers below it are what they look like */

/* LAYER.OP.VALUE for each, or LAYER.VALUE where there are no ops; those that any run has are told. */
static const struct metrics {
	const char *layer;
	const char *ops[NAMES_MAX], *values[NAMES_MAX];
} metrics[] = {
	{ "results", { "*" }, { "bw_mib_s", "iops" } }, /* whatever the tool did */
	{ "block",
	  { "read", "write", "discard" },
	  { "ios", "bytes", "p50", "p99", "queue.p50", "queue.p99", "device.p50", "device.p99" } },
	{ "block", { "flush" }, { "ios", "p50", "p99" } },
	{ "vfs",
	  { "read", "write", "uring_read", "uring_write" },
	  { "calls", "bytes", "p50", "p99" } },
	{ "vfs", { "fsync" }, { "calls", "p50", "p99" } },
	{ "pagecache", { NULL }, { "hit_ratio" } },
	{ "sched", { NULL }, { "oncpu_ns", "runq_ns.p99" } },
	{ "cgroup",
	  { NULL },
	  { "cpu_usage_ns", "cpu_throttled_ns", "memory_max_bytes", "memory_peak_bytes" } },
	{ "rdt", { NULL }, { "llc_occupancy_mean_bytes", "mbm_total_bytes_per_s" } },
	{ "profile", { NULL }, { "samples", "kernel_samples" } },
	{ "perf", { NULL }, { "*" } }, /* whatever was counted, and follows from it */
};

struct table {
	const struct compare_run *runs;
	size_t n;
	const char *target;
	json_t *array; /* borrowed */
	bool failed; /* no memory */
};

static json_t *number(double v)
{
	if (!isfinite(v))
		return json_null();
	return v == floor(v) && fabs(v) < EXACT ? json_integer((json_int_t)v) : json_real(v);
}

/* In percent of @base; NAN: not to be told. */
static double change(double v, double base)
{
	if (isnan(v) || isnan(base))
		return NAN;
	if (v == base)
		return 0;
	return base != 0 ? 100 * (v - base) / fabs(base) : NAN;
}

static void add_metric(struct table *t, const char *path)
{
	json_t *values = json_array(), *changes = json_array(), *row;
	double base = NAN;
	bool any = false;

	for (size_t r = 0; r < t->n; r++) {
		double v = report_value(t->runs[r].report, t->target, path);

		if (!r)
			base = v;
		any = any || !isnan(v);
		if (json_array_append_new(values, number(v)) ||
		    json_array_append_new(changes, number(change(v, base))))
			t->failed = true;
	}
	row = json_pack("{s:s, s:s, s:o, s:o}", "target", t->target, "path", path, "values", values,
			"change_pct", changes);
	if (!any)
		json_decref(row);
	else if (json_array_append_new(t->array, row))
		t->failed = true;
}

/* Names that stand for "*", each once, as keys of a new object. */
static json_t *names_of(struct table *t, const char *layer)
{
	json_t *seen = json_object(), *v;
	const char *key;
	size_t i;

	for (size_t r = 0; r < t->n; r++) {
		json_t *in = json_object_get(compare_target(t->runs[r].report, t->target), layer);

		json_array_foreach(in, i, v)
			if (text_in(v, "op") &&
			    json_object_set_new(seen, text_in(v, "op"), json_null()))
				t->failed = true;
		json_object_foreach(in, key, v)
			if (json_is_number(v) && json_object_set_new(seen, key, json_null()))
				t->failed = true;
	}
	return seen;
}

/* @values of LAYER.OP, or of LAYER when @op is NULL. */
static void add_values(struct table *t, const char *layer, const char *op,
		       const char *const *values)
{
	char path[512];

	for (size_t i = 0; i < NAMES_MAX && values[i]; i++) {
		snprintf(path, sizeof(path), "%s%s%s.%s", layer, op ? "." : "", op ? op : "",
			 values[i]);
		add_metric(t, path);
	}
}

static void add_metrics(struct table *t, const struct metrics *m)
{
	bool any_op = m->ops[0] && !strcmp(m->ops[0], "*"), any_value = !strcmp(m->values[0], "*");
	json_t *names = any_op || any_value ? names_of(t, m->layer) : NULL, *unused;
	const char *name;

	json_object_foreach(names, name, unused)
		add_values(t, m->layer, any_op ? name : NULL,
			   any_op ? m->values : (const char *const[NAMES_MAX]){ name });
	json_decref(names);
	if (any_op || any_value)
		return;
	if (!m->ops[0])
		add_values(t, m->layer, NULL, m->values);
	for (size_t i = 0; i < NAMES_MAX && m->ops[i]; i++)
		add_values(t, m->layer, m->ops[i], m->values);
}

int compare_metrics(const struct compare_run *runs, size_t n, json_t *array)
{
	struct table t = { .runs = runs, .n = n, .array = array };
	json_t *targets = compare_targets(runs, n), *name;
	size_t i;

	t.failed = !targets;
	json_array_foreach(targets, i, name) {
		uint64_t who;

		t.target = json_string_value(name);
		who = compare_who_has(runs, n, t.target);
		/* One that a single run has cannot be compared with anything. */
		for (size_t m = 0; who & (who - 1) && m < ARRAY_SIZE(metrics); m++)
			add_metrics(&t, &metrics[m]);
	}
	json_decref(targets);
	return t.failed ? -ENOMEM : 0;
}
