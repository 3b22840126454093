// SPDX-License-Identifier: Apache-2.0
/* Cases of drive_vfs: I/O by io_uring. */
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "vfs_load.h"
#include "vfs_ring.h"

#define EACH(i, array) (size_t i = 0; i < sizeof(array) / sizeof((array)[0]); i++)

static const unsigned int sizes[] = { 0, 1, 512, 4095, 4096, 10000, 65536, VFS_BUF_BYTES };
static struct iovec v[4];

static void fill_vectors(void)
{
	for
		EACH(i, v)
	v[i] = (struct iovec){ vfs_buf + i * 10000, i * 3000 };
}

/* One at a time. */
static void one_by_one(void)
{
	int fd;

	fill_vectors();
	if (!ring_open(0))
		return;
	fd = vfs_file("uring", 0);
	for
		EACH(i, sizes)
		{
			ring_add(VFS_URING_WRITE, IORING_OP_WRITE, fd, vfs_buf, sizes[i], i * 5000);
			ring_go();
			ring_add(VFS_URING_READ, IORING_OP_READ, fd, vfs_buf, sizes[i], i * 70000);
			ring_go(); /* short ones among them */
		}
	for (int n = 0; n <= 4; n += 2) {
		ring_add(VFS_URING_WRITE, IORING_OP_WRITEV, fd, v, n, 1000);
		ring_go();
		ring_add(VFS_URING_READ, IORING_OP_READV, fd, v, n, 2000);
		ring_go();
	}
	ring_add(VFS_URING_READ, IORING_OP_READ, fd, vfs_buf, 100, 1ull << 40); /* 0 */
	ring_go();
	ring_add(VFS_URING_WRITE, IORING_OP_WRITE, fd, vfs_buf, 100, -1ull); /* where the file is */
	ring_go();
	ring_close();
	vfs_drop(fd, "uring");
}

static void many(void)
{
	static const unsigned char flags[] = { 0, IOSQE_ASYNC, IOSQE_IO_LINK, IOSQE_IO_DRAIN,
					       IOSQE_IO_HARDLINK | IOSQE_ASYNC };
	int fd;

	if (!ring_open(0))
		return;
	fd = vfs_file("uring", 0);
	for
		EACH(f, flags)
		{
			for (int i = 0; i < RING_ENTRIES; i++)
				ring_add(VFS_URING_WRITE, IORING_OP_WRITE, fd, vfs_buf, i * 100,
					 i * 6000)
					->flags = i < RING_ENTRIES - 1 ? flags[f] : 0;
			ring_go();
			for (int i = 0; i < RING_ENTRIES; i++) /* whole ones, or a chain ends */
				ring_add(VFS_URING_READ, IORING_OP_READ, fd, vfs_buf, i * 90,
					 i * 6000)
					->flags = i < RING_ENTRIES - 1 ? flags[f] : 0;
			ring_go();
		}
	ring_close();
	vfs_drop(fd, "uring");
}

#define READV_FIXED 60 /* since Linux 6.15 */
#define WRITEV_FIXED 61

/* Within the buffer that is registered. */
static void registered_vectors(int fd)
{
	if (!ring_knows(WRITEV_FIXED)) {
		vfs_skip("vectors of io_uring in registered buffers", 0);
		return;
	}
	for (int n = 1; n <= 3; n++) {
		ring_add(VFS_URING_WRITE, WRITEV_FIXED, fd, v + 1, n, 100);
		ring_go();
		ring_add(VFS_URING_READ, READV_FIXED, fd, v + 1, n, 200);
		ring_go();
	}
}

static void registered(void)
{
	struct iovec area = { vfs_buf, VFS_BUF_BYTES };
	int fd;

	fill_vectors();
	if (!ring_open(0))
		return;
	fd = vfs_file("uring", 100000);
	if (syscall(SYS_io_uring_register, ring_fd(), IORING_REGISTER_BUFFERS, &area, 1)) {
		vfs_skip("buffers of io_uring", -errno);
	} else {
		for
			EACH(i, sizes)
			{
				ring_add(VFS_URING_WRITE, IORING_OP_WRITE_FIXED, fd, vfs_buf,
					 sizes[i], 0);
				ring_go();
				ring_add(VFS_URING_READ, IORING_OP_READ_FIXED, fd, vfs_buf,
					 sizes[i], 9);
				ring_go();
			}
		ring_add(VFS_URING_READ, IORING_OP_READ_FIXED, fd, VFS_NOWHERE, 100, 0);
		ring_go(); /* EFAULT */
	}
	registered_vectors(fd);
	vfs_check(!syscall(SYS_io_uring_register, ring_fd(), IORING_REGISTER_FILES, &fd, 1),
		  "files of io_uring");
	for (int i = 0; i < 20; i++) {
		ring_add(i % 2 ? VFS_URING_READ : VFS_URING_WRITE,
			 i % 2 ? IORING_OP_READ : IORING_OP_WRITE, 0, vfs_buf, 3000, 0)
			->flags = IOSQE_FIXED_FILE | (i % 3 ? 0 : IOSQE_ASYNC);
		if (i % 5 == 4)
			ring_go();
	}
	ring_close();
	vfs_drop(fd, "uring");
}

/* The ring's thread in the kernel takes the requests. */
static void polled(void)
{
	int fd;

	if (!ring_open(IORING_SETUP_SQPOLL))
		return;
	fd = vfs_file("uring", 0);
	for (int i = 0; i < 20; i++) {
		ring_add(VFS_URING_WRITE, IORING_OP_WRITE, fd, vfs_buf, 2000, i * 2000);
		ring_add(VFS_URING_READ, IORING_OP_READ, fd, vfs_buf + 9999, 2000, 0);
		ring_add(VFS_URING_OTHER, IORING_OP_FSYNC, fd, NULL, 0, 0);
		ring_go();
	}
	ring_close();
	vfs_drop(fd, "uring");
}

static void directed(void)
{
	int fd, past;

	if (!ring_open(0))
		return;
	fd = vfs_file("uring", VFS_BUF_BYTES);
	past = on_file(openat, AT_FDCWD, "uring", O_RDWR | O_DIRECT);
	if (past < 0) {
		vfs_skip("open with O_DIRECT", past);
	} else {
		for (int i = 0; i < 32; i++)
			ring_add(i % 2 ? VFS_URING_READ : VFS_URING_WRITE,
				 i % 2 ? IORING_OP_READ : IORING_OP_WRITE, past, vfs_buf + i * 8192,
				 8192, i * 8192);
		ring_go();
		ring_add(VFS_URING_READ, IORING_OP_READ, past, vfs_buf + 1, 100, 1); /* EINVAL */
		ring_go();
		on_file(close, past);
	}
	ring_close();
	vfs_drop(fd, "uring");
}

static void other_calls(void)
{
	static struct statx stx;
	int fd, dir, i;

	if (!ring_open(0))
		return;
	fd = vfs_file("uring", 10000);
	dir = on_file(openat, AT_FDCWD, ".", O_RDONLY);
	for (i = 0; i < 5; i++) {
		ring_add(VFS_URING_OTHER, IORING_OP_FSYNC, fd, NULL, 0, 0)->fsync_flags =
			i % 2 ? IORING_FSYNC_DATASYNC : 0;
		ring_add(VFS_URING_OTHER, IORING_OP_SYNC_FILE_RANGE, fd, NULL, 0, 0);
		ring_add(VFS_URING_OTHER, IORING_OP_FALLOCATE, fd, (void *)10000ul, 0, i * 10000);
		ring_go();
		ring_add(VFS_URING_OTHER, IORING_OP_OPENAT, dir, "uring", 0, 0);
		ring_add(VFS_URING_OTHER, IORING_OP_CLOSE, ring_go(), NULL, 0, 0);
		ring_add(VFS_URING_OTHER, IORING_OP_STATX, AT_FDCWD, "uring", STATX_ALL,
			 (uintptr_t)&stx);
		ring_go();
		ring_add(VFS_URING_OTHER, IORING_OP_MKDIRAT, AT_FDCWD, "made", 0700, 0);
		ring_go();
		ring_add(VFS_URING_OTHER, IORING_OP_RENAMEAT, AT_FDCWD, "made", AT_FDCWD,
			 (uintptr_t) "named");
		ring_go();
		ring_add(VFS_URING_OTHER, IORING_OP_UNLINKAT, AT_FDCWD, "named", 0, 0)
			->unlink_flags = AT_REMOVEDIR;
		ring_go();
	}
	on_file(close, dir);
	ring_close();
	vfs_drop(fd, "uring");
}

/* Each alone, so that the next is not cancelled. */
static void fail(int opcode, int fd, const void *addr, unsigned int len, unsigned long long off)
{
	bool reads = opcode == IORING_OP_READ || opcode == IORING_OP_READV,
	     writes = opcode == IORING_OP_WRITE || opcode == IORING_OP_WRITEV;

	ring_add(reads	  ? VFS_URING_READ
		 : writes ? VFS_URING_WRITE
			  : VFS_URING_OTHER,
		 opcode, fd, addr, len, off);
	ring_go();
}

static void fail_other(int opcode, int fd, const void *addr, unsigned int len)
{
	ring_add_other(opcode, fd, addr, len, 0);
	ring_go();
}

static void failing(void)
{
	int fd, dir, only, path;

	if (!ring_open(0))
		return;
	fd = vfs_file("uring", 10000);
	dir = on_file(openat, AT_FDCWD, ".", O_RDONLY);
	only = on_file(openat, AT_FDCWD, "uring", O_WRONLY);
	path = on_file(openat, AT_FDCWD, "uring", O_PATH);
	for (int i = 0; i < 3; i++) {
		fail(IORING_OP_READ, fd, VFS_NOWHERE, 100, 0); /* EFAULT */
		fail(IORING_OP_WRITE, fd, VFS_NOWHERE, 100, 0);
		fail(IORING_OP_READ, dir, vfs_buf, 100, 0); /* EISDIR */
		fail(IORING_OP_READ, only, vfs_buf, 100, 0); /* EBADF */
		fail(IORING_OP_WRITE, path, vfs_buf, 100, 0);
		fail(IORING_OP_FSYNC, path, NULL, 0, 0);
		fail_other(IORING_OP_READ, 899, vfs_buf, 100); /* not open: does not count */
		fail_other(IORING_OP_OPENAT, 899, "absent", 0);
		fail(IORING_OP_OPENAT, AT_FDCWD, "absent", 0, 0); /* ENOENT */
		fail(IORING_OP_UNLINKAT, AT_FDCWD, "absent", 0, 0);
		fail(IORING_OP_MKDIRAT, AT_FDCWD, "uring", 0700, 0); /* EEXIST */
		fail(IORING_OP_FALLOCATE, fd, NULL, 0, 0); /* EINVAL */
		fail_other(IORING_OP_CLOSE, 899, NULL, 0);
	}
	on_file(close, only);
	on_file(close, path);
	on_file(close, dir);
	ring_close();
	vfs_drop(fd, "uring");
}

/* The kernel looks at the vector when it takes the request, or when it works on it. */
static void bad_vector(void)
{
	int fd;

	if (!ring_open(0))
		return;
	fd = vfs_file("uring", 10000);
	fail(IORING_OP_READV, fd, VFS_NOWHERE, 3, 0);
	fail(IORING_OP_WRITEV, fd, VFS_NOWHERE, 3, 0);
	ring_close();
	vfs_drop(fd, "uring");
}

/* What is linked to a request that fails is not even tried: ECANCELED. */
static void cancelled(void)
{
	int fd;

	if (!ring_open(0))
		return;
	fd = vfs_file("uring", 10000);
	ring_add(VFS_URING_READ, IORING_OP_READ, fd, vfs_buf, 100, 0)->flags = IOSQE_IO_LINK;
	ring_add(VFS_URING_READ, IORING_OP_READ, fd, VFS_NOWHERE, 100, 0)->flags = IOSQE_IO_LINK;
	ring_add(VFS_URING_WRITE, IORING_OP_WRITE, fd, vfs_buf, 100, 0)->flags = IOSQE_IO_LINK;
	ring_add(VFS_URING_OTHER, IORING_OP_FSYNC, fd, NULL, 0, 0);
	ring_go();
	ring_close();
	vfs_drop(fd, "uring");
}

/* It says nothing of a success: another, linked to it, says that it was one. */
static void silent(void)
{
	int fd;

	if (!ring_open(0))
		return;
	fd = vfs_file("uring", 0);
	for (int i = 0; i < 5; i++) {
		ring_add(VFS_URING_WRITE, IORING_OP_WRITE, fd, vfs_buf, 1000, 0)->flags =
			IOSQE_IO_LINK;
		ring_last_is_silent(1000);
		ring_add_other(IORING_OP_NOP, -1, NULL, 0, 0);
		ring_go();
	}
	ring_close();
	vfs_drop(fd, "uring");
}

static void on_others(void)
{
	int s[2], p[2];

	if (!ring_open(0))
		return;
	vfs_check(!socketpair(AF_UNIX, SOCK_STREAM, 0, s) && !pipe(p), "sockets and a pipe");
	for (int i = 0; i < 10; i++) {
		ring_add_other(IORING_OP_WRITE, s[0], vfs_buf, 100, 0);
		ring_add_other(IORING_OP_SEND, s[0], vfs_buf, 100, 0);
		ring_add_other(IORING_OP_WRITE, p[1], vfs_buf, 100, 0);
		ring_add_other(IORING_OP_NOP, -1, NULL, 0, 0);
		ring_go();
		ring_add_other(IORING_OP_READ, s[1], vfs_buf, 100, 0);
		ring_add_other(IORING_OP_READ, p[0], vfs_buf, 100, 0)->flags = IOSQE_ASYNC;
		ring_go();
		ring_add_other(IORING_OP_RECV, s[1], vfs_buf, 100, 0);
		ring_add_other(IORING_OP_FSYNC, p[0], NULL, 0, 0);
		ring_go();
	}
	ring_add_other(IORING_OP_CLOSE, s[1], NULL, 0, 0);
	ring_go();
	not_file(close, s[0]);
	not_file(close, p[0]);
	not_file(close, p[1]);
	ring_close();
}

/*
 * More at once than there is room for completions, of which the rest are told of to nobody but
 * the program. Then the kernel uses their memory again, for what is no I/O on a file.
 */
static void overflowing(void)
{
	int fd, s[2];

	if (!ring_open(0))
		return;
	fd = vfs_file("uring", 100000);
	vfs_check(!socketpair(AF_UNIX, SOCK_STREAM, 0, s), "sockets");
	for (int i = 0; i < 4 * RING_ENTRIES; i++) {
		ring_add(VFS_URING_READ, IORING_OP_READ, fd, vfs_buf, 1000, 0);
		if (i % RING_ENTRIES == RING_ENTRIES - 1)
			ring_put();
	}
	ring_take();
	for (int i = 0; i < 2 * RING_ENTRIES; i++) {
		ring_add_other(IORING_OP_SEND, s[0], vfs_buf, 77, 0);
		if (i % RING_ENTRIES == RING_ENTRIES - 1)
			ring_go();
	}
	not_file(close, s[0]);
	not_file(close, s[1]);
	ring_close();
	vfs_drop(fd, "uring");
}

const struct vfs_case vfs_overflow_cases[] = {
	{ "uring_overflow", overflowing, "more completions than there is room for" },
	{ 0 },
};

const struct vfs_case vfs_uring_cases[] = {
	{ "uring_one", one_by_one, "reads and writes of every size, one at a time" },
	{ "uring_many", many, "as many as the ring takes; alone, in chains, by its workers" },
	{ "uring_registered", registered, "buffers and files that the ring knows" },
	{ "uring_polled", polled, "a thread of the kernel takes the requests" },
	{ "uring_direct", directed, "O_DIRECT" },
	{ "uring_other", other_calls, "fsync to mkdirat" },
	{ "uring_fail", failing, "EFAULT, EISDIR, ENOENT, EEXIST, EINVAL, EBADF" },
	{ "uring_vector", bad_vector, "EFAULT for a vector" },
	{ "uring_cancelled", cancelled, "ECANCELED" },
	{ "uring_silent", silent, "no completion for a success" },
	{ "uring_others", on_others, "sockets and pipes" },
	{ 0 },
};
