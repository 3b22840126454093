// SPDX-License-Identifier: Apache-2.0
/* IOR says everything twice: what was lost or swapped on the way shows where the two differ. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "launch/parse_tool.h"

#define MIB 0x1p20
/* Of what is computed from rounded numbers, besides the rounding itself. */
#define SLACK 1e-4

bool parse_agrees(const struct result *r, double round_bw, double round_s)
{
	double mib = r->bytes / MIB, least, most;

	if (isnan(mib) || isnan(r->bw_mib_s) || isnan(r->total_s))
		return true;
	least = fmax(r->bw_mib_s - round_bw, 0) * fmax(r->total_s - round_s, 0);
	most = (r->bw_mib_s + round_bw) * (r->total_s + round_s);
	return mib >= least * (1 - SLACK) && mib <= most * (1 + SLACK);
}

static bool near(double a, double b, double rounding)
{
	return isnan(a) || isnan(b) || fabs(a - b) <= rounding + SLACK * fmax(fabs(a), fabs(b));
}

bool parse_ior_may_end_early(const char *command)
{
	static const char *const words[] = { "-T", "maxTimeDuration", " -f" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(command, words[i]))
			return true;
	return false;
}

void parse_ior_compare(struct result_set *set, const struct parse_total *t)
{
	double max = -INFINITY, min = INFINITY, sum = 0, rounding = t->rounding;
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++) {
		const struct result *r = &set->v[i];

		if (strcmp(r->op, t->op) || isnan(r->bw_mib_s) ||
		    (t->test >= 0 && r->test != t->test))
			continue;
		max = fmax(max, r->bw_mib_s);
		min = fmin(min, r->bw_mib_s);
		sum += r->bw_mib_s;
		n++;
	}
	if (n < t->repetitions && !t->or_fewer) {
		parse_fail(set, "the output is incomplete: its summary is of more repetitions than "
				"it has rows");
		return;
	}
	if (!n || n != t->repetitions)
		return;
	/* Rows are printed without decimals from 3600 on. */
	if (max > 3600 && rounding < 0.5)
		rounding = 0.5;
	if (!near(max, t->max, rounding) || !near(min, t->min, rounding) ||
	    !near(sum / n, t->mean, rounding))
		parse_fail(set,
			   "the output contradicts itself: its summary is not that of its rows");
}
