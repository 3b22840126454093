// SPDX-License-Identifier: Apache-2.0
/* Whether sides of a comparison differ by more than chance, over all metrics together. */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/compare_parts.h"
#include "stat/bootstrap.h"
#include "stat/describe.h"
#include "stat/rank.h"

#define SEED 1 /* the same runs, the same intervals */

struct values {
	double *v; /* owned */
	size_t n;
};

/* A test of one row, between the base and another side. */
struct one {
	json_t *row; /* borrowed */
	struct values base, other;
	struct stat_rank_test rank;
	double p; /* NAN: it could not find anything */
};

static int read_values(const json_t *row, size_t side, struct values *ret)
{
	const json_t *of = json_array_get(json_object_get(row, "sides"), side);
	const json_t *samples = json_object_get(of, "samples");
	json_t *v;
	size_t i;

	ret->v = calloc(json_array_size(samples) + 1, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	json_array_foreach(samples, i, v)
		if (json_is_number(v))
			ret->v[ret->n++] = json_number_value(v);
	return 0;
}

static void free_values(struct one *all, size_t n)
{
	for (size_t i = 0; all && i < n; i++) {
		free(all[i].base.v);
		free(all[i].other.v);
	}
}

static int test(struct one *t)
{
	int rc;

	t->p = NAN;
	if (!t->base.n || !t->other.n)
		return 0;
	rc = stat_mann_whitney(t->base.v, t->base.n, t->other.v, t->other.n, &t->rank);
	/* What is no difference whatever the order takes nothing from the others. */
	if (!rc && t->rank.p_least <= COMPARE_ALPHA)
		t->p = t->rank.p;
	return rc;
}

/* Repetitions of each side that tell what is wholly apart from chance, with so many tests. */
static size_t needed(size_t tests)
{
	size_t n = 2;

	while (n < COMPARE_RUNS_MAX && stat_rank_least(n, n) * (double)tests > COMPARE_ALPHA)
		n++;
	return n;
}

static bool all_same(const struct one *t)
{
	for (size_t i = 0; i < t->base.n; i++)
		if (t->base.v[i] != t->base.v[0])
			return false;
	for (size_t i = 0; i < t->other.n; i++)
		if (t->other.v[i] != t->base.v[0])
			return false;
	return true;
}

static const char *verdict(const struct one *t, double adjusted, size_t tests)
{
	double least = stat_rank_least(t->base.n, t->other.n) * (double)(tests ? tests : 1);

	if (adjusted <= COMPARE_ALPHA)
		return "differs";
	/* One run each is no repetition, even if both are the same. */
	if (t->base.n > 1 && t->other.n > 1 && all_same(t))
		return "no difference";
	return least > COMPARE_ALPHA ? "not enough repetitions" : "no difference";
}

static json_t *result(const struct one *t, double adjusted, size_t tests)
{
	struct stat_interval i;

	if (!t->base.n || !t->other.n)
		return json_null();
	if (stat_bootstrap(t->base.v, t->base.n, t->other.v, t->other.n, STAT_CONFIDENCE, SEED, &i))
		return NULL;
	return json_pack("{s:o, s:[o, o], s:[o, o], s:o, s:o, s:f, s:o, s:b, s:s}", "difference",
			 compare_number(i.difference), "ci", compare_number(i.low),
			 compare_number(i.high), "change_ci_pct", compare_number(100 * i.ratio_low),
			 compare_number(100 * i.ratio_high), "cliffs_delta",
			 compare_number(t->rank.delta), "hedges_g",
			 compare_number(
				 stat_hedges_g(t->base.v, t->base.n, t->other.v, t->other.n)),
			 "p", t->rank.p, "p_adjusted", compare_number(adjusted), "exact",
			 t->rank.exact, "verdict", verdict(t, adjusted, tests));
}

static int tell(const struct one *all, const double *adjusted, size_t n, size_t tests)
{
	for (size_t i = 0; i < n; i++) {
		json_t *list = json_object_get(all[i].row, "tests");

		/* The base is not tested against itself. */
		if (!list) {
			list = json_pack("[n]");
			if (!list || json_object_set_new(all[i].row, "tests", list))
				return -ENOMEM;
		}
		if (json_array_append_new(list, result(&all[i], adjusted[i], tests)))
			return -ENOMEM;
	}
	return 0;
}

int compare_tests(json_t *rows, json_t **ret_family)
{
	size_t sides = json_array_size(json_object_get(json_array_get(rows, 0), "sides")), n = 0;
	size_t most = json_array_size(rows) * (sides ? sides - 1 : 0), i;
	cleanup_free struct one *all = calloc(most + 1, sizeof(*all));
	cleanup_free double *p = calloc(most + 1, sizeof(*p));
	cleanup_free double *adjusted = calloc(most + 1, sizeof(*adjusted));
	int rc = all && p && adjusted ? 0 : -ENOMEM, tests = 0;
	json_t *row;

	json_array_foreach(rows, i, row)
		for (size_t side = 1; side < sides && !rc; side++, n++) {
			all[n].row = row;
			rc = read_values(row, 0, &all[n].base);
			rc = rc ? rc : read_values(row, side, &all[n].other);
			rc = rc ? rc : test(&all[n]);
			p[n] = all[n].p;
		}
	if (!rc)
		tests = stat_holm(p, n, adjusted);
	if (!rc && tests >= 0)
		rc = tell(all, adjusted, n, (size_t)tests);
	free_values(all, most);
	if (rc || tests < 0)
		return -ENOMEM;
	*ret_family = json_pack("{s:i, s:f, s:I}", "tests", tests, "alpha", COMPARE_ALPHA, "needed",
				(json_int_t)needed(tests  ? (size_t)tests
						   : most ? most
							  : 1));
	return *ret_family ? 0 : -ENOMEM;
}
