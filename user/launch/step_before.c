// SPDX-License-Identifier: Apache-2.0
/* Preparing the host for a target, and for each of its phases. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/loss.h"
#include "launch/before.h"
#include "launch/gate.h"
#include "launch/launch_state.h"
#include "plan/plan.h"

static const struct spec_before *wanted(const struct launcher *l, size_t i)
{
	const struct spec_before *b = &l->set.v[i].plan->c->before;

	return b->given == FLAG_ON ? b : NULL;
}

static struct before_config config_of(const struct launcher *l, size_t i)
{
	return (struct before_config){ .what = wanted(l, i),
				       .path = *l->items[i].place ? l->items[i].place : NULL,
				       .cpus = l->set.v[i].plan->c->cpus,
				       .cancel = l->config.cancel,
				       .place = { "/proc", "/sys" } };
}

int before_can(struct launcher *l, size_t i, struct err *err)
{
	struct launch_item *item = &l->items[i];
	struct before_config config;
	struct err none;

	if (!wanted(l, i))
		return 0;
	/* Where that is not known, what needs it says so. */
	if (!l->runtime->place ||
	    l->runtime->place(l->state, i, item->place, sizeof(item->place), &none))
		item->place[0] = '\0';
	config = config_of(l, i);
	return before_check(&config, err);
}

/* "write 0: " of the phase that comes next; "" for a target that has none. */
static void name_phase(const struct launcher *l, size_t i, char *text, size_t size)
{
	const struct target *t = &l->set.v[i];
	struct plan_ior_phase p;

	*text = '\0';
	if (!t->phases)
		return;
	p = plan_ior_phase(&t->plan->c->workload.ior, l->items[i].gate);
	snprintf(text, size, "%s %llu: ", p.write ? "write" : "read",
		 (unsigned long long)p.repetition);
}

/* What was done is an event each; what is not as it was asked for is a loss too. */
static void tell(struct launcher *l, size_t i)
{
	struct launch_item *item = &l->items[i];
	const struct target *t = &l->set.v[i];
	const struct before_line *lines;
	size_t n = before_lines(item->before, &lines);
	char phase[48], text[256];

	name_phase(l, i, phase, sizeof(phase));
	for (; item->told < n; item->told++) {
		const struct before_line *line = &lines[item->told];

		snprintf(text, sizeof(text), "%s%s", phase, line->text);
		if (l->config.happened)
			l->config.happened(l->config.note_arg, t->name, "before", text);
		if (!line->good)
			loss_add(l->config.losses, "before", 1, "%s: %s", t->name, text);
	}
}

/* 1: it is over and told; 0: not yet, or it has failed with words. */
static int prepare(struct launcher *l, size_t i, bool ended, uint64_t now_ns)
{
	struct launch_item *item = &l->items[i];
	struct before_config config = config_of(l, i);
	struct err err = { 0 };
	bool done;
	int rc;

	if (!item->before) {
		item->told = 0;
		rc = before_start(&config, &item->before, &err);
		if (rc)
			step_fail(&l->set.v[i], ended, now_ns, "%s", err.text);
		return 0;
	}
	done = before_done(item->before);
	tell(l, i); /* all of it, when it was done before */
	if (!done)
		return 0;
	rc = before_result(item->before, &err);
	before_close(item->before);
	item->before = NULL;
	if (rc)
		step_fail(&l->set.v[i], ended, now_ns, "%s", err.text);
	return !rc;
}

int before_target(struct launcher *l, size_t i, uint64_t now_ns)
{
	struct launch_item *item = &l->items[i];

	/* Phases have gates of their own. */
	if (!wanted(l, i) || l->set.v[i].phases || item->prepared)
		return 1;
	item->prepared = prepare(l, i, true, now_ns);
	return item->prepared;
}

void before_phase(struct launcher *l, size_t i, uint64_t now_ns)
{
	struct launch_item *item = &l->items[i];
	struct target *t = &l->set.v[i];

	if (!t->phases || item->gate >= t->phases || t->stopped)
		return;
	if (item->gate_fd < 0)
		item->gate_fd = gate_try(t->gate_dir, item->gate);
	if (item->gate_fd < 0 || !prepare(l, i, false, now_ns)) {
		if (t->state == TARGET_FAILED)
			step_tell_to_end(l, i, false, now_ns);
		return;
	}
	gate_say(item->gate_fd, "go");
	item->gate_fd = -1;
	item->gate++;
}

bool before_waits(const struct launcher *l, size_t i)
{
	const struct launch_item *item = &l->items[i];
	const struct target *t = &l->set.v[i];

	return item->before || (item->running && !t->stopped && item->gate < t->phases);
}

void before_stop(struct launcher *l, size_t i)
{
	struct launch_item *item = &l->items[i];
	const struct target *t = &l->set.v[i];

	if (!t->phases)
		return;
	if (item->gate_fd < 0 && item->gate < t->phases)
		item->gate_fd = gate_try(t->gate_dir, item->gate);
	if (item->gate_fd >= 0)
		gate_say(item->gate_fd, "stop");
	item->gate_fd = -1;
}

void before_end(struct launcher *l, size_t i)
{
	before_stop(l, i);
	before_close(l->items[i].before);
	l->items[i].before = NULL;
}
