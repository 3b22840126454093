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
				       .places = &l->items[i].places,
				       .elsewhere = l->items[i].elsewhere,
				       .cpus = *l->items[i].cpus ? l->items[i].cpus : NULL,
				       .cancel = l->config.cancel,
				       .place = { "/proc", "/sys" } };
}

/* Those that target @i may use, or the containers that its ranks are in; "": all, or not known. */
static void find_cpus(struct launcher *l, size_t i)
{
	const struct plan_target *p = l->set.v[i].plan;
	size_t n = p->c->workload.has_ior == FLAG_ON ? p->c->workload.ior.hosts.n : 0;
	char *text = l->items[i].cpus;
	size_t size = sizeof(l->items[i].cpus), len = 0;

	for (size_t h = 0; h < (n ? n : 1); h++) {
		const struct plan_target *of = p;
		const char *cpus;

		if (n)
			of = p->hosts[h] < l->set.n ? l->set.v[p->hosts[h]].plan : NULL;
		cpus = of ? of->c->cpus : NULL;
		if (cpus)
			len += (size_t)snprintf(text + len, size - len, "%s%s", len ? "," : "",
						cpus);
		if (!cpus || len >= size) {
			*text = '\0';
			return;
		}
	}
}

/* Nothing is prepared where cbpf is not. */
static void tell_others(struct launcher *l, size_t i)
{
	const struct target *t = &l->set.v[i];

	for (size_t h = 0; h < t->plan->c->workload.ior.hosts.n; h++)
		if (t->plan->hosts[h] == SIZE_MAX)
			loss_add(l->config.losses, "before", 1,
				 "%s: nothing was prepared on %s, which is no container of the run",
				 t->name, t->plan->c->workload.ior.hosts.v[h]);
}

int before_can(struct launcher *l, size_t i, struct err *err)
{
	struct launch_item *item = &l->items[i];
	struct before_config config;
	struct err none;
	int rc;

	if (!wanted(l, i))
		return 0;
	/* Where that is not known, what needs it says so. */
	rc = l->runtime->places ? l->runtime->places(l->state, i, &item->places, &none) : -ENODEV;
	item->elsewhere = rc != 0;
	find_cpus(l, i);
	config = config_of(l, i);
	rc = before_check(&config, err);
	if (!rc)
		tell_others(l, i);
	return rc;
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

void before_forget(struct launcher *l, size_t i)
{
	before_end(l, i);
	str_list_fini(&l->items[i].places);
}
