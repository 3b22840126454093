// SPDX-License-Identifier: Apache-2.0
/* Collector "pagecache": the page cache probe's totals, per target. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "launch/target.h"
#include "probe/pagecache.h"
#include "sample/collector.h"
#include "sample/frame.h"

struct pagecache_state {
	struct pagecache_probe *probe; /* borrowed */
	const struct target_set *targets; /* borrowed */
	struct losses *losses; /* borrowed */
	uint64_t page_bytes;
};

static int pagecache_open(const struct collector_env *env, void **ret_state, struct err *err)
{
	struct pagecache_state *s;

	if (!env->pagecache)
		return err_say(err, -EINVAL, "collector pagecache needs the page cache probe");
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(err, -ENOMEM, "collector pagecache");
	s->probe = env->pagecache;
	s->targets = env->targets;
	s->losses = env->losses;
	s->page_bytes = sysconf(_SC_PAGESIZE);
	*ret_state = s;
	return 0;
}

static void put_target(const struct pagecache_state *s, size_t target, struct frame *f)
{
	static const struct {
		enum pagecache_counter counter;
		enum metric metric;
	} columns[] = {
		{ PAGECACHE_ACCESSED, METRIC_pagecache_accessed },
		{ PAGECACHE_MISSED, METRIC_pagecache_missed },
		{ PAGECACHE_ASKED, METRIC_pagecache_asked },
		{ PAGECACHE_FETCHED, METRIC_pagecache_fetched },
		{ PAGECACHE_WASTED, METRIC_pagecache_wasted },
		{ PAGECACHE_FAULTS, METRIC_pagecache_faults },
		{ PAGECACHE_FAULT_MISSED, METRIC_pagecache_fault_missed },
		{ PAGECACHE_FAULT_TOOK, METRIC_pagecache_fault_took },
		{ PAGECACHE_FAULT_ADDED, METRIC_pagecache_fault_added },
		{ PAGECACHE_OTHER_ADDED, METRIC_pagecache_other_added },
		{ PAGECACHE_DIRTIED, METRIC_pagecache_dirtied },
		{ PAGECACHE_WRITTEN_BYTES, METRIC_pagecache_written },
		{ PAGECACHE_EVICTED, METRIC_pagecache_evicted },
	};
	struct frame_row *row = frame_row_of(f, target);
	struct pagecache_slot now;

	if (!row)
		return;
	pagecache_probe_read(s->probe, target, &now);
	now.n[PAGECACHE_WRITTEN_BYTES] /= s->page_bytes;
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (pagecache_probe_counts(s->probe, target, columns[i].counter))
			frame_put(row, columns[i].metric, now.n[columns[i].counter]);
}

static void pagecache_read(void *state, struct frame *f)
{
	const struct pagecache_state *s = state;

	for (size_t i = 0; i < s->targets->n; i++)
		if (atomic_load_explicit(&s->targets->v[i].published, memory_order_acquire))
			put_target(s, i, f);
	if (f->last)
		pagecache_probe_losses(s->probe, s->losses);
}

static void pagecache_close(void *state)
{
	free(state);
}

const struct collector collector_pagecache = {
	.name = "pagecache",
	.help = "page cache reads, misses, readahead, dirtied and written pages, per target",
	.open = pagecache_open,
	.read = pagecache_read,
	.close = pagecache_close,
};
