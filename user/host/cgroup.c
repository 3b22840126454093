// SPDX-License-Identifier: Apache-2.0
/* Finding hierarchies and cgroups: of the host, of a process, of a path, of an id. */
#include "host/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "host/cgroup_text.h"

#define MOUNTINFO_MAX (16 << 20)
#define TREE_DEPTH_MAX 64

const char *cgroup_mode_name(enum cgroup_mode mode)
{
	static const char *const names[] = { "v1", "hybrid", "v2" };

	return mode <= CGROUP_V2 ? names[mode] : "?";
}

const char *cgroup_ctrl_name(enum cgroup_ctrl ctrl)
{
	static const char *const names[] = { "cpu",   "cpuacct", "cpuset", "memory",
					     "blkio", "pids",	 "hugetlb" };

	return ctrl < CG_NCTRL ? names[ctrl] : "?";
}

int cgroup_layout_read(struct cgroup_layout *ret, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT(MOUNTINFO_MAX);
	struct cgroup_layout l;
	char path[CGROUP_PATH + 32];
	int rc = fs_slurp_at(AT_FDCWD, "/proc/self/mountinfo", &text);

	if (rc)
		return err_set(err, rc, "cannot read /proc/self/mountinfo");
	rc = cgroup_layout_parse(buf_str(&text), &l);
	if (rc)
		return err_say(err, rc,
			       "no cgroup hierarchy is mounted on this host; try "
			       "`mount -t cgroup2 none /sys/fs/cgroup`");
	if (*l.v2) {
		snprintf(path, sizeof(path), "%s/cgroup.controllers", l.v2);
		rc = fs_read_at(AT_FDCWD, path, l.v2_controllers, sizeof(l.v2_controllers));
		if (rc)
			return err_set(err, rc, "cannot read %s", path);
	}
	*ret = l;
	return 0;
}

bool cgroup_can(const struct cgroup_layout *l, enum cgroup_ctrl ctrl)
{
	/* v2 has no cpuacct: cpu.stat is there in every cgroup. */
	if (*l->v1[ctrl] || (ctrl == CG_CPUACCT && *l->v2))
		return true;
	return cgroup_has_word(l->v2_controllers, ctrl == CG_BLKIO ? "io" : cgroup_ctrl_name(ctrl),
			       " ");
}

static uint64_t inode_of(const char *dir)
{
	struct stat st;

	return *dir && !stat(dir, &st) ? st.st_ino : 0;
}

/*
 * The kernel charges the nearest cgroup upwards that has the controller, the root
 * last. Above what is mounted here nothing can be known.
 */
static void find_io(const struct cgroup_layout *l, struct cgroup_ref *ref)
{
	char path[CGROUP_PATH + 16];
	size_t top = strlen(l->v2), len = strlen(ref->v2);

	for (;;) {
		bool root = len <= top;

		snprintf(path, sizeof(path), "%.*s/io.stat", (int)len, ref->v2);
		/* The root has it whether it shows the file, as since 5.8, or not. */
		if (!access(path, F_OK) || (root && !strcmp(l->v2_root, "/") &&
					    cgroup_has_word(l->v2_controllers, "io", " ")))
			break;
		if (root)
			return;
		do
			len--;
		while (len > top && ref->v2[len] != '/');
	}
	path[len] = '\0';
	ref->io_id = inode_of(path);
	ref->io_above = ref->v2[len] ? len : 0;
}

void cgroup_ref_ids(const struct cgroup_layout *l, struct cgroup_ref *ref)
{
	ref->default_id = inode_of(ref->v2);
	ref->io_id = inode_of(ref->v1[CG_BLKIO]);
	ref->io_above = 0;
	if (l->io_on_v2 && ref->default_id)
		find_io(l, ref);
}

static unsigned int components(const char *path)
{
	unsigned int n = 0;

	for (; *path; path++)
		n += *path == '/' && path[1] && path[1] != '/';
	return n;
}

unsigned int cgroup_level(const struct cgroup_layout *l, const struct cgroup_ref *ref)
{
	/* The mount point itself may be deep in the hierarchy. */
	return components(l->v2_root) + components(ref->v2 + strlen(l->v2));
}

int cgroup_memory_id(const struct cgroup_layout *l, const struct cgroup_ref *ref, uint64_t *ret_id,
		     unsigned int *ret_level)
{
	bool v1 = *l->v1[CG_MEMORY];
	const char *mount = v1 ? l->v1[CG_MEMORY] : l->v2;
	const char *root = v1 ? l->v1_root[CG_MEMORY] : l->v2_root;
	const char *dir = v1 ? ref->v1[CG_MEMORY] : ref->v2;
	char path[CGROUP_PATH + 32];
	uint64_t id;

	snprintf(path, sizeof(path), "%s/%s", dir, v1 ? "memory.stat" : "memory.current");
	if (!*dir || access(path, F_OK))
		return -ENOENT;
	id = inode_of(dir);
	if (!id)
		return -ENOENT;
	*ret_id = id;
	*ret_level = components(root) + components(dir + strlen(mount));
	return 0;
}

int cgroup_of_pid(const struct cgroup_layout *l, pid_t pid, struct cgroup_ref *ret, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT(1 << 16);
	char path[64];
	int rc;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	rc = fs_slurp_at(AT_FDCWD, path, &text);
	if (rc == -ENOENT || rc == -ESRCH)
		return err_say(err, -ESRCH, "process %d is gone", pid);
	if (rc)
		return err_set(err, rc, "cannot read %s", path);
	cgroup_proc_parse(l, buf_str(&text), ret);
	cgroup_ref_ids(l, ret);
	return 0;
}

static bool path_is_safe(const char *path)
{
	return *path == '/' && path[1] && !cgroup_has_word(path, "..", "/");
}

/* "" unless @mount has a cgroup @path. */
static bool take_existing(const char *mount, const char *path, char *ret)
{
	struct stat st;
	int n;

	*ret = '\0';
	if (!*mount)
		return false;
	n = snprintf(ret, CGROUP_PATH, "%s%s", mount, path);
	if (n >= CGROUP_PATH || stat(ret, &st) || !S_ISDIR(st.st_mode)) {
		*ret = '\0';
		return false;
	}
	return true;
}

int cgroup_of_path(const struct cgroup_layout *l, const char *path, struct cgroup_ref *ret,
		   struct err *err)
{
	struct cgroup_ref ref = { 0 };
	bool found;

	if (!path_is_safe(path))
		return err_say(err, -EINVAL,
			       "\"%s\" is no cgroup path: it starts with /, names a cgroup below "
			       "the root and has no ..",
			       path);
	found = take_existing(l->v2, path, ref.v2);
	for (size_t c = 0; c < CG_NCTRL; c++)
		found |= take_existing(l->v1[c], path, ref.v1[c]);
	if (!found)
		return err_say(err, -ENOENT, "no cgroup hierarchy has \"%s\"", path);
	cgroup_ref_ids(l, &ref);
	*ret = ref;
	return 0;
}

/* Depth-first below @dirfd, which is consumed; @path of @len is where it is. */
static int find_inode(int dirfd, uint64_t id, char *path, size_t len, size_t size, int depth)
{
	cleanup_closedir DIR *d = fdopendir(dirfd);
	struct dirent *e;

	if (!d) {
		close(dirfd);
		return -ENOMEM;
	}
	while ((e = readdir(d))) {
		size_t n = strlen(e->d_name);
		int fd, rc;

		if (e->d_type != DT_DIR || !strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (len + 1 + n >= size)
			continue;
		path[len] = '/';
		memcpy(path + len + 1, e->d_name, n + 1);
		if (e->d_ino == id)
			return 0;
		fd = depth ? openat(dirfd, e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
		if (fd < 0)
			continue; /* removed meanwhile */
		rc = find_inode(fd, id, path, len + 1 + n, size, depth - 1);
		if (rc != -ENOENT)
			return rc;
	}
	return -ENOENT;
}

int cgroup_path_of_id(const struct cgroup_layout *l, bool io, uint64_t id, char *path, size_t size)
{
	const char *mount = io && !l->io_on_v2 ? l->v1[CG_BLKIO] : l->v2;
	int fd, rc;

	if (!*mount || size < 2)
		return -ENOENT;
	if (inode_of(mount) == id) {
		strcpy(path, "/");
		return 0;
	}
	fd = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	path[0] = '\0';
	rc = find_inode(fd, id, path, 0, size, TREE_DEPTH_MAX);
	if (rc)
		path[0] = '\0';
	return rc;
}

int cgroup_oom_kills(const struct cgroup_ref *ref, uint64_t *ret)
{
	char path[CGROUP_PATH + 32], text[4096];
	int rc = -ENOENT;

	if (*ref->v1[CG_MEMORY])
		snprintf(path, sizeof(path), "%s/memory.oom_control", ref->v1[CG_MEMORY]);
	else if (*ref->v2)
		snprintf(path, sizeof(path), "%s/memory.events", ref->v2);
	else
		return rc;
	rc = fs_read_at(AT_FDCWD, path, text, sizeof(text));
	return rc ? rc : cgroup_flat_key(text, "oom_kill", ret);
}
