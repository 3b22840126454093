// SPDX-License-Identifier: Apache-2.0
/* Changes by CUSUM of ranks. */
#include "stat/series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "stat/describe.h"
#include "stat/random.h"
#include "stat/rank.h"

struct search {
	const double *v;
	struct stat_random random;
	struct stat_change *changes;
	size_t n, max;
	double alpha;
	size_t permutations;
};

/* The largest |sum of the first k ranks, less what is expected| by its deviation. */
static double largest(const size_t *ranks, size_t n)
{
	double mean = 0, sum = 0, most = -1;

	for (size_t i = 0; i < n; i++)
		mean += (double)ranks[i] / (double)n;
	for (size_t k = 1; k < n; k++) {
		double off;

		sum += (double)ranks[k - 1] - mean;
		if (k < STAT_SEGMENT_LEAST || n - k < STAT_SEGMENT_LEAST)
			continue;
		off = fabs(sum) / sqrt((double)k * (double)(n - k) / (double)n);
		most = fmax(most, off);
	}
	return most;
}

/* What is between [0, k) and [k, n), of distances between all, less what is within either. */
static double energy(double cross, double left, double right, double k, double rest)
{
	return k * rest / (k + rest) *
	       (2 * cross / (k * rest) - 2 * left / (k * (k - 1)) -
		2 * right / (rest * (rest - 1)));
}

/* The ranks say whether there is a change, the distances of the values where. */
static size_t place_of(const double *v, size_t n)
{
	double cross = 0, left = 0, right = 0, most = -INFINITY;
	size_t at = STAT_SEGMENT_LEAST;

	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			right += fabs(v[i] - v[k]);
	for (size_t k = 1; k + STAT_SEGMENT_LEAST <= n; k++) {
		double q;

		/* Value k - 1 moves to the left. */
		for (size_t i = 0; i < n; i++) {
			double distance = fabs(v[i] - v[k - 1]);

			left += i < k - 1 ? distance : 0;
			right -= i > k - 1 ? distance : 0;
			cross += i < k - 1 ? -distance : distance;
		}
		q = energy(cross, left, right, (double)k, (double)(n - k));
		if (k >= STAT_SEGMENT_LEAST && q > most) {
			most = q;
			at = k;
		}
	}
	return at;
}

static void shuffle(size_t *v, size_t n, struct stat_random *random)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = stat_random_below(random, i), kept = v[i - 1];

		v[i - 1] = v[k];
		v[k] = kept;
	}
}

/* How often a random order is as good; stops when that is too often. */
static double p_of(struct search *s, double found, size_t *ranks, size_t n)
{
	double as_good = 1, all = (double)s->permutations + 1;

	for (size_t i = 0; i < s->permutations && as_good / all <= s->alpha; i++) {
		shuffle(ranks, n, &s->random);
		/* What is equal may be added up in another order. */
		as_good += largest(ranks, n) >= found * (1 - 1e-9);
	}
	return as_good / all;
}

static int search(struct search *s, size_t from, size_t to)
{
	size_t n = to - from, at;
	cleanup_free size_t *ranks = malloc((n + 1) * sizeof(*ranks));
	double found, p;
	int rc;

	if (!ranks || stat_double_ranks(s->v + from, n, ranks) < 0)
		return -ENOMEM;
	if (n < 2 * STAT_SEGMENT_LEAST || s->n == s->max)
		return 0;
	found = largest(ranks, n);
	p = found > 0 ? p_of(s, found, ranks, n) : 1;
	if (p > s->alpha)
		return 0;
	at = place_of(s->v + from, n);
	rc = search(s, from, from + at);
	if (!rc && s->n < s->max) {
		s->changes[s->n++] = (struct stat_change){ .at = from + at, .p = p };
		rc = search(s, from + at, to);
	}
	return rc;
}

int stat_changes(const double *v, size_t n, double alpha, uint64_t seed,
		 struct stat_change *changes, size_t max)
{
	/* Enough that a p of a tenth of it can be seen. */
	size_t enough = (size_t)ceil(10 / alpha);
	struct search s = {
		.v = v,
		.random = { seed },
		.changes = changes,
		.max = max,
		.alpha = alpha,
		.permutations = enough > STAT_PERMUTATIONS ? enough : STAT_PERMUTATIONS,
	};
	int rc = search(&s, 0, n);

	if (rc)
		return rc;
	for (size_t i = 0; i < s.n; i++) {
		size_t from = i ? changes[i - 1].at : 0, at = changes[i].at;
		size_t to = i + 1 < s.n ? changes[i + 1].at : n;

		changes[i].before = stat_mean(v + from, at - from);
		changes[i].after = stat_mean(v + at, to - at);
	}
	return (int)s.n;
}
