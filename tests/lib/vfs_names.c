// SPDX-License-Identifier: Apache-2.0
/* Cases of drive_vfs: calls that name a path, or change what a name stands for. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "vfs_load.h"

#define RENAME_NOREPLACE_FLAG 1
#define RENAME_EXCHANGE_FLAG 2

#define EACH(i, array) (size_t i = 0; i < sizeof(array) / sizeof((array)[0]); i++)

/* An open that succeeds on a file, and its close. */
static void shut(long fd)
{
	if (fd >= 0)
		on_file(close, fd);
}

static void opens_at(int dir)
{
	struct open_how how = { .flags = O_RDONLY };

	shut(on_file(openat, dir, "here", O_RDONLY));
	shut(on_file(openat, dir, ".", O_RDONLY | O_DIRECTORY));
	shut(on_file(openat, dir, ".", O_RDWR | O_TMPFILE, 0600)); /* some cannot */
	shut(on_file(openat, dir, "here", O_PATH));
	on_file(openat, dir, "here", O_DIRECTORY); /* ENOTDIR */
	on_file(openat, dir, "here/below", O_RDONLY);
	shut(on_file(openat2, dir, "here", &how, sizeof(how)));
	how.resolve = RESOLVE_BENEATH;
	on_file(openat2, dir, "../here", &how, sizeof(how)); /* EXDEV */
	on_file(openat2, dir, "here", &how, 1); /* EINVAL */
	on_file(openat2, dir, "here", VFS_NOWHERE, sizeof(how)); /* EFAULT */
	on_file(openat2, dir, "here", vfs_buf, 4097); /* E2BIG */
}

static void opens(void)
{
	static char longest[NAME_MAX + 20];
	struct open_how how = { .flags = O_RDONLY };
	int fd = vfs_file("here", 1000), dir;

	memset(longest, 'n', sizeof(longest) - 1);
	for (int i = 0; i < 20; i++)
		shut(on_file(open, "here", O_RDONLY));
	shut(on_file(open, "here", O_WRONLY | O_TRUNC));
	shut(on_file(creat, "created", 0600));
	on_file(unlink, "created");
	opens_at(AT_FDCWD);
	dir = on_file(openat, AT_FDCWD, ".", O_PATH);
	opens_at(dir);
	shut(on_file(openat, dir, "/", O_RDONLY));
	on_file(close, dir);
	on_file(openat, fd, "relative", O_RDONLY); /* ENOTDIR */
	on_file(open, "absent", O_RDONLY); /* ENOENT */
	on_file(creat, "absent/below", 0600);
	on_file(open, "here", O_CREAT | O_EXCL, 0600); /* EEXIST */
	on_file(open, ".", O_WRONLY); /* EISDIR */
	on_file(open, longest, O_RDONLY); /* ENAMETOOLONG */
	on_file(open, VFS_NOWHERE, O_RDONLY); /* EFAULT */
	on_file(open, "", O_RDONLY); /* ENOENT */
	(void)symlink("turns", "turns");
	on_file(open, "turns", O_RDONLY); /* ELOOP */
	on_file(unlink, "turns");
	not_file(close, 899); /* EBADF */
	not_file(openat, 899, "here", O_RDONLY);
	not_file(openat2, 899, "here", &how, sizeof(how));
	vfs_drop(fd, "here");
}

/* What fails before it is known what it would have been counts; a FIFO that is open does not. */
static void opens_of_others(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "socket" };
	int s = socket(AF_UNIX, SOCK_STREAM, 0), fd;

	vfs_check(!mknod("fifo", S_IFIFO | 0600, 0), "a FIFO");
	on_file(open, "fifo", O_WRONLY | O_NONBLOCK); /* ENXIO */
	fd = not_file(open, "fifo", O_RDONLY | O_NONBLOCK);
	not_file(read, fd, vfs_buf, 10);
	not_file(close, fd);
	fd = not_file(openat, AT_FDCWD, "fifo", O_RDWR);
	not_file(write, fd, vfs_buf, 10);
	not_file(read, fd, vfs_buf, 10);
	not_file(close, fd);
	on_file(unlink, "fifo");
	vfs_check(!bind(s, (void *)&address, sizeof(address)), "a socket with a name");
	on_file(open, "socket", O_RDONLY); /* ENXIO */
	not_file(close, s);
	on_file(unlink, "socket");
}

/* EMFILE: the path was named, and nothing was opened. */
static void too_many(void)
{
	int fd = vfs_file("here", 0), next = fcntl(fd, F_DUPFD, 0);
	struct rlimit old, limit;

	on_file(close, next);
	getrlimit(RLIMIT_NOFILE, &old);
	limit = old;
	limit.rlim_cur = next;
	setrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 0; i < 5; i++)
		on_file(open, "here", O_RDONLY);
	setrlimit(RLIMIT_NOFILE, &old);
	vfs_drop(fd, "here");
}

static void stats(void)
{
	int fd = vfs_file("here", 1000), dir = on_file(openat, AT_FDCWD, ".", O_RDONLY), path;
	struct stat st;
	struct statx stx;

	for (int i = 0; i < 10; i++) {
		on_file(stat, "here", &st);
		on_file(lstat, "here", &st);
		on_file(fstat, fd, &st);
		on_file(newfstatat, dir, "here", &st, 0);
		on_file(statx, AT_FDCWD, "here", 0, STATX_ALL, &stx);
	}
	path = on_file(openat, AT_FDCWD, "here", O_PATH);
	on_file(fstat, path, &st);
	on_file(fstat, dir, &st);
	for
		EACH(i, ((const int[]){ fd, dir, path, AT_FDCWD }))
		{
			int at = ((const int[]){ fd, dir, path, AT_FDCWD })[i];

			on_file(newfstatat, at, "", &st, AT_EMPTY_PATH);
			on_file(statx, at, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &stx);
		}
	on_file(newfstatat, fd, "", &st, 0); /* ENOENT */
	on_file(newfstatat, fd, "here", &st, 0); /* ENOTDIR */
	on_file(stat, "absent", &st);
	on_file(lstat, "here/below", &st);
	on_file(stat, VFS_NOWHERE, &st); /* EFAULT */
	on_file(stat, "here", VFS_NOWHERE);
	on_file(fstat, fd, VFS_NOWHERE);
	on_file(newfstatat, dir, "here", &st, 0x80000); /* EINVAL */
	on_file(statx, AT_FDCWD, "here", 0, 0x80000000, &stx);
	on_file(statx, AT_FDCWD, "absent", 0, STATX_ALL, &stx);
	not_file(fstat, 899, &st); /* EBADF */
	not_file(newfstatat, 899, "", &st, AT_EMPTY_PATH);
	not_file(newfstatat, 899, "here", &st, 0);
	on_file(close, path);
	on_file(close, dir);
	vfs_drop(fd, "here");
}

static void listings(void)
{
	int fd = vfs_file("plain", 0), dir;
	char name[16];

	on_file(mkdir, "listed", 0700);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "listed/%d", i);
		on_file(close, on_file(creat, name, 0600));
	}
	dir = on_file(open, "listed", O_RDONLY | O_DIRECTORY);
	for (int old = 0; old < 2; old++) {
		lseek(dir, 0, SEEK_SET);
		while ((old ? on_file(getdents, dir, vfs_buf, 1000)
			    : on_file(getdents64, dir, vfs_buf, 2000)) > 0)
			;
	}
	lseek(dir, 0, SEEK_SET);
	on_file(getdents64, dir, vfs_buf, 1); /* EINVAL */
	on_file(getdents64, dir, VFS_NOWHERE, 1000); /* EFAULT */
	on_file(getdents64, fd, vfs_buf, 1000); /* ENOTDIR */
	on_file(getdents, fd, vfs_buf, 1000);
	not_file(getdents64, 899, vfs_buf, 1000);
	on_file(rmdir, "listed"); /* ENOTEMPTY */
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "listed/%d", i);
		on_file(unlink, name);
	}
	on_file(rmdir, "listed");
	on_file(getdents64, dir, vfs_buf, 1000); /* ENOENT */
	on_file(close, dir);
	vfs_drop(fd, "plain");
}

static void renames(void)
{
	int fd = vfs_file("a", 0);

	shut(on_file(creat, "b", 0600));
	on_file(mkdir, "full", 0700);
	on_file(mkdir, "full/inner", 0700);
	on_file(mkdir, "empty", 0700);
	for (int i = 0; i < 10; i++) {
		on_file(rename, "a", "c");
		on_file(renameat, AT_FDCWD, "c", AT_FDCWD, "a");
	}
	on_file(renameat2, AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE_FLAG);
	on_file(renameat2, AT_FDCWD, "a", AT_FDCWD, "c", RENAME_NOREPLACE_FLAG);
	on_file(renameat2, AT_FDCWD, "c", AT_FDCWD, "b", RENAME_NOREPLACE_FLAG); /* EEXIST */
	on_file(renameat2, AT_FDCWD, "c", AT_FDCWD, "b", 0x1000); /* EINVAL */
	on_file(rename, "absent", "b"); /* ENOENT */
	on_file(rename, "empty", "full"); /* ENOTEMPTY */
	on_file(rename, "c", "full"); /* EISDIR */
	on_file(rename, "full", "b"); /* ENOTDIR */
	on_file(rename, "full", "full/inner/deeper"); /* EINVAL */
	on_file(rename, "c", "/proc/c"); /* EXDEV */
	on_file(rename, VFS_NOWHERE, "b"); /* EFAULT */
	on_file(renameat, AT_FDCWD, "c", fd, "b"); /* ENOTDIR */
	not_file(renameat, AT_FDCWD, "c", 899, "b"); /* EBADF */
	on_file(rename, "c", "b");
	on_file(rmdir, "full/inner");
	on_file(rename, "empty", "full");
	on_file(rmdir, "full");
	vfs_drop(fd, "b");
}

static void unlinks(void)
{
	char name[16];

	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "gone%d", i % 3);
		shut(on_file(creat, name, 0600));
		if (i % 2)
			on_file(unlink, name);
		else
			on_file(unlinkat, AT_FDCWD, name, 0);
	}
	on_file(mkdirat, AT_FDCWD, "dir", 0700);
	on_file(mkdir, "dir/inner", 0700);
	on_file(mkdir, "dir", 0700); /* EEXIST */
	on_file(mkdirat, AT_FDCWD, "absent/inner", 0700); /* ENOENT */
	on_file(mkdir, VFS_NOWHERE, 0700); /* EFAULT */
	on_file(unlink, "dir"); /* EISDIR */
	on_file(unlinkat, AT_FDCWD, "dir", AT_REMOVEDIR); /* ENOTEMPTY */
	on_file(rmdir, "absent"); /* ENOENT */
	on_file(rmdir, "dir/."); /* EINVAL */
	on_file(unlinkat, AT_FDCWD, "dir/inner", AT_REMOVEDIR);
	on_file(rmdir, "dir");
	on_file(unlink, "dir"); /* ENOENT */
	on_file(unlinkat, AT_FDCWD, "dir", 0x4000); /* EINVAL */
}

static void truncates(void)
{
	int fd = vfs_file("cut", 10000), only = on_file(openat, AT_FDCWD, "cut", O_RDONLY);

	for (int i = 0; i < 10; i++) {
		on_file(truncate, "cut", i * 1000);
		on_file(ftruncate, fd, i * 5000);
	}
	on_file(truncate, "cut", -1l); /* EINVAL */
	on_file(ftruncate, fd, -1l);
	on_file(ftruncate, only, 0);
	on_file(truncate, "absent", 0);
	on_file(truncate, ".", 0); /* EISDIR */
	on_file(truncate, VFS_NOWHERE, 0);
	not_file(ftruncate, 899, 0);
	for (int i = 0; i < 5; i++)
		on_file(fallocate, fd, i % 2, i * 10000, 100000);
	on_file(fallocate, fd, 3, 4096, 8192); /* punch a hole */
	on_file(fallocate, fd, 0x10, 0, 4096); /* zeroes, where there are such */
	on_file(fallocate, fd, 0x4000, 0, 4096); /* EOPNOTSUPP */
	on_file(fallocate, fd, 0, 0, 0); /* EINVAL */
	on_file(fallocate, fd, 0, -1l, 10);
	on_file(fallocate, only, 0, 0, 10); /* EBADF */
	on_file(close, only);
	vfs_drop(fd, "cut");
}

/* Files of /proc are regular by what stat says of them, and their directories are directories. */
static void proc(void)
{
	int fd = on_file(openat, AT_FDCWD, "/proc/self", O_RDONLY | O_DIRECTORY), file;

	on_file(getdents64, fd, vfs_buf, 4096);
	for (int i = 0; i < 5; i++) {
		file = on_file(openat, fd, "stat", O_RDONLY);
		on_file(pread64, file, vfs_buf, 1000, 0);
		on_file(read, file, vfs_buf, 10);
		on_file(close, file);
	}
	on_file(close, fd);
}

const struct vfs_case vfs_name_cases[] = {
	{ "open", opens, "open to openat2 of what is there and what is not, and close" },
	{ "open_others", opens_of_others, "a FIFO and a socket, whose failed opens alone count" },
	{ "too_many", too_many, "EMFILE" },
	{ "stat", stats, "by path, by descriptor, and by descriptor with an empty path" },
	{ "getdents", listings, "a directory of 300, one that is gone, and a file" },
	{ "rename", renames, "exchanged, refused, and into itself" },
	{ "unlink", unlinks, "unlink, rmdir, mkdir, and what they refuse" },
	{ "truncate", truncates, "truncate and fallocate" },
	{ "proc", proc, "files that the kernel makes up" },
	{ 0 },
};
