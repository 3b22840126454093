// SPDX-License-Identifier: Apache-2.0
/* Making, filling and removing monitor groups. */
#include "host/resctrl_group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"

#define PREFIX "cbpf."
#define RETRIES 10

static int tell_no_room(const struct resctrl *r, const char *path, int code, struct err *err)
{
	char said[256], limit[64] = "";

	resctrl_last_status(r, said, sizeof(said));
	if (r->rmids)
		snprintf(limit, sizeof(limit), " of %llu", (unsigned long long)r->rmids);
	if (code == -ENOSPC)
		return err_say(err, code, "no RMID%s is left for %s%s%s%s", limit, path,
			       *said ? " (" : "", said, *said ? ")" : "");
	return err_say(
		err, code,
		"no RMID%s is free for %s: caches still hold what was brought in under those "
		"that were in use%s%s%s",
		limit, path, *said ? " (" : "", said, *said ? ")" : "");
}

/* Make and lock it; again when a clean-up took it for an abandoned one in between. */
static int make_locked(const char *path, int *ret_fd)
{
	for (int i = 0; i < RETRIES; i++) {
		struct stat here, there;
		int fd;

		if (mkdir(path, 0755))
			return -errno;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB) && !fstat(fd, &here) &&
		    !stat(path, &there) && here.st_ino == there.st_ino) {
			*ret_fd = fd;
			return 0;
		}
		if (fd >= 0)
			close(fd);
		(void)rmdir(path); /* by whoever has it, mostly */
		usleep(1000);
	}
	return -EAGAIN;
}

int resctrl_group_make(const struct resctrl *r, const char *class, const char *name,
		       struct resctrl_group *ret, struct err *err)
{
	struct resctrl_group g = { .lock = -1 };
	char groups[RESCTRL_PATH + RESCTRL_NAME + 32];
	int rc = resctrl_class_path(r, class, "mon_groups", groups, sizeof(groups));

	if (!rc && snprintf(g.path, sizeof(g.path), "%s/" PREFIX "%s", groups, name) >=
			   (int)sizeof(g.path))
		rc = -ENAMETOOLONG;
	if (!rc)
		rc = make_locked(g.path, &g.lock);
	if (rc == -ENOSPC || rc == -EBUSY)
		return tell_no_room(r, g.path, rc, err);
	if (rc)
		return err_set(err, rc, "cannot make the monitor group %s", g.path);
	snprintf(g.class, sizeof(g.class), "%s", class);
	*ret = g;
	return 0;
}

int resctrl_group_add(const struct resctrl *r, const struct resctrl_group *g, pid_t tid,
		      struct err *err)
{
	cleanup_close int dir = open(g->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char text[32], said[256];
	int rc;

	if (tid <= 0) /* the kernel takes 0 for the task that writes it */
		return err_say(err, -EINVAL,
			       "there is no task %d to move into the monitor group %s", tid,
			       g->path);
	snprintf(text, sizeof(text), "%d\n", tid);
	rc = dir >= 0 ? fs_write_at(dir, "tasks", text) : -errno;
	if (!rc)
		return 0;
	resctrl_last_status(r, said, sizeof(said));
	return err_set(err, rc, "cannot move task %d into the monitor group %s%s%s%s", tid, g->path,
		       *said ? " (" : "", said, *said ? ")" : "");
}

static int remove_dir(const char *path)
{
	return rmdir(path) && errno != ENOENT ? -errno : 0;
}

int resctrl_group_remove(struct resctrl_group *g, struct err *err)
{
	int rc = *g->path ? remove_dir(g->path) : 0;

	if (rc)
		return err_set(err, rc, "cannot remove the monitor group %s", g->path);
	if (*g->path && g->lock >= 0)
		close(g->lock);
	*g = (struct resctrl_group){ .lock = -1 };
	return 0;
}

/* One that nobody has locked is nobody's. */
static int clean_one(const char *path, bool dry_run, struct buf *report, struct err *err)
{
	cleanup_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB))
		return 0;
	rc = dry_run ? 0 : remove_dir(path);
	if (rc)
		return err_set(err, rc, "cannot remove the monitor group %s", path);
	buf_printf(report, "%s monitor group %s\n", dry_run ? "would remove" : "removed", path);
	return 0;
}

static int clean_class(const char *root, const char *class, bool dry_run, struct buf *report,
		       struct err *err)
{
	char path[RESCTRL_GROUP_PATH];
	cleanup_closedir DIR *d = NULL;
	struct dirent *e;
	int first = 0;

	snprintf(path, sizeof(path), "%s/%s%smon_groups", root, class, *class ? "/" : "");
	d = opendir(path);
	while (d && (e = readdir(d))) {
		struct err each;
		int rc;

		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)))
			continue;
		snprintf(path, sizeof(path), "%s/%s%smon_groups/%s", root, class, *class ? "/" : "",
			 e->d_name);
		rc = clean_one(path, dry_run, report, &each);
		if (rc && !first) {
			first = rc;
			*err = each;
		}
	}
	return first;
}

int resctrl_clean(const char *root, bool dry_run, struct buf *report, struct err *err)
{
	cleanup_closedir DIR *d = opendir(root ? root : RESCTRL_ROOT);
	struct dirent *e;
	int rc;

	if (!root)
		root = RESCTRL_ROOT;
	if (!d)
		return 0;
	if (strlen(root) >= RESCTRL_PATH)
		return err_set(err, -ENAMETOOLONG, "cannot use %s", root);
	rc = clean_class(root, "", dry_run, report, err);
	while (!rc && (e = readdir(d)))
		if (e->d_type == DT_DIR && e->d_name[0] != '.')
			rc = clean_class(root, e->d_name, dry_run, report, err);
	return rc;
}
