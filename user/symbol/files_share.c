// SPDX-License-Identifier: Apache-2.0
#include "symbol/files_share.h"

#include <stdlib.h>

struct share {
	size_t each, common; /* of each target; of all */
	size_t common_used;
	size_t used[]; /* by each target, first of its own part */
};

struct share *share_open(size_t room, size_t n_targets)
{
	struct share *s = calloc(1, sizeof(*s) + n_targets * sizeof(s->used[0]));

	if (!s)
		return NULL;
	s->each = room / 2 / n_targets;
	s->common = room - s->each * n_targets;
	return s;
}

bool share_take(struct share *s, uint32_t target)
{
	if (s->used[target] >= s->each) {
		if (s->common_used == s->common)
			return false;
		s->common_used++;
	}
	s->used[target]++;
	return true;
}

void share_give(struct share *s, uint32_t target)
{
	if (s->used[target]-- > s->each)
		s->common_used--;
}

void share_close(struct share *s)
{
	free(s);
}
