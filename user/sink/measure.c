// SPDX-License-Identifier: Apache-2.0
/* Every measurement, and finding one of its columns. */
#include "sink/measure.h"

#include <string.h>

#include "sink/measure_rows.h"

const struct measurement *const measurements[] = {
	&benchmark_metrics, &benchmark_core_allocation,
	&cbpf_block,	    &cbpf_block_bucket,
	&cbpf_block_error,  &cbpf_share,
	&cbpf_interference, &cbpf_device,
	&cbpf_vfs,	    &cbpf_vfs_bucket,
	&cbpf_pagecache,    &cbpf_sched,
	&cbpf_sched_bucket, &cbpf_cgroup,
	&cbpf_pressure,	    &cbpf_cpuset,
	&cbpf_perf,	    &cbpf_rdt,
	&cbpf_rdt_class,    &cbpf_rdt_alloc,
	&cbpf_event,	    &cbpf_self,
	&benchmark_meta,    &benchmark_container_meta,
	&cbpf_run_meta,	    &cbpf_target_meta,
	&cbpf_device_meta,  &cbpf_result,
	&cbpf_preemption,   &cbpf_vfs_error,
	&cbpf_finding,	    &cbpf_loss,
	&cbpf_expect,	    &cbpf_cost,
	&cbpf_probe,	    NULL,
};

const struct measurement *measure_find(const char *name)
{
	for (const struct measurement *const *m = measurements; *m; m++)
		if (!strcmp((*m)->name, name))
			return *m;
	return NULL;
}

const struct measure_column *measure_column(const struct measurement *m, const char *name)
{
	const struct measure_column *fits = NULL;

	for (const struct measure_column *c = m->columns; c->name; c++) {
		if (!c->many) {
			if (!strcmp(c->name, name))
				return c;
			continue;
		}
		/* What a pattern stands for is not empty. */
		if (!strncmp(c->name, name, strlen(c->name) - 1) &&
		    strlen(name) >= strlen(c->name) &&
		    (!fits || strlen(fits->name) < strlen(c->name)))
			fits = c;
	}
	return fits;
}
