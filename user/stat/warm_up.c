// SPDX-License-Identifier: Apache-2.0
/* Warm-up by MSER, held against how much the others vary, and by a rise. */
#include "stat/warm_up.h"

#include <math.h>

#include "stat/describe.h"
#include "stat/student.h"

#define BATCH 5
#define PREDICTED 0.9973 /* three standard deviations of a normal distribution */

/* What is known of batches, added one by one. */
struct moments {
	double n, mean, m2;
};

static void add(struct moments *m, double v)
{
	double off = v - m->mean;

	m->n++;
	m->mean += off / m->n;
	m->m2 += off * (v - m->mean);
}

/* Means of so many values, or logarithms of these. */
struct batches {
	const double *v;
	size_t n, size;
	bool logs;
};

static double batch(const struct batches *b, size_t at)
{
	double mean = stat_mean(b->v + at * b->size, b->size);

	return b->logs ? log(mean) : mean;
}

/* The d up to half of all batches with the least error, and the moments of what is behind it. */
static size_t least_error(const struct batches *b, struct moments *ret_rest)
{
	struct moments rest = { 0 };
	double least = INFINITY;
	size_t cut = 0;

	for (size_t d = b->n; d-- > 0;) {
		double error;

		add(&rest, batch(b, d));
		error = rest.m2 / (rest.n * rest.n);
		/* Of those that are as good, the one that leaves out least. */
		if (d > b->n / 2 || error > least)
			continue;
		least = error;
		cut = d;
		*ret_rest = rest;
	}
	return cut;
}

/* By how much one more may be off the mean of @rest. */
static double tolerance(const struct moments *rest)
{
	double df = rest->n - 1;

	if (df < 1)
		return INFINITY;
	return stat_student_quantile(0.5 + PREDICTED / 2, df) * sqrt(rest->m2 / df) *
	       sqrt(1 + 1 / rest->n);
}

static struct stat_warm_up look(const struct batches *b)
{
	struct moments rest, first = { 0 };
	size_t cut = least_error(b, &rest);

	for (size_t d = 0; d < cut; d++)
		add(&first, batch(b, d));
	if (!cut || fabs(first.mean - rest.mean) <= tolerance(&rest))
		return (struct stat_warm_up){ STAT_STEADY, 0 };
	if (cut == b->n / 2)
		return (struct stat_warm_up){ STAT_UNSETTLED, 0 };
	return (struct stat_warm_up){ STAT_WARM_UP, cut * b->size };
}

struct stat_warm_up stat_warm_up(const double *v, size_t n)
{
	struct batches b = { .v = v, .size = n < STAT_BATCHES_FROM ? 1 : BATCH };
	struct stat_warm_up found;

	if (n < STAT_WARM_UP_LEAST)
		return (struct stat_warm_up){ STAT_TOO_FEW, 0 };
	b.n = n / b.size;
	found = look(&b);
	if (found.settled != STAT_STEADY)
		return found;
	for (size_t i = 0; i < b.n; i++)
		if (!(batch(&b, i) > 0))
			return found;
	b.logs = true;
	return look(&b);
}

static bool is_rise(const double *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (!(v[i] > v[i - 1]))
			return false;
	return n >= STAT_RISE_LEAST && v[n - 1] >= v[0] * (1 + STAT_RISE);
}

struct stat_warm_up stat_warm_up_repeated(const double *v, size_t n, bool rises)
{
	struct stat_warm_up found = stat_warm_up(v, n);
	size_t below = 0;

	if (found.settled == STAT_WARM_UP || !rises || !is_rise(v, n))
		return found;
	while (v[below] * (1 + STAT_RISE) <= v[n - 1])
		below++;
	if (below == n - 1)
		return (struct stat_warm_up){ STAT_UNSETTLED, 0 };
	return (struct stat_warm_up){ STAT_WARM_UP, below };
}

const char *stat_settled_name(enum stat_settled settled)
{
	static const char *const names[] = { [STAT_TOO_FEW] = "too few",
					     [STAT_STEADY] = "none",
					     [STAT_WARM_UP] = "found",
					     [STAT_UNSETTLED] = "not settled" };

	return names[settled];
}
