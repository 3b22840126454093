// SPDX-License-Identifier: Apache-2.0
/* The runtimes "docker" and "podman": one code, two products. */
#include "launch/docker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loss.h"
#include "engine/endpoint.h"
#include "plan/plan.h"

const struct docker_product docker_product = {
	.title = "Docker",
	.command = "docker",
	.hint = "systemctl start docker",
	.log_driver = "json-file",
	.cgroupfs = "/docker/%s",
	.systemd = "/system.slice/docker-%s.scope",
	.endpoint = engine_endpoint_docker,
};

const struct docker_product podman_product = {
	.title = "Podman",
	.command = "podman",
	.hint = "systemctl start podman.socket",
	.log_driver = "k8s-file",
	.cgroupfs = "/libpod_parent/libpod-%s",
	.systemd = "/machine.slice/libpod-%s.scope",
	.inner = "container",
	.endpoint = engine_endpoint_podman,
};

static int open_docker(const struct launch_config *config, struct target_set *set, void **ret_state,
		       struct err *err)
{
	return docker_open(&docker_product, config, set, ret_state, err);
}

static int open_podman(const struct launch_config *config, struct target_set *set, void **ret_state,
		       struct err *err)
{
	return docker_open(&podman_product, config, set, ret_state, err);
}

static int clean_docker(bool dry_run, struct buf *report, struct err *err)
{
	return docker_clean(&docker_product, dry_run, report, err);
}

static int clean_podman(bool dry_run, struct buf *report, struct err *err)
{
	return docker_clean(&podman_product, dry_run, report, err);
}

static int docker_exec(void *state, size_t i, char *const argv[], uint64_t timeout_ns,
		       struct err *err)
{
	struct docker *d = state;
	int code, pid, rc;

	rc = engine_exec(d->engine, d->v[i].name, argv, timeout_ns / NSEC_PER_MSEC, &code, &pid,
			 err);
	/* The engine has no way to end it. */
	if (rc && pid > 0 && docker_is_inside(d, i, pid))
		kill(pid, SIGKILL);
	return rc ? rc : code;
}

static int docker_address(void *state, size_t i, char *text, size_t size)
{
	const struct docker *d = state;
	const struct target *t = &d->set->v[i];
	const char *mode = t->plan->c->network_mode;
	struct err err;

	if (mode && !strcmp(mode, "host")) {
		snprintf(text, size, "127.0.0.1");
		return 0;
	}
	return engine_container_address(d->engine, d->v[i].name, text, size, &err);
}

static int docker_signal(void *state, size_t i, bool force, struct err *err)
{
	struct docker *d = state;

	return engine_container_kill(d->engine, d->v[i].name, force ? "SIGKILL" : "SIGTERM", err);
}

static int docker_remove(void *state, size_t i, struct err *err)
{
	struct docker *d = state;
	int rc;

	if (!d->v[i].created)
		return 0;
	rc = engine_container_remove(d->engine, d->v[i].name, err);
	docker_unwatch(d, i);
	if (!rc)
		d->v[i].created = false;
	return rc;
}

static void remove_all(struct docker *d, const struct str_list *names,
		       int (*remove)(struct engine *e, const char *name, struct err *err))
{
	struct err err;

	for (size_t i = 0; i < names->n; i++)
		if (remove(d->engine, names->v[i], &err))
			loss_add(d->config.losses, "cleanup", 1, "%s; try: cbpf clean", err.text);
}

void docker_close(void *state)
{
	struct docker *d = state;

	if (!d)
		return;
	for (size_t i = 0; d->v && i < d->set->n; i++) {
		docker_unwatch(d, i);
		free(d->v[i].mounts);
	}
	if (d->engine) {
		remove_all(d, &d->networks, engine_network_remove);
		remove_all(d, &d->volumes, engine_volume_remove);
	}
	engine_streams_close(d->streams);
	engine_close(d->engine);
	ssh_keys_fini(&d->keys);
	str_list_fini(&d->networks);
	str_list_fini(&d->volumes);
	free(d->v);
	free(d);
}

static json_t *engine_of(const void *state)
{
	const struct docker *d = state;

	return json_pack("{s:s, s:s, s:s, s:s}", "name", d->product->title, "version",
			 d->info.version, "api", d->info.api, "cgroup_driver",
			 d->info.cgroup_driver);
}

const struct runtime runtime_docker = {
	.name = "docker",
	.open = open_docker,
	.create = docker_create,
	.start = docker_start,
	.poll = docker_poll,
	.exec = docker_exec,
	.address = docker_address,
	.places = docker_places,
	.signal = docker_signal,
	.remove = docker_remove,
	.close = docker_close,
	.engine = engine_of,
	.clean = clean_docker,
};

const struct runtime runtime_podman = {
	.name = "podman",
	.open = open_podman,
	.create = docker_create,
	.start = docker_start,
	.poll = docker_poll,
	.exec = docker_exec,
	.address = docker_address,
	.places = docker_places,
	.signal = docker_signal,
	.remove = docker_remove,
	.close = docker_close,
	.engine = engine_of,
	.clean = clean_podman,
};
