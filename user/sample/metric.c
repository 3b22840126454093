// SPDX-License-Identifier: Apache-2.0
/* The metric table, expanded. */
#include "sample/metric.h"

const struct metric_desc metric_descs[METRIC_COUNT] = {
#define METRIC_ROW(name, kind, unit, source) { #name, METRIC_##kind, unit, source },
	METRICS(METRIC_ROW)
#undef METRIC_ROW
};
