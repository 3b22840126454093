/* SPDX-License-Identifier: Apache-2.0 */
/* How far apart two distributions are that were counted in the same buckets. */
#ifndef CBPF_STAT_DISTANCE_H
#define CBPF_STAT_DISTANCE_H

struct hist;

/* The largest distance between both distribution functions, in [0, 1]. NAN when either is empty. */
double stat_hist_ks(const struct hist *a, const struct hist *b);

/*
 * Wasserstein's distance of the first kind: by how much, on average, values of one would have to
 * be moved so that they are those of the other; in the unit of the values, each taken to be the
 * midpoint of its bucket. NAN when either is empty.
 */
double stat_hist_wasserstein(const struct hist *a, const struct hist *b);

#endif
