// SPDX-License-Identifier: Apache-2.0
/* Edges of a point's histograms. */
#include "sink/point.h"

#include <string.h>

#include "base/hist.h"

int64_t point_le(const char *name, unsigned int i)
{
	if (i >= HIST_BUCKETS - 1)
		return INT64_MAX;
	/* The store counts sizes as bytes less 1, so that a power of two is the last of its bucket. */
	return hist_high(i) - (strcmp(name, "size") ? 1 : 0);
}
