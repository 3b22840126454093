// SPDX-License-Identifier: Apache-2.0
/* Collector "block": what the block probe counted since the last sweep, per owner. */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loss.h"
#include "launch/target.h"
#include "probe/block.h"
#include "sample/block_delta.h"
#include "sample/collector.h"
#include "sample/frame.h"
#include "sample/owner_map.h"
#include "sample/share_delta.h"

struct block_state {
	struct block_probe *probe; /* borrowed */
	struct losses *losses; /* borrowed */
	const struct target_set *targets; /* borrowed */
	struct block_delta *delta;
	struct share_delta *shares;
	struct owner_map *owners;
	size_t n_known; /* rows that have a handle */
	size_t next; /* row to begin with: whoever found no room is served first */
	int handle[BLOCK_MAX_ROWS]; /* of each row in the owner map */
};

static void block_close(void *state)
{
	struct block_state *s = state;

	if (!s)
		return;
	owner_map_close(s->owners);
	block_delta_close(s->delta);
	share_delta_close(s->shares);
	free(s);
}

static int block_open(const struct collector_env *env, void **ret_state, struct err *err)
{
	struct block_state *s;
	int rc;

	if (!env->block)
		return err_say(err, -EINVAL, "collector block needs the block probe");
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(err, -ENOMEM, "collector block");
	s->probe = env->block;
	s->losses = env->losses;
	s->targets = env->targets;
	rc = block_delta_open(&s->delta, err);
	if (!rc)
		rc = share_delta_open(&s->shares, err);
	if (!rc)
		rc = owner_map_open(env, &s->owners, err);
	if (rc) {
		block_close(s);
		return rc;
	}
	*ret_state = s;
	return 0;
}

/*
 * What a target did that ran before is counted since the probe was loaded: what the first sweep
 * finds was before the run. It is taken, so that the next one begins there, and not told.
 */
static int put(struct block_state *s, size_t i, const struct block_row *row, uint32_t owner,
	       struct frame *f)
{
	size_t hists = f->n_hists, blobs = f->n_blobs, blocks = f->n_blocks, errors = f->n_errors;
	int rc = block_delta_put(s->delta, i, row, owner, f);

	if (f->seq || owner >= s->targets->n || !s->targets->v[owner].attached)
		return rc;
	f->n_hists = hists;
	f->n_blobs = blobs;
	f->n_blocks = blocks;
	f->n_errors = errors;
	return rc;
}

static void block_read(void *state, struct frame *f)
{
	struct block_state *s = state;
	const struct block_row *rows;
	size_t n = block_probe_rows(s->probe, &rows), first, next;

	if (n > BLOCK_MAX_ROWS)
		n = BLOCK_MAX_ROWS;
	owner_map_sweep(s->owners);
	for (; s->n_known < n; s->n_known++)
		s->handle[s->n_known] =
			owner_map_add(s->owners, rows[s->n_known].key.cgroup_id,
				      rows[s->n_known].name, rows[s->n_known].key.why);
	first = next = s->next < n ? s->next : 0;
	for (size_t k = 0; k < n; k++) {
		size_t i = (first + k) % n;
		int owner;

		/* At the end what was being counted during the last copy is fetched, too. */
		if (!f->last && !block_delta_changed(s->delta, i, &rows[i]))
			continue;
		owner = owner_map_get(s->owners, s->handle[i], f->last);
		if (owner < 0)
			continue;
		if (put(s, i, &rows[i], owner, f) == -ENOSPC) {
			if (!f->hists_dropped)
				next = i;
			f->hists_dropped += LAYER_BLOCKS;
		}
	}
	s->next = next;
	share_delta_put(s->shares, s->probe, s->owners, clock_mono_ns(), f->last, f);
	if (f->last)
		block_probe_losses(s->probe, s->losses);
}

const struct collector collector_block = {
	.name = "block",
	.help = "latency, requests and bytes per owner, device and operation, from the block layer",
	.open = block_open,
	.read = block_read,
	.close = block_close,
};
