// SPDX-License-Identifier: Apache-2.0
/* Everything that can fail before a container exists: engine, images, networks, volumes. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/units.h"
#include "engine/endpoint.h"
#include "launch/docker.h"
#include "launch/docker_body.h"
#include "plan/plan.h"

void docker_note(const struct docker *d, const char *target, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (!d->config.note)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->config.note(d->config.note_arg, target, text);
}

int docker_labels(const struct docker *d, const char *target, struct str_map *ret)
{
	char pid[16], started[32] = "";
	int rc;

	snprintf(pid, sizeof(pid), "%d", getpid());
	(void)docker_process_started(getpid(), started, sizeof(started)); /* "" is no label's end */
	rc = str_map_set(ret, DOCKER_LABEL_RUN, d->config.plan->id);
	if (!rc)
		rc = str_map_set(ret, DOCKER_LABEL_PID, pid);
	if (!rc)
		rc = str_map_set(ret, DOCKER_LABEL_STARTED, started);
	if (!rc && target)
		rc = str_map_set(ret, DOCKER_LABEL_TARGET, target);
	return rc;
}

struct pull_note {
	const struct docker *d;
	const char *image;
	uint64_t told_ns;
};

/* A line per second is enough for anybody. */
static void on_pull(void *arg, uint64_t done, uint64_t total)
{
	struct pull_note *p = arg;
	uint64_t now = clock_mono_ns();
	char size[32];

	if (!total || now - p->told_ns < NSEC_PER_SEC)
		return;
	p->told_ns = now;
	units_format_size((double)total, size, sizeof(size));
	docker_note(p->d, NULL, "pulling image %s: %d %% of %s", p->image,
		    (int)(100 * done / total), size);
}

static int have_image(struct docker *d, const char *image, struct err *err)
{
	const char *command = d->product->command;
	struct pull_note note = { d, image, 0 };
	struct engine_image found;
	int rc = engine_image_inspect(d->engine, image, &found, err);

	if (rc != -ENOENT)
		return rc;
	docker_note(d, NULL, "pulling image %s", image);
	rc = engine_image_pull(d->engine, image, on_pull, &note, err);
	if (!rc)
		return engine_image_inspect(d->engine, image, &found, err);
	if (rc == -EINTR || rc == -ENOTCONN)
		return rc;
	err_wrap(err,
		 "image '%s' is not on this host and could not be pulled (%s pull %s; or "
		 "build it: %s build -t %s DIR)",
		 image, command, image, command, image);
	return err->code = -ENOENT;
}

static int have_images(struct docker *d, struct err *err)
{
	for (size_t i = 0; i < d->set->n; i++) {
		struct target *t = &d->set->v[i];
		const char *image = t->plan->c->image;
		bool seen = false;
		int rc;

		if (!image)
			return err_say(err, -EINVAL, "container '%s' has no image", t->name);
		for (size_t j = 0; j < i && !seen; j++)
			seen = !strcmp(d->set->v[j].plan->c->image, image);
		rc = seen ? 0 : have_image(d, image, err);
		if (rc)
			return rc;
		snprintf(t->image, sizeof(t->image), "%s", image);
	}
	return 0;
}

static int make_networks(struct docker *d, struct err *err)
{
	const struct section_list *list = &d->config.plan->spec->networks;
	const struct spec_network *v = list->v;
	struct str_map labels = { 0 };
	int rc = docker_labels(d, NULL, &labels);

	if (rc)
		err_set(err, rc, "labels of networks");
	for (size_t i = 0; i < list->n && !rc; i++) {
		char name[256];

		docker_body_network(d->config.plan, v[i].name, name, sizeof(name));
		rc = str_list_add(&d->networks, name);
		if (rc)
			err_set(err, rc, "network '%s'", v[i].name);
		else
			rc = engine_network_create(d->engine, name, v[i].driver, v[i].subnet,
						   &labels, err);
	}
	str_map_fini(&labels);
	return rc;
}

static int make_volume(struct docker *d, const char *name, struct err *err)
{
	struct str_map labels = { 0 };
	int rc = engine_volume_inspect(d->engine, name, NULL, 0, err);

	if (rc != -ENOENT)
		return rc; /* somebody's own, with data worth keeping; or made for another target */
	rc = docker_labels(d, NULL, &labels);
	if (!rc)
		rc = str_list_add(&d->volumes, name);
	if (rc)
		err_set(err, rc, "volume '%s'", name);
	else
		rc = engine_volume_create(d->engine, name, &labels, err);
	str_map_fini(&labels);
	return rc;
}

void docker_results_at(const struct target *t, char *text, size_t size)
{
	/* Those of several workloads can meet in one host. */
	snprintf(text, size,
		 t->plan->c->workload.ior.hosts.n ? DOCKER_RESULTS "/%s" : DOCKER_RESULTS, t->name);
}

/* In container @i, what workload @w leaves; it is written by whatever user the container runs as. */
static int add_results(struct docker *d, size_t i, size_t w, struct err *err)
{
	const struct target *t = &d->set->v[w];
	struct docker_target *v = &d->v[i];
	struct docker_mount *m = &v->mounts[v->n_mounts];
	int rc;

	if (snprintf(m->source, sizeof(m->source), "%s/results/%s.d", d->config.run_dir, t->name) >=
	    (int)sizeof(m->source))
		return err_set(err, -ENAMETOOLONG, "results of '%s'", t->name);
	rc = fs_mkdirs(m->source, 0755);
	if (!rc && chmod(m->source, 01777))
		rc = -errno;
	if (rc)
		return err_set(err, rc, "making '%s'", m->source);
	m->type = MOUNT_BIND;
	docker_results_at(t, m->target, sizeof(m->target));
	if (i == w)
		strcpy(v->results, m->source);
	v->n_mounts++;
	return 0;
}

/* Does workload @w leave its results in container @i? Its first rank may run there. */
static bool has_results(const struct docker *d, size_t i, size_t w)
{
	const struct plan_target *p = d->set->v[w].plan;

	if (p->c->workload.has_ior != FLAG_ON)
		return false;
	for (size_t h = 0; h < p->c->workload.ior.hosts.n; h++)
		if (p->hosts[h] == i)
			return true;
	return i == w;
}

static int prepare(struct docker *d, size_t i, struct err *err)
{
	const struct target *t = &d->set->v[i];
	const struct spec_container *c = t->plan->c;
	struct docker_target *v = &d->v[i];
	int rc = 0;

	snprintf(v->name, sizeof(v->name), "cbpf-%s-%s", d->config.plan->id, t->name);
	v->log_fd = -1;
	v->mounts = calloc(c->volumes.n + d->set->n, sizeof(*v->mounts));
	if (!v->mounts)
		return err_set(err, -ENOMEM, "volumes of '%s'", t->name);
	for (; v->n_mounts < c->volumes.n && !rc; v->n_mounts++) {
		struct docker_mount *m = &v->mounts[v->n_mounts];

		rc = docker_mount_parse(c->volumes.v[v->n_mounts], m, err);
		if (!rc && m->type == MOUNT_VOLUME)
			rc = make_volume(d, m->source, err);
	}
	for (size_t w = 0; w < d->set->n && !rc; w++)
		if (has_results(d, i, w))
			rc = add_results(d, i, w, err);
	return rc ? err_wrap(err, "container '%s'", t->name) : 0;
}

static int reach(struct docker *d, struct err *err)
{
	struct engine_endpoint at;
	int rc = d->product->endpoint(&at, err);

	if (!rc)
		rc = engine_open(&(struct engine_config){ &at, d->product->title, d->product->hint,
							  d->config.cancel },
				 &d->engine, err);
	if (!rc)
		rc = engine_info(d->engine, &d->info, err);
	if (!rc)
		rc = engine_streams_open(d->engine, &d->streams, err);
	if (!rc)
		rc = cgroup_layout_read(&d->layout, err);
	return rc;
}

int docker_open(const struct docker_product *product, const struct launch_config *config,
		struct target_set *set, void **ret_state, struct err *err)
{
	struct docker *d = calloc(1, sizeof(*d));
	int rc;

	if (!d)
		return err_set(err, -ENOMEM, "runtime %s", product->command);
	d->product = product;
	d->config = *config;
	d->set = set;
	d->v = calloc(set->n ? set->n : 1, sizeof(*d->v));
	for (size_t i = 0; d->v && i < set->n; i++)
		d->v[i].log_fd = -1;
	rc = d->v ? reach(d, err) : err_set(err, -ENOMEM, "runtime %s", product->command);
	if (!rc)
		rc = have_images(d, err);
	if (!rc)
		rc = make_networks(d, err);
	for (size_t i = 0; i < set->n && !rc; i++)
		rc = prepare(d, i, err);
	if (!rc)
		rc = docker_ssh_open(d, err);
	if (rc)
		docker_close(d);
	else
		*ret_state = d;
	return rc;
}
