// SPDX-License-Identifier: Apache-2.0
/* Sampled stacks of each target, and the functions that they were in. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/internal.h"
#include "report/stack.h"

#define FUNCTIONS_MAX 20 /* of each target, those with the most samples of their own */

/* First one for each frame of each stack; then one for each function. */
struct function {
	struct stack_frame frame; /* borrowed from the report */
	size_t stack; /* the last one it was found in */
	uint64_t self, total;
};

static int by_name_and_stack(const void *a, const void *b)
{
	const struct function *of_a = a, *of_b = b;
	int order = stack_compare_frames(&of_a->frame, &of_b->frame);

	return order ? order : (of_a->stack > of_b->stack) - (of_a->stack < of_b->stack);
}

static int by_samples(const void *a, const void *b)
{
	const struct function *of_a = a, *of_b = b;

	if (of_a->self != of_b->self)
		return of_a->self < of_b->self ? 1 : -1;
	if (of_a->total != of_b->total)
		return of_a->total < of_b->total ? 1 : -1;
	return stack_compare_frames(&of_a->frame, &of_b->frame);
}

static const char *stack_in(const json_t *row)
{
	const char *stack = json_string_value(json_object_get(row, "stack"));

	return stack ? stack : "";
}

static uint64_t samples_in(const json_t *object)
{
	return json_integer_value(json_object_get(object, "samples"));
}

/* A function for each frame but the task's name, into @ret, which has room; returns how many. */
static size_t frames_of(const json_t *stacks, struct function *ret)
{
	size_t i, n = 0;
	json_t *row;

	json_array_foreach(stacks, i, row) {
		const char *at = stack_in(row);
		struct stack_frame f;
		size_t first = n;

		if (!stack_next(&at, &f))
			continue;
		while (stack_next(&at, &f))
			ret[n++] = (struct function){ f, i, 0, samples_in(row) };
		if (n > first)
			ret[n - 1].self = samples_in(row);
	}
	return n;
}

/* Sorted by name and stack: one for each function, who calls itself counted once per stack. */
static size_t fold(struct function *v, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct function *to = kept ? &v[kept - 1] : NULL;

		if (!to || stack_compare_frames(&to->frame, &v[i].frame)) {
			v[kept++] = v[i];
			continue;
		}
		to->self += v[i].self;
		if (to->stack != v[i].stack)
			to->total += v[i].total;
		to->stack = v[i].stack;
	}
	return kept;
}

static json_t *functions_of(struct building *b, const json_t *stacks)
{
	cleanup_free struct function *v = NULL;
	json_t *functions = json_array(), *row;
	size_t i, n = 0;

	json_array_foreach(stacks, i, row)
		n += stack_depth(stack_in(row));
	v = calloc(n + 1, sizeof(*v));
	if (!v) {
		b->out_of_memory = true;
		return functions;
	}
	n = frames_of(stacks, v);
	qsort(v, n, sizeof(*v), by_name_and_stack);
	n = fold(v, n);
	qsort(v, n, sizeof(*v), by_samples);
	for (i = 0; i < n && i < FUNCTIONS_MAX; i++)
		put_append(b, functions,
			   json_pack("{s:s#, s:I, s:I}", "name", v[i].frame.name,
				     (int)v[i].frame.len, "self", (json_int_t)v[i].self, "total",
				     (json_int_t)v[i].total));
	return functions;
}

/* Of all samples, those whose leaf is in the kernel, and those where it has no name. */
struct sums {
	uint64_t samples, kernel, unknown;
};

static struct sums sums_of(const json_t *stacks)
{
	struct sums sums = { 0 };
	json_t *row;
	size_t i;

	json_array_foreach(stacks, i, row) {
		const char *at = stack_in(row);
		struct stack_frame leaf;
		size_t depth = 0;

		while (stack_next(&at, &leaf))
			depth++;
		sums.samples += samples_in(row);
		/* The task's name alone is no place. */
		if (depth > 1 && stack_in_kernel(&leaf))
			sums.kernel += samples_in(row);
		if (depth <= 1 || stack_is_nameless(&leaf))
			sums.unknown += samples_in(row);
	}
	return sums;
}

/*
 * A sample stands for the time to the next one. How many fall on somebody is about Poisson
 * distributed, with a standard deviation of the square root of their number (Knoll, Radiation
 * Detection and Measurement, chapter 3): relative to it that is 1 / sqrt(N).
 */
static json_t *profile_of(struct building *b, json_t *stacks, json_int_t frequency_hz)
{
	struct sums sums = sums_of(stacks);
	json_t *p = json_object();

	put(b, p, "frequency_hz", json_integer(frequency_hz));
	put(b, p, "samples", json_integer(sums.samples));
	if (frequency_hz > 0)
		put(b, p, "cpu_ns", json_integer(llround(sums.samples * 1e9 / frequency_hz)));
	if (sums.samples)
		put(b, p, "error_pct", json_real(100 / sqrt(sums.samples)));
	put(b, p, "kernel_samples", json_integer(sums.kernel));
	put(b, p, "unknown_samples", json_integer(sums.unknown));
	put(b, p, "functions", functions_of(b, stacks));
	put(b, p, "stacks", json_incref(stacks));
	return p;
}

/* Those of each target as "profile" for now; none for one that ran and was never found. */
static int build_stacks(struct building *b)
{
	sqlite3_stmt *row;
	json_t *target;
	size_t i;

	json_array_foreach(json_object_get(b->report, "targets"), i, target)
		if (json_object_get(target, "start_ns"))
			put(b, target, "profile", json_array());
	row = query(b, "SELECT target, stack, samples FROM profile "
		       "ORDER BY target, samples DESC, stack");
	while (next(b, &row)) {
		json_t *stack;

		target = target_of(b, sqlite3_column_int64(row, 0));
		if (!target)
			continue;
		if (!json_object_get(target, "profile"))
			put(b, target, "profile", json_array());
		stack = json_object();
		put_column(b, stack, "stack", row, 1);
		put_column(b, stack, "samples", row, 2);
		put_append(b, json_object_get(target, "profile"), stack);
	}
	return b->err->code;
}

/* True when stacks were sampled at all. */
static bool build_run(struct building *b)
{
	sqlite3_stmt *row = query(b, "SELECT frequency_hz, samples, expected, idle, others, lost, "
				     "(SELECT coalesce(sum(samples), 0) FROM profile) AS targets "
				     "FROM profile_run LIMIT 1");
	bool found = false;

	while (next(b, &row)) {
		json_t *run = json_object();

		put_row(b, run, row);
		put(b, b->report, "profile", run);
		found = true;
	}
	return found;
}

int build_profile(struct building *b)
{
	json_t *target, *stacks;
	json_int_t frequency_hz;
	size_t i;

	if (!has_column(b, "profile_run", "frequency_hz") || !build_run(b) || build_stacks(b))
		return b->err->code;
	frequency_hz = json_integer_value(
		json_object_get(json_object_get(b->report, "profile"), "frequency_hz"));
	json_array_foreach(json_object_get(b->report, "targets"), i, target) {
		stacks = json_incref(json_object_get(target, "profile"));
		if (stacks)
			put(b, target, "profile", profile_of(b, stacks, frequency_hz));
		json_decref(stacks);
	}
	return b->err->code;
}
