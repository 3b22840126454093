/* SPDX-License-Identifier: Apache-2.0 */
/* How far a difference of two means can be trusted, by resampling. */
#ifndef CBPF_STAT_BOOTSTRAP_H
#define CBPF_STAT_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#define STAT_RESAMPLES 4999

struct stat_interval {
	double difference; /* mean of b less that of a; NAN without values */
	double low, high; /* NAN when either has fewer than two values */
	double ratio, ratio_low, ratio_high; /* the same by |mean of a|; NAN where that can be 0 */
};

/*
 * The interval that has the true difference with @confidence, by STAT_RESAMPLES resamples of each
 * sample. Few values make the plain percentile interval too narrow: its ends are moved outwards as
 * by Hesterberg ("What teachers should know about the bootstrap", 2015, expanded percentile
 * interval), with the degrees of freedom of Welch. The same @seed, the same interval. 0 or -ENOMEM.
 */
int stat_bootstrap(const double *a, size_t na, const double *b, size_t nb, double confidence,
		   uint64_t seed, struct stat_interval *ret);

#endif
