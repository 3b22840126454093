// SPDX-License-Identifier: Apache-2.0
/* Verdicts on `expect:`: which value a path names, and whether it held. */
#include "base/expect.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/strlist.h"
#include "report/internal.h"
#include "report/report.h"

static json_t *find_target(const json_t *report, const char *name)
{
	json_t *t;
	size_t i;

	json_array_foreach(json_object_get(report, "targets"), i, t) {
		const char *is = json_string_value(json_object_get(t, "name"));

		if (is && !strcmp(is, name))
			return t;
	}
	return NULL;
}

/* What is nobody's has a row for each reason; "unattributed" means all of them: a copy. */
static json_t *all_unattributed(const json_t *report)
{
	json_t *all = json_object(), *block = json_object(), *t, *device;
	const char *name;
	char key[64];
	size_t i, n = 0;

	json_array_foreach(json_object_get(report, "targets"), i, t) {
		const char *kind = json_string_value(json_object_get(t, "kind"));

		if (!kind || strcmp(kind, "unattributed"))
			continue;
		json_object_foreach(json_object_get(t, "block"), name, device) {
			/* Only what lies in it counts, not what it is called. */
			snprintf(key, sizeof(key), "%zu %.40s", n++, name);
			json_object_set(block, key, device);
		}
	}
	json_object_set_new(all, "block", block);
	return all;
}

/*
 * Objects of one operation on the devices to be judged: the leaves, since bytes
 * of a stacked device are seen again below it. A target whose only traces are on
 * one stacked device is judged there.
 */
static size_t devices_of(const json_t *target, const char *op, const json_t **ops, size_t max)
{
	const json_t *stacked = NULL;
	size_t n = 0, n_stacked = 0;
	const char *name;
	json_t *device;

	json_object_foreach(json_object_get(target, "block"), name, device) {
		const json_t *o = json_object_get(device, op);

		if (!o)
			continue;
		if (json_is_true(json_object_get(o, "stacked"))) {
			stacked = o;
			n_stacked++;
		} else if (n < max) {
			ops[n++] = o;
		}
	}
	if (!n && n_stacked == 1)
		ops[n++] = stacked;
	return n;
}

static double of_hist(const struct hist *h, const char *what)
{
	static const struct {
		const char *name;
		double q;
	} quantiles[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p999", 0.999 } };

	if (!h->count)
		return NAN;
	for (size_t i = 0; i < ARRAY_SIZE(quantiles); i++)
		if (!strcmp(what, quantiles[i].name))
			return hist_quantile(h, quantiles[i].q);
	if (!strcmp(what, "max"))
		return h->max;
	if (!strcmp(what, "mean"))
		return (double)h->sum / h->count;
	return strcmp(what, "count") ? NAN : (double)h->count;
}

/* block.OP.[queue.|device.|total.]WHAT, @path without "block.". */
static double block_value(const json_t *target, const char *path)
{
	static const struct {
		const char *prefix, *key;
	} layers[] = { { "queue.", "queue_ns" },
		       { "device.", "device_ns" },
		       { "total.", "total_ns" } };
	const json_t *ops[64];
	const char *dot = strchr(path, '.'), *key = "total_ns", *what;
	struct hist h = { 0 };
	bool known = false;
	double sum = 0;
	char op[32];
	size_t n;

	if (!dot || (size_t)(dot - path) >= sizeof(op))
		return NAN;
	snprintf(op, sizeof(op), "%.*s", (int)(dot - path), path);
	what = dot + 1;
	n = devices_of(target, op, ops, ARRAY_SIZE(ops));
	if (!n)
		return NAN;
	if (!strcmp(what, "ios") || !strcmp(what, "bytes") || !strcmp(what, "errors")) {
		for (size_t i = 0; i < n; i++) {
			const json_t *v = json_object_get(ops[i], what);

			sum += json_number_value(v);
			known = known || json_is_number(v);
		}
		return known ? sum : NAN;
	}
	for (size_t i = 0; i < ARRAY_SIZE(layers); i++) {
		if (strncmp(what, layers[i].prefix, strlen(layers[i].prefix)))
			continue;
		what += strlen(layers[i].prefix);
		key = layers[i].key;
		break;
	}
	for (size_t i = 0; i < n; i++)
		hist_of_json(json_object_get(ops[i], key), &h);
	return of_hist(&h, what);
}

/* vfs.OP.WHAT, @path without "vfs.". */
static double vfs_value(const json_t *target, const char *path)
{
	const char *dot = strchr(path, '.');
	struct hist h = { 0 };
	const json_t *op, *v;
	char name[32];

	if (!dot || (size_t)(dot - path) >= sizeof(name))
		return NAN;
	snprintf(name, sizeof(name), "%.*s", (int)(dot - path), path);
	op = json_object_get(json_object_get(target, "vfs"), name);
	v = json_object_get(op, dot + 1);
	if (json_is_number(v))
		return json_number_value(v);
	hist_of_json(json_object_get(op, "latency_ns"), &h);
	return of_hist(&h, dot + 1);
}

/* results.OP.WHAT, @path without "results.": the mean over repetitions, tests and jobs. */
static double results_value(const json_t *target, const char *path)
{
	const char *dot = strchr(path, '.'), *op;
	double sum = 0;
	size_t i, n = 0;
	json_t *r;

	if (!dot)
		return NAN;
	json_array_foreach(json_object_get(target, "results"), i, r) {
		const json_t *v = json_object_get(r, dot + 1);

		op = json_string_value(json_object_get(r, "op"));
		if (!op || strlen(op) != (size_t)(dot - path) || strncmp(op, path, dot - path) ||
		    !json_is_number(v))
			continue;
		sum += json_number_value(v);
		n++;
	}
	return n ? sum / n : NAN;
}

/* What @path names in an object of numbers and of further objects. Names have dots, too. */
static const json_t *member(const json_t *object, const char *path)
{
	const json_t *v = json_object_get(object, path);
	const char *dot = strchr(path, '.');
	char key[64];

	if (v || !dot || (size_t)(dot - path) >= sizeof(key))
		return v;
	snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
	return member(json_object_get(object, key), dot + 1);
}

static double value_of(const json_t *target, const char *path)
{
	static const char *const objects[] = { "cgroup", "rdt",	 "pagecache",
					       "sched",	 "perf", "profile" };
	const json_t *v = json_object_get(target, path);

	if (!strncmp(path, "block.", 6))
		return block_value(target, path + 6);
	if (!strncmp(path, "vfs.", 4))
		return vfs_value(target, path + 4);
	if (!strncmp(path, "results.", 8))
		return results_value(target, path + 8);
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		size_t len = strlen(objects[i]);

		if (!strncmp(path, objects[i], len) && path[len] == '.')
			v = member(json_object_get(target, objects[i]), path + len + 1);
	}
	return json_is_number(v) ? json_number_value(v) : NAN;
}

double report_value(const json_t *report, const char *target, const char *path)
{
	json_t *t = strcmp(target, "unattributed") ? json_incref(find_target(report, target))
						   : all_unattributed(report);
	double v = t ? value_of(t, path) : NAN;

	json_decref(t);
	return v;
}

void report_match_units(struct expect *e, const char *expr)
{
	size_t path = strlen(e->path), len = strlen(expr);

	if (e->relative || (path > 5 && !strcmp(e->path + path - 5, "per_s")))
		return;
	if (path > 2 && !strcmp(e->path + path - 2, "_s") && isalpha((unsigned char)expr[len - 1]))
		e->value /= 1e9;
}

static json_t *verdict(const json_t *report, const char *expr, bool *ret_ok, struct err *err)
{
	struct expect e;
	double actual;

	if (expect_parse(expr, &e, err))
		return NULL;
	if (e.relative) {
		err_say(err, -EINVAL, "'%s' needs a base, which one run does not have", expr);
		return NULL;
	}
	report_match_units(&e, expr);
	actual = report_value(report, e.target, e.path);
	*ret_ok = !isnan(actual) && expect_holds(&e, actual);
	return json_pack("{s:s, s:o, s:b}", "expr", expr, "actual",
			 isnan(actual) ? json_null() : json_real(actual), "ok", *ret_ok);
}

int report_expect(const json_t *report, const struct str_list *exprs, json_t **ret_array,
		  bool *ret_all_ok, struct err *err)
{
	json_t *all = json_array();
	bool all_ok = true;

	for (size_t i = 0; i < exprs->n; i++) {
		bool ok = false;
		json_t *v;

		err->code = 0;
		v = verdict(report, exprs->v[i], &ok, err);
		if (!v || json_array_append_new(all, v)) {
			json_decref(all);
			return err->code ? err->code
					 : err_set(err, -ENOMEM, "cannot judge '%s'", exprs->v[i]);
		}
		all_ok = all_ok && ok;
	}
	*ret_array = all;
	*ret_all_ok = all_ok;
	return 0;
}
