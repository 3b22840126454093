// SPDX-License-Identifier: Apache-2.0
/* User, limits, volumes and environment of a native target, looked up on this host. */
#include "launch/native_spec.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/secret.h"
#include "base/units.h"
#include "host/disk.h"
#include "plan/plan.h"

#define GROUPS_MAX 1024
#define SHM "/dev/shm"

/* True when @text is a whole number. */
static bool number(const char *text, unsigned long *ret)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*ret = strtoul(text, &end, 10);
	return !errno && !*end && *ret < UINT_MAX;
}

static int find_group(const char *text, gid_t *ret, struct err *err)
{
	unsigned long n;
	struct group *g;

	if (number(text, &n)) {
		*ret = n;
		return 0;
	}
	g = getgrnam(text);
	if (!g)
		return err_say(err, -ENOENT, "the group \"%s\" does not exist on this host", text);
	*ret = g->gr_gid;
	return 0;
}

static int find_groups(const char *name, gid_t gid, struct native_exec *x)
{
	int n = GROUPS_MAX;

	x->groups = calloc(GROUPS_MAX, sizeof(*x->groups));
	if (!x->groups)
		return -ENOMEM;
	if (name && getgrouplist(name, gid, x->groups, &n) < 0)
		return -E2BIG;
	if (!name) {
		x->groups[0] = gid;
		n = 1;
	}
	x->n_groups = n;
	return 0;
}

int native_user(const char *text, struct native_exec *x, struct err *err)
{
	cleanup_free char *user = strdup(text);
	char *group = user ? strchr(user, ':') : NULL;
	struct passwd *p;
	unsigned long n;
	int rc;

	if (!user)
		return err_set(err, -ENOMEM, "user %s", text);
	if (group)
		*group++ = '\0';
	p = number(user, &n) ? getpwuid(n) : getpwnam(user);
	if (!p && !number(user, &n))
		return err_say(err, -ENOENT, "the user \"%s\" does not exist on this host", user);
	x->has_user = true;
	x->uid = p ? p->pw_uid : n;
	x->gid = p ? p->pw_gid : 0; /* as container engines have it for unknown numbers */
	rc = group ? find_group(group, &x->gid, err) : 0;
	if (rc)
		return rc;
	rc = find_groups(p && !group ? p->pw_name : NULL, x->gid, x);
	return rc ? err_set(err, rc, "cannot list the groups of user %s", text) : 0;
}

static const struct {
	const char *name;
	int resource;
} ulimits[] = {
	{ "as", RLIMIT_AS },
	{ "core", RLIMIT_CORE },
	{ "cpu", RLIMIT_CPU },
	{ "data", RLIMIT_DATA },
	{ "fsize", RLIMIT_FSIZE },
	{ "locks", RLIMIT_LOCKS },
	{ "memlock", RLIMIT_MEMLOCK },
	{ "msgqueue", RLIMIT_MSGQUEUE },
	{ "nice", RLIMIT_NICE },
	{ "nofile", RLIMIT_NOFILE },
	{ "nproc", RLIMIT_NPROC },
	{ "rss", RLIMIT_RSS },
	{ "rtprio", RLIMIT_RTPRIO },
	{ "rttime", RLIMIT_RTTIME },
	{ "sigpending", RLIMIT_SIGPENDING },
	{ "stack", RLIMIT_STACK },
};

static bool limit_value(const char *text, rlim_t *ret)
{
	char *end;

	if (!strcmp(text, "unlimited") || !strcmp(text, "-1")) {
		*ret = RLIM_INFINITY;
		return true;
	}
	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return !errno && !*end;
}

int native_add_limit(const char *name, const char *value, struct native_exec *x, struct err *err)
{
	cleanup_free char *soft = strdup(value);
	struct native_limit *v, limit = { .resource = -1 };
	char *hard = soft ? strchr(soft, ':') : NULL;

	if (hard)
		*hard++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(ulimits); i++)
		if (!strcmp(name, ulimits[i].name))
			limit.resource = ulimits[i].resource;
	if (limit.resource < 0)
		return err_say(err, -EINVAL, "the ulimit \"%s\" is not known", name);
	if (!soft || !limit_value(soft, &limit.value.rlim_cur) ||
	    !limit_value(hard ? hard : soft, &limit.value.rlim_max) ||
	    limit.value.rlim_cur > limit.value.rlim_max)
		return err_say(err, -EINVAL,
			       "the ulimit %s: expected a number, \"unlimited\" or SOFT:HARD, not "
			       "\"%s\"",
			       name, value);
	v = reallocarray(x->limits, x->n_limits + 1, sizeof(*v));
	limit.name = strdup(name);
	if (v)
		x->limits = v;
	if (!v || !limit.name) {
		free(limit.name);
		return err_set(err, -ENOMEM, "ulimit %s", name);
	}
	v[x->n_limits++] = limit;
	return 0;
}

static int check_mount(const struct native_mount *m, struct err *err)
{
	struct stat from = { .st_mode = S_IFDIR }, to;

	if (m->source && stat(m->source, &from))
		return err_set(err, -errno, "the volume's source %s cannot be used", m->source);
	if (stat(m->dest, &to))
		return err_set(err, -errno,
			       "the volume's place %s cannot be used: with runtime: native it must "
			       "exist on this host",
			       m->dest);
	if (S_ISDIR(from.st_mode) != S_ISDIR(to.st_mode))
		return err_say(err, -ENOTDIR,
			       "the volume %s cannot be mounted on %s: one is a directory, the "
			       "other is not",
			       m->source ? m->source : "tmpfs", m->dest);
	return 0;
}

int native_add_mount(const char *text, const char *volumes_dir, struct native_exec *x,
		     struct err *err)
{
	cleanup_free char *copy = strdup(text);
	struct native_mount *v, *m;
	char *at = copy, *source, *dest;
	int rc = 0;

	v = copy ? reallocarray(x->mounts, x->n_mounts + 1, sizeof(*v)) : NULL;
	if (!v)
		return err_set(err, -ENOMEM, "volume %s", text);
	x->mounts = v;
	source = strsep(&at, ":");
	dest = strsep(&at, ":");
	if (!dest || *dest != '/' || !*source || (at && strcmp(at, "ro") && strcmp(at, "rw")))
		return err_say(err, -EINVAL,
			       "the volume \"%s\": expected SOURCE:/PATH or SOURCE:/PATH:ro", text);
	m = &v[x->n_mounts++];
	*m = (struct native_mount){ .dest = strdup(dest), .read_only = at && !strcmp(at, "ro") };
	if (strchr(source, '/'))
		m->source = strdup(source);
	else if (strcmp(source, "tmpfs") != 0)
		m->source = fs_join(volumes_dir, source);
	if (!m->dest || (!m->source && strcmp(source, "tmpfs") != 0))
		return err_set(err, -ENOMEM, "volume %s", text);
	if (m->source && !strchr(source, '/'))
		rc = fs_mkdirs(m->source, 0755);
	if (rc)
		return err_set(err, rc, "cannot make the volume %s", m->source);
	return check_mount(m, err);
}

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return path && !strncmp(path, dir, len) && (path[len] == '/' || path[len] == '\0');
}

int native_private_shm(const struct spec_container *c, struct native_exec *x, struct err *err)
{
	int rc;

	if (is_below(c->workload.ior.file, SHM) || is_below(c->working_dir, SHM) ||
	    access(SHM, F_OK))
		return 0;
	for (size_t i = 0; i < x->n_mounts; i++)
		if (is_below(x->mounts[i].dest, SHM))
			return 0;
	rc = native_add_mount("tmpfs:" SHM, "", x, err);
	x->private_shm = !rc;
	return rc;
}

static int put_map(struct str_map *to, const struct str_map *from)
{
	for (size_t i = 0; i < from->n; i++)
		if (str_map_set(to, from->v[i].key, from->v[i].value))
			return -ENOMEM;
	return 0;
}

/* All of cbpf's own, but what only sinks are to know. */
static int put_environ(struct str_map *to)
{
	for (char **e = environ; e && *e; e++) {
		char *eq = strchr(*e, '=');
		cleanup_free char *name = eq ? strndup(*e, eq - *e) : NULL;

		if (!eq || (name && secret_is_ours(name, eq + 1)))
			continue;
		if (!name || str_map_set(to, name, eq + 1))
			return -ENOMEM;
	}
	return 0;
}

/* A home that is another user's would be read and written there. */
static int put_user(struct str_map *to, const struct native_exec *x)
{
	struct passwd *p = x->has_user ? getpwuid(x->uid) : NULL;

	if (!x->has_user)
		return 0;
	if (str_map_set(to, "HOME", p ? p->pw_dir : "/"))
		return -ENOMEM;
	return p ? (str_map_set(to, "USER", p->pw_name) ?: str_map_set(to, "LOGNAME", p->pw_name))
		 : 0;
}

int native_env(const struct spec_container *c, struct native_exec *x, struct err *err)
{
	struct str_map env = { 0 };
	int rc = put_environ(&env);

	rc = rc ?: put_user(&env, x);
	if (!rc && !str_map_get(&env, "PATH"))
		rc = str_map_set(&env, "PATH",
				 "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
				 "/sbin:/bin");
	if (x->private_shm)
		rc = rc ?: str_map_set(&env, "TMPDIR", SHM);
	rc = rc ?: put_map(&env, &c->env);
	if (c->workload.has_ior == FLAG_ON)
		rc = rc ?: put_map(&env, &c->workload.ior.env);
	for (size_t i = 0; !rc && i < env.n; i++)
		rc = str_list_addf(&x->env, "%s=%s", env.v[i].key, env.v[i].value);
	str_map_fini(&env);
	return rc ? err_set(err, rc, "cannot prepare the environment") : 0;
}

/* The first volume that is on something, as the spec promises; else where it works. */
static const char *io_path(const struct spec_container *c, const struct native_exec *x,
			   const char *work_dir)
{
	if (c->io.device)
		return c->io.device;
	for (size_t i = 0; i < x->n_mounts; i++)
		if (x->mounts[i].source)
			return x->mounts[i].source;
	return work_dir;
}

int native_limits(const struct cgroup_layout *l, const struct spec_container *c,
		  const struct native_exec *x, const char *work_dir, struct cgroup_limits *ret,
		  struct err *err)
{
	bool per_device = c->io.read_iops != OPTION_UNSET || c->io.write_iops != OPTION_UNSET ||
			  c->io.read_bps != OPTION_UNSET || c->io.write_bps != OPTION_UNSET;
	struct disk disk;
	int rc;

	/* OPTION_UNSET, NAN and NULL mean the same on both sides. */
	*ret = (struct cgroup_limits){
		.cpus = cgroup_can(l, CG_CPUSET) ? c->cpus : NULL,
		.cpu_limit = c->cpu_limit,
		.memory = c->memory,
		.memory_swap = c->memory_swap,
		.pids = c->pids,
		.read_iops = c->io.read_iops,
		.write_iops = c->io.write_iops,
		.read_bps = c->io.read_bps,
		.write_bps = c->io.write_bps,
		.io_weight = c->io.weight,
	};
	if (!per_device)
		return 0;
	rc = disk_of_path(io_path(c, x, work_dir), &disk, err);
	if (!rc) {
		ret->io_major = disk.major;
		ret->io_minor = disk.minor;
	}
	return rc;
}
