// SPDX-License-Identifier: Apache-2.0
/* One sweep after another over the collectors of a run. */
#include "sample/sampler.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "launch/target.h"
#include "probe/block.h"
#include "probe/perf.h"
#include "probe/sched.h"
#include "probe/vfs.h"
#include "sample/owner.h"

#define MAX_COLLECTORS 16

struct sampler {
	struct collector_env env;
	size_t n;
	const struct collector *v[MAX_COLLECTORS];
	void *state[MAX_COLLECTORS];
};

int sampler_open(const struct collector_env *env, const struct collector *const *which,
		 struct sampler **ret, struct err *err)
{
	struct sampler *s;

	if (env->targets->n > OWNER_MAX_TARGETS)
		return err_say(err, -E2BIG, "%zu targets: at most %d can be sampled in one run",
			       env->targets->n, OWNER_MAX_TARGETS);
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(err, -ENOMEM, "the sampler");
	s->env = *env;
	if (!atomic_load(&env->owners->n))
		owner_table_init(env->owners, env->targets);
	for (; which[s->n]; s->n++) {
		int rc;

		if (s->n == MAX_COLLECTORS)
			rc = err_set(err, -E2BIG, "more than %d collectors", MAX_COLLECTORS);
		else
			rc = which[s->n]->open(&s->env, &s->state[s->n], err);
		if (rc) {
			sampler_close(s);
			return rc;
		}
		s->v[s->n] = which[s->n];
	}
	*ret = s;
	return 0;
}

int sampler_frame_init(const struct sampler *s, struct frame *f, struct err *err)
{
	size_t hists = s->env.block ? (size_t)LAYER_BLOCKS * BLOCK_MAX_ROWS : 0;

	if (s->env.sched)
		hists += SCHED_HISTS * s->env.targets->n;

	if (s->env.vfs)
		hists += HIST_SET * vfs_probe_max_rows(s->env.vfs);

	if (frame_init(f, s->env.targets->n, hists, err))
		return err->code;
	return s->env.perf ? frame_init_perf(f, perf_probe_events(s->env.perf), err) : 0;
}

void sampler_sweep(struct sampler *s, struct frame *f)
{
	frame_reset(f);
	f->begin_ns = clock_mono_ns();
	for (size_t i = 0; i < s->n; i++)
		s->v[i]->read(s->state[i], f);
	f->end_ns = clock_mono_ns();
}

void sampler_close(struct sampler *s)
{
	if (!s)
		return;
	while (s->n--)
		s->v[s->n]->close(s->state[s->n]);
	free(s);
}
