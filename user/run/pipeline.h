/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tick to disk: a sampling thread fills frames, a writing thread commits them.
 * The two share a small ring, so a slow disk never delays a sweep; when the
 * ring is full a tick is skipped, and since counters only grow the next one
 * carries what it would have held.
 */
#ifndef CBPF_RUN_PIPELINE_H
#define CBPF_RUN_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct live;
struct owner_table;
struct pipeline;
struct sampler;
struct store;

struct pipeline_config {
	struct sampler *sampler; /* borrowed, like all below */
	struct store *store;
	const struct owner_table *owners;
	struct live *live;
	uint64_t interval_ns;
};

struct pipeline_stats {
	uint64_t ticks; /* frames committed */
	uint64_t overruns; /* ticks that passed while a sweep was still running */
	uint64_t skipped; /* ticks without a free frame: the writer was behind */
	uint64_t sweep_max_ns, sweep_sum_ns;
	uint64_t late_max_ns; /* begin of a sweep after it was due */
};

/* Makes the first sweep before it returns, so that the baseline precedes every target. */
int pipeline_open(const struct pipeline_config *config, struct pipeline **ret, struct err *err);

/* Record that something happened; from any thread, never blocks on the disk. */
__attribute__((format(printf, 4, 5))) void pipeline_event(struct pipeline *p, const char *target,
							  const char *what, const char *fmt, ...);

/* 0, or the first failure to write; then nothing more is stored. */
int pipeline_failed(struct pipeline *p, struct err *err);

/* One last sweep, wait until everything is on disk, end both threads. */
int pipeline_finish(struct pipeline *p, struct err *err);

void pipeline_stats(struct pipeline *p, struct pipeline_stats *ret);
uint64_t pipeline_events_dropped(struct pipeline *p);
void pipeline_close(struct pipeline *p);

#endif
