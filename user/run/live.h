/* SPDX-License-Identifier: Apache-2.0 */
/* What happened since somebody last looked: rates and p99 per target, for progress. */
#ifndef CBPF_RUN_LIVE_H
#define CBPF_RUN_LIVE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hist.h"

struct frame;

struct live_target {
	uint64_t ios, bytes;
	struct hist total; /* insert to completion, reads and writes */
};

struct live {
	pthread_mutex_t lock;
	struct live_target *v; /* one per target */
	size_t n;
};

int live_init(struct live *l, size_t n_targets);
/* Adds a frame's block rows; called by the writer thread. */
void live_add(struct live *l, const struct frame *f);
/* Copies target @i's numbers since the last take and starts anew. */
void live_take(struct live *l, size_t i, struct live_target *ret);
void live_fini(struct live *l);

#endif
