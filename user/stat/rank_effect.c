// SPDX-License-Identifier: Apache-2.0
/* Size of an effect, and p of many tests at once. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "stat/describe.h"
#include "stat/rank.h"

double stat_hedges_g(const double *a, size_t na, const double *b, size_t nb)
{
	double sa = stat_stddev(a, na), sb = stat_stddev(b, nb), df, pooled, bias;

	if (na < 2 || nb < 2)
		return NAN;
	df = (double)(na + nb - 2);
	pooled = sqrt(((double)(na - 1) * sa * sa + (double)(nb - 1) * sb * sb) / df);
	if (!(pooled > 0))
		return NAN;
	bias = exp(lgamma(df / 2) - lgamma((df - 1) / 2)) * sqrt(2 / df);
	return bias * (stat_mean(b, nb) - stat_mean(a, na)) / pooled;
}

struct ordered {
	double p;
	size_t at;
};

static int by_p(const void *a, const void *b)
{
	double x = ((const struct ordered *)a)->p, y = ((const struct ordered *)b)->p;

	return (x > y) - (x < y);
}

int stat_holm(const double *p, size_t n, double *adjusted)
{
	cleanup_free struct ordered *order = malloc((n + 1) * sizeof(*order));
	size_t tests = 0;
	double before = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		adjusted[i] = NAN;
		if (!isnan(p[i]))
			order[tests++] = (struct ordered){ p[i], i };
	}
	qsort(order, tests, sizeof(*order), by_p);
	for (size_t i = 0; i < tests; i++) {
		before = fmin(1, fmax(before, (double)(tests - i) * order[i].p));
		adjusted[order[i].at] = before;
	}
	return (int)tests;
}
