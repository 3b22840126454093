// SPDX-License-Identifier: Apache-2.0
/* Collector "profile": tells its probe where targets live; its samples are told at the end. */
#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "launch/target.h"
#include "probe/profile.h"
#include "sample/collector.h"
#include "sample/frame.h"

struct profile_state {
	struct profile_probe *probe; /* borrowed */
	const struct target_set *targets; /* borrowed */
};

static int profile_open(const struct collector_env *env, void **ret_state, struct err *err)
{
	struct profile_state *s;

	if (!env->profile)
		return err_say(err, -EINVAL, "collector profile needs the profile probe");
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(err, -ENOMEM, "collector profile");
	s->probe = env->profile;
	s->targets = env->targets;
	*ret_state = s;
	return 0;
}

static void profile_read(void *state, struct frame *f)
{
	struct profile_state *s = state;

	(void)f;
	for (size_t i = 0; i < s->targets->n; i++) {
		const struct target *t = &s->targets->v[i];

		if (atomic_load_explicit(&t->published, memory_order_acquire) &&
		    !atomic_load_explicit(&t->gone, memory_order_relaxed))
			profile_probe_root(s->probe, (uint32_t)i, t->pid, t->container_id[0]);
	}
}

static void profile_close(void *state)
{
	free(state);
}

const struct collector collector_profile = {
	.name = "profile",
	.help = "what its tasks ran on CPUs, by samples of their stacks",
	.open = profile_open,
	.read = profile_read,
	.close = profile_close,
};
