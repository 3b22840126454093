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

struct moving {
	const struct resctrl *r;
	const struct resctrl_group *g; /* NULL: nothing is moved, the first is looked for */
	pid_t first;
	pid_t *seen; /* sorted */
	size_t n, cap;
	size_t moved;
	int failure; /* the first */
	struct err *err;
};

/* 1: it is new, and is remembered; 0: it was seen before; -ENOMEM. */
static int remember(struct moving *m, pid_t tid)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (m->seen[mid] == tid)
			return 0;
		if (m->seen[mid] < tid)
			low = mid + 1;
		else
			high = mid;
	}
	if (m->n == m->cap) {
		size_t cap = m->cap ? 2 * m->cap : 64;
		pid_t *more = reallocarray(m->seen, cap, sizeof(*more));

		if (!more)
			return -ENOMEM;
		m->seen = more;
		m->cap = cap;
	}
	memmove(m->seen + low + 1, m->seen + low, (m->n - low) * sizeof(*m->seen));
	m->seen[low] = tid;
	m->n++;
	return 1;
}

/* How many new ones there were, or -errno. What has ended meanwhile needs no move. */
static int move_listed(struct moving *m, const char *text)
{
	int found = 0;

	for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		pid_t tid = atoi(at);
		struct err err;
		int rc;

		/* 0 stands for a task of another pid namespace, which cannot be named. */
		if (tid <= 0)
			continue;
		if (!m->g) {
			m->first = tid;
			return -ECANCELED;
		}
		rc = remember(m, tid);
		if (rc < 0)
			return rc;
		if (!rc)
			continue;
		found++;
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
			     const struct cgroup_ref *cg, size_t *ret_n, struct err *err)
{
	struct moving m = { .r = r, .g = g, .err = err };
	const char *file, *dir = dir_of(cg, &file);
	int found = 1, rounds = 0;

	*ret_n = 0;
	while (dir && found > 0 && rounds++ < MAX_ROUNDS)
		found = move_dir(&m, dir, file, 0);
	*ret_n = m.moved;
	free(m.seen);
	if (found < 0)
		return err_set(err, found, "cannot move the tasks of %s", dir);
	if (dir && found > 0)
		return err_say(err, -EAGAIN, "%s: new tasks kept appearing while they were moved",
			       dir);
	return m.failure;
}
