// SPDX-License-Identifier: Apache-2.0
/* Distribution functions that intervals and tests need. */
#include "stat/student.h"

#include <math.h>

#define TINY 1e-300
#define STEPS_MAX 10000
#define PRECISION 1e-15

double stat_normal_cdf(double z)
{
	return erfc(-z / M_SQRT2) / 2;
}

/* Term @m of the fraction: DLMF 8.17.23. */
static double coefficient(double a, double b, double x, int m)
{
	double k = m / 2; /* whole */

	if (m % 2)
		return -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1));
	return k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
}

static double away_from_zero(double v)
{
	return fabs(v) < TINY ? TINY : v;
}

/* 1 / (1 + d1 / (1 + d2 / ...)), as Lentz evaluates it. */
static double fraction(double a, double b, double x)
{
	double value = 1, c = 1, d = 0;

	for (int m = 1; m < STEPS_MAX; m++) {
		double term = coefficient(a, b, x, m), factor;

		d = 1 / away_from_zero(1 + term * d);
		c = away_from_zero(1 + term / c);
		factor = c * d;
		value *= factor;
		if (fabs(factor - 1) < PRECISION)
			break;
	}
	return 1 / value;
}

/* Regularized: I_x(a, b). @y is 1 - x, which may be too small to be seen in x. */
static double incomplete_beta(double a, double b, double x, double y)
{
	double front;

	if (x <= 0)
		return 0;
	if (y <= 0)
		return 1;
	/* Where the fraction converges fast. */
	if (x > (a + 1) / (a + b + 2))
		return 1 - incomplete_beta(b, a, y, x);
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(y));
	return front / a * fraction(a, b, x);
}

double stat_student_cdf(double t, double df)
{
	double tail = incomplete_beta(df / 2, 0.5, df / (df + t * t), t * t / (df + t * t)) / 2;

	return t > 0 ? 1 - tail : tail;
}

double stat_student_quantile(double p, double df)
{
	double low = -1, high = 1;

	if (!(p > 0 && p < 1))
		return p > 0 ? INFINITY : -INFINITY;
	while (stat_student_cdf(low, df) > p)
		low *= 2;
	while (stat_student_cdf(high, df) < p)
		high *= 2;
	/* As many halvings as a double has bits, and some. */
	for (int i = 0; i < 100; i++) {
		double middle = (low + high) / 2;

		if (stat_student_cdf(middle, df) < p)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}
