// SPDX-License-Identifier: Apache-2.0
/* The course of a run: prepare, watch, end, conclude. */
#include "run/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "launch/launch.h"
#include "plan/plan.h"
#include "probe/block.h"
#include "probe/profile.h"
#include "run/attribution.h"
#include "run/drain.h"
#include "run/interrupt.h"
#include "run/pipeline.h"
#include "run/rdt.h"
#include "run/session.h"
#include "run/sinks.h"
#include "sample/sampler.h"
#include "store/store.h"

#define STEP_NS (100 * NSEC_PER_MSEC) /* at most, where no target needs anything sooner */

static const char *const state_words[] = {
	[TARGET_WAITING] = "waiting", [TARGET_STARTING] = "started", [TARGET_READY] = "running",
	[TARGET_EXITED] = "exited",   [TARGET_FAILED] = "failed",
};

/* Now is the time to stop a run whose block I/O will not be told apart. */
static void tell_attribution(struct session *s, const struct target *t)
{
	struct attribution a;
	char words[sizeof(a.reason) + sizeof(a.fix) + 32];

	attribution_of(&s->cgroups, t, &a);
	if (!s->block || !a.reason[0])
		return;
	attribution_words(&a, words, sizeof(words));
	pipeline_event(s->pipeline, t->name, "attribution", "%s", words);
	progress_warn(&s->progress, t->name, "%s", words);
}

/* Tell what changed since the step before; @before holds a state per target. */
static void tell_changes(struct session *s, enum target_state *before)
{
	for (size_t i = 0; i < s->targets->n; i++) {
		const struct target *t = &s->targets->v[i];

		if (t->start_ns && !s->first_start_ns)
			s->first_start_ns = t->start_ns;
		if (t->state == before[i])
			continue;
		if (before[i] == TARGET_WAITING) {
			tell_attribution(s, t);
			if (limits_look(&s->limits, &s->cgroups, t, (uint32_t)i))
				loss_add(&s->losses, "limits", 1, "of targets: no memory");
		}
		before[i] = t->state;
		pipeline_event(s->pipeline, t->name, state_words[t->state], "%s", t->failure);
		if (t->state == TARGET_FAILED)
			progress_warn(&s->progress, t->name, "%s", t->failure);
		else if (t->state == TARGET_EXITED && t->exit_code && !t->stopped)
			progress_warn(&s->progress, t->name, "%s", t->failure);
		else
			progress_say(&s->progress, t->name, "%s", state_words[t->state]);
	}
}

#define LEARN_NS (100 * NSEC_PER_MSEC)
#define SETTLE_NS NSEC_PER_SEC

/*
 * Now and then: are the kernel's own times right here? Tell when that changes whose
 * are used. And what was never seen to complete is in the device no more.
 */
static void tend_block(struct session *s, uint64_t now_ns)
{
	if (!s->block)
		return;
	if (now_ns >= s->settle_ns) {
		s->settle_ns = now_ns + SETTLE_NS;
		block_probe_settle(s->block, now_ns - SETTLE_NS);
	}
	if (now_ns < s->learn_ns)
		return;
	s->learn_ns = now_ns + LEARN_NS;
	if (block_probe_learn(s->block))
		pipeline_event(s->pipeline, NULL, "block times", "%s",
			       block_times_names[block_probe_times(s->block)]);
}

/* What others have started has no other end that belongs to the run. */
static bool is_ended_by_user(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (!plan->v[i].c->attach)
			return false;
	return true;
}

/* Until the workloads are done, time is over, or the user or a failure ends it. */
static int watch(struct session *s, enum target_state *states, struct err *err)
{
	uint64_t end_ns = clock_mono_ns() + s->plan->spec->duration_ns;
	int rc = 0;

	progress_phase(&s->progress, "running",
		       s->plan->spec->duration_ns < RUN_FOREVER_NS ? s->plan->spec->duration_ns
								   : 0);
	while (!rc) {
		uint64_t now_ns = clock_mono_ns();

		s->timed_out = now_ns >= end_ns;
		rc = launch_step(s->launcher, now_ns, err);
		tell_changes(s, states);
		if (rc || launch_done(s->launcher) || interrupt_count() || s->timed_out)
			break;
		rc = pipeline_failed(s->pipeline, err);
		tend_block(s, now_ns);
		sinks_tell(s->sinks);
		progress_refresh(&s->progress, &s->live, s->targets);
		launch_wait(s->launcher, now_ns + STEP_NS < end_ns ? now_ns + STEP_NS : end_ns);
	}
	/* Asked to stop while a step was under way: that is no failure of the step. */
	if (interrupt_count()) {
		s->interrupted = !is_ended_by_user(s->plan);
		if (rc == -EINTR)
			rc = 0;
	}
	return rc;
}

/* Keep the first failure; later ones are told, since clean-up goes on. */
static void keep(struct session *s, int *first, struct err *err, int rc, const struct err *e)
{
	if (!rc)
		return;
	if (!*first) {
		*first = rc;
		*err = *e;
	} else {
		progress_warn(&s->progress, NULL, "warning: %s", e->text);
	}
}

static int stop(struct session *s, struct err *err)
{
	int rc = 0;

	if (launch_ended(s->launcher))
		return 0;
	progress_phase(&s->progress, s->interrupted ? "interrupted, stopping" : "stopping", 0);
	progress_refresh(&s->progress, NULL, NULL);
	rc = launch_stop(s->launcher, *interrupt_at_once_flag(), err);
	if (rc == -EINTR)
		rc = launch_stop(s->launcher, true, err);
	return rc;
}

static void drain(struct session *s)
{
	struct err e = { 0 };
	int rc;

	if (!s->block || !s->plan->spec->drain_ns || *interrupt_at_once_flag())
		return;
	block_probe_unlearn(s->block);
	progress_phase(&s->progress, "waiting for dirty pages", s->plan->spec->drain_ns);
	progress_refresh(&s->progress, NULL, NULL);
	rc = drain_dirty(s->plan->spec->drain_ns, interrupt_at_once_flag(), &e);
	if (rc)
		loss_add(&s->losses, "drain", 1, "%s; what was written later is not counted",
			 e.text);
}

#define QUIET_TRIES 40
#define QUIET_STEP_NS (5 * NSEC_PER_MSEC)

/*
 * Requests whose completion the kernel did not show. A busy device is given a
 * few chances to be idle for a moment; what was issued just now may still be
 * under way.
 */
static void settle(struct session *s)
{
	uint64_t before_ns = clock_mono_ns();

	if (!s->block)
		return;
	for (int tries = 0; tries < 10; tries++) {
		clock_sleep_until(clock_mono_ns() + NSEC_PER_MSEC);
		block_probe_settle(s->block, before_ns);
	}
	/*
	 * The last look is at a moment when nothing is under way, if there is one soon: what
	 * is may be in one count and not yet in the kernel's own, as the data of a write is
	 * while its device is flushed.
	 */
	for (int tries = 0; tries < QUIET_TRIES && block_probe_in_flight(s->block); tries++)
		clock_sleep_until(clock_mono_ns() + QUIET_STEP_NS);
	loss_set(&s->losses, "block.in_flight", block_probe_in_flight(s->block),
		 "requests were still under way at the end of the run: not counted");
	block_probe_losses(s->block, &s->losses);
}

/* From the first target to the last sweep; @err holds the first failure. */
static int carry_out(struct session *s, struct err *err)
{
	cleanup_free enum target_state *states = calloc(s->targets->n, sizeof(*states));
	struct err e = { 0 };
	int first = 0, rc;

	rc = states ? watch(s, states, &e) : err_set(&e, -ENOMEM, "watching the run");
	keep(s, &first, err, rc, &e);
	rc = stop(s, &e);
	keep(s, &first, err, rc, &e);
	if (states)
		tell_changes(s, states); /* how those ended that were told to */
	drain(s);
	settle(s);
	rc = pipeline_finish(s->pipeline, &e);
	if (s->tasks.profile) /* it may take its time: not in the last sweep */
		profile_probe_stop(s->tasks.profile);
	if (rc != first) /* watch() may have told the same failure to write */
		keep(s, &first, err, rc, &e);
	progress_end(&s->progress);
	return first;
}

/* No more sweeps: what is launched may go. */
static void stop_watching(struct session *s)
{
	pipeline_close(s->pipeline);
	sampler_close(s->sampler);
	s->pipeline = NULL;
	s->sampler = NULL;
}

static void release(struct session *s)
{
	live_fini(&s->live);
	limits_fini(&s->limits);
	block_probe_close(s->block);
	task_probes_close(&s->tasks);
	rdt_close(s->rdt, &s->progress);
	sinks_close(s->sinks);
	store_close(s->store);
	free(s->owners);
	free(s->dir);
}

/* Remove what was launched; a failure to do so is told but is not the run's. */
static void clean_up(struct session *s)
{
	struct err e = { 0 };

	if (s->launcher && launch_close(s->launcher, &e)) {
		progress_warn(&s->progress, NULL, "warning: %s; try 'cbpf clean'", e.text);
		loss_add(&s->losses, "clean-up", 1, "%s", e.text);
	}
	s->launcher = NULL;
	s->targets = NULL;
}

/* A run that could not begin is stored all the same, with the reason. */
static int give_up(struct session *s, int rc, const struct err *err)
{
	struct err e = { 0 };

	if (s->store) {
		(void)store_put_event(s->store, clock_mono_ns(), NULL, "failed", err->text, &e);
		loss_add(&s->losses, "run", 1, "could not begin: %s", err->text);
		(void)store_put_losses(s->store, &s->losses, &e);
		(void)store_finish(s->store, interrupt_count() ? "interrupted" : "failed",
				   clock_mono_ns(), NULL, &e);
	}
	return rc;
}

int run_once(const struct run_config *config, const struct plan *plan, struct run_outcome *ret,
	     struct err *err)
{
	struct session s = {
		.config = config,
		.plan = plan,
		.losses = LOSSES_INIT,
		.begin_ns = clock_mono_ns(),
		.owners = calloc(1, sizeof(struct owner_table)),
	};
	struct err failure = { 0 };
	int rc, carried;

	*ret = (struct run_outcome){ .end = RUN_HOST };
	progress_init(&s.progress, config->quiet);
	rc = s.owners ? session_prepare(&s, err) : err_set(err, -ENOMEM, "preparing the run");
	if (s.dir)
		snprintf(ret->dir, sizeof(ret->dir), "%s", s.dir);
	if (rc) {
		give_up(&s, rc, err);
		stop_watching(&s);
		clean_up(&s);
		release(&s);
		if (interrupt_count())
			ret->end = RUN_INTERRUPTED;
		return rc;
	}
	carried = carry_out(&s, &failure);
	s.ended_early = carried;
	if (carried)
		loss_add(&s.losses, "run", 1, "ended early: %s", failure.text);
	rc = session_conclude(&s, ret, err);
	if (carried) {
		ret->end = ret->end == RUN_INTERRUPTED ? ret->end : RUN_FAILED;
		*err = failure;
		rc = carried;
	}
	stop_watching(&s);
	clean_up(&s);
	release(&s);
	return rc;
}

void run_outcome_fini(struct run_outcome *o)
{
	json_decref(o->report);
	o->report = NULL;
}
