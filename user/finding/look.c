// SPDX-License-Identifier: Apache-2.0
/* Looking things up in a report: numbers by path, and what a tool was called with. */
#include <math.h>
#include <string.h>

#include "finding/judging.h"

const json_t *value_at(const json_t *from, const char *path)
{
	char key[64];

	while (from && *path) {
		size_t len = strcspn(path, ".");

		if (len >= sizeof(key))
			return NULL;
		memcpy(key, path, len);
		key[len] = '\0';
		from = json_object_get(from, key);
		path += len + (path[len] == '.');
	}
	return from;
}

double number_at(const json_t *from, const char *path)
{
	const json_t *value = value_at(from, path);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

const char *text_at(const json_t *from, const char *path)
{
	return json_string_value(value_at(from, path));
}

const char *command_of(const json_t *target)
{
	const json_t *r;
	size_t i;

	json_array_foreach(json_object_get(target, "results"), i, r)
		if (text_at(r, "command"))
			return text_at(r, "command");
	return NULL;
}

bool ran_ior(const json_t *target, const char *op)
{
	const json_t *r;
	size_t i;

	json_array_foreach(json_object_get(target, "results"), i, r) {
		const char *tool = text_at(r, "tool"), *did = text_at(r, "op");

		if (tool && !strcmp(tool, "ior") && did && (!op || !strcmp(did, op)))
			return true;
	}
	return false;
}

double tasks_of(const json_t *target)
{
	const json_t *r;
	double most = NAN;
	size_t i;

	json_array_foreach(json_object_get(target, "results"), i, r)
		most = fmax(most, number_at(r, "tasks"));
	return most;
}

/* Of the first result: those of a target are of one tool. */
static bool is_of(const json_t *target, const char *tool)
{
	const char *is = text_at(json_array_get(json_object_get(target, "results"), 0), "tool");

	return is && !strcmp(is, tool);
}

bool is_direct(const json_t *target)
{
	const char *command = command_of(target);

	return has_option(command, "posix.odirect") || has_option(command, "direct") ||
	       /* Its letter is another option of other tools. */
	       (is_of(target, "ior") && has_option(command, "useO_DIRECT"));
}

double over_devices(const json_t *target, const char *op, const char *key)
{
	json_t *device;
	const char *name;
	double sum = NAN;

	json_object_foreach(json_object_get(target, "block"), name, device) {
		const json_t *o = json_object_get(device, op);
		double value = number_at(o, key);

		if (isnan(value) || json_is_true(json_object_get(o, "stacked")))
			continue;
		sum = isnan(sum) ? value : sum + value;
	}
	return sum;
}

const json_t *ranks_elsewhere(const json_t *target)
{
	const json_t *ranks = json_object_get(target, "ranks"), *rank;
	const char *own = text_at(target, "name");
	size_t i;

	json_array_foreach(ranks, i, rank) {
		const char *host = text_at(rank, "host");

		if (host && (!own || strcmp(host, own) != 0))
			return ranks;
	}
	return NULL;
}

const json_t *workload_of(const struct judging *j)
{
	const char *name =
		text_at(json_array_get(json_object_get(j->target, "ranks_here"), 0), "workload");
	const json_t *t;
	size_t i;

	json_array_foreach(json_object_get(j->report, "targets"), i, t)
		if (name && text_at(t, "name") && !strcmp(text_at(t, "name"), name))
			return t;
	return j->target;
}

static bool is_host_of(const json_t *ranks, const char *name)
{
	const json_t *rank;
	size_t i;

	json_array_foreach(ranks, i, rank)
		if (name && text_at(rank, "host") && !strcmp(text_at(rank, "host"), name))
			return true;
	return false;
}

const json_t *next_host(const struct judging *j, size_t *at)
{
	const json_t *ranks = ranks_elsewhere(j->target), *t;

	if (!ranks)
		return (*at)++ ? NULL : j->target;
	while ((t = json_array_get(json_object_get(j->report, "targets"), *at))) {
		(*at)++;
		if (is_host_of(ranks, text_at(t, "name")))
			return t;
	}
	return NULL;
}

double over_hosts(const struct judging *j, const char *path)
{
	const json_t *t;
	double sum = NAN;

	for (size_t at = 0; (t = next_host(j, &at));) {
		double value = number_at(t, path);

		if (!isnan(value))
			sum = isnan(sum) ? value : sum + value;
	}
	return sum;
}

bool any_host_has(const struct judging *j, const char *key)
{
	const json_t *t;

	for (size_t at = 0; (t = next_host(j, &at));)
		if (json_object_get(t, key))
			return true;
	return false;
}

#define ENOUGH (1024.0 * 1024) /* bytes, below which a share of them says nothing */

/* Bytes of @op by calls, and of those on mounts that @which is true of. */
struct part {
	double all, some;
};

static void add_part(const json_t *target, const char *op, bool (*which)(const json_t *mount),
		     struct part *p)
{
	const json_t *m;
	size_t i;

	json_array_foreach(json_object_get(target, "vfs_mounts"), i, m) {
		double bytes = number_at(json_object_get(json_object_get(m, "ops"), op), "bytes");

		if (isnan(bytes))
			continue;
		p->all += bytes;
		if (which(m))
			p->some += bytes;
	}
}

static double share_of(const struct part *p)
{
	return p->all >= ENOUGH ? p->some / p->all : NAN;
}

double share_on(const json_t *target, const char *op, bool (*which)(const json_t *mount))
{
	struct part p = { 0 };

	add_part(target, op, which, &p);
	return share_of(&p);
}

double share_over_hosts(const struct judging *j, const char *op, bool (*which)(const json_t *mount))
{
	struct part p = { 0 };
	const json_t *t;

	for (size_t at = 0; (t = next_host(j, &at));)
		add_part(t, op, which, &p);
	return share_of(&p);
}

bool is_fs(const json_t *mount, const char *fs)
{
	const char *is = text_at(mount, "fs");

	return is && !strcmp(is, fs);
}

bool is_tmpfs(const json_t *mount)
{
	return is_fs(mount, "tmpfs") || is_fs(mount, "ramfs");
}
