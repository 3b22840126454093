// SPDX-License-Identifier: Apache-2.0
/* Containers that somebody else has started. */
#include "launch/attach_engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "engine/endpoint.h"
#include "launch/attach.h"
#include "launch/docker.h"
#include "plan/plan.h"

static int open_product(struct attach_engine *e, const struct docker_product *product,
			const atomic_bool *cancel, struct err *err)
{
	struct engine_endpoint at;
	int rc = product->endpoint(&at, err);

	if (!rc)
		rc = engine_open(&(struct engine_config){ &at, product->title, product->hint,
							  cancel },
				 &e->engine, err);
	if (!rc)
		rc = engine_info(e->engine, &e->info, err);
	if (!rc)
		e->product = product;
	else
		attach_engine_close(e);
	return rc;
}

int attach_engine_open(struct attach_engine *ret, const atomic_bool *cancel, struct err *err)
{
	struct err of_podman = { 0 };
	int rc = open_product(ret, &docker_product, cancel, err);

	if (!rc || rc == -EINTR || !open_product(ret, &podman_product, cancel, &of_podman))
		return rc == -EINTR ? rc : 0;
	return err_say(err, rc, "%.250s; %.220s", strdupa(err->text), of_podman.text);
}

void attach_engine_close(struct attach_engine *e)
{
	engine_close(e->engine);
	e->engine = NULL;
}

/* Its own process tells best, where it is a process of this pid namespace. */
static int find_cgroups(const struct attach_engine *e, const struct cgroup_layout *layout,
			const struct engine_container *c, struct target *t, struct err *err)
{
	bool systemd = !strcmp(e->info.cgroup_driver, "systemd");
	const char *pattern = systemd ? e->product->systemd : e->product->cgroupfs;
	char path[CGROUP_PATH];

	if (c->pid && !cgroup_of_pid(layout, c->pid, &t->cg, err) &&
	    docker_names_container(&t->cg, c->id)) {
		t->pid = c->pid;
		return 0;
	}
	snprintf(path, sizeof(path), "%.*s%s%s", (int)strcspn(pattern, "%"), pattern, c->id,
		 strchr(pattern, '%') + 2);
	if (!cgroup_of_path(layout, path, &t->cg, err) && docker_names_container(&t->cg, c->id))
		return 0;
	return err_say(err, -ENOENT,
		       "the cgroups of container '%s' are not to be seen here (in a container, "
		       "cbpf needs --pid host, --cgroupns host and /sys/fs/cgroup)",
		       t->plan->c->attach);
}

int attach_engine_find(struct attach_engine *e, const struct cgroup_layout *layout,
		       const char *name, struct target *t, struct err *err)
{
	struct engine_container c;
	int rc = engine_container_inspect(e->engine, name, &c, err);

	if (rc)
		return rc;
	if (!c.running)
		return err_say(err, -ESRCH, "container '%s' is not running", name);
	snprintf(t->container_id, sizeof(t->container_id), "%s", c.id);
	snprintf(t->image, sizeof(t->image), "%s", c.image);
	return find_cgroups(e, layout, &c, t, err);
}

int attach_engine_ended(struct attach_engine *e, const char *id, int *ret_code)
{
	struct engine_container c;
	struct err err;
	int rc = engine_container_inspect(e->engine, id, &c, &err);

	if (!rc && c.running)
		return 1;
	*ret_code = rc ? -1 : c.exit_code; /* it may be removed with its end */
	return 0;
}

json_t *attach_engine_json(const struct attach_engine *e)
{
	if (!e->engine)
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:s}", "name", e->product->title, "version",
			 e->info.version, "api", e->info.api, "cgroup_driver",
			 e->info.cgroup_driver);
}

static int add_running(struct attach_engine *e, const struct engine_list *list, struct str_map *ret,
		       struct err *err)
{
	for (size_t i = 0; i < list->n; i++) {
		struct engine_container c;
		int rc = engine_container_inspect(e->engine, list->v[i].id, &c, err);

		if (rc == -ENOENT || (!rc && !c.running))
			continue;
		if (!rc && str_map_set(ret, list->v[i].name, c.id))
			rc = err_set(err, -ENOMEM, "listing containers");
		if (rc)
			return rc;
	}
	return 0;
}

int attach_find(const char *label, struct str_map *ret, struct err *err)
{
	struct attach_engine e = { 0 };
	struct engine_list list = { 0 };
	size_t before = ret->n;
	int rc = attach_engine_open(&e, NULL, err);

	if (!rc)
		rc = engine_list(e.engine, ENGINE_CONTAINERS, label, &list, err);
	if (!rc)
		rc = add_running(&e, &list, ret, err);
	engine_list_fini(&list);
	attach_engine_close(&e);
	if (!rc && ret->n == before)
		rc = err_say(err, -ENOENT, "no running container has the label '%s'", label);
	return rc;
}
