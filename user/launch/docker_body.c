// SPDX-License-Identifier: Apache-2.0
/* Absent values are absent keys: the engine's defaults, or the image's. */
#include "launch/docker_body.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "launch/docker_mount.h"
#include "plan/plan.h"

/* Puts of a value that could not be made are remembered, so that only the end has to check. */
struct json_maker {
	json_t *top, *host;
	bool failed;
};

static void put(struct json_maker *m, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		m->failed = true;
}

static void put_text(struct json_maker *m, json_t *object, const char *key, const char *text)
{
	if (text)
		put(m, object, key, json_string(text));
}

static void put_number(struct json_maker *m, const char *key, uint64_t value)
{
	if (value != OPTION_UNSET)
		put(m, m->host, key, json_integer((json_int_t)value));
}

static json_t *strings(struct json_maker *m, char *const *v, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(array, json_string(v[i])))
			m->failed = true;
	return array;
}

static void put_strings(struct json_maker *m, json_t *object, const char *key,
			const struct str_list *list)
{
	if (list->n)
		put(m, object, key, strings(m, list->v, list->n));
}

static void put_env(struct json_maker *m, const struct docker_body *b)
{
	const struct str_map *maps[] = { &b->c->env, b->env };
	json_t *array = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		for (size_t j = 0; maps[i] && j < maps[i]->n; j++) {
			const struct str_pair *v = &maps[i]->v[j];

			/* Of two values a program would take the first. */
			if (i == 0 && b->env && str_map_get(b->env, v->key))
				continue;
			if (json_array_append_new(array, json_sprintf("%s=%s", v->key, v->value)))
				m->failed = true;
		}
	}
	put(m, m->top, "Env", array);
}

static void put_labels(struct json_maker *m, const struct docker_body *b)
{
	const struct str_map *maps[] = { &b->c->labels, b->labels };
	json_t *labels = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		for (size_t j = 0; maps[i] && j < maps[i]->n; j++)
			put_text(m, labels, maps[i]->v[j].key, maps[i]->v[j].value);
	put(m, m->top, "Labels", labels);
}

/* The image's entrypoint is in the way of a whole command: its first word takes that place. */
static void put_command(struct json_maker *m, const struct docker_body *b)
{
	const struct str_list *argv = b->argv;

	put_strings(m, m->top, "Entrypoint", &b->c->entrypoint);
	if (!argv || !argv->n)
		return;
	if (b->whole_command && !b->c->entrypoint.n) {
		put(m, m->top, "Entrypoint", strings(m, argv->v, 1));
		put(m, m->top, "Cmd", strings(m, argv->v + 1, argv->n - 1));
	} else {
		put_strings(m, m->top, "Cmd", argv);
	}
}

static void put_mounts(struct json_maker *m, const struct docker_body *b)
{
	json_t *array = json_array();

	for (size_t i = 0; i < b->n_mounts; i++) {
		const struct docker_mount *v = &b->mounts[i];
		json_t *mount = json_object();

		put_text(m, mount, "Type", docker_mount_type_name(v->type));
		if (*v->source)
			put_text(m, mount, "Source", v->source);
		put_text(m, mount, "Target", v->target);
		put(m, mount, "ReadOnly", json_boolean(v->read_only));
		json_array_append_new(array, mount);
	}
	put(m, m->host, "Mounts", array);
}

static void put_io(struct json_maker *m, const struct docker_body *b)
{
	const struct spec_io *io = &b->c->io;
	const struct {
		const char *key;
		uint64_t rate;
	} limits[] = {
		{ "BlkioDeviceReadIOps", io->read_iops },
		{ "BlkioDeviceWriteIOps", io->write_iops },
		{ "BlkioDeviceReadBps", io->read_bps },
		{ "BlkioDeviceWriteBps", io->write_bps },
	};

	put_number(m, "BlkioWeight", io->weight);
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		if (limits[i].rate != OPTION_UNSET && b->io_node)
			put(m, m->host, limits[i].key,
			    json_pack("[{s:s, s:I}]", "Path", b->io_node, "Rate",
				      (json_int_t)limits[i].rate));
}

static void put_limits(struct json_maker *m, const struct docker_body *b)
{
	const struct spec_container *c = b->c;

	put_text(m, m->host, "CpusetCpus", c->cpus);
	if (!isnan(c->cpu_limit))
		put(m, m->host, "NanoCpus", json_integer((json_int_t)llround(c->cpu_limit * 1e9)));
	put_number(m, "Memory", c->memory);
	put_number(m, "MemorySwap", c->memory_swap);
	put_number(m, "PidsLimit", c->pids);
	put_number(m, "ShmSize", c->shm_size);
	put_strings(m, m->host, "CapAdd", &c->cap_add);
	put_strings(m, m->host, "CapDrop", &c->cap_drop);
	if (c->privileged != FLAG_UNSET)
		put(m, m->host, "Privileged", json_boolean(c->privileged == FLAG_ON));
	put_io(m, b);
}

static int parse_limit(const char *text, json_int_t *ret, const char **ret_rest)
{
	char *end;

	if (!strncmp(text, "unlimited", 9)) {
		*ret = -1;
		*ret_rest = text + 9;
		return 0;
	}
	errno = 0;
	*ret = strtoll(text, &end, 10);
	*ret_rest = end;
	return errno || end == text || *ret < -1 ? -EINVAL : 0;
}

static int put_ulimits(struct json_maker *m, const struct docker_body *b, struct err *err)
{
	json_t *array = json_array();

	put(m, m->host, "Ulimits", array);
	for (size_t i = 0; i < b->c->ulimits.n; i++) {
		const struct str_pair *u = &b->c->ulimits.v[i];
		json_int_t soft, hard;
		const char *rest;
		int rc = parse_limit(u->value, &soft, &rest);

		hard = soft;
		if (!rc && *rest == ':')
			rc = parse_limit(rest + 1, &hard, &rest);
		if (rc || *rest)
			return err_say(
				err, -EINVAL,
				"ulimit %s: '%s' is not understood: expected N, SOFT:HARD or "
				"unlimited",
				u->key, u->value);
		if (json_array_append_new(array, json_pack("{s:s, s:I, s:I}", "Name", u->key,
							   "Soft", soft, "Hard", hard)))
			m->failed = true;
	}
	return 0;
}

static bool is_declared(const struct plan *plan, const char *name)
{
	const struct section_list *networks = &plan->spec->networks;
	const struct spec_network *v = networks->v;

	for (size_t i = 0; i < networks->n; i++)
		if (!strcmp(v[i].name, name))
			return true;
	return false;
}

void docker_body_network(const struct plan *plan, const char *name, char *text, size_t size)
{
	if (is_declared(plan, name))
		snprintf(text, size, "cbpf-%s-%s", plan->id, name);
	else
		snprintf(text, size, "%s", name);
}

json_t *docker_body_endpoint(const struct spec_container *c, const struct spec_attachment *a)
{
	struct json_maker m = { 0 };
	json_t *endpoint = json_object();
	json_t *aliases = strings(&m, a->aliases.v, a->aliases.n);

	if (json_array_append_new(aliases, json_string(c->name)))
		m.failed = true;
	put(&m, endpoint, "Aliases", aliases);
	if (a->ip)
		put(&m, endpoint, "IPAMConfig",
		    json_pack("{s:s}", strchr(a->ip, ':') ? "IPv6Address" : "IPv4Address", a->ip));
	if (!m.failed)
		return endpoint;
	json_decref(endpoint);
	return NULL;
}

/* Engines before API 1.44 take one network at creation; the others are connected afterwards. */
static void put_network(struct json_maker *m, const struct docker_body *b)
{
	const struct spec_attachment *first = b->c->networks.v;
	json_t *endpoints;
	char name[256];

	put_text(m, m->host, "NetworkMode", b->c->network_mode);
	if (b->c->network_mode || !b->c->networks.n)
		return;
	docker_body_network(b->plan, first->name, name, sizeof(name));
	put_text(m, m->host, "NetworkMode", name);
	endpoints = json_object();
	put(m, endpoints, name, docker_body_endpoint(b->c, first));
	put(m, m->top, "NetworkingConfig", json_pack("{s:o}", "EndpointsConfig", endpoints));
}

int docker_body(const struct docker_body *b, json_t **ret, struct err *err)
{
	struct json_maker m = { .top = json_object(), .host = json_object() };
	int rc;

	put(&m, m.top, "HostConfig", m.host);
	put_text(&m, m.top, "Image", b->c->image);
	put_text(&m, m.top, "WorkingDir", b->c->working_dir);
	put_text(&m, m.top, "User", b->c->user);
	put_text(&m, m.top, "Hostname", b->c->hostname);
	put_command(&m, b);
	put_env(&m, b);
	put_labels(&m, b);
	put_mounts(&m, b);
	put_limits(&m, b);
	put_network(&m, b);
	if (b->log_driver)
		put(&m, m.host, "LogConfig", json_pack("{s:s}", "Type", b->log_driver));
	rc = put_ulimits(&m, b, err);
	/* Whatever else could not be put is text that JSON cannot carry. */
	if (!rc && m.failed)
		rc = err_say(err, -EINVAL, "container '%s': a value is not valid UTF-8",
			     b->c->name);
	if (rc)
		json_decref(m.top);
	else
		*ret = m.top;
	return rc;
}
