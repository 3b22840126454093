// SPDX-License-Identifier: Apache-2.0
/* Kolmogorov-Smirnov and Wasserstein on log-linear histograms. */
#include "stat/distance.h"

#include <math.h>

#include "base/hist.h"

double stat_hist_ks(const struct hist *a, const struct hist *b)
{
	double in_a = 0, in_b = 0, most = 0;

	if (!a->count || !b->count)
		return NAN;
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		in_a += (double)a->bucket[i] / (double)a->count;
		in_b += (double)b->bucket[i] / (double)b->count;
		most = fmax(most, fabs(in_a - in_b));
	}
	return most;
}

/* As hist_quantile() has it, but not whole. */
static double midpoint(unsigned int bucket)
{
	return ((double)hist_low(bucket) + (double)(hist_high(bucket) - 1)) / 2;
}

double stat_hist_wasserstein(const struct hist *a, const struct hist *b)
{
	double in_a = 0, in_b = 0, sum = 0;

	if (!a->count || !b->count)
		return NAN;
	for (unsigned int i = 0; i + 1 < HIST_BUCKETS; i++) {
		in_a += (double)a->bucket[i] / (double)a->count;
		in_b += (double)b->bucket[i] / (double)b->count;
		sum += fabs(in_a - in_b) * (midpoint(i + 1) - midpoint(i));
	}
	return sum;
}
