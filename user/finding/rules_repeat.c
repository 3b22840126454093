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

/* The values of @key of each repetition of @op, in order; how many. */
static size_t repetitions(const json_t *target, const char *op, const char *key, double *values)
{
	const json_t *r;
	size_t i, n = 0;

	json_array_foreach(json_object_get(target, "results"), i, r) {
		const char *tool = text_at(r, "tool"), *did = text_at(r, "op");
		double value = number_at(r, key);

		if (tool && !strcmp(tool, "ior") && did && !strcmp(did, op) && !isnan(value) &&
		    n < MAX_REPETITIONS)
			values[n++] = value;
	}
	return n;
}

static void judge_too_short(struct judging *j)
{
	double total[MAX_REPETITIONS];

	for (size_t o = 0; o < 2; o++) {
		size_t n = repetitions(j->target, ops[o], "total_s", total), few = 0;
		double least = INFINITY;

		for (size_t i = 0; i < n; i++) {
			few += total[i] < j->at[0];
			least = fmin(least, total[i]);
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

static void judge_few_reps(struct judging *j)
{
	double bw[MAX_REPETITIONS];

	for (size_t o = 0; o < 2; o++) {
		size_t n = repetitions(j->target, ops[o], "bw_mib_s", bw);
		double spread;

		if (!n)
			continue;
		spread = deviation_of(bw, n) / mean_of(bw, n);
		if (n < j->at[0])
			found(j, CONFIDENCE_HIGH,
			      with_text(numbers("repetitions", (double)n, NULL), "op", ops[o]),
			      RESULTS, "%zu repetition%s of %s: nothing says how much it varies", n,
			      n == 1 ? "" : "s", ops[o]);
		else if (spread > j->at[1])
			found(j, CONFIDENCE_HIGH,
			      with_text(numbers("repetitions", (double)n, "deviation_ratio", spread,
						NULL),
					"op", ops[o]),
			      RESULTS,
			      "bandwidth of %s varies by %.0f %% (standard deviation / mean) "
			      "over %zu repetitions",
			      ops[o], spread * 100, n);
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

/* What the spread of the repetitions says of them; NULL: nothing. */
static const json_t *spread_of(const json_t *target, const char *op)
{
	json_t *row;
	char path[64];
	size_t i;

	snprintf(path, sizeof(path), "results.%s.bw_mib_s", op);
	json_array_foreach(json_object_get(target, "repetitions"), i, row)
		if (text_at(row, "path") && !strcmp(text_at(row, "path"), path))
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

static void judge_warming(struct judging *j)
{
	double bw[MAX_REPETITIONS];

	for (size_t o = 0; o < 2; o++) {
		size_t n = repetitions(j->target, ops[o], "bw_mib_s", bw);
		const json_t *spread = spread_of(j->target, ops[o]);
		bool rises = n >= 3;
		char warm_up[64];

		for (size_t i = 1; i < n; i++)
			rises = rises && bw[i] > bw[i - 1];
		if (!rises || bw[n - 1] < bw[0] * (1 + j->at[0]))
			continue;
		put_warm_up(spread, warm_up, sizeof(warm_up));
		/* One order of three in six is that by chance. */
		found(j, n > 3 ? CONFIDENCE_HIGH : CONFIDENCE_LOW,
		      with_text(numbers("first_mib_s", bw[0], "last_mib_s", bw[n - 1],
					"repetitions", (double)n, NULL),
				"op", ops[o]),
		      RESULTS,
		      "each repetition of %s was faster than the one before: %.4g to %.4g "
		      "MiB/s over %zu%s",
		      ops[o], bw[0], bw[n - 1], n, warm_up);
	}
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

/* Least and most of @key over the ranks of one phase, where they are told. */
static bool over_ranks(const json_t *target, const json_t *result, const char *key,
		       double *ret_least, double *ret_most)
{
	const json_t *rank;
	size_t i;

	*ret_least = INFINITY;
	*ret_most = -INFINITY;
	json_array_foreach(json_object_get(target, "rank_results"), i, rank) {
		double value = number_at(rank, key);

		if (isnan(value) ||
		    !json_equal(json_object_get(rank, "op"), json_object_get(result, "op")) ||
		    number_at(rank, "iteration") != number_at(result, "iteration"))
			continue;
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
		double least, most, total;

		if (!over_ranks(j->target, r, key, &least, &most))
			continue;
		any = true;
		total = of_total ? number_at(r, "total_s") : most;
		if (!(total > 0) || (most - least) / total <= j->at[0])
			continue;
		found(j, CONFIDENCE_HIGH,
		      with_text(numbers("least", least, "most", most, "ratio",
					(most - least) / total, NULL),
				"op", text_at(r, "op")),
		      RESULTS, "%s %.0f: ranks %s %.4g to %.4g", text_at(r, "op"),
		      number_at(r, "iteration"), words, least, most);
	}
	if (!any)
		not_judged(j, "what each rank did (-O saveRankPerformanceDetailsCSV=FILE)");
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
