// SPDX-License-Identifier: Apache-2.0
/* How a file that is mapped is found and opened; not done in cbpf's own process. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "symbol/files_ask.h"
#include "symbol/files_remote.h"
#include "symbol/root.h"

static bool is_overlay(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && fs.f_type == OVERLAYFS_SUPER_MAGIC;
}

/*
 * Is the file that is open the one that was mapped? Its number must be the same; its device, too, but where a file
 * system has another one inside than outside; and if it tells how often the number was used, that.
 */
static bool is_same(int fd, const struct space_file *id)
{
	struct statfs fs;
	struct stat st;
	long used;

	if (fstat(fd, &st) || st.st_ino != id->inode || fstatfs(fd, &fs))
		return false;
	if (ioctl(fd, FS_IOC_GETVERSION, &used) == 0 && id->generation &&
	    (uint32_t)used != (uint32_t)id->generation)
		return false;
	return fs.f_type == OVERLAYFS_SUPER_MAGIC || fs.f_type == BTRFS_SUPER_MAGIC ||
	       st.st_dev == makedev(id->major, id->minor);
}

/* The last part of the name that @fd has, and of @path: overlays may have numbers of their own for what they show. */
static bool has_name(int fd, const char *path)
{
	char link[64], name[PATH_MAX];
	const char *last;
	ssize_t n;
	size_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof(name) - 1);
	if (n < 0)
		return false;
	name[n] = '\0';
	last = strrchr(name, '/');
	path = strrchr(path, '/');
	len = path ? strlen(path) : 0;
	return last && path && !strncmp(last, path, len) &&
	       (!last[len] || !strcmp(last + len, " (deleted)"));
}

/* By now something else may be mapped there. */
static int open_mapping(int process, const struct ask *a)
{
	int fd = process < 0 ? -ESRCH : root_open_mapping(process, a->start, a->end);

	if (fd < 0 || is_same(fd, &a->id) || (is_overlay(fd) && has_name(fd, a->path)))
		return fd;
	close(fd);
	return -ESTALE;
}

static int open_path(int root, const struct ask *a)
{
	int fd = root < 0 ? -ENOENT : root_open(root, a->path);

	if (fd < 0 || is_same(fd, &a->id))
		return fd;
	close(fd);
	return -ESTALE;
}

/* As those who have it mounted are told; where nobody tells, it is tried. */
static bool is_remote(const struct ask *a)
{
	char path[64];
	int rc;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/mountinfo", a->pid);
	rc = remote_device(path, a->id.major, a->id.minor);
	if (rc < 0)
		rc = remote_device("/proc/self/mountinfo", a->id.major, a->id.minor);
	return rc == 1;
}

static int open_file(const struct ask *a, int target_root)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%" PRIu32, a->pid);
	cleanup_close int process = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_close int root =
		process < 0 ? -1 : openat(process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);

	fd = open_mapping(process, a);
	return fd < 0 ? open_path(root >= 0 ? root : target_root, a) : fd;
}

enum symbol_lack held_open(const struct ask *a, int root, struct held *ret)
{
	struct stat st;
	int fd;

	if (is_remote(a))
		return SYMBOL_REMOTE;
	fd = open_file(a, root);
	if (fd < 0)
		return fd == -EMFILE || fd == -ENFILE ? SYMBOL_ROOM : SYMBOL_GONE;
	if (remote_open(fd) || fstat(fd, &st)) {
		close(fd);
		return SYMBOL_REMOTE;
	}
	*ret = (struct held){ .fd = fd,
			      .mtime_s = st.st_mtim.tv_sec,
			      .mtime_ns = st.st_mtim.tv_nsec,
			      .bytes = st.st_size };
	return SYMBOL_LACKS;
}

/* Not by when its inode was changed: removing or renaming it does that, too. */
int held_changed(const struct held *h)
{
	struct stat st;

	return fstat(h->fd, &st) || st.st_mtim.tv_sec != h->mtime_s ||
	       st.st_mtim.tv_nsec != h->mtime_ns || st.st_size != h->bytes;
}
