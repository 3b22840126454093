// SPDX-License-Identifier: Apache-2.0
/* ssh between the containers of a run: keys are put into each before it starts, and go with it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "launch/docker.h"
#include "launch/ssh_keys.h"
#include "plan/plan.h"

#define ARCHIVE_MAX (64 << 10)

/* How Open MPI before and since 5, and MPICH, are told what to start ranks with. */
static const char *const agent_names[] = { "OMPI_MCA_plm_rsh_agent", "PRTE_MCA_plm_ssh_agent",
					   "HYDRA_LAUNCHER_EXEC" };

int docker_ssh_open(struct docker *d, struct err *err)
{
	for (size_t i = 0; i < d->set->n; i++)
		if (d->set->v[i].plan->c->ssh == FLAG_ON)
			return ssh_keys_make(&d->keys, err);
	return 0;
}

int docker_ssh_env(const struct spec_container *c, struct str_map *env)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(agent_names) && c->ssh == FLAG_ON && !rc; i++)
		if (!str_map_get(&c->env, agent_names[i]) && !str_map_get(env, agent_names[i]))
			rc = str_map_set(env, agent_names[i], PLAN_SSH_AGENT);
	return rc;
}

/* "1000", "1000:100", "root" or "" as numbers. */
static int ids_of(const char *user, unsigned long *uid, unsigned long *gid)
{
	char *end;

	*uid = *gid = 0;
	if (!*user || !strcmp(user, "root"))
		return 0;
	*uid = strtoul(user, &end, 10);
	if (end == user || (*end && *end != ':'))
		return -EINVAL;
	if (*end)
		*gid = strtoul(end + 1, NULL, 10); /* whose name it is: nobody else may read them */
	return 0;
}

static int find_user(struct docker *d, size_t i, unsigned long *uid, unsigned long *gid,
		     struct err *err)
{
	const struct target *t = &d->set->v[i];
	const char *user = t->plan->c->user;
	struct engine_image image;
	int rc = user ? 0 : engine_image_inspect(d->engine, t->plan->c->image, &image, err);

	if (rc)
		return rc;
	user = user ? user : image.user;
	if (ids_of(user, uid, gid))
		return err_say(err, -EINVAL,
			       "ssh: image '%s' runs as '%s': say as whom by number with `user:`",
			       t->image, user);
	return 0;
}

static int check_image(struct docker *d, size_t i, struct err *err)
{
	static const char program[] = "/usr/sbin/sshd";
	const struct target *t = &d->set->v[i];
	int rc;

	if (!t->plan->sshd)
		return 0;
	rc = engine_container_has(d->engine, d->v[i].name, program, err);
	if (rc == 0)
		return err_say(err, -ENOENT,
			       "ssh: image '%s' has no %s: install openssh-server there "
			       "(docker/ior/Dockerfile makes one that has it)",
			       t->image, program);
	return rc < 0 ? rc : 0;
}

int docker_ssh_put(struct docker *d, size_t i, struct err *err)
{
	struct buf tar = BUF_INIT(ARCHIVE_MAX);
	unsigned long uid, gid;
	int rc;

	if (d->set->v[i].plan->c->ssh != FLAG_ON)
		return 0;
	rc = check_image(d, i, err);
	if (!rc)
		rc = find_user(d, i, &uid, &gid, err);
	if (!rc)
		rc = ssh_keys_pack(&d->keys, uid, gid, &tar, err);
	if (!rc)
		rc = engine_container_put(d->engine, d->v[i].name, "/", tar.data, tar.len, err);
	if (tar.data)
		explicit_bzero(tar.data, tar.len);
	buf_fini(&tar);
	return rc;
}
