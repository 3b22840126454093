// SPDX-License-Identifier: Apache-2.0
/* Cases of drive_vfs: data that goes from one descriptor to another. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vfs_load.h"

static int pipes[2], sockets[2];

static void open_all(void)
{
	vfs_check(!pipe2(pipes, O_CLOEXEC), "a pipe");
	vfs_check(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), "sockets");
}

static void close_all(void)
{
	for (int i = 0; i < 2; i++) {
		not_file(close, pipes[i]);
		not_file(close, sockets[i]);
	}
}

static void splices(void)
{
	int from = vfs_file("from", 30000), to = vfs_file("to", 0), others[2];
	long long at = 0;

	open_all();
	vfs_check(!pipe2(others, O_CLOEXEC), "a pipe");
	for (int i = 0; i < 4; i++) {
		on_file(splice, from, NULL, pipes[1], NULL, 10000, 0); /* the last: at the end */
		on_file(splice, pipes[0], NULL, to, NULL, i == 3 ? 0 : 10000, 0);
	}
	on_file(splice, from, &at, pipes[1], NULL, 5000, 0);
	on_file(splice, pipes[0], NULL, to, &at, 5000, 0); /* to where the first ended */
	on_file(splice, from, &at, pipes[1], NULL, 0, 0);
	on_file(splice, from, NULL, to, NULL, 100, 0); /* EINVAL: no pipe */
	on_file(splice, from, NULL, pipes[1], NULL, 100, 0x80); /* EINVAL */
	on_file(splice, from, VFS_NOWHERE, pipes[1], NULL, 100, 0); /* EFAULT */
	on_file(splice, pipes[0], NULL, to, NULL, 100, SPLICE_F_NONBLOCK); /* EAGAIN */
	not_file(splice, 899, NULL, pipes[1], NULL, 100, 0);
	/* No file on either side. */
	not_file(write, pipes[1], vfs_buf, 1000);
	not_file(splice, pipes[0], NULL, others[1], NULL, 1000, 0);
	not_file(splice, others[0], NULL, sockets[0], NULL, 1000, 0);
	not_file(splice, sockets[1], NULL, pipes[1], NULL, 1000, 0);
	not_file(splice, pipes[0], NULL, others[1], NULL, 1000, 0);
	not_file(close, others[0]);
	not_file(close, others[1]);
	close_all();
	vfs_drop(from, "from");
	vfs_drop(to, "to");
}

static void sendfiles(void)
{
	int from = vfs_file("from", 30000), to = vfs_file("to", 0);
	long at = 1000;

	open_all();
	for (int i = 0; i < 4; i++)
		on_file(sendfile, to, from, NULL, 10000);
	on_file(sendfile, to, from, &at, 5000);
	on_file(sendfile, sockets[0], from, &at, 5000);
	on_file(sendfile, pipes[1], from, &at, 5000);
	on_file(sendfile, to, from, &at, 0);
	at = 29000;
	on_file(sendfile, to, from, &at, 5000); /* short */
	on_file(sendfile, to, from, VFS_NOWHERE, 100); /* EFAULT */
	at = -5;
	on_file(sendfile, to, from, &at, 100); /* EINVAL */
	on_file(sendfile, to, pipes[0], NULL, 100); /* EINVAL, or what is in it */
	on_file(sendfile, 899, from, NULL, 100); /* EBADF, of one that is open, too */
	close_all();
	vfs_drop(from, "from");
	vfs_drop(to, "to");
}

static void copies(void)
{
	int from = vfs_file("from", 30000), to = vfs_file("to", 0),
	    dir = on_file(openat, AT_FDCWD, ".", O_RDONLY);
	long at = 0, into = 50000;

	open_all();
	for (int i = 0; i < 4; i++)
		on_file(copy_file_range, from, NULL, to, NULL, 10000, 0);
	on_file(copy_file_range, from, &at, to, &into, 20000, 0);
	on_file(copy_file_range, from, &at, to, &into, 0, 0);
	on_file(copy_file_range, from, &at, to, &into, 20000, 0); /* short */
	on_file(copy_file_range, from, &at, to, &into, 20000, 0); /* at the end */
	on_file(copy_file_range, from, &at, to, &into, 1, 0x100); /* EINVAL */
	on_file(copy_file_range, from, NULL, dir, NULL, 100, 0); /* EISDIR, or EBADF */
	on_file(copy_file_range, from, NULL, pipes[1], NULL, 100, 0); /* EINVAL */
	on_file(copy_file_range, from, VFS_NOWHERE, to, NULL, 100, 0); /* EFAULT */
	at = 0, into = 10;
	on_file(copy_file_range, from, &at, from, &into, 100, 0); /* EINVAL: they overlap */
	on_file(copy_file_range, from, NULL, 899, NULL, 100, 0); /* EBADF */
	close_all();
	on_file(close, dir);
	vfs_drop(from, "from");
	vfs_drop(to, "to");
}

const struct vfs_case vfs_copy_cases[] = {
	{ "splice", splices,
	  "from a file and into one; between pipes and sockets it does not count" },
	{ "sendfile", sendfiles, "into a file, a socket and a pipe" },
	{ "copy_file_range", copies, "to the end, past it, and what it refuses" },
	{ 0 },
};
