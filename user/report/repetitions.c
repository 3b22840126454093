// SPDX-License-Identifier: Apache-2.0
/* How much the tool's own repetitions within one run spread: targets[].repetitions. */
#include "report/repetitions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/compare_parts.h"
#include "report/internal.h"
#include "report/spread.h"

static const char *const metrics[] = { "bw_mib_s", "iops",    "latency_s", "open_s",
				       "wrrd_s",   "close_s", "total_s" };

bool repetitions_same(const json_t *first, const json_t *r)
{
	static const char *const keys[] = { "op", "test", "job" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const json_t *a = json_object_get(first, keys[i]), *b = json_object_get(r, keys[i]);

		if (a != b && !json_equal(a, b))
			return false;
	}
	return text_in(r, "op") != NULL;
}

json_t *repetitions_samples(const json_t *results, const json_t *first, const char *metric)
{
	json_t *samples = json_array(), *r;
	bool failed = !samples;
	size_t i;

	json_array_foreach(results, i, r)
		if (repetitions_same(first, r))
			failed |= json_array_append_new(samples,
							compare_number(number_in(r, metric))) != 0;
	if (!failed)
		return samples;
	json_decref(samples);
	return NULL;
}

/* A row, unless fewer than two have the metric. */
static void put_metric(struct building *b, json_t *list, const json_t *results, const json_t *first,
		       const char *metric)
{
	json_t *samples = repetitions_samples(results, first, metric), *spread, *v;
	size_t most = json_array_size(samples), n = 0, i;
	cleanup_free double *values = calloc(most + 1, sizeof(*values));
	cleanup_free size_t *of = calloc(most + 1, sizeof(*of));
	char path[256];

	if (!samples || !values || !of) {
		b->out_of_memory = true;
		json_decref(samples);
		return;
	}
	json_array_foreach(samples, i, v)
		if (json_is_number(v)) {
			values[n] = json_number_value(v);
			of[n++] = i;
		}
	if (n > 1) {
		snprintf(path, sizeof(path), "results.%s.%s", text_in(first, "op"), metric);
		spread = spread_json(values, of, n, spread_rises(path));
		put(b, spread, "op", json_incref(json_object_get(first, "op")));
		if (json_object_get(first, "test"))
			put(b, spread, "test", json_incref(json_object_get(first, "test")));
		if (json_object_get(first, "job"))
			put(b, spread, "job", json_incref(json_object_get(first, "job")));
		put(b, spread, "path", json_string(path));
		put(b, spread, "samples", json_incref(samples));
		put_append(b, list, spread);
	}
	json_decref(samples);
}

/* Whether nothing before @at did the same. */
static bool is_first(const json_t *results, size_t at)
{
	const json_t *r = json_array_get(results, at);

	for (size_t i = 0; i < at; i++)
		if (repetitions_same(json_array_get(results, i), r))
			return false;
	return text_in(r, "op") != NULL;
}

int build_repetitions(struct building *b)
{
	json_t *t;
	size_t i;

	json_array_foreach(json_object_get(b->report, "targets"), i, t) {
		const json_t *results = json_object_get(t, "results");
		json_t *list = json_array();

		for (size_t k = 0; k < json_array_size(results); k++)
			for (size_t m = 0; is_first(results, k) && m < ARRAY_SIZE(metrics); m++)
				put_metric(b, list, results, json_array_get(results, k),
					   metrics[m]);
		if (json_array_size(list))
			put(b, t, "repetitions", json_incref(list));
		json_decref(list);
	}
	return 0;
}
