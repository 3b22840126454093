// SPDX-License-Identifier: Apache-2.0
/* Ending cgroups: killing what is in them, removing their directories. */
#include "host/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"

#define TREE_DEPTH_MAX 64
#define KILL_ROUNDS 1000
#define KILL_PAUSE_NS 5000000 /* 5 s in all */

/* Call @fn for @dir and all below it, children first, until it fails. @dir is used as a buffer. */
static int each_dir(char *dir, size_t size, int depth, int (*fn)(const char *dir, void *arg),
		    void *arg)
{
	cleanup_closedir DIR *d = opendir(dir);
	size_t len = strlen(dir);
	struct dirent *e;

	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while ((e = readdir(d))) {
		int rc;

		if (e->d_type != DT_DIR || !strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (!depth || len + strlen(e->d_name) + 2 > size)
			return -ENAMETOOLONG;
		sprintf(dir + len, "/%s", e->d_name);
		rc = each_dir(dir, size, depth - 1, fn, arg);
		dir[len] = '\0';
		if (rc)
			return rc;
	}
	return fn(dir, arg);
}

/* SIGKILL to what @dir holds at this moment; counts it in *@arg. */
static int kill_listed(const char *dir, void *arg)
{
	cleanup_buf struct buf text = BUF_INIT(4 << 20);
	char path[PATH_MAX];
	size_t *n = arg;
	int rc;

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	rc = fs_slurp_at(AT_FDCWD, path, &text);
	if (rc == -ENOENT || rc == -ENODEV)
		return 0; /* removed meanwhile */
	if (rc)
		return rc;
	for (const char *at = buf_str(&text); *at;) {
		char *end;
		long pid = strtol(at, &end, 10);

		if (end == at)
			break;
		/* 0 stands for a process of another pid namespace, which cannot be named. */
		if (pid > 0)
			(void)kill(pid, SIGKILL); /* gone already is as good */
		(*n)++;
		at = *end ? end + 1 : end;
	}
	return 0;
}

static int kill_round(const struct cgroup_ref *ref, size_t *ret_n)
{
	char dir[PATH_MAX];

	*ret_n = 0;
	for (int c = -1; c < CG_NCTRL; c++) {
		const char *at = c < 0 ? ref->v2 : ref->v1[c];
		int rc;

		if (!*at)
			continue;
		snprintf(dir, sizeof(dir), "%s", at);
		rc = each_dir(dir, sizeof(dir), TREE_DEPTH_MAX, kill_listed, ret_n);
		if (rc)
			return rc;
	}
	return 0;
}

int cgroup_kill(const struct cgroup_ref *ref)
{
	const struct timespec pause = { .tv_nsec = KILL_PAUSE_NS };
	char path[CGROUP_PATH + 16];

	if (*ref->v2) {
		snprintf(path, sizeof(path), "%s/cgroup.kill", ref->v2);
		(void)fs_write_at(AT_FDCWD, path, "1"); /* before 5.14 the rounds do it */
	}
	for (int i = 0; i < KILL_ROUNDS; i++) {
		size_t n;
		int rc = kill_round(ref, &n);

		if (rc || !n)
			return rc;
		nanosleep(&pause, NULL);
	}
	return -ETIMEDOUT;
}

static int remove_one(const char *dir, void *arg)
{
	(void)arg;
	return rmdir(dir) && errno != ENOENT ? -errno : 0;
}

int cgroup_remove(const struct cgroup_ref *ref)
{
	char dir[PATH_MAX];
	int first = 0;

	for (int c = -1; c < CG_NCTRL; c++) {
		const char *at = c < 0 ? ref->v2 : ref->v1[c];
		int rc;

		if (!*at)
			continue;
		snprintf(dir, sizeof(dir), "%s", at);
		rc = each_dir(dir, sizeof(dir), TREE_DEPTH_MAX, remove_one, NULL);
		if (rc && !first)
			first = rc;
	}
	return first;
}

void cgroup_remove_parents(const struct cgroup_layout *l, const char *parent)
{
	char dir[2 * CGROUP_PATH];

	for (int c = -1; c < CG_NCTRL; c++) {
		const char *mount = c < 0 ? l->v2 : l->v1[c];
		size_t len = strlen(mount);

		if (!*mount ||
		    snprintf(dir, sizeof(dir), "%s%s", mount, parent) >= (int)sizeof(dir))
			continue;
		/* One that is not empty, or gone, ends the way up. */
		while (strlen(dir) > len && !rmdir(dir))
			*strrchr(dir, '/') = '\0';
	}
}
