/* SPDX-License-Identifier: Apache-2.0 */
/* The first values of a series that are not yet what the others are. */
#ifndef CBPF_STAT_WARM_UP_H
#define CBPF_STAT_WARM_UP_H

#include <stdbool.h>
#include <stddef.h>

#define STAT_WARM_UP_LEAST 6 /* values, below which stat_warm_up() tells nothing */
#define STAT_BATCHES_FROM 50 /* values, from which on they are taken in batches of five */
#define STAT_RISE_LEAST 3 /* values, below which nothing rises */
#define STAT_RISE 0.1 /* of the last over the first, from which on it is a rise */

enum stat_settled {
	STAT_TOO_FEW, /* to say */
	STAT_STEADY, /* no warm-up was found */
	STAT_WARM_UP,
	STAT_UNSETTLED, /* half of it is unlike the other half */
};

struct stat_warm_up {
	enum stat_settled settled;
	size_t n; /* values that are warm-up; 0 unless STAT_WARM_UP */
};

/*
 * @v in the order of time, in any unit. Of n batches X the first d are warm-up, for the d up to n/2
 * that makes the squared error of the mean of all others least:
 *
 *   MSER(d) = sum over i > d of (X_i - mean)^2 / (n - d)^2, the mean being that of X_d+1 ... X_n
 *
 * (MSER: White, "An effective truncation heuristic for bias reduction in simulation output",
 * Simulation 69, 1997; batches of five, MSER-5: Spratt, "Heuristics for the startup problem", 1998;
 * both compared by White, Cobb and Spratt, Winter Simulation Conference 2000). Each value is a batch
 * below STAT_BATCHES_FROM; behind the last whole batch up to four are left out of the search.
 *
 * MSER finds a d in noise, too. So it counts only where the mean of the first d batches is outside
 * of what one more batch like the others would be within, 0.27 % excepted (three standard
 * deviations, for a sample: t(n - d - 1) * sd * sqrt(1 + 1 / (n - d)); Hahn, "Factors for
 * calculating two-sided prediction intervals for samples from a normal distribution", JASA 64,
 * 1969). Less than that is not told from noise. A d of n/2 is STAT_UNSETTLED.
 *
 * Where this finds nothing and all X are positive, it is tried with their logarithms: rates that
 * vary by a third of their mean are no less than three deviations above zero, however cold the first
 * one was.
 */
struct stat_warm_up stat_warm_up(const double *v, size_t n);

/*
 * The same of repetitions, of which there are few. What MSER does not find, a rise is, when @rises
 * says that more is better: where each of STAT_RISE_LEAST values or more is above the one before,
 * and the last STAT_RISE above the first, those are warm-up that the last is STAT_RISE above. When
 * these are all of the others, it is STAT_UNSETTLED. (This rule is our own.)
 */
struct stat_warm_up stat_warm_up_repeated(const double *v, size_t n, bool rises);

/* "too few", "none", "found", "not settled". */
const char *stat_settled_name(enum stat_settled settled);

#endif
