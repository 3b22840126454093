// SPDX-License-Identifier: Apache-2.0
/* Rounds over the combinations of a matrix: one for each repetition. */
#include "plan/course.h"

#include <errno.h>
#include <stdlib.h>

int course_init(struct course *c, const struct spec_set *specs)
{
	*c = (struct course){ .specs = specs, .v = calloc(specs->n + 1, sizeof(*c->v)) };
	if (!c->v)
		return -ENOMEM;
	for (size_t i = 0; i < specs->n; i++)
		c->runs += specs->v[i]->repeat;
	return 0;
}

void course_fini(struct course *c)
{
	free(c->v);
	c->v = NULL;
}

static bool has_run(const struct course *c, size_t i)
{
	return !c->v[i].given_up && c->round < c->specs->v[i]->repeat;
}

/* Any combination that has a repetition in this round or a later one. */
static bool has_more(const struct course *c)
{
	for (size_t i = 0; i < c->specs->n; i++)
		if (has_run(c, i))
			return true;
	return false;
}

bool course_next(struct course *c)
{
	do {
		if (c->begun)
			c->at++;
		c->begun = true;
		if (c->at < c->specs->n)
			continue;
		c->at = 0;
		c->round++;
		if (!has_more(c))
			return false;
	} while (!has_run(c, c->at));
	c->run++;
	return true;
}

const struct spec *course_spec(const struct course *c)
{
	return c->specs->v[c->at];
}

void course_done(struct course *c, uint64_t spent_ns)
{
	c->v[c->at].done++;
	c->v[c->at].spent_ns += spent_ns;
}

void course_give_up(struct course *c)
{
	uint64_t left = c->specs->v[c->at]->repeat - c->round - 1;

	c->v[c->at].given_up = true;
	c->run += left;
}

static uint64_t runs_left(const struct course *c, size_t i)
{
	uint64_t repeat = c->specs->v[i]->repeat, from = c->round + (i < c->at);

	return c->v[i].given_up || from >= repeat ? 0 : repeat - from;
}

bool course_left(const struct course *c, uint64_t *ret_ns)
{
	uint64_t done = 0, spent_ns = 0, left_ns = 0;

	for (size_t i = 0; i < c->specs->n; i++) {
		done += c->v[i].done;
		spent_ns += c->v[i].spent_ns;
	}
	if (!done)
		return false;
	for (size_t i = 0; i < c->specs->n; i++) {
		const struct course_variant *v = &c->v[i];

		left_ns += runs_left(c, i) * (v->done ? v->spent_ns / v->done : spent_ns / done);
	}
	*ret_ns = left_ns;
	return true;
}
