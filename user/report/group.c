// SPDX-License-Identifier: Apache-2.0
/* Adds up the runs of a group, by combination, target and operation. */
#include "report/group.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/format.h"
#include "report/internal.h"
#include "report/series.h"
#include "report/text_parts.h"

#define MIB 1048576.0

/* Values one by one, as Welford adds them up. */
struct sum {
	double n, mean, m2, min, max;
};

struct op {
	const char *name; /* "read", "write", ... */
	const char *source; /* "tool" or "calls" */
	struct sum bw, iops, vfs_bytes, device_bytes;
	struct hist *vfs, *block; /* owned; NULL: nothing was seen */
};

#define OPS_MAX 24 /* of a target */

struct member { /* a target of a combination */
	char *name; /* owned */
	struct sum accessed, missed; /* pages, of runs that tell both */
	struct op ops[OPS_MAX];
	size_t n_ops;
};

struct combination {
	json_t *axes, *runs; /* owned */
	struct series *series; /* owned: of those that ended well */
	size_t ok;
	struct member *v; /* owned */
	size_t n;
};

struct report_group {
	json_t *id, *name, *planned; /* owned; NULL: not known */
	json_t *op_names; /* owned: keeps the names of operations */
	size_t runs;
	struct combination *v; /* owned */
	size_t n;
};

struct report_group *report_group_open(void)
{
	struct report_group *g = calloc(1, sizeof(*g));

	if (g)
		g->op_names = json_object();
	return g;
}

void report_group_close(struct report_group *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n; i++) {
		struct combination *c = &g->v[i];

		for (size_t k = 0; k < c->n; k++) {
			for (size_t o = 0; o < c->v[k].n_ops; o++) {
				free(c->v[k].ops[o].vfs);
				free(c->v[k].ops[o].block);
			}
			free(c->v[k].name);
		}
		free(c->v);
		series_close(c->series);
		json_decref(c->axes);
		json_decref(c->runs);
	}
	free(g->v);
	json_decref(g->id);
	json_decref(g->name);
	json_decref(g->planned);
	json_decref(g->op_names);
	free(g);
}

static void sum_add(struct sum *s, double v)
{
	double delta = v - s->mean;

	if (isnan(v))
		return;
	s->min = s->n && s->min < v ? s->min : v;
	s->max = s->n && s->max > v ? s->max : v;
	s->n++;
	s->mean += delta / s->n;
	s->m2 += delta * (v - s->mean);
}

/* --- finding the place of a value --- */

static struct combination *find_combination(struct report_group *g, const json_t *axes)
{
	json_t *mine = axes ? json_incref((json_t *)axes) : json_object();
	struct combination *v;

	for (size_t i = 0; i < g->n; i++)
		if (json_equal(g->v[i].axes, mine)) {
			json_decref(mine);
			return &g->v[i];
		}
	v = reallocarray(g->v, g->n + 1, sizeof(*v));
	if (!v || !mine) {
		json_decref(mine);
		g->v = v ? v : g->v;
		return NULL;
	}
	g->v = v;
	v[g->n] =
		(struct combination){ .axes = mine, .runs = json_array(), .series = series_open() };
	return &v[g->n++];
}

static struct member *find_member(struct combination *c, const char *name)
{
	struct member *v;

	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].name, name))
			return &c->v[i];
	v = reallocarray(c->v, c->n + 1, sizeof(*v));
	if (!v)
		return NULL;
	c->v = v;
	v[c->n] = (struct member){ .name = strdup(name) };
	return v[c->n].name ? &v[c->n++] : NULL;
}

/* NULL when there are too many, or no memory. */
static struct op *find_op(struct report_group *g, struct member *m, const char *name)
{
	for (size_t i = 0; i < m->n_ops; i++)
		if (!strcmp(m->ops[i].name, name))
			return &m->ops[i];
	if (m->n_ops == OPS_MAX || (!json_object_get(g->op_names, name) &&
				    json_object_set_new(g->op_names, name, json_string(name))))
		return NULL;
	m->ops[m->n_ops] =
		(struct op){ .name = json_string_value(json_object_get(g->op_names, name)) };
	return &m->ops[m->n_ops++];
}

/* --- one run --- */

/* Per operation what the tool says, on average over its repetitions, tests and jobs. */
static void add_results(struct report_group *g, struct member *m, const json_t *target)
{
	const json_t *results = json_object_get(target, "results");
	struct sum bw[OPS_MAX] = { 0 }, iops[OPS_MAX] = { 0 };
	json_t *r;
	size_t i;

	json_array_foreach(results, i, r) {
		const char *name = text_in(r, "op");
		struct op *op = name ? find_op(g, m, name) : NULL;

		if (!op)
			continue;
		op->source = "tool";
		sum_add(&bw[op - m->ops], number_in(r, "bw_mib_s"));
		sum_add(&iops[op - m->ops], number_in(r, "iops"));
	}
	for (i = 0; i < m->n_ops; i++) {
		if (bw[i].n)
			sum_add(&m->ops[i].bw, bw[i].mean);
		if (iops[i].n)
			sum_add(&m->ops[i].iops, iops[i].mean);
	}
}

/* Of what has no tool that tells: reads and writes of files, over the time that it ran. */
static void add_calls(struct report_group *g, struct member *m, const json_t *target)
{
	static const char *const names[] = { "write", "read" };
	double seconds = number_in(target, "duration_s");

	if (json_array_size(json_object_get(target, "results")) || !(seconds > 0))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const json_t *calls = json_object_get(json_object_get(target, "vfs"), names[i]);
		double bytes = number_in(calls, "bytes");
		struct op *op = bytes > 0 ? find_op(g, m, names[i]) : NULL;

		if (!op)
			continue;
		op->source = "calls";
		sum_add(&op->bw, bytes / MIB / seconds);
		sum_add(&op->iops, number_in(calls, "calls") / seconds);
	}
}

static int add_hist(struct hist **to, const json_t *json)
{
	if (!json_is_object(json))
		return 0;
	if (!*to)
		*to = calloc(1, sizeof(**to));
	if (!*to)
		return -ENOMEM;
	hist_of_json(json, *to);
	return 0;
}

/* What the kernel saw of an operation; names are those of the tool where it has such. */
static int add_kernel(const json_t *report, const json_t *target, struct op *op)
{
	const json_t *calls = json_object_get(json_object_get(target, "vfs"), op->name);
	const json_t *total = json_object_get(json_object_get(target, "block_total"), op->name);
	int rc = add_hist(&op->vfs, json_object_get(calls, "latency_ns"));
	const char *device;
	json_t *ops;

	json_object_foreach(json_object_get(target, "block"), device, ops) {
		const json_t *one = json_object_get(ops, op->name);

		/* The same requests, seen below. */
		if (!rc && !json_is_true(json_object_get(one, "stacked")))
			rc = add_hist(&op->block, json_object_get(one, "total_ns"));
	}
	sum_add(&op->vfs_bytes, number_in(calls, "bytes"));
	/* A target without requests has no row; without a probe nothing is known. */
	if (json_object_get(json_object_get(report, "backends"), "block"))
		sum_add(&op->device_bytes, total ? number_in(total, "bytes") : 0);
	return rc;
}

static int add_target(struct report_group *g, struct combination *c, const json_t *report,
		      const json_t *target)
{
	struct member *m = find_member(c, text_in(target, "name") ? text_in(target, "name") : "?");
	const json_t *cache = json_object_get(target, "pagecache");
	double accessed = number_in(cache, "accessed_pages");
	double missed = number_in(cache, "missed_pages");
	int rc = 0;

	if (!m)
		return -ENOMEM;
	add_results(g, m, target);
	add_calls(g, m, target);
	for (size_t i = 0; i < m->n_ops && !rc; i++)
		if (!strcmp(m->ops[i].name, "read") || !strcmp(m->ops[i].name, "write"))
			rc = add_kernel(report, target, &m->ops[i]);
	if (json_object_get(cache, "hit_ratio") && accessed >= 0 && missed >= 0) {
		sum_add(&m->accessed, accessed);
		sum_add(&m->missed, missed < accessed ? missed : accessed);
	}
	return rc;
}

static json_t *describe_run(const json_t *report)
{
	static const char *const keys[] = { "id", "status", "repetition", "started", "duration_s" };
	json_t *run = json_object();
	bool failed = !run;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		json_t *v = json_object_get(report, keys[i]);

		failed |= v && json_object_set(run, keys[i], v);
	}
	if (!failed)
		return run;
	json_decref(run);
	return NULL;
}

int report_group_add(struct report_group *g, const json_t *report, struct err *err)
{
	struct combination *c = find_combination(g, json_object_get(report, "axes"));
	const char *status = text_in(report, "status");
	bool failed = !c || json_array_append_new(c->runs, describe_run(report));
	json_t *t;
	size_t i;

	g->runs++;
	if (!g->id && json_object_get(report, "group"))
		g->id = json_incref(json_object_get(report, "group"));
	if (!g->name && json_object_get(report, "name"))
		g->name = json_incref(json_object_get(report, "name"));
	if (!g->planned && json_object_get(report, "group_runs"))
		g->planned = json_incref(json_object_get(report, "group_runs"));
	if (!failed && status && !strcmp(status, "ok")) {
		c->ok++;
		failed |= !c->series ||
			  series_add(c->series, report, json_array_size(c->runs) - 1, NULL) != 0;
		json_array_foreach(json_object_get(report, "targets"), i, t)
			if (is_own_target(t))
				failed |= add_target(g, c, report, t) != 0;
	}
	return failed ? err_set(err, -ENOMEM, "adding up the runs of a group") : 0;
}

/* --- as JSON --- */

static json_t *sum_json(const struct sum *s)
{
	json_t *o = json_pack("{s:I, s:f, s:f, s:f}", "n", (json_int_t)s->n, "mean", s->mean, "min",
			      s->min, "max", s->max);

	if (o && s->n > 1 &&
	    json_object_set_new(o, "stddev", json_real(sqrt(s->m2 / (s->n - 1))))) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static json_t *hist_json(const struct hist *h)
{
	return json_pack("{s:I, s:I, s:I}", "count", (json_int_t)h->count, "p50",
			 (json_int_t)hist_quantile(h, 0.5), "p99",
			 (json_int_t)hist_quantile(h, 0.99));
}

static json_t *op_json(struct building *b, const struct op *op)
{
	json_t *o = json_object();

	put(b, o, "op", json_string(op->name));
	put(b, o, "source", json_string(op->source));
	if (op->bw.n)
		put(b, o, "bw_mib_s", sum_json(&op->bw));
	if (op->iops.n)
		put(b, o, "iops", sum_json(&op->iops));
	if (op->vfs && op->vfs->count)
		put(b, o, "vfs_ns", hist_json(op->vfs));
	if (op->block && op->block->count)
		put(b, o, "block_ns", hist_json(op->block));
	if (op->vfs_bytes.n)
		put(b, o, "vfs_bytes", json_integer(llround(op->vfs_bytes.mean)));
	if (op->device_bytes.n)
		put(b, o, "device_bytes", json_integer(llround(op->device_bytes.mean)));
	return o;
}

static json_t *member_json(struct building *b, const struct member *m)
{
	json_t *o = json_object(), *ops = json_array();

	put(b, o, "name", json_text(m->name));
	if (m->accessed.mean > 0) {
		put(b, o, "hit_ratio", json_real(1 - m->missed.mean / m->accessed.mean));
		put(b, o, "accessed_pages", json_integer(llround(m->accessed.mean)));
	}
	put(b, o, "ops", ops);
	for (size_t i = 0; i < m->n_ops; i++)
		put_append(b, ops, op_json(b, &m->ops[i]));
	return o;
}

static json_t *combination_json(struct building *b, const struct combination *c)
{
	json_t *o = json_object(), *targets = json_array();

	put(b, o, "axes", json_incref(c->axes));
	put(b, o, "ok", json_integer((json_int_t)c->ok));
	put(b, o, "runs", json_incref(c->runs));
	put(b, o, "targets", targets);
	for (size_t i = 0; i < c->n; i++)
		put_append(b, targets, member_json(b, &c->v[i]));
	if (c->ok > 1)
		put(b, o, "metrics", series_spread(c->series));
	return o;
}

int report_group_json(const struct report_group *g, json_t **ret, struct err *err)
{
	json_t *root = json_object(), *axes = json_array(), *matrix = json_array(), *value;
	struct building b = { .err = err, .report = root };
	const char *name;

	put(&b, root, "schema", json_integer(1));
	put(&b, root, "group", g->id ? json_incref(g->id) : json_null());
	if (g->name)
		put(&b, root, "name", json_incref(g->name));
	put(&b, root, "runs", json_integer((json_int_t)g->runs));
	if (g->planned)
		put(&b, root, "planned", json_incref(g->planned));
	put(&b, root, "axes", axes);
	json_object_foreach(g->n ? g->v[0].axes : NULL, name, value)
		put_append(&b, axes, json_string(name));
	put(&b, root, "matrix", matrix);
	for (size_t i = 0; i < g->n; i++)
		put_append(&b, matrix, combination_json(&b, &g->v[i]));
	if (b.out_of_memory) {
		json_decref(root);
		return err_set(err, -ENOMEM, "adding up the runs of a group");
	}
	*ret = root;
	return 0;
}
