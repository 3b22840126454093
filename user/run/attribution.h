/* SPDX-License-Identifier: Apache-2.0 */
/* How surely a target's block I/O is its own. */
#ifndef CBPF_RUN_ATTRIBUTION_H
#define CBPF_RUN_ATTRIBUTION_H

#include <stddef.h>

struct cgroup_layout;
struct target;

struct attribution {
	/*
	 * "exact": to its own cgroup; "ancestor": to one that others share, whose row
	 * has it; "none": to no cgroup at all. NULL: the target was never seen to run.
	 */
	const char *how;
	const char *writeback; /* "unattributed": of version 1; NULL: as @how says */
	char reason[256]; /* why it is not exact; "" */
	char fix[384]; /* the command that changes it; "" when there is none, or none so short */
};

void attribution_of(const struct cgroup_layout *l, const struct target *t, struct attribution *ret);

/* "REASON; before a run: FIX" into @text; without what does not fit @size as a whole. */
const char *attribution_words(const struct attribution *a, char *text, size_t size);

#endif
