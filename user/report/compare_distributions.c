// SPDX-License-Identifier: Apache-2.0
/* How far apart latencies of runs are as a whole, not only at a percentile. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hist.h"
#include "report/compare_parts.h"
#include "report/format.h"
#include "report/internal.h"
#include "stat/distance.h"

static const char *const layers[] = { "block", "vfs" };

struct search {
	const struct compare_run *runs;
	size_t n;
	const struct compare_options *o;
	struct hist *base, *other; /* owned; of one side each */
	json_t *array; /* borrowed */
	bool failed;
};

/* Of an operation: of files, or on what nothing else is stacked upon. */
static void add_target(const json_t *target, const char *layer, const char *op, struct hist *h)
{
	const json_t *in = json_object_get(target, layer);
	const char *device;
	json_t *ops;

	if (!strcmp(layer, "vfs")) {
		hist_of_json(json_object_get(json_object_get(in, op), "latency_ns"), h);
		return;
	}
	json_object_foreach((json_t *)in, device, ops) {
		const json_t *one = json_object_get(ops, op);

		if (!json_is_true(json_object_get(one, "stacked")))
			hist_of_json(json_object_get(one, "total_ns"), h);
	}
}

static void fill(const struct search *s, size_t side, const char *target, const char *layer,
		 const char *op, struct hist *h)
{
	memset(h, 0, sizeof(*h));
	for (size_t r = 0; r < s->n; r++)
		if (compare_side(s->o, r) == side && compare_counts(s->runs, s->n, s->o, r))
			add_target(compare_target(s->runs[r].report, target), layer, op, h);
}

static void add_distribution(struct search *s, const char *target, const char *layer,
			     const char *op)
{
	json_t *count, *ks, *wasserstein, *whole, *row;
	struct building b = { 0 }; /* for its memory */
	size_t sides = compare_sides(s->o, s->n), some = 0;
	char path[128];
	bool wanted;

	/* Who wants a percentile of it wants it. */
	snprintf(path, sizeof(path), "%s.%s.p99", layer, op);
	wanted = compare_wants(s->o, target, path);
	snprintf(path, sizeof(path), "%s.%s.p50", layer, op);
	if (!wanted && !compare_wants(s->o, target, path))
		return;
	count = json_array();
	ks = json_array();
	wasserstein = json_array();
	whole = s->o && s->o->buckets ? json_array() : NULL;
	fill(s, 0, target, layer, op, s->base);
	for (size_t side = 0; side < sides; side++) {
		fill(s, side, target, layer, op, s->other);
		some += s->other->count > 0;
		if (json_array_append_new(count, json_integer((json_int_t)s->other->count)) ||
		    json_array_append_new(ks, compare_number(stat_hist_ks(s->base, s->other))) ||
		    json_array_append_new(wasserstein,
					  compare_number(stat_hist_wasserstein(s->base, s->other))))
			s->failed = true;
		if (whole)
			put_append(&b, whole,
				   s->other->count ? json_hist(&b, s->other) : json_object());
	}
	snprintf(path, sizeof(path), "%s.%s", layer, op);
	row = json_pack("{s:s, s:s, s:o, s:o, s:o}", "target", target, "path", path, "count", count,
			"ks", ks, "wasserstein_ns", wasserstein);
	if (row && whole)
		put(&b, row, "sides", whole);
	else
		json_decref(whole);
	s->failed |= b.out_of_memory;
	if (row && some < 2)
		json_decref(row);
	else if (!row || json_array_append_new(s->array, row))
		s->failed = true;
}

/* Names of operations that any run has, each once. */
static json_t *ops_of(struct search *s, const char *target, const char *layer)
{
	json_t *seen = json_object(), *device, *unused;
	const char *name, *op;

	for (size_t r = 0; r < s->n; r++) {
		json_t *in = json_object_get(compare_target(s->runs[r].report, target), layer);

		json_object_foreach(in, name, device) {
			if (!strcmp(layer, "vfs"))
				s->failed |= json_object_set_new(seen, name, json_null()) != 0;
			else
				json_object_foreach(device, op, unused)
					s->failed |=
						json_object_set_new(seen, op, json_null()) != 0;
		}
	}
	return seen;
}

int compare_distributions(const struct compare_run *runs, size_t n, const struct compare_options *o,
			  json_t *array)
{
	cleanup_free struct hist *base = malloc(sizeof(*base)), *other = malloc(sizeof(*other));
	struct search s = { runs, n, o, base, other, array, false };
	json_t *targets = compare_targets(runs, n), *target, *ops, *unused;
	const char *op;
	size_t i;

	s.failed = !base || !other || !targets;
	json_array_foreach(s.failed ? NULL : targets, i, target)
		for (size_t l = 0; l < ARRAY_SIZE(layers); l++) {
			ops = ops_of(&s, json_string_value(target), layers[l]);
			json_object_foreach(ops, op, unused)
				add_distribution(&s, json_string_value(target), layers[l], op);
			json_decref(ops);
		}
	json_decref(targets);
	return s.failed ? -ENOMEM : 0;
}
