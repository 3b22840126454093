/* SPDX-License-Identifier: Apache-2.0 */
/* Counters of a cgroup that is older than the run, from the first look on. */
#ifndef CBPF_SAMPLE_CGROUP_BASE_H
#define CBPF_SAMPLE_CGROUP_BASE_H

#include "sample/frame.h"

/* Zeroed at first. */
struct cgroup_base {
	uint64_t seen[(METRIC_COUNT + 63) / 64];
	uint64_t value[METRIC_COUNT]; /* of counters, as they were first read */
};

/*
 * Every counter that @row has and @before had not: what it has grown since it was first seen.
 * Gauges are left alone.
 */
void cgroup_base_apply(struct cgroup_base *b, const struct frame_row *before,
		       struct frame_row *row);

#endif
