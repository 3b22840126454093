// SPDX-License-Identifier: Apache-2.0
/* Naming a run and putting its targets in start order. */
#include "plan/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/err.h"

static size_t index_of(const struct spec *spec, const char *name)
{
	const struct spec_container *c = spec->containers.v;
	size_t i = 0;

	while (i < spec->containers.n && strcmp(c[i].name, name) != 0)
		i++;
	return i;
}

static int name_run(struct plan *plan, uint64_t wall_ns, const char *group, struct err *err)
{
	time_t seconds = wall_ns / 1000000000;
	/* Of the second, in 1/65536: runs of one name sort by time, however short they are. */
	unsigned int part = (wall_ns % 1000000000 << 16) / 1000000000;
	uint16_t any = 0; /* hosts that begin at the same time are told apart */
	char when[32];
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || !strftime(when, sizeof(when), "%Y%m%dT%H%M%S", &tm))
		return err_say(err, -EINVAL, "naming the run: the clock's time has no date");
	if (getrandom(&any, sizeof(any), 0) != sizeof(any))
		return err_set(err, -errno, "naming the run: no random number");
	if (snprintf(plan->id, sizeof(plan->id), "%s-%s-%04x%04x", when, plan->spec->name, part,
		     any) >= (int)sizeof(plan->id))
		return err_say(err, -EINVAL, "naming the run: '%s' is too long a name",
			       plan->spec->name);
	if (group && strlen(group) >= sizeof(plan->group))
		return err_say(err, -EINVAL, "naming the run: '%s' is too long a group", group);
	strcpy(plan->group, group ? group : plan->id);
	return 0;
}

/* Place in start order of container @i, or n while it has none. */
static size_t place_of(const struct plan *plan, size_t i)
{
	const struct spec_container *c = plan->spec->containers.v;
	size_t at = 0;

	while (at < plan->n && plan->v[at].c != &c[i])
		at++;
	return at < plan->n ? at : plan->spec->containers.n;
}

/* Nothing but a host for ranks of others. */
static bool is_sshd(const struct spec_container *c)
{
	return c->ssh == FLAG_ON && !c->command.n && c->workload.has_ior != FLAG_ON;
}

/* What is attached to is looked at as long as something else lasts, if there is anything else. */
static bool is_service(const struct spec *spec, const struct spec_container *c)
{
	const struct spec_container *all = spec->containers.v;

	if (c->service != FLAG_UNSET)
		return c->service == FLAG_ON;
	for (size_t i = 0; c->attach && i < spec->containers.n; i++)
		if (!all[i].attach)
			return true;
	return is_sshd(c) || spec_is_host(spec, c);
}

static void fini_target(struct plan_target *t)
{
	free(t->after);
	free(t->hosts);
	str_list_fini(&t->argv);
}

static void add_after(struct plan_target *t, size_t place)
{
	for (size_t i = 0; i < t->n_after; i++)
		if (t->after[i] == place)
			return;
	t->after[t->n_after++] = place;
}

/* 1 when all that @t depends on by name has its place already; 0 when not. */
static int try_depends(const struct plan *plan, struct plan_target *t, struct err *err)
{
	const struct spec_container *c = t->c;
	size_t n = plan->spec->containers.n;

	for (size_t d = 0; d < c->depends_on.n; d++) {
		size_t other = index_of(plan->spec, c->depends_on.v[d]);
		size_t place = other < n ? place_of(plan, other) : n;

		if (other == n)
			return err_say(err, -EINVAL, "%s depends on '%s', which is unknown",
				       c->name, c->depends_on.v[d]);
		if (place == n)
			return 0;
		add_after(t, place);
	}
	return 1;
}

/* The same of the hosts of its workload: they are to be ready before it. */
static int try_hosts(const struct plan *plan, struct plan_target *t)
{
	const struct spec_container *all = plan->spec->containers.v;
	const struct str_list *hosts = &t->c->workload.ior.hosts;
	size_t n = plan->spec->containers.n;

	for (size_t h = 0; h < hosts->n; h++) {
		size_t other = spec_host(plan->spec, hosts->v[h]);
		size_t place = other < n ? place_of(plan, other) : n;

		if (other == n || !spec_is_host(plan->spec, &all[other]))
			continue;
		if (place == n)
			return 0;
		add_after(t, place);
		t->ssh_hosts |= all[other].ssh == FLAG_ON;
	}
	return 1;
}

/* Once all targets have their places. */
static void place_hosts(const struct plan *plan, struct plan_target *t)
{
	for (size_t h = 0; h < t->c->workload.ior.hosts.n; h++) {
		size_t other = spec_host(plan->spec, t->c->workload.ior.hosts.v[h]);

		t->hosts[h] = other < plan->n ? place_of(plan, other) : SIZE_MAX;
	}
}

/* However an sshd is started: what needs it waits for its banner, unless the spec says for what. */
static void await_sshd(struct plan_target *t)
{
	if (t->ready.command.n || t->ready.port != OPTION_UNSET)
		return;
	t->ready.port = 22;
	t->ready.banner = (char *)"SSH-"; /* borrowed, as the others are */
}

static int set_sshd(struct plan_target *t)
{
	static const char *const argv[] = { "/usr/sbin/sshd", "-D", "-e", "-f",
					    PLAN_SSH_DIR "/sshd_config" };
	int rc = 0;

	t->sshd = true;
	for (size_t i = 0; i < ARRAY_SIZE(argv) && !rc; i++)
		rc = str_list_add(&t->argv, argv[i]);
	return rc;
}

/* 1 and a filled target when all that @i waits for has its place already; 0 when not. */
static int try_target(struct plan *plan, size_t i, struct err *err)
{
	const struct spec_container *c =
		(const struct spec_container *)plan->spec->containers.v + i;
	size_t n_hosts = c->workload.ior.hosts.n;
	struct plan_target t = {
		.name = c->name,
		.c = c,
		.ready = c->ready,
		.service = is_service(plan->spec, c),
		.after = calloc(c->depends_on.n + n_hosts + 1, sizeof(*t.after)),
		.hosts = calloc(n_hosts + 1, sizeof(*t.hosts)),
	};
	int rc = t.after && t.hosts ? 1 : err_set(err, -ENOMEM, "planning %s", c->name);

	if (rc > 0)
		rc = try_depends(plan, &t, err);
	if (rc > 0)
		rc = try_hosts(plan, &t);
	if (rc > 0 && (str_list_copy(&t.argv, &c->command) || (is_sshd(c) && set_sshd(&t))))
		rc = err_set(err, -ENOMEM, "planning %s", c->name);
	if (is_sshd(c) || (c->ssh == FLAG_ON && spec_is_host(plan->spec, c)))
		await_sshd(&t);
	if (rc > 0)
		plan->v[plan->n++] = t;
	else
		fini_target(&t);
	return rc;
}

/* Always the first container of the file that is free to start: the order is stable. */
static int order_targets(struct plan *plan, struct err *err)
{
	size_t n = plan->spec->containers.n, first_left = n;

	while (plan->n < n) {
		int rc = 0;

		first_left = n;
		for (size_t i = 0; i < n && rc == 0; i++) {
			if (place_of(plan, i) < n)
				continue;
			if (first_left == n)
				first_left = i;
			rc = try_target(plan, i, err);
		}
		if (rc < 0)
			return rc;
		if (rc == 0) {
			const struct spec_container *c = plan->spec->containers.v;

			return err_say(
				err, -EINVAL,
				"%s waits, through depends_on or as its workload's hosts, for a "
				"container that waits for itself",
				c[first_left].name);
		}
	}
	return 0;
}

static int check_target(const struct plan *plan, const struct plan_target *t, struct err *err)
{
	bool workload = t->c->workload.has_ior == FLAG_ON;

	if (t->argv.n && workload)
		return err_say(err, -EINVAL, "%s has a command and a workload", t->name);
	if ((plan->spec->runtime == RUNTIME_NATIVE || plan->spec->runtime == RUNTIME_ATTACH) &&
	    !t->argv.n && !workload && !t->c->attach)
		return err_say(err, -EINVAL, "%s has neither a command nor a workload", t->name);
	return 0;
}

int plan_make(const struct spec *spec, uint64_t wall_ns, uint64_t repetition, const char *group,
	      struct plan **ret_plan, struct err *err)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	int rc;

	if (!plan)
		return err_set(err, -ENOMEM, "planning the run");
	plan->spec = spec;
	plan->repetition = repetition;
	plan->group_runs = 1;
	plan->v = calloc(spec->containers.n + 1, sizeof(*plan->v));
	rc = plan->v ? 0 : err_set(err, -ENOMEM, "planning the run");
	if (!rc)
		rc = name_run(plan, wall_ns, group, err);
	if (!rc)
		rc = order_targets(plan, err);
	for (size_t i = 0; !rc && i < plan->n; i++)
		place_hosts(plan, &plan->v[i]);
	for (size_t i = 0; !rc && i < plan->n; i++)
		rc = check_target(plan, &plan->v[i], err);
	if (rc) {
		plan_free(plan);
		return rc;
	}
	*ret_plan = plan;
	return 0;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->n; i++)
		fini_target(&plan->v[i]);
	free(plan->v);
	free(plan);
}
