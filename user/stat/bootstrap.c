// SPDX-License-Identifier: Apache-2.0
/* Expanded percentile intervals of a difference of means. */
#include "stat/bootstrap.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "stat/describe.h"
#include "stat/random.h"
#include "stat/student.h"

static double mean_of_resample(const double *v, size_t n, struct stat_random *random)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[stat_random_below(random, n)];
	return sum / (double)n;
}

/* How much of the resamples lies beyond each end. */
static double tail_of(const double *a, size_t na, const double *b, size_t nb, double confidence)
{
	double sa = stat_stddev(a, na), sb = stat_stddev(b, nb), m = (double)na, n = (double)nb;
	double va = sa * sa / m, vb = sb * sb / n, all = va + vb;
	double df, narrow;

	if (!(all > 0))
		return (1 - confidence) / 2;
	df = all * all / (va * va / (m - 1) + vb * vb / (n - 1));
	/* Resamples spread as if a variance were divided by n, not by n - 1. */
	narrow = (va * (m - 1) / m + vb * (n - 1) / n) / all;
	return stat_normal_cdf(-stat_student_quantile(0.5 + confidence / 2, df) / sqrt(narrow));
}

static void ends_of(double *sorted, double tail, double *ret_low, double *ret_high)
{
	stat_sort(sorted, STAT_RESAMPLES);
	*ret_low = stat_quantile(sorted, STAT_RESAMPLES, tail);
	*ret_high = stat_quantile(sorted, STAT_RESAMPLES, 1 - tail);
}

int stat_bootstrap(const double *a, size_t na, const double *b, size_t nb, double confidence,
		   uint64_t seed, struct stat_interval *ret)
{
	cleanup_free double *differences = malloc(STAT_RESAMPLES * sizeof(*differences));
	cleanup_free double *ratios = malloc(STAT_RESAMPLES * sizeof(*ratios));
	struct stat_random random = { seed };
	double base = stat_mean(a, na), other = stat_mean(b, nb), tail;
	struct stat_interval i = { other - base, NAN, NAN, NAN, NAN, NAN };
	bool zero = false;

	if (!differences || !ratios)
		return -ENOMEM;
	if (base != 0)
		i.ratio = i.difference / fabs(base);
	if (na < 2 || nb < 2) {
		*ret = i;
		return 0;
	}
	for (size_t k = 0; k < STAT_RESAMPLES; k++) {
		double from = mean_of_resample(a, na, &random);

		differences[k] = mean_of_resample(b, nb, &random) - from;
		ratios[k] = differences[k] / fabs(from);
		zero = zero || from == 0;
	}
	tail = tail_of(a, na, b, nb, confidence);
	ends_of(differences, tail, &i.low, &i.high);
	if (zero)
		i.ratio = NAN;
	else
		ends_of(ratios, tail, &i.ratio_low, &i.ratio_high);
	*ret = i;
	return 0;
}
