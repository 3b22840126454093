/* SPDX-License-Identifier: Apache-2.0 */
/* Whether one sample tends to have larger values than another, and by how much. */
#ifndef CBPF_STAT_RANK_H
#define CBPF_STAT_RANK_H

#include <stdbool.h>
#include <stddef.h>

#define STAT_EXACT_MAX 50 /* values of both together, of which every assignment is counted */

struct stat_rank_test {
	double u; /* pairs in which b is larger, and half of those that are equal */
	double p; /* two-sided: twice the smaller tail, at most 1 */
	double p_least; /* the smallest p that these values could have had, had they been sorted */
	double delta; /* Cliff's: 1 when all of b are larger, -1 when all of a are */
	bool exact;
};

/*
 * Mann and Whitney's U ("On a test of whether one of two random variables is stochastically larger
 * than the other", 1947). Up to STAT_EXACT_MAX values p is exact, given the values: ties are
 * counted as they are. Above, it is that of the normal approximation, corrected for ties and
 * continuity. -EINVAL when either has no values, -ENOMEM.
 */
int stat_mann_whitney(const double *a, size_t na, const double *b, size_t nb,
		      struct stat_rank_test *ret);
/* The same, by the approximation however few they are. */
int stat_mann_whitney_normal(const double *a, size_t na, const double *b, size_t nb,
			     struct stat_rank_test *ret);

/* The p of samples of @na and @nb values that have none in common and do not overlap: its least. */
double stat_rank_least(size_t na, size_t nb);

/*
 * Ranks from 1, times two so that those of ties, which are the mean of theirs, are whole. Returns
 * the sum of t^3 - t over ties of t values, or -ENOMEM.
 */
double stat_double_ranks(const double *v, size_t n, size_t *ranks);

/*
 * The difference of means in pooled standard deviations, corrected for bias (Hedges, "Distribution
 * theory for Glass's estimator of effect size", 1981). NAN below two values each, or without spread.
 */
double stat_hedges_g(const double *a, size_t na, const double *b, size_t nb);

/*
 * Holm's step-down adjustment ("A simple sequentially rejective multiple test procedure", 1979):
 * each of @adjusted below alpha is a difference, and the chance of any false one is below alpha.
 * NAN are not tests: they stay NAN. Returns how many are tests, or -ENOMEM.
 */
int stat_holm(const double *p, size_t n, double *adjusted);

#endif
