// SPDX-License-Identifier: Apache-2.0
/* Mann-Whitney U: exact by counting rank sums, or approximated. */
#include "stat/rank.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "stat/student.h"

struct ranked {
	double value;
	size_t at;
};

static int by_value(const void *a, const void *b)
{
	double x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;

	return (x > y) - (x < y);
}

double stat_double_ranks(const double *v, size_t n, size_t *ranks)
{
	cleanup_free struct ranked *order = malloc((n + 1) * sizeof(*order));
	double ties = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		order[i] = (struct ranked){ v[i], i };
	qsort(order, n, sizeof(*order), by_value);
	for (size_t from = 0, to; from < n; from = to) {
		double t;

		for (to = from + 1; to < n && order[to].value == order[from].value; to++)
			;
		t = (double)(to - from);
		ties += t * t * t - t;
		/* Ranks from + 1 to to: twice their mean. */
		for (size_t i = from; i < to; i++)
			ranks[order[i].at] = from + 1 + to;
	}
	return ties;
}

/* Both samples, as ranks of all of them; those of b come first. */
struct pooled {
	size_t *ranks; /* owned; doubled */
	size_t n, nb, sum_b; /* sum of the ranks of b, doubled */
	double ties;
};

static int pool(const double *a, size_t na, const double *b, size_t nb, struct pooled *ret)
{
	cleanup_free double *all = malloc((na + nb) * sizeof(*all));
	struct pooled p = { .n = na + nb, .nb = nb };

	p.ranks = malloc(p.n * sizeof(*p.ranks));
	if (!all || !p.ranks) {
		free(p.ranks);
		return -ENOMEM;
	}
	memcpy(all, b, nb * sizeof(*all));
	memcpy(all + nb, a, na * sizeof(*all));
	p.ties = stat_double_ranks(all, p.n, p.ranks);
	if (p.ties < 0) {
		free(p.ranks);
		return -ENOMEM;
	}
	for (size_t i = 0; i < nb; i++)
		p.sum_b += p.ranks[i];
	*ret = p;
	return 0;
}

/* In how many ways @nb of the ranks have each sum: @ways[sum]; they are below 2^53, so exact. */
static double *count_sums(const struct pooled *p, size_t *ret_max)
{
	size_t max = p->n * (p->n + 1), wide = max + 1;
	double *ways = calloc((p->nb + 1) * wide, sizeof(*ways));

	if (!ways)
		return NULL;
	ways[0] = 1;
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = i + 1 < p->nb ? i + 1 : p->nb; k > 0; k--)
			for (size_t s = max; s >= p->ranks[i]; s--)
				ways[k * wide + s] += ways[(k - 1) * wide + s - p->ranks[i]];
	memmove(ways, ways + p->nb * wide, wide * sizeof(*ways));
	*ret_max = max;
	return ways;
}

static double two_sided(double below, double above)
{
	return fmin(1, 2 * fmin(below, above));
}

static int exact_p(const struct pooled *p, struct stat_rank_test *t)
{
	size_t max, least, most;
	cleanup_free double *ways = count_sums(p, &max);
	double all = 0, below = 0, above = 0;

	if (!ways)
		return -ENOMEM;
	for (size_t s = 0; s <= max; s++) {
		all += ways[s];
		below += s <= p->sum_b ? ways[s] : 0;
		above += s >= p->sum_b ? ways[s] : 0;
	}
	for (least = 0; ways[least] == 0;)
		least++;
	for (most = max; ways[most] == 0;)
		most--;
	t->exact = true;
	t->p = two_sided(below / all, above / all);
	t->p_least = least == most ? 1 : two_sided(ways[least] / all, ways[most] / all);
	return 0;
}

static double normal_p(double distance, double deviation)
{
	if (!(deviation > 0))
		return 1; /* all are the same */
	return fmin(1, 2 * stat_normal_cdf(-(distance - 0.5) / deviation));
}

static void approximate_p(const struct pooled *p, struct stat_rank_test *t)
{
	double n = (double)p->n, nb = (double)p->nb, na = n - nb;
	double variance = na * nb / 12 * (n + 1 - p->ties / (n * (n - 1)));
	double deviation = sqrt(fmax(variance, 0));

	t->exact = false;
	t->p = normal_p(fabs(t->u - na * nb / 2), deviation);
	t->p_least = normal_p(na * nb / 2, deviation);
}

static int test(const double *a, size_t na, const double *b, size_t nb, bool exact,
		struct stat_rank_test *ret)
{
	struct stat_rank_test t = { 0 };
	struct pooled p;
	int rc;

	if (!na || !nb)
		return -EINVAL;
	rc = pool(a, na, b, nb, &p);
	if (rc)
		return rc;
	t.u = (double)(p.sum_b - nb * (nb + 1)) / 2;
	t.delta = 2 * t.u / (double)(na * nb) - 1;
	if (exact)
		rc = exact_p(&p, &t);
	else
		approximate_p(&p, &t);
	free(p.ranks);
	if (!rc)
		*ret = t;
	return rc;
}

int stat_mann_whitney(const double *a, size_t na, const double *b, size_t nb,
		      struct stat_rank_test *ret)
{
	return test(a, na, b, nb, na + nb <= STAT_EXACT_MAX, ret);
}

int stat_mann_whitney_normal(const double *a, size_t na, const double *b, size_t nb,
			     struct stat_rank_test *ret)
{
	return test(a, na, b, nb, false, ret);
}

double stat_rank_least(size_t na, size_t nb)
{
	double ways = 1; /* na + nb over nb */

	for (size_t i = 1; i <= nb; i++)
		ways = ways * (double)(na + i) / (double)i;
	return fmin(1, 2 / ways);
}
