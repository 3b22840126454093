// SPDX-License-Identifier: Apache-2.0
/* Single runs whose tool repeated itself: its repetitions are the samples. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/compare_parts.h"
#include "report/repetitions.h"
#include "report/spread.h"

/* The first result of @op of a target, unless several jobs or tests do that; NULL: none. */
static const json_t *first_of(const json_t *results, const char *op, size_t len)
{
	const json_t *first = NULL;
	json_t *r;
	size_t i;

	json_array_foreach(results, i, r) {
		const char *is = text_in(r, "op");

		if (!is || strlen(is) != len || strncmp(is, op, len) != 0)
			continue;
		if (first && !repetitions_same(first, r))
			return NULL;
		first = first ? first : r;
	}
	return first;
}

/* What @path ("results.write.iops") was in each repetition; empty where that cannot be told. */
static json_t *samples_of(const json_t *target, const char *path)
{
	const json_t *results = json_object_get(target, "results"), *first;
	const char *op = path + strlen("results."), *last = strrchr(path, '.');

	if (strncmp(path, "results.", strlen("results.")) != 0 || last <= op)
		return json_array();
	first = first_of(results, op, (size_t)(last - op));
	return first ? repetitions_samples(results, first, last + 1) : json_array();
}

/* One side, with its "samples"; NULL: no memory. */
static json_t *side_of(const json_t *target, const char *path)
{
	json_t *samples = samples_of(target, path), *side = NULL, *v;
	size_t most = json_array_size(samples), n = 0, i;
	cleanup_free double *values = calloc(most + 1, sizeof(*values));
	cleanup_free size_t *of = calloc(most + 1, sizeof(*of));

	if (samples && values && of) {
		json_array_foreach(samples, i, v)
			if (json_is_number(v)) {
				values[n] = json_number_value(v);
				of[n++] = i;
			}
		side = spread_json(values, of, n, spread_rises(path));
	}
	if (side && !json_object_set(side, "samples", samples)) {
		json_decref(samples);
		return side;
	}
	json_decref(samples);
	json_decref(side);
	return NULL;
}

static json_t *sides_of(const struct compare_run *runs, size_t n, const char *target,
			const char *path, bool *ret_repeated)
{
	json_t *sides = json_array();

	*ret_repeated = false;
	for (size_t r = 0; r < n; r++) {
		json_t *side = side_of(compare_target(runs[r].report, target), path);

		*ret_repeated |= number_in(side, "n") > 1;
		if (!side || json_array_append_new(sides, side)) {
			json_decref(sides);
			return NULL;
		}
	}
	return sides;
}

int compare_repetitions(const struct compare_run *runs, size_t n, json_t *metrics,
			json_t **ret_family)
{
	json_t *rows = json_array(), *row;
	int rc = rows ? 0 : -ENOMEM;
	size_t i;

	json_array_foreach(metrics, i, row) {
		bool repeated = false;
		json_t *sides =
			sides_of(runs, n, text_in(row, "target"), text_in(row, "path"), &repeated);

		if (!sides || (repeated && (json_object_set(row, "sides", sides) ||
					    json_array_append(rows, row))))
			rc = -ENOMEM;
		json_decref(sides);
	}
	if (!rc && json_array_size(rows))
		rc = compare_tests(rows, ret_family);
	json_decref(rows);
	return rc;
}
