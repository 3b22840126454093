// SPDX-License-Identifier: Apache-2.0
/* Moving what is in a cgroup already: its tasks are listed and moved until no new one is seen. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "host/cgroup.h"
#include "host/resctrl_group.h"

#define MAX_ROUNDS 64 /* one more than there are new tasks in is enough, mostly two */
#define MAX_DEPTH 8
#define LIST_MAX (1 << 20) /* bytes of one cgroup's tasks */

struct tids {
	pid_t *v; /* sorted */
	size_t n, cap;
};

struct moving {
	const struct resctrl *r;
	const struct resctrl_group *g; /* NULL: nothing is moved, the first is looked for */
	pid_t first;
	struct tids seen;
	size_t moved;
	size_t *left; /* how many stay where they are; NULL: none does */
	struct tids theirs; /* those of others' monitor groups, as of the last look */
	int failure; /* the first */
	struct err *err;
};

/* Is it there? @ret_at: where it is, or belongs. */
static bool find(const struct tids *t, pid_t tid, size_t *ret_at)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (t->v[mid] < tid)
			low = mid + 1;
		else
			high = mid;
	}
	*ret_at = low;
	return low < t->n && t->v[low] == tid;
}

/* 1: it is new, and is remembered; 0: it was seen before; -ENOMEM. */
static int remember(struct tids *t, pid_t tid)
{
	size_t at;

	if (find(t, tid, &at))
		return 0;
	if (t->n == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 64;
		pid_t *more = reallocarray(t->v, cap, sizeof(*more));

		if (!more)
			return -ENOMEM;
		t->v = more;
		t->cap = cap;
	}
	memmove(t->v + at + 1, t->v + at, (t->n - at) * sizeof(*t->v));
	t->v[at] = tid;
	t->n++;
	return 1;
}

static int remember_listed(struct tids *t, const char *text)
{
	int rc = 0;

	for (const char *at = text; *at && rc >= 0; at += strcspn(at, "\n"), at += *at == '\n')
		rc = remember(t, atoi(at));
	return rc < 0 ? rc : 0;
}

/*
 * Who is in which other monitor group of the control group now: who is in another control group
 * cannot be moved at all. What has been listed before is in the group that it was forked into.
 */
static int look_at_theirs(struct moving *m)
{
	const char *own = strrchr(m->g->path, '/') + 1;
	char path[RESCTRL_GROUP_PATH + RESCTRL_NAME + 16];
	cleanup_closedir DIR *d = NULL;
	struct dirent *e;
	int rc = 0;

	m->theirs.n = 0;
	snprintf(path, sizeof(path), "%.*s", (int)(own - m->g->path), m->g->path);
	d = opendir(path);
	if (!d)
		return -errno;
	while (!rc && (e = readdir(d))) {
		cleanup_buf struct buf text = BUF_INIT(LIST_MAX);

		if (e->d_name[0] == '.' || !strcmp(e->d_name, own))
			continue;
		snprintf(path, sizeof(path), "%s/tasks", e->d_name);
		rc = fs_slurp_at(dirfd(d), path, &text);
		if (rc == -ENOENT || rc == -ENODEV) /* it has been removed */
			rc = 0;
		else if (!rc)
			rc = remember_listed(&m->theirs, buf_str(&text));
	}
	return rc;
}

/* How many new ones there were, or -errno. What has ended meanwhile needs no move. */
static int move_listed(struct moving *m, const char *text)
{
	bool looked = false;
	int found = 0;

	for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		pid_t tid = atoi(at);
		struct err err;
		size_t where;
		int rc;

		/* 0 stands for a task of another pid namespace, which cannot be named. */
		if (tid <= 0)
			continue;
		if (!m->g) {
			m->first = tid;
			return -ECANCELED;
		}
		rc = remember(&m->seen, tid);
		if (!rc)
			continue;
		if (rc > 0 && m->left && !looked)
			rc = look_at_theirs(m);
		if (rc < 0)
			return rc;
		looked = true;
		found++;
		if (m->left && find(&m->theirs, tid, &where)) {
			++*m->left;
			continue;
		}
		rc = resctrl_group_add(m->r, m->g, tid, &err);
		m->moved += !rc;
		if (rc && rc != -ESRCH && !m->failure) {
			m->failure = rc;
			*m->err = err;
		}
	}
	return found;
}

static int move_dir(struct moving *m, const char *dir, const char *file, int depth)
{
	cleanup_buf struct buf text = BUF_INIT(LIST_MAX);
	cleanup_closedir DIR *d = opendir(dir);
	char path[PATH_MAX];
	struct dirent *e;
	int found = 0;

	if (!d)
		return 0; /* gone, and what was in it, too */
	/* A cgroup that others are threads of may refuse: those are in its subdirectories. */
	if (!fs_slurp_at(dirfd(d), file, &text))
		found = move_listed(m, buf_str(&text));
	while (found >= 0 && depth < MAX_DEPTH && (e = readdir(d))) {
		int below;

		if (e->d_type != DT_DIR || e->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s/%s", dir, e->d_name) >= (int)sizeof(path))
			continue;
		below = move_dir(m, path, file, depth + 1);
		found = below < 0 ? below : found + below;
	}
	return found;
}

/* Any hierarchy lists all tasks, as targets are in cgroups of their own in each. */
static const char *dir_of(const struct cgroup_ref *cg, const char **ret_file)
{
	*ret_file = "cgroup.threads";
	if (*cg->v2)
		return cg->v2;
	*ret_file = "tasks";
	for (int c = 0; c < CG_NCTRL; c++)
		if (*cg->v1[c])
			return cg->v1[c];
	return NULL;
}

pid_t resctrl_cgroup_task(const struct cgroup_ref *cg)
{
	struct moving m = { 0 };
	const char *file, *dir = dir_of(cg, &file);

	if (dir)
		(void)move_dir(&m, dir, file, 0); /* ends with it, or finds none */
	return m.first;
}

int resctrl_group_add_cgroup(const struct resctrl *r, const struct resctrl_group *g,
			     const struct cgroup_ref *cg, size_t *ret_n, size_t *ret_left,
			     struct err *err)
{
	struct moving m = { .r = r, .g = g, .left = ret_left, .err = err };
	const char *file, *dir = dir_of(cg, &file);
	int found = 1, rounds = 0;

	*ret_n = 0;
	if (ret_left)
		*ret_left = 0;
	while (dir && found > 0 && rounds++ < MAX_ROUNDS)
		found = move_dir(&m, dir, file, 0);
	*ret_n = m.moved;
	free(m.seen.v);
	free(m.theirs.v);
	if (found < 0)
		return err_set(err, found, "cannot move the tasks of %s", dir);
	if (dir && found > 0)
		return err_say(err, -EAGAIN, "%s: new tasks kept appearing while they were moved",
			       dir);
	return m.failure;
}
