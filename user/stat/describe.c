// SPDX-License-Identifier: Apache-2.0
/* Mean, median, deviation, quantiles and outliers of a few values. */
#include "stat/describe.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "stat/student.h"

#define OUTLIER_SCORE 3.5
#define MAD_OF_NORMAL 0.6745 /* MAD of a normal distribution, in standard deviations */
#define MEAN_OF_NORMAL 1.2533 /* standard deviation, in mean absolute deviations */

double stat_mean(const double *v, size_t n)
{
	double mean = 0;

	/* One by one, so that no sum grows beyond what a double tells apart. */
	for (size_t i = 0; i < n; i++)
		mean += (v[i] - mean) / (double)(i + 1);
	return n ? mean : NAN;
}

double stat_stddev(const double *v, size_t n)
{
	double mean = stat_mean(v, n), sum = 0;

	if (n < 2)
		return NAN;
	for (size_t i = 0; i < n; i++)
		sum += (v[i] - mean) * (v[i] - mean);
	return sqrt(sum / (double)(n - 1));
}

double stat_quantile(const double *sorted, size_t n, double q)
{
	double at = q * (double)(n - 1), below = floor(at);
	size_t i = (size_t)below;

	if (!n)
		return NAN;
	if (i + 1 >= n)
		return sorted[n - 1];
	return sorted[i] + (at - below) * (sorted[i + 1] - sorted[i]);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void stat_sort(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
}

/* A copy in order; NULL: no memory. */
static double *sorted_copy(const double *v, size_t n)
{
	double *copy = malloc((n + 1) * sizeof(*copy));

	if (!copy)
		return NULL;
	memcpy(copy, v, n * sizeof(*copy));
	stat_sort(copy, n);
	return copy;
}

int stat_describe(const double *v, size_t n, struct stat_summary *ret)
{
	cleanup_free double *sorted = sorted_copy(v, n);
	struct stat_summary s = { .n = n, .mean = stat_mean(v, n), .stddev = stat_stddev(v, n) };
	double half = NAN;

	if (!sorted)
		return -ENOMEM;
	s.median = stat_quantile(sorted, n, 0.5);
	s.min = n ? sorted[0] : NAN;
	s.max = n ? sorted[n - 1] : NAN;
	if (n > 1)
		half = stat_student_quantile(0.5 + STAT_CONFIDENCE / 2, (double)(n - 1)) *
		       s.stddev / sqrt((double)n);
	s.ci_low = s.mean - half;
	s.ci_high = s.mean + half;
	*ret = s;
	return 0;
}

int stat_outliers(const double *v, size_t n, bool *marks)
{
	cleanup_free double *sorted = sorted_copy(v, n);
	double median, spread;
	int found = 0;

	if (!sorted)
		return -ENOMEM;
	memset(marks, 0, n * sizeof(*marks));
	if (n < STAT_OUTLIER_LEAST)
		return 0;
	median = stat_quantile(sorted, n, 0.5);
	for (size_t i = 0; i < n; i++)
		sorted[i] = fabs(v[i] - median);
	stat_sort(sorted, n);
	spread = stat_quantile(sorted, n, 0.5) / MAD_OF_NORMAL;
	if (!(spread > 0))
		spread = stat_mean(sorted, n) * MEAN_OF_NORMAL;
	for (size_t i = 0; i < n; i++) {
		marks[i] = fabs(v[i] - median) > OUTLIER_SCORE * spread;
		found += marks[i];
	}
	return found;
}
