/* SPDX-License-Identifier: Apache-2.0 */
/* Values in the order of time: where they changed. */
#ifndef CBPF_STAT_SERIES_H
#define CBPF_STAT_SERIES_H

#include <stddef.h>
#include <stdint.h>

#define STAT_SEGMENT_LEAST 4 /* values on each side of a change */
#define STAT_PERMUTATIONS 1999 /* at least: more where a smaller p is asked for */

struct stat_change {
	size_t at; /* index of the first value after it */
	double before, after; /* means between this change and its neighbours */
	double p; /* at most what was asked for */
};

/*
 * Where values changed their level. The largest weighted sum of ranks (CUSUM), tested with
 * permutations, says whether: a false one is found in less than @alpha of all cases. Where is what
 * makes the energy distance of both sides largest (Matteson and James, "A nonparametric approach
 * for multiple change point analysis of multivariate data", 2014). Then the same on either side of
 * it. Ordered by @at; at most @max. The same @seed, the same answer. Returns how many, or -ENOMEM.
 */
int stat_changes(const double *v, size_t n, double alpha, uint64_t seed,
		 struct stat_change *changes, size_t max);

#endif
