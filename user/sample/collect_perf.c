// SPDX-License-Identifier: Apache-2.0
/* Collector "perf": totals of each target's events, as the perf probe has them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "launch/target.h"
#include "probe/perf.h"
#include "sample/collector.h"
#include "sample/frame.h"

struct perf_state {
	struct perf_probe *probe; /* borrowed */
	const struct target_set *targets; /* borrowed */
	struct losses *losses; /* borrowed */
	size_t n_events;
	bool named; /* the events are in a frame */
	struct perf_count told[]; /* of each target all events, then of the others and the CPUs */
};

static int perf_open(const struct collector_env *env, void **ret_state, struct err *err)
{
	struct perf_state *s;
	size_t n;

	if (!env->perf)
		return err_say(err, -EINVAL, "collector perf needs the perf probe");
	n = perf_probe_events(env->perf);
	s = calloc(1, sizeof(*s) + (env->targets->n + 2) * n * sizeof(s->told[0]));
	if (!s)
		return err_set(err, -ENOMEM, "collector perf");
	s->probe = env->perf;
	s->targets = env->targets;
	s->losses = env->losses;
	s->n_events = n;
	*ret_state = s;
	return 0;
}

static void put_events(struct perf_state *s, struct frame *f)
{
	for (size_t i = 0; i < s->n_events && f->n_perf_events < f->max_perf_events; i++) {
		const struct perf_event *e = perf_probe_event(s->probe, i);
		struct frame_perf_event *to = &f->perf_events[f->n_perf_events++];

		*to = (struct frame_perf_event){ .id = i, .hardware = perf_event_is_hardware(e) };
		memcpy(to->name, e->name, sizeof(to->name) - 1);
	}
	s->named = true;
}

/* Unless nothing has happened since they were told. Zeros are told at the end: they are known. */
static void put(struct perf_count *told, const struct perf_count *now, uint32_t owner, size_t event,
		struct frame *f)
{
	struct frame_perf *to = &f->perfs[f->n_perfs];

	if ((!f->last && !memcmp(told, now, sizeof(*now))) || f->n_perfs == f->max_perfs)
		return;
	*to = (struct frame_perf){
		.owner = owner,
		.event = event,
		.value = now->value,
		.enabled_ns = now->enabled_ns,
		.running_ns = now->running_ns,
	};
	f->n_perfs++;
	*told = *now;
}

static void perf_read(void *state, struct frame *f)
{
	struct perf_state *s = state;
	struct perf_count *told = s->told, now;

	if (!s->named)
		put_events(s, f);
	perf_probe_sweep(s->probe);
	for (size_t i = 0; i < s->targets->n; i++, told += s->n_events) {
		if (!atomic_load_explicit(&s->targets->v[i].published, memory_order_acquire))
			continue;
		for (size_t e = 0; e < s->n_events; e++)
			if (perf_probe_read(s->probe, i, e, &now))
				put(&told[e], &now, i, e, f);
	}
	for (size_t e = 0; e < s->n_events; e++)
		if (perf_probe_others(s->probe, e, &now))
			put(&told[e], &now, FRAME_PERF_OTHERS, e, f);
	if (!f->last)
		return;
	/* A system call for each CPU: only once. */
	for (size_t e = 0; e < s->n_events; e++)
		if (perf_probe_cpus(s->probe, e, &now))
			put(&told[s->n_events + e], &now, FRAME_PERF_CPUS, e, f);
	perf_probe_losses(s->probe, s->losses);
}

static void perf_close(void *state)
{
	free(state);
}

const struct collector collector_perf = {
	.name = "perf",
	.help = "events of hardware and kernel that its tasks caused, per target",
	.open = perf_open,
	.read = perf_read,
	.close = perf_close,
};
