// SPDX-License-Identifier: Apache-2.0
/*
 * When the phases of a tool were that does not tell: from the order of its results, how
 * long each took and what it moved, and the ticks in which that many bytes were read or
 * written.
 *
 * A phase is the first stretch of ticks, after those of the phase before, that has its
 * bytes and whose inner ticks take no longer than the phase did. Bytes that are one phase's
 * are no other's, so that phases which share a tick divide it. What else could be the
 * phase makes it one that is not known: a check of what was written reads as much as the
 * phase that reads.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/units.h"
#include "report/budget.h"

#define SEEN 0.99 /* of the bytes, at least: some may be lost or be moved by other calls */
#define SLACK_NS 5e6 /* of how long a phase took */

/* Ticks first to last, both included. */
struct stretch {
	size_t first, last;
};

struct search {
	const struct ticks *t;
	double *left[USES]; /* bytes of each tick that are no phase's yet */
};

/* Can a phase have been in all these ticks? It was in all of the inner ones. */
static bool short_enough(const struct ticks *t, struct stretch s, double total_s)
{
	double inner = s.last > s.first + 1
			       ? (double)t->v[s.last - 1].to_ns - (double)t->v[s.first].to_ns
			       : 0;

	return isnan(total_s) || inner <= total_s * 1e9 + SLACK_NS;
}

/* To where all bytes are in it, and without the few that are too many before them. */
static void fit(const struct search *s, const struct phase *p, size_t to, double sum,
		struct stretch *at)
{
	const double *left = s->left[p->use];

	while (sum < p->tool_bytes && at->last + 1 < to) {
		struct stretch more = { at->first, at->last + 1 };

		if (!(left[more.last] > 0) || !short_enough(s->t, more, p->total_s))
			break;
		sum += left[++at->last];
	}
	while (at->first < at->last && left[at->first] <= (1 - SEEN) * p->tool_bytes &&
	       sum - left[at->first] >= fmin(p->tool_bytes, sum))
		sum -= left[at->first++];
}

/* The first stretch in ticks from @from and before @to. */
static bool find(const struct search *s, const struct phase *p, size_t from, size_t to,
		 struct stretch *ret)
{
	const double *left = s->left[p->use];
	struct stretch at = { .first = from };
	double sum = 0;

	for (at.last = from; at.last < to; at.last++) {
		sum += left[at.last];
		while (at.first < at.last && !short_enough(s->t, at, p->total_s))
			sum -= left[at.first++];
		if (sum < SEEN * p->tool_bytes)
			continue;
		fit(s, p, to, sum, &at);
		*ret = at;
		return true;
	}
	return false;
}

/* When in a tick all but @left of its bytes had been moved, were they spread evenly. */
static uint64_t moment(const struct tick *tick, enum use use, double left)
{
	double all = tick->calls[use][BYTES];

	return all > 0 ? tick->from_ns + (tick->to_ns - tick->from_ns) * (1 - left / all)
		       : tick->from_ns;
}

/* The stretch's bytes are the phase's. */
static void take(struct search *s, struct phase *p, struct stretch at)
{
	const struct tick *v = s->t->v;
	double *left = s->left[p->use], rest = p->tool_bytes;

	p->from_ns = moment(&v[at.first], p->use, left[at.first]);
	for (size_t i = at.first; i <= at.last; i++) {
		double bytes = fmin(left[i], rest);

		left[i] -= bytes;
		rest -= bytes;
	}
	p->to_ns = moment(&v[at.last], p->use, left[at.last]);
}

static int tell(struct buf *why, const struct phase *p, const char *words)
{
	return buf_printf(why, "%s %lld: %s", p->op, (long long)p->iteration, words);
}

static size_t find_all(struct search *s, struct phase *phases, size_t n, struct stretch *at,
		       struct buf *why)
{
	char bytes[32], words[160];
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		struct phase *p = &phases[i];

		if (!(p->tool_bytes > 0)) {
			tell(why, p, "the tool does not tell what it moved");
			return i;
		}
		if (!find(s, p, from, s->t->n, &at[i])) {
			units_format_size(p->tool_bytes, bytes, sizeof(bytes));
			snprintf(words, sizeof(words),
				 "its %s were not seen in the time that it took", bytes);
			tell(why, p, words);
			return i;
		}
		take(s, p, at[i]);
		from = at[i].last;
	}
	return n;
}

/* The number of phases before the first that could have been elsewhere, too. */
static size_t count_sure(const struct search *s, const struct phase *phases, size_t n,
			 const struct stretch *at, size_t all, struct buf *why)
{
	struct stretch other;

	for (size_t i = 0; i < n; i++) {
		size_t from = i ? at[i - 1].last : 0;
		size_t to = i + 1 < n ? at[i + 1].last + 1 : n < all ? at[i].last + 1 : s->t->n;

		if (!find(s, &phases[i], from, to, &other))
			continue;
		buf_reset(why);
		tell(why, &phases[i], "as many bytes were moved at another time, too");
		return i;
	}
	return n;
}

int budget_find_phases(const struct ticks *t, struct phase *phases, size_t n, size_t *ret_found,
		       struct buf *why)
{
	struct search s = { .t = t };
	struct stretch *at = calloc(n + 1, sizeof(*at));
	size_t found;
	int rc = -ENOMEM;

	for (int use = READS; use <= WRITES; use++)
		s.left[use] = calloc(t->n + 1, sizeof(*s.left[use]));
	if (!at || !s.left[READS] || !s.left[WRITES])
		goto out;
	for (size_t i = 0; i < t->n; i++)
		for (int use = READS; use <= WRITES; use++)
			s.left[use][i] = t->v[i].calls[use][BYTES];
	found = find_all(&s, phases, n, at, why);
	*ret_found = count_sure(&s, phases, found, at, n, why);
	/* Opening, closing and syncing move nothing: what is missing of its time comes after. */
	for (size_t i = 0; i < *ret_found; i++) {
		double end = phases[i].from_ns + fmax(phases[i].total_s, 0) * 1e9;

		if (i + 1 < *ret_found)
			end = fmin(end, phases[i + 1].from_ns);
		phases[i].to_ns = fmax(phases[i].to_ns, end);
	}
	rc = 0;
out:
	for (int use = READS; use <= WRITES; use++)
		free(s.left[use]);
	free(at);
	return rc;
}
