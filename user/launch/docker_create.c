// SPDX-License-Identifier: Apache-2.0
/* From a plan's target to a container that is ready to start. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/loss.h"
#include "host/disk.h"
#include "launch/docker.h"
#include "launch/docker_body.h"
#include "launch/gate.h"
#include "launch/workload.h"
#include "plan/plan.h"

static bool limits_io(const struct spec_io *io)
{
	return io->read_iops != OPTION_UNSET || io->write_iops != OPTION_UNSET ||
	       io->read_bps != OPTION_UNSET || io->write_bps != OPTION_UNSET;
}

/* Without `device:` it is the disk under the first volume that lies on one, else under the engine. */
static int find_disk(struct docker *d, size_t i, struct disk *ret, struct err *err)
{
	const struct docker_target *v = &d->v[i];
	const char *device = d->set->v[i].plan->c->io.device;

	if (device)
		return disk_of_path(device, ret, err);
	for (size_t j = 0; j < d->set->v[i].plan->c->volumes.n; j++) {
		const struct docker_mount *m = &v->mounts[j];
		char path[PATH_MAX];
		int rc;

		if (m->type == MOUNT_TMPFS)
			continue;
		rc = docker_mount_place(d, m, path, sizeof(path), err);
		return rc ? rc : disk_of_path(path, ret, err);
	}
	return disk_of_path(d->info.root_dir, ret, err);
}

/* Environment of a workload, beside the container's own. */
static int workload_env(const struct spec_ior *ior, struct str_map *env)
{
	int rc = 0;

	for (size_t i = 0; i < ior->env.n && !rc; i++)
		rc = str_map_set(env, ior->env.v[i].key, ior->env.v[i].value);
	return rc;
}

static int tell_warnings(struct docker *d, const struct target *t, const json_t *warnings,
			 struct err *err)
{
	const json_t *warning;
	size_t i;

	json_array_foreach((json_t *)warnings, i, warning) {
		const char *text = json_string_value(warning);

		if (!text)
			continue;
		/* A limit that was asked for and is not there makes every number mean something else. */
		if (strstr(text, "discarded"))
			return err_say(err, -EOPNOTSUPP,
				       "the %s engine cannot do what is asked for: %s",
				       d->product->title, text);
		docker_note(d, t->name, "%s", text);
		loss_add(d->config.losses, "limits", 1, "container '%s': %s", t->name, text);
	}
	return 0;
}

/* Networks after the first. */
static int connect_networks(struct docker *d, size_t i, struct err *err)
{
	const struct spec_container *c = d->set->v[i].plan->c;
	const struct spec_attachment *v = c->networks.v;
	int rc = 0;

	for (size_t j = 1; j < c->networks.n && !c->network_mode && !rc; j++) {
		json_t *endpoint = docker_body_endpoint(c, &v[j]);
		char name[256];

		if (!endpoint)
			return err_set(err, -ENOMEM, "network '%s'", v[j].name);
		docker_body_network(d->config.plan, v[j].name, name, sizeof(name));
		rc = engine_network_connect(d->engine, name, d->v[i].name, endpoint, err);
	}
	return rc;
}

static int create(struct docker *d, size_t i, const struct str_list *argv, const char *io_node,
		  struct err *err)
{
	struct target *t = &d->set->v[i];
	const struct spec_container *c = t->plan->c;
	bool workload = c->workload.has_ior == FLAG_ON;
	struct str_map labels = { 0 }, env = { 0 };
	json_t *body = NULL, *warnings = NULL;
	int rc = docker_labels(d, t->name, &labels);

	if (!rc && workload)
		rc = workload_env(&c->workload.ior, &env);
	if (!rc)
		rc = docker_ssh_env(c, &env);
	if (rc)
		err_set(err, rc, "labels and environment");
	else
		rc = docker_body(&(struct docker_body){ .plan = d->config.plan,
							.c = c,
							.argv = argv,
							.whole_command = workload || t->plan->sshd,
							.env = &env,
							.labels = &labels,
							.mounts = d->v[i].mounts,
							.n_mounts = d->v[i].n_mounts,
							.io_node = io_node,
							.log_driver = d->product->log_driver },
				 &body, err);
	str_map_fini(&labels);
	str_map_fini(&env);
	if (rc)
		return rc;
	/* Even a failed request may have made it. */
	d->v[i].created = true;
	rc = engine_container_create(d->engine, d->v[i].name, body, t->container_id,
				     sizeof(t->container_id), &warnings, err);
	if (!rc)
		rc = tell_warnings(d, t, warnings, err);
	json_decref(warnings);
	return rc;
}

/*
 * Which binary an image has shows only inside a container, and a container's
 * command cannot change: one is made for cbpf-ior, the usual case, looked into,
 * and made anew when it holds another.
 */
static int create_workload(struct docker *d, size_t i, const char *io_node, struct err *err)
{
	struct target *t = &d->set->v[i];
	const char *wanted = t->plan->c->workload.ior.binary;
	const char *guess = wanted ? wanted : "cbpf-ior";
	struct str_list argv = { 0 };
	struct engine_image image;
	char found[PATH_MAX] = "";
	int rc = engine_image_inspect(d->engine, t->plan->c->image, &image, err);

	if (!rc)
		rc = docker_workload_argv(d, i, &image, guess, &argv, err);
	if (!rc)
		rc = create(d, i, &argv, io_node, err);
	if (!rc)
		rc = docker_workload_find(d, i, &image, found, sizeof(found), err);
	if (!rc && strcmp(found, guess)) {
		str_list_fini(&argv);
		rc = engine_container_remove(d->engine, d->v[i].name, err);
		if (!rc)
			rc = docker_workload_argv(d, i, &image, found, &argv, err);
		if (!rc)
			rc = create(d, i, &argv, io_node, err);
	}
	str_list_fini(&argv);
	if (rc)
		return rc;
	workload_set_binary(t, found);
	if (snprintf(t->summary_path, sizeof(t->summary_path), "%s/summary.json",
		     d->v[i].results) >= (int)sizeof(t->summary_path))
		return err_set(err, -ENAMETOOLONG, "results of '%s'", t->name);
	if (t->plan->c->before.given != FLAG_ON)
		return 0;
	t->phases = plan_ior_phases(&t->plan->c->workload.ior);
	strcpy(t->gate_dir, d->v[i].results);
	return gates_make(t->gate_dir, t->phases, err);
}

int docker_create(void *state, size_t i, struct err *err)
{
	struct docker *d = state;
	const struct target *t = &d->set->v[i];
	struct disk disk;
	bool io = limits_io(&t->plan->c->io);
	int rc = io ? find_disk(d, i, &disk, err) : 0;

	if (rc)
		return err_wrap(err, "its I/O limits");
	if (t->plan->c->workload.has_ior == FLAG_ON)
		rc = create_workload(d, i, io ? disk.node : NULL, err);
	else
		rc = create(d, i, &t->plan->argv, io ? disk.node : NULL, err);
	if (!rc)
		rc = docker_ssh_put(d, i, err);
	return rc ? rc : connect_networks(d, i, err);
}
