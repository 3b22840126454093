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

struct result *result_add(struct result_set *set)
{
	struct result *v = reallocarray(set->v, set->n + 1, sizeof(*v));

	if (!v)
		return NULL;
	set->v = v;
	v[set->n] = (struct result){
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
	};
	return &v[set->n++];
}

void result_set_fini(struct result_set *set)
{
	free(set->v);
	*set = (struct result_set){ 0 };
}
