// SPDX-License-Identifier: Apache-2.0
/*
 * Catching a container's cgroups while its engine makes them. It may be gone within
 * milliseconds, and its cgroups' ids with it; and what looks at its tasks is to know
 * them before the container's own program begins.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "launch/docker.h"

/*
 * How the names begin of what makes a container, inside of its cgroup, until it becomes the
 * container's program. runc runs itself again as /proc/self/exe.
 */
static const char *const makers[] = { "runc", "crun", "[crun", "youki" };
static const char maker_again[] = "exe";

/* An ancestor that is charged counts less: a cgroup being removed loses its controllers first. */
int docker_ids_known(const struct cgroup_ref *cg)
{
	return (cg->io_id && !cg->io_above) + !!cg->io_id + !!cg->default_id;
}

enum who { NOBODY, MAKER, SOMEBODY, GONE };

static enum who who_is(const char *pid)
{
	char path[64], comm[32];

	if (snprintf(path, sizeof(path), "/proc/%s/comm", pid) >= (int)sizeof(path) ||
	    fs_read_at(AT_FDCWD, path, comm, sizeof(comm)) < 0)
		return GONE;
	for (size_t i = 0; i < sizeof(makers) / sizeof(*makers); i++)
		if (!strncmp(comm, makers[i], strlen(makers[i])))
			return MAKER;
	return strcmp(comm, maker_again) ? SOMEBODY : MAKER;
}

/* The first of those in a cgroup who is not MAKER, otherwise MAKER. */
static enum who who_is_in(const char *procs)
{
	cleanup_buf struct buf pids = BUF_INIT(64 << 10);
	enum who who = NOBODY;
	char *rest;

	if (fs_slurp_at(AT_FDCWD, procs, &pids) < 0)
		return GONE;
	for (char *pid = pids.len ? strtok_r(pids.data, "\n", &rest) : NULL; pid;
	     pid = strtok_r(NULL, "\n", &rest)) {
		who = who_is(pid);
		if (who != MAKER)
			break;
	}
	return who;
}

/*
 * Nobody is in there yet but who makes the container. Makers come and go: when one went between
 * the list and the look at it, those who are there then tell; a cgroup that is empty then may be
 * what the container's program left.
 */
static bool is_before(const char *dir)
{
	char procs[CGROUP_PATH + 16];
	enum who who;

	snprintf(procs, sizeof(procs), "%s/cgroup.procs", dir);
	who = who_is_in(procs);
	if (who == NOBODY)
		return true;
	for (int again = 0; who == GONE && again < 8; again++)
		who = who_is_in(procs);
	return who == MAKER;
}

/* The only conversion in the product's table is "%s", for the id. */
void docker_look_begin(struct docker_lookout *l, const struct docker *d, size_t i)
{
	bool systemd = !strcmp(d->info.cgroup_driver, "systemd");
	const char *before = systemd ? d->product->systemd : d->product->cgroupfs;

	*l = (struct docker_lookout){ .docker = d, .i = i };
	snprintf(l->path, sizeof(l->path), "%.*s%s%s", (int)strcspn(before, "%"), before,
		 d->set->v[i].container_id, strchr(before, '%') + 2);
	if (d->product->inner)
		snprintf(l->inner, sizeof(l->inner), "%s/%s", l->path, d->product->inner);
}

/* First those who are to know, then whether that was early enough. */
static void tell(struct docker_lookout *l, const struct cgroup_ref *cg)
{
	const struct launch_config *config = &l->docker->config;

	if (!cg->default_id || l->told)
		return;
	l->told = true;
	l->in_time = config->seen && config->seen(config->note_arg, l->i, cg) && is_before(cg->v2);
}

static void hold(struct docker_lookout *l, const struct cgroup_ref *cg)
{
	const struct launch_config *config = &l->docker->config;

	if (!l->told || l->over || !config->making)
		return;
	l->over = !is_before(cg->v2);
	if (l->over || !config->making(config->note_arg, l->i, cg))
		return;
	l->over = true;
	l->held = is_before(cg->v2);
}

void docker_look(void *arg)
{
	struct docker_lookout *l = arg;
	const struct cgroup_layout *layout = &l->docker->layout;
	struct cgroup_ref cg;
	struct err err;
	bool inside;

	if ((!l->told || !l->over) && !cgroup_of_path(layout, l->path, &cg, &err)) {
		tell(l, &cg);
		hold(l, &cg);
	}
	inside = *l->inner && !cgroup_of_path(layout, l->inner, &cg, &err);
	if (!inside && (l->inside || cgroup_of_path(layout, l->path, &cg, &err)))
		return;
	if (inside == l->inside && docker_ids_known(&cg) < docker_ids_known(&l->best))
		return;
	l->best = cg;
	l->inside = inside;
}
