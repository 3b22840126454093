// SPDX-License-Identifier: Apache-2.0
/* Kolmogorov-Smirnov and Wasserstein on log-linear histograms. */
#include "stat/distance.h"

#include <math.h>
#include <stdint.h>

#include "base/hist.h"

/* Both distribution functions, bucket by bucket; whole sums, so that they end at exactly 1. */
struct both {
	uint64_t a, b;
};

static double step(struct both *sums, const struct hist *a, const struct hist *b, unsigned int i)
{
	sums->a += a->bucket[i];
	sums->b += b->bucket[i];
	return fabs((double)sums->a / (double)a->count - (double)sums->b / (double)b->count);
}

double stat_hist_ks(const struct hist *a, const struct hist *b)
{
	struct both sums = { 0 };
	double most = 0;

	if (!a->count || !b->count)
		return NAN;
	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		most = fmax(most, step(&sums, a, b, i));
	return most;
}

/* As hist_quantile() has it, but not whole. */
static double midpoint(unsigned int bucket)
{
	return ((double)hist_low(bucket) + (double)(hist_high(bucket) - 1)) / 2;
}

double stat_hist_wasserstein(const struct hist *a, const struct hist *b)
{
	struct both sums = { 0 };
	double sum = 0;

	if (!a->count || !b->count)
		return NAN;
	for (unsigned int i = 0; i + 1 < HIST_BUCKETS; i++)
		sum += step(&sums, a, b, i) * (midpoint(i + 1) - midpoint(i));
	return sum;
}
