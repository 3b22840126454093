// SPDX-License-Identifier: Apache-2.0
/* Finding a workload's programs inside a container that has not run yet. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "launch/docker.h"
#include "launch/gate.h"
#include "launch/workload.h"
#include "plan/plan.h"

/* What engines set when neither the image nor the user does. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct search {
	struct docker *d;
	size_t i;
	const char *path_var;
};

/* A workload_find_fn: names without a slash are looked for along PATH. */
static int find_program(void *arg, const char *name, char *path, size_t size, struct err *err)
{
	const struct search *s = arg;
	const char *id = s->d->v[s->i].name;
	cleanup_free char *copy = strdup(strchr(name, '/') ? "" : s->path_var);
	char *rest = copy, *dir, full[PATH_MAX];

	if (!copy || snprintf(path, size, "%s", name) >= (int)size)
		return err_set(err, copy ? -ENAMETOOLONG : -ENOMEM, "looking for '%.64s'", name);
	if (strchr(name, '/'))
		return engine_container_has(s->d->engine, id, name, err);
	while ((dir = strsep(&rest, ":"))) {
		int rc;

		if (*dir != '/')
			continue;
		snprintf(full, sizeof(full), "%.3000s/%.500s", dir, name);
		rc = engine_container_has(s->d->engine, id, full, err);
		if (rc)
			return rc;
	}
	return 0;
}

static bool is_root(const char *user)
{
	return !*user || !strcmp(user, "0") || !strncmp(user, "0:", 2) || !strcmp(user, "root") ||
	       !strncmp(user, "root:", 5);
}

/* Where ranks may run on hosts that are not of this run, nobody can fetch a summary from. */
static bool can_summarize(const struct plan_target *p)
{
	for (size_t h = 0; h < p->c->workload.ior.hosts.n; h++)
		if (p->hosts[h] == SIZE_MAX)
			return false;
	return true;
}

int docker_workload_argv(const struct docker *d, size_t i, const struct engine_image *image,
			 const char *binary, struct str_list *argv, struct err *err)
{
	const struct target *t = &d->set->v[i];
	const struct spec_container *c = t->plan->c;
	char file[PATH_MAX + 256], dir[PATH_MAX], summary[PATH_MAX + 16];
	struct plan_ior how = {
		.binary = binary,
		.mpirun = c->workload.ior.launcher,
		.default_file = file,
		.summary_file = can_summarize(t->plan) ? summary : NULL,
		.name = t->name,
		.as_root = is_root(c->user ? c->user : image->user),
	};

	docker_results_at(t, dir, sizeof(dir));
	snprintf(summary, sizeof(summary), "%s/summary.json", dir);
	docker_default_file(d, i, file, sizeof(file));
	if (c->before.given == FLAG_ON)
		return gates_script(&c->workload.ior, &how, d->v[i].results, dir, argv, err);
	return plan_ior_argv(&c->workload.ior, &how, argv, err);
}

static int find_ssh(const struct search *s, struct err *err)
{
	const struct target *t = &s->d->set->v[s->i];
	char path[PATH_MAX];
	int rc;

	if (!t->plan->ssh_hosts || t->plan->c->ssh != FLAG_ON)
		return 0;
	rc = find_program((void *)s, "ssh", path, sizeof(path), err);
	if (rc)
		return rc < 0 ? rc : 0;
	return err_say(err, -ENOENT,
		       "hosts: needs 'ssh', which is not in image '%s': install openssh-client "
		       "there",
		       t->image);
}

static int find_launcher(const struct search *s, struct err *err)
{
	const struct target *t = &s->d->set->v[s->i];
	const struct spec_ior *ior = &t->plan->c->workload.ior;
	const char *words = ior->launcher ? ior->launcher : "mpirun";
	char name[256], path[256];
	int rc;

	if (!ior->hosts.n && (ior->ranks == OPTION_UNSET || ior->ranks <= 1))
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(words, " \t\n"), words);
	rc = find_program((void *)s, name, path, sizeof(path), err);
	if (rc)
		return rc < 0 ? rc : 0;
	if (ior->hosts.n)
		return err_say(err, -ENOENT,
			       "hosts: needs '%s', which is not in image '%s': install Open MPI "
			       "there",
			       name, t->image);
	return err_say(err, -ENOENT,
		       "ranks: %llu needs '%s', which is not in image '%s': install Open MPI "
		       "there, or set ranks: 1",
		       (unsigned long long)ior->ranks, name, t->image);
}

/* Phases that run one by one are run by a shell. */
static int find_shell(const struct search *s, struct err *err)
{
	const struct target *t = &s->d->set->v[s->i];
	char path[64];
	int rc;

	if (t->plan->c->before.given != FLAG_ON)
		return 0;
	rc = find_program((void *)s, "/bin/sh", path, sizeof(path), err);
	if (rc)
		return rc < 0 ? rc : 0;
	return err_say(
		err, -ENOENT,
		"`before:` runs IOR's phases one by one, which takes /bin/sh, and image '%s' "
		"has none",
		t->image);
}

int docker_workload_find(struct docker *d, size_t i, const struct engine_image *image,
			 char *ret_binary, size_t size, struct err *err)
{
	const struct target *t = &d->set->v[i];
	const struct spec_container *c = t->plan->c;
	struct search s = { d, i, str_map_get(&c->env, "PATH") };
	char where[sizeof(t->image) + 96];
	int rc;

	if (!s.path_var)
		s.path_var = *image->path ? image->path : DEFAULT_PATH;
	snprintf(where, sizeof(where), "in image '%s'%s", t->image,
		 c->workload.ior.binary ? "" : " (docker/ior/Dockerfile makes one that has it)");
	rc = workload_ior_binary(&c->workload.ior, find_program, &s, where, ret_binary, size, err);
	if (!rc)
		rc = find_launcher(&s, err);
	if (!rc)
		rc = find_shell(&s, err);
	if (!rc)
		rc = find_ssh(&s, err);
	return rc == -ENOENT ? err_wrap(err, "workload not found") : rc;
}
