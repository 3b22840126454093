// SPDX-License-Identifier: Apache-2.0
/* Cases of drive_vfs: reads and writes of every kind and size, and how they fail. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "vfs_load.h"

#define RWF_NOWAIT_FLAG 0x8
#define RWF_DSYNC_FLAG 0x2
#define RWF_APPEND_FLAG 0x10
#define RWF_UNKNOWN_FLAG 0x40000000

static const size_t sizes[] = { 0, 1, 511, 512, 4095, 4096, 4097, 65536, 100000, VFS_BUF_BYTES };

#define EACH(i, array) (size_t i = 0; i < sizeof(array) / sizeof((array)[0]); i++)

static void reads(void)
{
	int fd = vfs_file("reads", 300000), dir, only;
	struct iovec v = { vfs_buf, 100 };

	for
		EACH(i, sizes)
	on_file(read, fd, vfs_buf, sizes[i]); /* the last are short, at the end */
	on_file(read, fd, vfs_buf, 10);
	for
		EACH(i, sizes)
	on_file(pread64, fd, vfs_buf, sizes[i], 299000 - i * 1000);
	on_file(pread64, fd, vfs_buf, 10, 300000);
	on_file(pread64, fd, vfs_buf, 10, 1ll << 40);
	on_file(pread64, fd, vfs_buf, 10, -1); /* EINVAL */
	on_file(pread64, fd, VFS_NOWHERE, 4096, 0); /* EFAULT */
	on_file(pread64, fd, VFS_NOWHERE, 0, 0);
	lseek(fd, 0, SEEK_SET);
	on_file(read, fd, VFS_NOWHERE, 100); /* EFAULT */
	on_file(read, fd, vfs_buf, -1l); /* EINVAL, or EFAULT */
	dir = on_file(openat, AT_FDCWD, ".", O_RDONLY | O_DIRECTORY);
	on_file(read, dir, vfs_buf, 100); /* EISDIR */
	on_file(pread64, dir, vfs_buf, 100, 0);
	on_file(close, dir);
	only = on_file(openat, AT_FDCWD, "reads", O_WRONLY);
	on_file(read, only, vfs_buf, 100); /* EBADF */
	on_file(readv, only, &v, 1);
	on_file(close, only);
	not_file(read, only, vfs_buf, 100); /* not open */
	not_file(pread64, -1, vfs_buf, 100, 0);
	vfs_drop(fd, "reads");
}

/* One page is there, the next is not: so much is read or written, and no error. */
static void partial(void)
{
	int fd = vfs_file("partial", 20000);
	struct iovec v[2] = { { vfs_buf, 5000 }, { VFS_NOWHERE, 5000 } };

	on_file(preadv, fd, v, 2, 0, 0);
	on_file(pwritev, fd, v, 2, 0, 0);
	on_file(pwritev, fd, v + 1, 1, 0, 0); /* EFAULT */
	vfs_drop(fd, "partial");
}

static void writes(void)
{
	int fd = vfs_file("writes", 0), only;

	for
		EACH(i, sizes)
	on_file(write, fd, vfs_buf, sizes[i]);
	for
		EACH(i, sizes)
	on_file(pwrite64, fd, vfs_buf, sizes[i], i * 1000);
	on_file(pwrite64, fd, vfs_buf, 10, -1); /* EINVAL */
	on_file(pwrite64, fd, VFS_NOWHERE, 4096, 0); /* EFAULT */
	on_file(write, fd, VFS_NOWHERE, 4096);
	on_file(write, fd, VFS_NOWHERE, 0);
	on_file(pwrite64, fd, vfs_buf, 4096, LLONG_MAX - 4096); /* EFBIG */
	only = on_file(openat, AT_FDCWD, "writes", O_RDONLY);
	on_file(write, only, vfs_buf, 100); /* EBADF */
	on_file(pwrite64, only, vfs_buf, 100, 0);
	on_file(close, only);
	only = on_file(openat, AT_FDCWD, "writes", O_WRONLY | O_APPEND | O_DSYNC);
	on_file(write, only, vfs_buf, 1000);
	on_file(pwrite64, only, vfs_buf, 1000, 0);
	on_file(close, only);
	vfs_drop(fd, "writes");
}

/* A limit of 10000 bytes: the write that passes it is short, the next has EFBIG. */
static void limited(void)
{
	int fd = vfs_file("limited", 0);
	struct rlimit old, limit;

	getrlimit(RLIMIT_FSIZE, &old);
	limit = old;
	limit.rlim_cur = 10000;
	setrlimit(RLIMIT_FSIZE, &limit);
	signal(SIGXFSZ, SIG_IGN);
	for (int i = 0; i < 5; i++)
		on_file(write, fd, vfs_buf, 4096);
	on_file(ftruncate, fd, 20000);
	signal(SIGXFSZ, SIG_DFL);
	setrlimit(RLIMIT_FSIZE, &old);
	vfs_drop(fd, "limited");
}

static void vectors(void)
{
	struct iovec v[8], many[IOV_MAX + 1];
	int fd = vfs_file("vectors", 0);

	for
		EACH(i, v)
	v[i] = (struct iovec){ vfs_buf + i * 10000, i * 1000 }; /* the first has none */
	for
		EACH(i, many)
	many[i] = (struct iovec){ vfs_buf + i, 1 };
	for (int n = 0; n <= 8; n += 4) {
		on_file(writev, fd, v, n);
		on_file(pwritev, fd, v, n, 5000, 0);
		on_file(pwritev2, fd, v, n, 7000, 0, 0);
		on_file(preadv, fd, v, n, 100, 0);
		on_file(preadv2, fd, v, n, 200, 0, 0);
		on_file(readv, fd, v, n); /* at the end: 0 */
	}
	on_file(pwritev2, fd, v, 8, -1, -1, 0); /* where the file is */
	on_file(pwritev2, fd, v, 8, 0, 0, RWF_DSYNC_FLAG);
	on_file(pwritev2, fd, v, 8, 0, 0, RWF_APPEND_FLAG);
	lseek(fd, 0, SEEK_SET);
	on_file(readv, fd, v, 8);
	on_file(preadv2, fd, v, 8, -1, -1, 0);
	on_file(writev, fd, many, IOV_MAX);
	on_file(preadv, fd, many, IOV_MAX, 0, 0);
	on_file(writev, fd, many, IOV_MAX + 1); /* EINVAL */
	on_file(preadv, fd, many, IOV_MAX + 1, 0, 0);
	on_file(preadv, fd, v, 1, -1, -1); /* EINVAL */
	on_file(readv, fd, VFS_NOWHERE, 3); /* EFAULT */
	on_file(preadv2, fd, v, 8, 0, 0, RWF_UNKNOWN_FLAG); /* EOPNOTSUPP */
	on_file(pwritev2, fd, v, 8, 0, 0, RWF_UNKNOWN_FLAG);
	not_file(readv, 899, v, 8);
	not_file(pwritev2, 899, v, 8, 0, 0, 0);
	vfs_drop(fd, "vectors");
}

/* EAGAIN, or a short read, where the page cache has not all of it. */
static void nowait(void)
{
	int fd = vfs_file("nowait", 200000);
	struct iovec v = { vfs_buf, 65536 };

	for (int i = 0; i < 3; i++) {
		on_file(fdatasync, fd);
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		on_file(preadv2, fd, &v, 1, 0, 0, RWF_NOWAIT_FLAG);
		on_file(pread64, fd, vfs_buf, 65536, 0);
		on_file(preadv2, fd, &v, 1, 0, 0, RWF_NOWAIT_FLAG);
		on_file(preadv2, fd, &v, 1, 180000, 0, RWF_NOWAIT_FLAG);
		on_file(pwritev2, fd, &v, 1, 180000, 0, RWF_NOWAIT_FLAG);
	}
	vfs_drop(fd, "nowait");
}

/* O_DIRECT, and EINVAL for what is not aligned; some file systems do not open it so. */
static void direct(void)
{
	int fd = vfs_file("direct", 1 << 20), past;
	struct iovec v[2] = { { vfs_buf, 8192 }, { vfs_buf + 16384, 4096 } };

	past = on_file(openat, AT_FDCWD, "direct", O_RDWR | O_DIRECT);
	if (past < 0) {
		vfs_skip("open with O_DIRECT", past);
		vfs_drop(fd, "direct");
		return;
	}
	for (size_t n = 4096; n <= VFS_BUF_BYTES / 2; n *= 2) {
		on_file(pwrite64, past, vfs_buf, n, n);
		on_file(pread64, past, vfs_buf, n, (1 << 20) - n / 2); /* half of it is there */
	}
	on_file(pread64, past, vfs_buf + 1, 4096, 0); /* EINVAL on a disk */
	on_file(pread64, past, vfs_buf, 4095, 0);
	on_file(pread64, past, vfs_buf, 4096, 1);
	on_file(pwrite64, past, vfs_buf, 100, 0);
	on_file(pread64, past, vfs_buf, 0, 0);
	on_file(preadv, past, v, 2, 0, 0);
	on_file(pwritev, past, v, 2, 4096, 0);
	on_file(close, past);
	vfs_drop(fd, "direct");
}

/* On a small file system: until it is full. */
static void no_space(void)
{
	struct statfs fs;
	int fd;

	if (statfs(".", &fs) || (unsigned long long)fs.f_bavail * fs.f_bsize > 64 << 20) {
		vfs_skip("no_space: a small file system", 0);
		return;
	}
	fd = vfs_file("no_space", 0);
	while (on_file(write, fd, vfs_buf, VFS_BUF_BYTES) > 0)
		;
	on_file(pwrite64, fd, vfs_buf, 10, 1 << 27);
	on_file(fallocate, fd, 0, 0, 1ll << 32);
	vfs_drop(fd, "no_space");
}

/* Sparse, and 100 small ones: nothing that a size class of its own could hide. */
static void many_small(void)
{
	int fd = vfs_file("small", 0);

	for (int i = 0; i < 1000; i++)
		on_file(pwrite64, fd, vfs_buf, i % 100, i * 10000ll);
	for (int i = 0; i < 1000; i++)
		on_file(pread64, fd, vfs_buf, i % 100, i * 10000ll);
	vfs_drop(fd, "small");
}

const struct vfs_case vfs_data_cases[] = {
	{ "read", reads,
	  "read and pread64: nothing, one byte, to the end and past it, and failures" },
	{ "partial", partial, "the second half of a vector is no memory: the first counts" },
	{ "write", writes, "write and pwrite64, also O_APPEND and O_DSYNC, and failures" },
	{ "limited", limited, "RLIMIT_FSIZE: a short write, then EFBIG" },
	{ "vectors", vectors,
	  "readv to pwritev2: no vector, 8, as many as there may be, and one more" },
	{ "nowait", nowait, "RWF_NOWAIT, where what is asked for is in memory and where not" },
	{ "direct", direct, "O_DIRECT, aligned and not" },
	{ "no_space", no_space, "until a small file system is full" },
	{ "many", many_small, "two thousand small calls" },
	{ 0 },
};
