/* SPDX-License-Identifier: Apache-2.0 */
/* Which runs the arguments of a comparison mean. */
#ifndef CBPF_CMD_SIDES_H
#define CBPF_CMD_SIDES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strlist.h"

struct err;

struct sides { /* zero it first */
	struct str_list dirs; /* of runs, those of one side after the other */
	size_t *side; /* owned; of each */
	size_t n; /* sides */
};

/*
 * Adds a side: @arg is a run's directory, its id or a unique start of it, or "latest", and stands
 * for all repetitions of that run, oldest first, unless @alone; or several of these with a comma
 * between, which are those alone; or a directory of runs, which stands for all that are in it. 0, or
 * -errno and @err.
 */
int sides_add(struct sides *s, const char *store_dir, const char *arg, bool alone, struct err *err);

/* Whether a run is on two sides, one of which has more than it. */
bool sides_overlap(const struct sides *s);
void sides_fini(struct sides *s);

#endif
