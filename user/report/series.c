// SPDX-License-Identifier: Apache-2.0
/* Values of runs in their order, their spread and their changes. */
#include "report/series.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "report/compare_parts.h"
#include "report/format.h"
#include "report/spread.h"
#include "stat/series.h"

#define CHANGES_MAX 64 /* of a metric */
#define SEED 1 /* the same runs, the same changes */

struct series {
	json_t *metrics; /* owned: by "TARGET PATH", {"target", "path", "samples"} */
	size_t *runs; /* owned: what each is called */
	size_t n;
};

struct series *series_open(void)
{
	struct series *s = calloc(1, sizeof(*s));

	if (s)
		s->metrics = json_object();
	return s;
}

void series_close(struct series *s)
{
	if (!s)
		return;
	json_decref(s->metrics);
	free(s->runs);
	free(s);
}

size_t series_runs(const struct series *s)
{
	return s->n;
}

/* Samples up to @n are those of runs that did not have it. */
static int pad(json_t *samples, size_t n)
{
	while (json_array_size(samples) < n)
		if (json_array_append_new(samples, json_null()))
			return -ENOMEM;
	return 0;
}

static int add_value(struct series *s, const json_t *row)
{
	const char *target = text_in(row, "target"), *path = text_in(row, "path");
	json_t *m, *samples, *value = json_array_get(json_object_get(row, "values"), 0);
	char key[1024];

	snprintf(key, sizeof(key), "%s %s", target, path);
	m = json_object_get(s->metrics, key);
	if (!m) {
		m = json_pack("{s:s, s:s, s:[]}", "target", target, "path", path, "samples");
		if (!m || json_object_set_new(s->metrics, key, m))
			return -ENOMEM;
	}
	samples = json_object_get(m, "samples");
	if (pad(samples, s->n) || json_array_append(samples, value))
		return -ENOMEM;
	return 0;
}

int series_add(struct series *s, const json_t *report, size_t run, const struct compare_options *o)
{
	const struct compare_run one = { report, NULL };
	const struct compare_options options = { .metrics = o ? o->metrics : NULL };
	size_t *runs = reallocarray(s->runs, s->n + 1, sizeof(*runs)), i;
	json_t *rows = json_array(), *row, *m;
	const char *key;
	int rc = runs && rows ? compare_metrics(&one, 1, &options, rows) : -ENOMEM;

	if (runs) {
		s->runs = runs;
		runs[s->n] = run;
	}
	json_array_foreach(rows, i, row)
		rc = rc ? rc : add_value(s, row);
	s->n += !rc;
	json_object_foreach(s->metrics, key, m)
		rc = rc ? rc : pad(json_object_get(m, "samples"), s->n);
	json_decref(rows);
	return rc;
}

/* Those that are there, and of which run each is. */
struct values {
	double *v; /* owned */
	size_t *run; /* owned */
	size_t n;
};

static int values_of(const struct series *s, const json_t *metric, struct values *ret)
{
	struct values values = { calloc(s->n + 1, sizeof(*values.v)),
				 calloc(s->n + 1, sizeof(*values.run)), 0 };
	json_t *v;
	size_t i;

	if (!values.v || !values.run) {
		free(values.v);
		free(values.run);
		return -ENOMEM;
	}
	json_array_foreach(json_object_get(metric, "samples"), i, v)
		if (json_is_number(v)) {
			values.v[values.n] = json_number_value(v);
			values.run[values.n++] = s->runs[i];
		}
	*ret = values;
	return 0;
}

static void values_fini(struct values *values)
{
	free(values->v);
	free(values->run);
}

/* --- how much they spread --- */

static json_t *spread_of(const struct series *s, const json_t *metric)
{
	struct values values;
	json_t *o;

	if (values_of(s, metric, &values))
		return NULL;
	o = spread_json(values.v, values.run, values.n, spread_rises(text_in(metric, "path")));
	values_fini(&values);
	if (o && !json_object_set(o, "target", json_object_get(metric, "target")) &&
	    !json_object_set(o, "path", json_object_get(metric, "path")) &&
	    !json_object_set(o, "samples", json_object_get(metric, "samples")))
		return o;
	json_decref(o);
	return NULL;
}

/* --- where they changed --- */

static json_t *changes_of(const struct series *s, const json_t *metric, double alpha)
{
	struct stat_change found[CHANGES_MAX];
	json_t *list = json_array();
	struct values values;
	int n;

	if (values_of(s, metric, &values)) {
		json_decref(list);
		return NULL;
	}
	n = stat_changes(values.v, values.n, alpha, SEED, found, CHANGES_MAX);
	for (int i = 0; i < n; i++)
		if (json_array_append_new(list,
					  json_pack("{s:I, s:o, s:o, s:o, s:f}", "run",
						    (json_int_t)values.run[found[i].at], "before",
						    compare_number(found[i].before), "after",
						    compare_number(found[i].after), "change_pct",
						    compare_number(compare_change(found[i].after,
										  found[i].before)),
						    "p", found[i].p)))
			n = -ENOMEM;
	values_fini(&values);
	if (n >= 0)
		return json_pack("{s:O, s:O, s:O, s:o}", "target",
				 json_object_get(metric, "target"), "path",
				 json_object_get(metric, "path"), "samples",
				 json_object_get(metric, "samples"), "changes", list);
	json_decref(list);
	return NULL;
}

/* --- of all metrics --- */

json_t *series_spread(const struct series *s)
{
	json_t *list = json_array(), *m;
	const char *key;

	json_object_foreach(s->metrics, key, m)
		if (json_array_append_new(list, spread_of(s, m))) {
			json_decref(list);
			return NULL;
		}
	return list;
}

json_t *series_changes(const struct series *s)
{
	size_t metrics = json_object_size(s->metrics);
	double alpha = COMPARE_ALPHA / (double)(metrics ? metrics : 1);
	json_t *list = json_array(), *m;
	const char *key;

	json_object_foreach(s->metrics, key, m)
		if (json_array_append_new(list, changes_of(s, m, alpha))) {
			json_decref(list);
			return NULL;
		}
	return list;
}
