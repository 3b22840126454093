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

/* The d up to half of @n batches with the least error, and the moments of what is behind it. */
static size_t least_error(const double *v, size_t n, size_t batch, struct moments *ret_rest)
{
	struct moments rest = { 0 };
	double least = INFINITY;
	size_t cut = 0;

	for (size_t d = n; d-- > 0;) {
		double error;

		add(&rest, stat_mean(v + d * batch, batch));
		error = rest.m2 / (rest.n * rest.n);
		/* Of those that are as good, the one that leaves out least. */
		if (d > n / 2 || error > least)
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

struct stat_warm_up stat_warm_up(const double *v, size_t n)
{
	size_t batch = n < STAT_BATCHES_FROM ? 1 : BATCH, batches = n / batch, cut;
	struct moments rest;

	if (n < STAT_WARM_UP_LEAST)
		return (struct stat_warm_up){ STAT_TOO_FEW, 0 };
	cut = least_error(v, batches, batch, &rest);
	if (!cut || fabs(stat_mean(v, cut * batch) - rest.mean) <= tolerance(&rest))
		return (struct stat_warm_up){ STAT_STEADY, 0 };
	if (cut == batches / 2)
		return (struct stat_warm_up){ STAT_UNSETTLED, 0 };
	return (struct stat_warm_up){ STAT_WARM_UP, cut * batch };
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
