// SPDX-License-Identifier: Apache-2.0
/* Rows of results. */
#include "base/result.h"

#include <math.h>
#include <stdlib.h>

const char *result_status_name(enum result_status s)
{
	static const char *const names[] = { "ok", "failed", "corrupt" };

	return names[s];
}

void result_init(struct result *r)
{
	*r = (struct result){
		.iteration = -1,
		.tasks = -1,
		.bytes = NAN,
		.bw_mib_s = NAN,
		.iops = NAN,
		.latency_s = NAN,
		.block_kib = NAN,
		.xfer_kib = NAN,
		.open_s = NAN,
		.wrrd_s = NAN,
		.close_s = NAN,
		.total_s = NAN,
		.begin_ns = NAN,
		.end_ns = NAN,
		.test = -1,
		.rank = -1,
		.calls = NAN,
		.errors = NAN,
		.min_s = NAN,
		.p50_s = NAN,
		.p90_s = NAN,
		.p99_s = NAN,
		.p999_s = NAN,
		.max_s = NAN,
		.stonewall_s = NAN,
	};
}

struct result *result_add(struct result_set *set)
{
	struct result *v = reallocarray(set->v, set->n + 1, sizeof(*v));

	if (!v)
		return NULL;
	set->v = v;
	result_init(&v[set->n]);
	return &v[set->n++];
}

void result_set_fini(struct result_set *set)
{
	free(set->v);
	*set = (struct result_set){ 0 };
}
