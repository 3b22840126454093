// SPDX-License-Identifier: Apache-2.0
/* What was measured of targets that runs have in common, by the paths that `expect:` takes. */
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strlist.h"
#include "report/compare_parts.h"
#include "report/format.h"
#include "report/report.h"

#define NAMES_MAX 12

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
	const struct compare_options *o;
	const char *target;
	json_t *array; /* borrowed */
	bool failed; /* no memory */
};

bool compare_wants(const struct compare_options *o, const char *target, const char *path)
{
	const struct str_list *patterns = o ? o->metrics : NULL;
	char name[1024];

	if (!patterns || !patterns->n)
		return true;
	snprintf(name, sizeof(name), "%s.%s", target, path);
	for (size_t i = 0; i < patterns->n; i++)
		if (!fnmatch(patterns->v[i], name, 0))
			return true;
	return false;
}

static void add_metric(struct table *t, const char *path)
{
	json_t *row, *v;
	bool any = false;
	size_t i;

	if (!compare_wants(t->o, t->target, path))
		return;
	row = compare_row(t->runs, t->n, t->o, t->target, path);
	json_array_foreach(json_object_get(row, "values"), i, v)
		any = any || json_is_number(v);
	if (row && !any)
		json_decref(row);
	else if (!row || json_array_append_new(t->array, row))
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

int compare_metrics(const struct compare_run *runs, size_t n, const struct compare_options *o,
		    json_t *array)
{
	struct table t = { .runs = runs, .n = n, .o = o, .array = array };
	json_t *targets = compare_targets(runs, n), *name;
	size_t i;

	t.failed = !targets;
	json_array_foreach(targets, i, name) {
		uint64_t who;

		t.target = json_string_value(name);
		who = compare_who_has(runs, n, t.target);
		/* One that a single run has cannot be compared with anything; alone it is not to be. */
		for (size_t m = 0; (n == 1 || who & (who - 1)) && m < ARRAY_SIZE(metrics); m++)
			add_metrics(&t, &metrics[m]);
	}
	json_decref(targets);
	return t.failed ? -ENOMEM : 0;
}
