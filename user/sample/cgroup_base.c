// SPDX-License-Identifier: Apache-2.0
/* What a cgroup did before the run is not the run's. */
#include "sample/cgroup_base.h"

#include "sample/metric.h"

static void take(struct cgroup_base *b, enum metric m, struct frame_row *row)
{
	uint64_t bit = 1ull << m % 64;

	/* One that was reset, as some can be, begins anew. */
	if (!(b->seen[m / 64] & bit) || row->value[m] < b->value[m])
		b->value[m] = (b->seen[m / 64] & bit) ? 0 : row->value[m];
	b->seen[m / 64] |= bit;
	row->value[m] -= b->value[m];
}

void cgroup_base_apply(struct cgroup_base *b, const struct frame_row *before, struct frame_row *row)
{
	for (int m = 0; m < METRIC_COUNT; m++)
		if (metric_descs[m].kind == METRIC_COUNTER && frame_has(row, m) &&
		    !frame_has(before, m))
			take(b, m, row);
}
