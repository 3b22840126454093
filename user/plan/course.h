/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the runs of a matrix and of their repetitions, and how long the rest may take. */
#ifndef CBPF_PLAN_COURSE_H
#define CBPF_PLAN_COURSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/spec.h"

struct course_variant {
	uint64_t done; /* repetitions */
	uint64_t spent_ns; /* by these */
	bool given_up; /* it has no more */
};

struct course {
	const struct spec_set *specs; /* borrowed */
	struct course_variant *v; /* owned; one for each of @specs */
	uint64_t round; /* repetition, from 0 */
	size_t at; /* of @specs: that of the present run */
	bool begun;
	uint64_t runs, run; /* in all, and which one this is, from 1 */
};

/* 0 or -ENOMEM. */
int course_init(struct course *c, const struct spec_set *specs);
void course_fini(struct course *c);

/*
 * Go to the next run; false: there is none. Every combination has its first run before any has
 * its second, so that what changes on a host as time goes by meets all of them alike, and what is
 * there after an interruption is as complete as can be.
 */
bool course_next(struct course *c);
const struct spec *course_spec(const struct course *c);
/* The present run took this long. */
void course_done(struct course *c, uint64_t spent_ns);
/* No further repetitions of the present run's combination; those count as done. */
void course_give_up(struct course *c);

/*
 * How long the runs from the present one on will take, if they take what the same combination
 * took before, or else what all runs took on average. False: none has ended yet.
 */
bool course_left(const struct course *c, uint64_t *ret_ns);

#endif
