/* SPDX-License-Identifier: Apache-2.0 */
/* One sweep over all collectors, and the tick that times sweeps. */
#ifndef CBPF_SAMPLE_SAMPLER_H
#define CBPF_SAMPLE_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "sample/collector.h"
#include "sample/frame.h"

struct sampler;

/*
 * @which: NULL-terminated list of collectors to use. @env is copied; what it points at is borrowed.
 * An empty owner table gets the targets and "unattributed"; targets must have been created, so that
 * their container ids are known.
 */
int sampler_open(const struct collector_env *env, const struct collector *const *which,
		 struct sampler **ret, struct err *err);
/* Room a frame needs for this sampler. */
int sampler_frame_init(const struct sampler *s, struct frame *f, struct err *err);
/*
 * Fill @f (reset first); sets begin_ns and end_ns. The caller sets seq, due_ns
 * and last before. After the last sweep, sweep again while hists_dropped is not 0.
 */
void sampler_sweep(struct sampler *s, struct frame *f);
void sampler_close(struct sampler *s);

/* Absolute timerfd at multiples of @interval_ns from now. */
struct ticker {
	int fd; /* owned; poll it */
	uint64_t first_ns, interval_ns, seq;
	uint64_t overruns; /* ticks that passed while the one before was still being handled */
};

int ticker_open(struct ticker *t, uint64_t interval_ns, struct err *err);
/* Block until the next tick; 0 and when it was due, or -EINTR. */
int ticker_wait(struct ticker *t, uint64_t *ret_due_ns);
void ticker_close(struct ticker *t);

/* cbpf's own cost so far. */
struct self_cost {
	uint64_t cpu_ns; /* user + system, all threads */
	uint64_t rss_max_bytes;
};

void self_cost_read(struct self_cost *ret);

#endif
