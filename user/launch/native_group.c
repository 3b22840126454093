// SPDX-License-Identifier: Apache-2.0
/* Making, locking and cleaning up the cgroups of native runs. */
#include "launch/native_group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strlist.h"

#define TOP "/cbpf"
/* Only the superuser can set it, so its content can be trusted as much as cbpf itself. */
#define XATTR "trusted.cbpf.run_dir"
#define RETRIES 10

static const char *mount_of(const struct cgroup_layout *l, size_t h)
{
	return h < CG_NCTRL ? l->v1[h] : l->v2;
}

static bool is_twin(const struct cgroup_layout *l, size_t h)
{
	for (size_t i = 0; i < h && h < CG_NCTRL; i++)
		if (!strcmp(l->v1[i], l->v1[h]))
			return true;
	return false;
}

/* Make and lock one directory; again when a clean-up took it for an abandoned one in between. */
static int lock_new(const char *path, int *ret_fd)
{
	for (int i = 0; i < RETRIES; i++) {
		struct stat here, there;
		int fd, rc = fs_mkdirs(path, 0755);

		/* Another one that ends may have removed what is above it in between. */
		if (rc && rc != -ENOENT)
			return rc;
		fd = rc ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB) && !fstat(fd, &here) &&
		    !stat(path, &there) && here.st_ino == there.st_ino) {
			*ret_fd = fd;
			return 0;
		}
		if (fd >= 0)
			close(fd);
		usleep(1000);
	}
	return -EBUSY;
}

int native_group_open(const struct cgroup_layout *l, const char *run_id, const char *run_dir,
		      struct native_group *ret, struct err *err)
{
	struct native_group g = { .layout = *l };
	char path[2 * CGROUP_PATH];
	int rc = 0;

	memset(g.locks, -1, sizeof(g.locks));
	snprintf(g.parent, sizeof(g.parent), TOP "/%s.%d", run_id, getpid());
	for (size_t h = 0; !rc && h <= CG_NCTRL; h++) {
		const char *mount = mount_of(&g.layout, h);

		if (!*mount || is_twin(&g.layout, h))
			continue;
		snprintf(path, sizeof(path), "%s%s", mount, g.parent);
		rc = lock_new(path, &g.locks[h]);
		if (rc == -EACCES || rc == -EPERM || rc == -EROFS)
			err_set(err, rc,
				"cannot make the cgroup %s: runtime: native needs root and a "
				"writable "
				"cgroup mount",
				path);
		else if (rc)
			err_set(err, rc, "cannot make the cgroup %s", path);
		else
			/* Without it only the files of a killed run stay behind. */
			(void)setxattr(path, XATTR, run_dir, strlen(run_dir), 0);
	}
	if (rc)
		native_group_close(&g);
	else
		*ret = g;
	return rc;
}

void native_group_close(struct native_group *g)
{
	/* Removed while still locked, so that nobody takes them for abandoned. */
	cgroup_remove_parents(&g->layout, g->parent);
	for (size_t h = 0; h <= CG_NCTRL; h++)
		if (g->locks[h] >= 0)
			close(g->locks[h]);
	memset(g->locks, -1, sizeof(g->locks));
}

static int add_once(struct str_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->v[i], name))
			return 0;
	return str_list_add(list, name);
}

/* Names of all groups in any hierarchy. */
static int list_groups(const struct cgroup_layout *l, struct str_list *ret)
{
	for (size_t h = 0; h <= CG_NCTRL; h++) {
		cleanup_closedir DIR *d = NULL;
		char path[2 * CGROUP_PATH];
		struct dirent *e;

		if (!*mount_of(l, h))
			continue;
		snprintf(path, sizeof(path), "%s" TOP, mount_of(l, h));
		d = opendir(path);
		while (d && (e = readdir(d)))
			if (e->d_type == DT_DIR && e->d_name[0] != '.' && add_once(ret, e->d_name))
				return -ENOMEM;
	}
	return 0;
}

/* Take all locks of a group that is there; false when an owner has one of them. */
static bool take(const struct cgroup_layout *l, const char *name, int *fds)
{
	for (size_t h = 0; h <= CG_NCTRL; h++) {
		char path[2 * CGROUP_PATH];

		if (!*mount_of(l, h) || is_twin(l, h))
			continue;
		snprintf(path, sizeof(path), "%s" TOP "/%s", mount_of(l, h), name);
		fds[h] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fds[h] >= 0 && flock(fds[h], LOCK_EX | LOCK_NB))
			return false;
	}
	return true;
}

/* What the run kept in its directory besides what it measured. */
static void remove_files(const int *fds, struct buf *report)
{
	static const char *const names[] = { "work", "volumes" };
	char run_dir[PATH_MAX], path[PATH_MAX + 16];
	ssize_t n = -1;

	for (size_t h = 0; n < 0 && h <= CG_NCTRL; h++)
		if (fds[h] >= 0)
			n = fgetxattr(fds[h], XATTR, run_dir, sizeof(run_dir) - 1);
	if (n <= 0 || run_dir[0] != '/')
		return;
	run_dir[n] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", run_dir, names[i]);
		if (!fs_remove_tree(path))
			buf_printf(report, "removed files %s\n", path);
	}
}

static int clean_one(const struct cgroup_layout *l, const char *name, bool dry_run,
		     struct buf *report, struct err *err)
{
	int fds[CG_NCTRL + 1];
	char path[CGROUP_PATH];
	struct cgroup_ref ref;
	int rc = 0;

	memset(fds, -1, sizeof(fds));
	snprintf(path, sizeof(path), TOP "/%s", name);
	if (!take(l, name, fds) || cgroup_of_path(l, path, &ref, err))
		goto out; /* its owner lives, or has removed it meanwhile */
	if (dry_run) {
		buf_printf(report, "would remove cgroup %s\n", path);
		goto out;
	}
	rc = cgroup_kill(&ref);
	if (!rc)
		rc = cgroup_remove(&ref);
	if (rc) {
		err_set(err, rc, "cannot remove the cgroup %s", path);
		goto out;
	}
	buf_printf(report, "removed cgroup %s\n", path);
	remove_files(fds, report);
	cgroup_remove_parents(l, TOP);
out:
	for (size_t h = 0; h <= CG_NCTRL; h++)
		if (fds[h] >= 0)
			close(fds[h]);
	return rc;
}

int native_group_clean(const struct cgroup_layout *l, bool dry_run, struct buf *report,
		       struct err *err)
{
	struct str_list names = { 0 };
	int rc = list_groups(l, &names);

	if (rc)
		err_set(err, rc, "cannot list cgroups");
	for (size_t i = 0; i < names.n; i++) {
		struct err each;
		int one = clean_one(l, names.v[i], dry_run, report, &each);

		if (one && !rc) {
			rc = one;
			*err = each;
		}
	}
	str_list_fini(&names);
	return rc;
}
