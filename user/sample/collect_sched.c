// SPDX-License-Identifier: Apache-2.0
/* Collector "sched": what the scheduler probe counted since the last sweep, per target. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "launch/target.h"
#include "probe/sched.h"
#include "sample/collector.h"
#include "sample/frame.h"

struct sched_state {
	struct sched_probe *probe; /* borrowed */
	const struct target_set *targets; /* borrowed */
	struct losses *losses; /* borrowed */
	struct sched_slot now; /* kept here, since it is large for a stack */
	size_t next; /* target to begin with: whoever found no room is served first */
	struct sched_seen {
		uint64_t oncpu_ns; /* the most that was told */
		struct hist_set hists;
	} seen[];
};

static int sched_open(const struct collector_env *env, void **ret_state, struct err *err)
{
	size_t n = env->targets->n;
	struct sched_state *s;

	if (!env->sched)
		return err_say(err, -EINVAL, "collector sched needs the scheduler probe");
	s = calloc(1, sizeof(*s) + n * sizeof(s->seen[0]));
	if (!s)
		return err_set(err, -ENOMEM, "collector sched");
	s->probe = env->sched;
	s->targets = env->targets;
	s->losses = env->losses;
	*ret_state = s;
	return 0;
}

/* All of a target's histograms, or none: -ENOSPC. */
static int put_hists(struct sched_state *s, size_t target, struct frame *f)
{
	static const enum hist_layer layers[SCHED_HISTS] = {
		[SCHED_RUNQ] = LAYER_SCHED_RUNQ,
		[SCHED_IO_NS] = LAYER_SCHED_IO,
		[SCHED_LOCK_NS] = LAYER_SCHED_LOCK,
		[SCHED_OTHER_NS] = LAYER_SCHED_OTHER,
	};
	uint8_t blobs[SCHED_HISTS * HIST_BLOB_MAX];
	size_t used = 0, n = 0;

	if (f->n_hists + SCHED_HISTS > f->max_hists)
		return -ENOSPC;
	for (unsigned int k = 0; k < SCHED_HISTS; k++) {
		struct frame_hist *fh = &f->hists[f->n_hists + n];
		struct hist h;

		hist_set_delta(&s->now.hists, &s->seen[target].hists, k, &h);
		/* A wait can be in the sum already and not yet in its bucket. */
		if (!h.count && !h.sum)
			continue;
		*fh = (struct frame_hist){
			.owner = target,
			.layer = layers[k],
			.ios = h.count,
			.blob_at = f->n_blobs + used,
		};
		frame_hist_set(fh, &h);
		fh->blob_len = hist_encode(&h, blobs + used);
		used += fh->blob_len;
		n++;
	}
	if (f->n_blobs + used > f->max_blobs)
		return -ENOSPC;
	memcpy(f->blobs + f->n_blobs, blobs, used);
	f->n_blobs += used;
	f->n_hists += n;
	s->seen[target].hists = s->now.hists;
	return 0;
}

static void put_totals(struct sched_state *s, size_t target, struct frame *f)
{
	static const enum metric off[SCHED_OFFS] = {
		[SCHED_IO] = METRIC_sched_io_ns,
		[SCHED_LOCK] = METRIC_sched_lock_ns,
		[SCHED_BLOCKED] = METRIC_sched_blocked_ns,
		[SCHED_SLEEP] = METRIC_sched_sleep_ns,
		[SCHED_THROTTLE] = METRIC_sched_throttle_ns,
		[SCHED_INODE] = METRIC_sched_inode_ns,
		[SCHED_JOURNAL] = METRIC_sched_journal_ns,
	};
	struct frame_row *row = frame_row_of(f, target);
	const struct sched_slot *now = &s->now;
	struct sched_seen *seen = &s->seen[target];

	if (!row)
		return;
	/* A slice that was just ending was in no place for a moment. */
	if (now->oncpu_ns > seen->oncpu_ns)
		seen->oncpu_ns = now->oncpu_ns;
	frame_put(row, METRIC_sched_oncpu_ns, seen->oncpu_ns);
	frame_put(row, METRIC_sched_slices, now->slices);
	frame_put(row, METRIC_sched_preempted, now->preempted);
	frame_put(row, METRIC_sched_missed, now->missed);
	frame_put(row, METRIC_sched_runq_ns, now->hists.of[SCHED_RUNQ].sum);
	for (size_t i = 0; i < SCHED_OFFS; i++)
		frame_put(row, off[i], now->off_ns[i]);
}

/* Has any wait ended since the histograms were told? */
static bool waited(const struct sched_state *s, size_t target)
{
	for (size_t k = 0; k < SCHED_HISTS; k++)
		if (s->now.hists.of[k].sum != s->seen[target].hists.of[k].sum)
			return true;
	return false;
}

static void sched_read(void *state, struct frame *f)
{
	struct sched_state *s = state;
	size_t n = s->targets->n, first = s->next < n ? s->next : 0;
	bool dropped = false;

	s->next = first;
	for (size_t k = 0; k < n; k++) {
		size_t i = (first + k) % n;

		if (!atomic_load_explicit(&s->targets->v[i].published, memory_order_acquire))
			continue;
		sched_probe_totals(s->probe, i, clock_mono_ns(), &s->now);
		put_totals(s, i, f);
		if (!f->last && !waited(s, i))
			continue;
		sched_probe_read(s->probe, i, clock_mono_ns(), &s->now);
		if (!put_hists(s, i, f))
			continue;
		if (!dropped)
			s->next = i;
		dropped = true;
		f->hists_dropped += SCHED_HISTS;
	}
	if (f->last)
		sched_probe_losses(s->probe, s->losses);
}

static void sched_close(void *state)
{
	free(state);
}

const struct collector collector_sched = {
	.name = "sched",
	.help = "time on CPUs, in run queues and off CPUs by reason, per target",
	.open = sched_open,
	.read = sched_read,
	.close = sched_close,
};
