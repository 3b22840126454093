// SPDX-License-Identifier: Apache-2.0
/* Cases of drive_vfs: what a descriptor is, where it came from, and what it was before. */
#include <fcntl.h>
#include <linux/stat.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "vfs_load.h"

/* An empty name, on a page that is not mapped yet. */
static const char *untouched(void)
{
	const char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	vfs_check(page != MAP_FAILED, "a page");
	return page;
}

/* Everything that a descriptor can be asked for, on one that is no file. */
static void all_on_other(int fd)
{
	struct iovec v = { vfs_buf, 100 };
	struct stat st;
	struct statx stx;

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	not_file(write, fd, vfs_buf, 100);
	not_file(writev, fd, &v, 1);
	not_file(pwritev2, fd, &v, 1, 0, 0, 0);
	not_file(read, fd, vfs_buf, 50);
	not_file(readv, fd, &v, 1);
	not_file(preadv2, fd, &v, 1, -1, -1, 0);
	not_file(pread64, fd, vfs_buf, 50, 0);
	not_file(pwrite64, fd, vfs_buf, 50, 0);
	not_file(fsync, fd);
	not_file(fdatasync, fd);
	not_file(fstat, fd, &st);
	not_file(newfstatat, fd, "", &st, AT_EMPTY_PATH);
	not_file(statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &stx);
	not_file(newfstatat, fd, untouched(), &st, AT_EMPTY_PATH);
	not_file(statx, fd, untouched(), AT_EMPTY_PATH, STATX_BASIC_STATS, &stx);
	not_file(getdents64, fd, vfs_buf, 1000);
	not_file(ftruncate, fd, 0);
	not_file(fallocate, fd, 0, 0, 10);
}

static void others(void)
{
	int s[2], p[2], from = vfs_file("from", 0), fd;
	static const char *const devices[] = { "/dev/null", "/dev/zero" };

	vfs_check(!socketpair(AF_UNIX, SOCK_STREAM, 0, s), "sockets");
	vfs_check(!pipe2(p, O_NONBLOCK), "a pipe");
	for (int i = 0; i < 2; i++) {
		all_on_other(s[i]);
		all_on_other(p[i]);
		not_file(splice, p[0], NULL, s[0], NULL, 100, SPLICE_F_NONBLOCK);
	}
	for (int i = 0; i < 2; i++) {
		not_file(close, s[i]);
		not_file(close, p[i]);
		fd = not_file(openat, AT_FDCWD, devices[i], O_RDWR);
		vfs_check(fd >= 0, devices[i]);
		all_on_other(fd);
		on_file(sendfile, fd, from, NULL, 100); /* a file on one side */
		not_file(close, fd);
	}
	vfs_drop(from, "from");
}

static void kernel_objects(void)
{
	sigset_t none;
	int fds[] = { eventfd(1, 0),
		      epoll_create1(0),
		      timerfd_create(CLOCK_MONOTONIC, 0),
		      (sigemptyset(&none), signalfd(-1, &none, 0)),
		      inotify_init1(0),
		      socket(AF_INET, SOCK_DGRAM, 0) };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		vfs_check(fds[i] >= 0, "an object of the kernel");
		all_on_other(fds[i]);
		not_file(close, fds[i]);
	}
}

static void terminal(void)
{
	int master = not_file(openat, AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY), slave;

	if (master < 0) {
		vfs_skip("a pseudo terminal", master);
		return;
	}
	unlockpt(master);
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	all_on_other(master);
	if (slave >= 0) {
		all_on_other(slave);
		not_file(close, slave);
	}
	not_file(close, master);
}

/* A file without a name is a regular one. */
static void memory_file(void)
{
	int fd = memfd_create("load", MFD_CLOEXEC);
	struct stat st;

	vfs_check(fd >= 0, "memfd_create");
	on_file(ftruncate, fd, 10000);
	on_file(pwrite64, fd, vfs_buf, 5000, 8000);
	on_file(pread64, fd, vfs_buf, 20000, 0);
	on_file(fsync, fd);
	on_file(fstat, fd, &st);
	on_file(fallocate, fd, 3, 0, 4096);
	on_file(close, fd);
}

/* All copies of a descriptor are the same file. */
static void copies_of_one(void)
{
	int fd = vfs_file("one", 10000), copy = dup(fd), high = dup2(fd, 700), again;
	char path[32];

	on_file(read, copy, vfs_buf, 3000);
	on_file(read, high, vfs_buf, 3000);
	on_file(close, fd);
	on_file(read, copy, vfs_buf, 3000);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", high);
	again = on_file(open, path, O_RDONLY);
	on_file(read, again, vfs_buf, 100);
	on_file(close, again);
	on_file(close, high);
	vfs_drop(copy, "one");
}

/* A number stands for a file, then for a pipe, and for a file again, however it was closed. */
static void reused(void)
{
	int fd = vfs_file("again", 10000), p[2], keep = dup(fd);

	vfs_check(!pipe2(p, O_NONBLOCK | O_CLOEXEC), "a pipe");
	for (int i = 0; i < 10; i++) {
		on_file(pread64, fd, vfs_buf, 100, 0);
		if (i % 3 == 0)
			on_file(close, fd);
		if (i % 3 == 1)
			vfs_check(!syscall(SYS_close_range, fd, fd, 0), "close_range");
		vfs_check(dup2(p[1], fd) == fd, "dup2");
		not_file(write, fd, vfs_buf, 100);
		not_file(pwrite64, fd, vfs_buf, 100, 0);
		not_file(close, fd);
		vfs_check(dup2(p[0], fd) == fd, "dup2");
		not_file(read, fd, vfs_buf, 1000);
		vfs_check(dup2(keep, fd) == fd, "dup2");
	}
	not_file(close, p[0]);
	not_file(close, p[1]);
	on_file(close, keep);
	vfs_drop(fd, "again");
}

static void send_fd(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec v = { "x", 1 };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	vfs_check(sendmsg(socket, &m, 0) == 1, "sendmsg");
}

static int receive_fd(int socket)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	int fd = -1;

	vfs_check(recvmsg(socket, &m, 0) == 1 && CMSG_FIRSTHDR(&m), "recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

/* Opened by one process, used and closed by another. */
static void passed(void)
{
	int s[2], fd = vfs_file("passed", 10000), pid;

	vfs_check(!socketpair(AF_UNIX, SOCK_STREAM, 0, s), "sockets");
	pid = fork();
	if (!pid) {
		fd = receive_fd(s[1]);
		for (int i = 0; i < 10; i++)
			on_file(read, fd, vfs_buf, 900);
		on_file(close, fd);
		_exit(0);
	}
	send_fd(s[0], fd);
	on_file(close, fd);
	vfs_check(vfs_wait(pid), "who receives a descriptor");
	not_file(close, s[0]);
	not_file(close, s[1]);
	on_file(unlink, "passed");
}

/* It says where a file is, and opens nothing. */
static void paths_only(void)
{
	int fd = vfs_file("path", 1000), path = on_file(openat, AT_FDCWD, "path", O_PATH);
	struct stat st;

	on_file(read, path, vfs_buf, 100); /* EBADF */
	on_file(pwrite64, path, vfs_buf, 100, 0);
	on_file(getdents64, path, vfs_buf, 100);
	on_file(ftruncate, path, 0);
	on_file(fstat, path, &st);
	on_file(newfstatat, path, "", &st, AT_EMPTY_PATH);
	on_file(newfstatat, path, untouched(), &st, AT_EMPTY_PATH);
	on_file(close, path);
	vfs_drop(fd, "path");
}

const struct vfs_case vfs_fd_cases[] = {
	{ "others", others, "sockets, pipes, /dev/null and /dev/zero" },
	{ "kernel_objects", kernel_objects, "eventfd, epoll, timerfd, signalfd, inotify" },
	{ "terminal", terminal, "both ends of a pseudo terminal" },
	{ "memory_file", memory_file, "memfd: a regular file without a name" },
	{ "dup", copies_of_one, "copies of a descriptor, and one by way of /proc" },
	{ "reused", reused, "one number for a file, then for a pipe, then for the file again" },
	{ "passed", passed, "a descriptor that goes through a socket" },
	{ "path", paths_only, "O_PATH" },
	{ 0 },
};
