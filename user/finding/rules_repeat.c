// SPDX-License-Identifier: Apache-2.0
/* What the tool's own repetitions say of how far its numbers can be trusted. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "finding/judging.h"
#include "finding/rules.h"

#define MAX_REPETITIONS 256
#define RESULTS "SELECT op, iteration, bw_mib_s, total_s FROM result WHERE target = ?1 ORDER BY id"

static const char *const ops[] = { "write", "read" };

/* What repeats one another: the same operation of the same test of a script. */
struct repeated {
	const json_t *first;
	double values[MAX_REPETITIONS]; /* in order */
	size_t n;
};

static bool is_ior_of(const json_t *r, const char *op)
{
	const char *tool = text_at(r, "tool"), *did = text_at(r, "op");

	return tool && !strcmp(tool, "ior") && did && !strcmp(did, op);
}

static bool same_test(const json_t *a, const json_t *b)
{
	const json_t *x = json_object_get(a, "test"), *y = json_object_get(b, "test");

	return x == y || json_equal(x, y);
}

/* The values of @key of the next test that has @op, from *@at = 0 on; false: no more of them. */
static bool next_test(const json_t *target, const char *op, const char *key, size_t *at,
		      struct repeated *ret)
{
	const json_t *results = json_object_get(target, "results"), *r, *before;
	size_t i;

	for (ret->n = 0; !ret->n && *at < json_array_size(results); (*at)++) {
		ret->first = json_array_get(results, *at);
		if (!is_ior_of(ret->first, op))
			continue;
		for (i = 0; i < *at; i++) {
			before = json_array_get(results, i);
			if (is_ior_of(before, op) && same_test(before, ret->first))
				break;
		}
		if (i < *at)
			continue;
		json_array_foreach(results, i, r) {
			double value = number_at(r, key);

			if (is_ior_of(r, op) && same_test(r, ret->first) && !isnan(value) &&
			    ret->n < MAX_REPETITIONS)
				ret->values[ret->n++] = value;
		}
	}
	return ret->n > 0;
}

/* "read", or of several tests "read of test 1"; its number is NAN where it says nothing. */
static double put_name(const json_t *target, const json_t *first, char *name, size_t size)
{
	const char *op = text_at(first, "op");
	const json_t *r;
	size_t i;

	json_array_foreach(json_object_get(target, "results"), i, r) {
		if (!is_ior_of(r, op) || same_test(r, first))
			continue;
		snprintf(name, size, "%s of test %.0f", op, number_at(first, "test"));
		return number_at(first, "test");
	}
	snprintf(name, size, "%s", op);
	return NAN;
}

static void judge_too_short(struct judging *j)
{
	struct repeated reps;

	for (size_t o = 0; o < 2; o++) {
		size_t n = 0, few = 0;
		double least = INFINITY;

		for (size_t at = 0; next_test(j->target, ops[o], "total_s", &at, &reps);) {
			n += reps.n;
			for (size_t i = 0; i < reps.n; i++) {
				few += reps.values[i] < j->at[0];
				least = fmin(least, reps.values[i]);
			}
		}
		if (few)
			found(j, CONFIDENCE_HIGH,
			      with_text(numbers("short", (double)few, "of", (double)n, "shortest_s",
						least, NULL),
					"op", ops[o]),
			      RESULTS,
			      "%zu of %zu repetitions of %s took less than %.3g s, the "
			      "shortest %.3g s",
			      few, n, ops[o], j->at[0], least);
	}
}

const struct finding_rule rule_too_short = {
	.id = "too-short",
	.severity = "warning",
	.title = "a phase was too short",
	.why = "Caches of the device, start and end weigh more than steady work: IO500 asks for "
	       "300 s.",
	.advice = "move more (block, segments), or for a time (stonewall_s, wear_out)",
	.thresholds = { { "seconds", 1, "s", "below which it is told" } },
	.judge = judge_too_short,
};

static double mean_of(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return sum / n;
}

/* Of a sample: divided by n - 1. */
static double deviation_of(const double *v, size_t n)
{
	double mean = mean_of(v, n), sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (v[i] - mean) * (v[i] - mean);
	return n > 1 ? sqrt(sum / (n - 1)) : 0;
}

/* How much one test's repetitions vary, where there are enough. */
static void judge_deviation(struct judging *j, const struct repeated *reps)
{
	double spread = deviation_of(reps->values, reps->n) / mean_of(reps->values, reps->n), test;
	char name[64];

	if (spread <= j->at[1] || isnan(spread))
		return;
	test = put_name(j->target, reps->first, name, sizeof(name));
	found(j, CONFIDENCE_HIGH,
	      with_text(numbers("repetitions", (double)reps->n, "deviation_ratio", spread, "test",
				test, NULL),
			"op", text_at(reps->first, "op")),
	      RESULTS,
	      "bandwidth of %s varies by %.0f %% (standard deviation / mean) over %zu repetitions",
	      name, spread * 100, reps->n);
}

static void judge_few_reps(struct judging *j)
{
	struct repeated reps;

	for (size_t o = 0; o < 2; o++) {
		size_t tests = 0, few = 0, fewest = MAX_REPETITIONS;

		for (size_t at = 0; next_test(j->target, ops[o], "bw_mib_s", &at, &reps); tests++) {
			if (reps.n >= j->at[0]) {
				judge_deviation(j, &reps);
				continue;
			}
			few++;
			fewest = reps.n < fewest ? reps.n : fewest;
		}
		if (!few)
			continue;
		if (tests == 1)
			found(j, CONFIDENCE_HIGH,
			      with_text(numbers("repetitions", (double)fewest, NULL), "op", ops[o]),
			      RESULTS, "%zu repetition%s of %s: nothing says how much it varies",
			      fewest, fewest == 1 ? "" : "s", ops[o]);
		else
			found(j, CONFIDENCE_HIGH,
			      with_text(numbers("repetitions", (double)fewest, "tests", (double)few,
						NULL),
					"op", ops[o]),
			      RESULTS,
			      "%zu of %zu tests repeat %s less than %.0f times, the fewest %zu: "
			      "nothing says how much it varies",
			      few, tests, ops[o], j->at[0], fewest);
	}
}

const struct finding_rule rule_few_reps = {
	.id = "few-reps",
	.severity = "info",
	.title = "repetitions are too few or vary too much",
	.why = "A difference to another run may be noise.",
	.advice = "repeat it (repetitions: 5), on a host where nothing else runs",
	.thresholds = { { "repetitions", 3, "repetitions", "fewer are told" },
			{ "deviation", 0.1, "ratio",
			  "standard deviation / mean, above which it "
			  "is told" } },
	.judge = judge_few_reps,
};

/* What the spread of those repetitions says of them; NULL: nothing. */
static const json_t *spread_of(const json_t *target, const json_t *first)
{
	json_t *row;
	char path[64];
	size_t i;

	snprintf(path, sizeof(path), "results.%s.bw_mib_s", text_at(first, "op"));
	json_array_foreach(json_object_get(target, "repetitions"), i, row)
		if (text_at(row, "path") && !strcmp(text_at(row, "path"), path) &&
		    same_test(row, first))
			return row;
	return NULL;
}

/* "; the first 2 are warm-up" */
static void put_warm_up(const json_t *spread, char *text, size_t size)
{
	double first = number_at(spread, "warm_up");
	const char *settled = text_at(spread, "settled");

	*text = '\0';
	if (first >= 1)
		snprintf(text, size,
			 first == 1 ? "; the first is warm-up" : "; the first %.0f are warm-up",
			 first);
	else if (settled && !strcmp(settled, "not settled"))
		snprintf(text, size, "; they had not settled by then");
}

static void judge_rise(struct judging *j, const struct repeated *reps)
{
	const double *bw = reps->values;
	bool rises = reps->n >= 3;
	char warm_up[64], name[64];
	double test;

	for (size_t i = 1; i < reps->n; i++)
		rises = rises && bw[i] > bw[i - 1];
	if (!rises || bw[reps->n - 1] < bw[0] * (1 + j->at[0]))
		return;
	put_warm_up(spread_of(j->target, reps->first), warm_up, sizeof(warm_up));
	test = put_name(j->target, reps->first, name, sizeof(name));
	/* One order of three in six is that by chance. */
	found(j, reps->n > 3 ? CONFIDENCE_HIGH : CONFIDENCE_LOW,
	      with_text(numbers("first_mib_s", bw[0], "last_mib_s", bw[reps->n - 1], "repetitions",
				(double)reps->n, "test", test, NULL),
			"op", text_at(reps->first, "op")),
	      RESULTS,
	      "each repetition of %s was faster than the one before: %.4g to %.4g MiB/s over %zu%s",
	      name, bw[0], bw[reps->n - 1], reps->n, warm_up);
}

static void judge_warming(struct judging *j)
{
	struct repeated reps;

	for (size_t o = 0; o < 2; o++)
		for (size_t at = 0; next_test(j->target, ops[o], "bw_mib_s", &at, &reps);)
			judge_rise(j, &reps);
}

const struct finding_rule rule_warming = {
	.id = "warming",
	.severity = "warning",
	.title = "later repetitions are faster",
	.why = "Something is kept from one to the next, or a neighbour has left meanwhile: their "
	       "mean says nothing.",
	.advice = "drop caches between repetitions (before: {drop_caches: true}), or leave out the "
		  "first ones",
	.thresholds = { { "rise", 0.1, "ratio",
			  "of the last over the first, from which it is "
			  "told" } },
	.judge = judge_warming,
};

static void judge_stonewall(struct judging *j)
{
	const char *command = command_of(j->target);
	double seconds = option_number(command, "deadlineForStonewalling");

	if (!ran_ior(j->target, NULL) || !(seconds > 0) ||
	    has_option(command, "stoneWallingWearOut"))
		return;
	found(j, CONFIDENCE_HIGH, with_text(numbers("seconds", seconds, NULL), "command", command),
	      NULL, "each rank stopped by itself after %.0f s, having moved as much as it could",
	      seconds);
}

const struct finding_rule rule_stonewall = {
	.id = "stonewall",
	.severity = "warning",
	.title = "a time limit (-D) without wear-out",
	.why = "The fastest ranks count for more than the slowest, and files have unequal sizes.",
	.advice = "let all ranks move as much as the fastest one (wear_out: true, -O "
		  "stoneWallingWearOut=1)",
	.judge = judge_stonewall,
};

/* Is it the phase of which the rank tells? Of which test, it mostly does not say. */
static bool is_phase_of(const json_t *rank, const json_t *result)
{
	return json_equal(json_object_get(rank, "op"), json_object_get(result, "op")) &&
	       number_at(rank, "iteration") == number_at(result, "iteration") &&
	       (!json_object_get(rank, "test") || same_test(rank, result));
}

/* Least and most of @key over the ranks of one phase, where they are told of that alone. */
static bool over_ranks(const json_t *target, const json_t *result, const char *key,
		       double *ret_least, double *ret_most)
{
	const json_t *rank, *r;
	size_t i, k;

	*ret_least = INFINITY;
	*ret_most = -INFINITY;
	json_array_foreach(json_object_get(target, "rank_results"), i, rank) {
		double value = number_at(rank, key);

		if (isnan(value) || !is_phase_of(rank, result))
			continue;
		json_array_foreach(json_object_get(target, "results"), k, r)
			if (is_phase_of(rank, r) && !same_test(r, result))
				return false;
		*ret_least = fmin(*ret_least, value);
		*ret_most = fmax(*ret_most, value);
	}
	return *ret_most >= *ret_least;
}

static void judge_ranks(struct judging *j, const char *key, bool of_total, const char *words)
{
	const json_t *r;
	bool any = false;
	size_t i;

	if (!ran_ior(j->target, NULL))
		return;
	json_array_foreach(json_object_get(j->target, "results"), i, r) {
		double least, most, total, test;
		char name[64];

		if (!text_at(r, "op") || !over_ranks(j->target, r, key, &least, &most))
			continue;
		any = true;
		total = of_total ? number_at(r, "total_s") : most;
		if (!(total > 0) || (most - least) / total <= j->at[0])
			continue;
		test = put_name(j->target, r, name, sizeof(name));
		found(j, CONFIDENCE_HIGH,
		      with_text(numbers("least", least, "most", most, "ratio",
					(most - least) / total, "test", test, NULL),
				"op", text_at(r, "op")),
		      RESULTS, "%s %.0f: ranks %s %.4g to %.4g", name, number_at(r, "iteration"),
		      words, least, most);
	}
	if (any)
		return;
	not_judged(j, json_object_get(j->target, "rank_results")
			      ? "what each rank did in which test"
			      : "what each rank did (-O saveRankPerformanceDetailsCSV=FILE)");
}

static void judge_straggler(struct judging *j)
{
	judge_ranks(j, "total_s", true, "took (s)");
}

const struct finding_rule rule_straggler = {
	.id = "straggler",
	.severity = "warning",
	.title = "some ranks are slow",
	.why = "A phase lasts as long as its slowest rank.",
	.advice = "look at where the slow ranks ran: pin ranks to CPUs (--bind-to core), and see "
		  "IOR's -j",
	.thresholds = { { "ratio", 0.15, "ratio",
			  "(slowest - fastest) / phase, above which it is "
			  "told" } },
	.judge = judge_straggler,
};

static void judge_imbalance(struct judging *j)
{
	judge_ranks(j, "bytes", false, "moved (bytes)");
}

const struct finding_rule rule_imbalance = {
	.id = "imbalance",
	.severity = "warning",
	.title = "ranks moved unequal amounts",
	.why = "Bandwidth over all ranks is not that of each.",
	.advice = "with a time limit, let all move as much as the fastest (wear_out: true)",
	.thresholds = { { "ratio", 0.3, "ratio",
			  "(most - least) / most, above which it is told" } },
	.judge = judge_imbalance,
};
