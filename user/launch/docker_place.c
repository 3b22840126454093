// SPDX-License-Identifier: Apache-2.0
/* From files that a container sees to directories of the host: through its volumes, and those of its hosts. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/strlist.h"
#include "launch/docker.h"
#include "plan/plan.h"

int docker_mount_place(struct docker *d, const struct docker_mount *m, char *path, size_t size,
		       struct err *err)
{
	if (m->type == MOUNT_TMPFS)
		return err_say(err, -ENODEV, "its files are on a tmpfs");
	if (m->type == MOUNT_VOLUME)
		return engine_volume_inspect(d->engine, m->source, path, size, err);
	snprintf(path, size, "%s", m->source);
	return 0;
}

static bool is_workload(const struct spec_container *c)
{
	return c->workload.has_ior == FLAG_ON;
}

/* The container that holds the data: of the first host, as far as it is one of the run's. */
static size_t holder_of(const struct docker *d, size_t i)
{
	const struct plan_target *p = d->set->v[i].plan;

	return p->c->workload.ior.hosts.n && p->hosts[0] != SIZE_MAX ? p->hosts[0] : i;
}

/* The first volume of container @i that it can write to; NULL: none. */
static const struct docker_mount *writable(const struct docker *d, size_t i)
{
	for (size_t j = 0; j < d->set->v[i].plan->c->volumes.n; j++)
		if (!d->v[i].mounts[j].read_only)
			return &d->v[i].mounts[j];
	return NULL;
}

void docker_default_file(const struct docker *d, size_t i, char *text, size_t size)
{
	const struct docker_mount *m = writable(d, holder_of(d, i));

	snprintf(text, size, "%s%scbpf-%s-%s", m ? m->target : "", m ? "/" : "", d->config.plan->id,
		 d->set->v[i].name);
}

/* How many characters of @file are the path of @dir, which it is in; 0: it is not. */
static size_t is_below(const char *file, const char *dir)
{
	size_t len = strlen(dir);

	while (len && dir[len - 1] == '/')
		len--;
	return !strncmp(file, dir, len) && (!file[len] || file[len] == '/') ? len + 1 : 0;
}

/* The volume of container @h that has @file: of those within each other the inner one. */
static const struct docker_mount *mount_of(const struct docker *d, size_t h, const char *file,
					   const char **ret_rest)
{
	const struct docker_mount *best = NULL;
	size_t most = 0;

	for (size_t j = 0; j < d->set->v[h].plan->c->volumes.n; j++) {
		const struct docker_mount *m = &d->v[h].mounts[j];
		size_t len = is_below(file, m->target);

		if (len > most) {
			most = len;
			best = m;
			*ret_rest = file + len - 1;
		}
	}
	return best;
}

/* The directory in @path, which is there, that @rest is in: other file systems may be below it. */
static void walk(char *path, size_t size, const char *rest)
{
	size_t len = strlen(path);
	char *slash;

	if (len + strlen(rest) >= size)
		return;
	strcpy(path + len, rest);
	while ((slash = strrchr(path + len, '/'))) {
		*slash = '\0';
		if (!access(path, F_OK))
			return;
	}
}

/* Where container @h has @file. What is in no volume is in the container's own layer. */
static int find(struct docker *d, size_t h, const char *file, char *path, size_t size,
		struct err *err)
{
	const char *rest = "";
	const struct docker_mount *m = mount_of(d, h, file, &rest);
	int rc = 0;

	if (m)
		rc = docker_mount_place(d, m, path, size, err);
	else
		snprintf(path, size, "%s", d->info.root_dir);
	if (!rc && m)
		walk(path, size, rest);
	return rc;
}

/* IOR's file as its ranks see it, or where a command's files are supposed. */
static void file_of(const struct docker *d, size_t i, char *file, size_t size)
{
	const struct spec_container *c = d->set->v[i].plan->c;
	const struct docker_mount *m = writable(d, i);
	char name[PATH_MAX + 256] = ".";

	if (is_workload(c) && c->workload.ior.file)
		snprintf(name, sizeof(name), "%s", c->workload.ior.file);
	else if (is_workload(c))
		docker_default_file(d, i, name, sizeof(name));
	else if (m)
		snprintf(name, sizeof(name), "%s/.", m->target);
	/* Where nothing is said of it, the image's working directory is no volume. */
	if (*name == '/')
		snprintf(file, size, "%s", name);
	else
		snprintf(file, size, "%s/%s", c->working_dir ? c->working_dir : "", name);
}

static int add(struct docker *d, size_t h, const char *file, struct str_list *ret, struct err *err)
{
	char path[PATH_MAX];
	int rc = find(d, h, file, path, sizeof(path), err);

	for (size_t k = 0; !rc && k < ret->n; k++)
		if (!strcmp(ret->v[k], path))
			return 0;
	if (!rc && str_list_add(ret, path))
		rc = err_set(err, -ENOMEM, "looking for files of %s", d->set->v[h].name);
	return rc;
}

int docker_places(void *state, size_t i, struct str_list *ret, struct err *err)
{
	struct docker *d = state;
	const struct plan_target *p = d->set->v[i].plan;
	size_t n = is_workload(p->c) ? p->c->workload.ior.hosts.n : 0;
	char file[2 * PATH_MAX + 256];
	int rc = 0;

	file_of(d, i, file, sizeof(file));
	if (!n)
		return add(d, i, file, ret, err);
	for (size_t h = 0; h < n; h++) {
		struct err each;
		int rc_each = p->hosts[h] == SIZE_MAX
				      ? err_say(&each, -ENODEV, "%s is no container of the run",
						p->c->workload.ior.hosts.v[h])
				      : add(d, p->hosts[h], file, ret, &each);

		if (rc_each && !rc) {
			rc = rc_each;
			*err = each;
		}
	}
	return rc;
}
