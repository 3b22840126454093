// SPDX-License-Identifier: Apache-2.0
/* Cases of drive_vfs: what makes data durable. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "vfs_load.h"

static void syncs(void)
{
	int fd = vfs_file("synced", 100000), dir = on_file(openat, AT_FDCWD, ".", O_RDONLY), path,
	    pipes[2];

	for (int i = 0; i < 5; i++) {
		on_file(pwrite64, fd, vfs_buf, 5000, i * 10000);
		on_file(fsync, fd);
		on_file(pwrite64, fd, vfs_buf, 5000, i * 10000);
		on_file(fdatasync, fd);
		on_file(pwrite64, fd, vfs_buf, 5000, i * 10000);
		on_file(sync_file_range, fd, 0, 0, 7); /* wait, write, wait */
		on_file(fsync, fd); /* of nothing */
	}
	on_file(sync_file_range, fd, 0, 0, 8); /* EINVAL */
	on_file(sync_file_range, fd, -1l, 10, 0);
	on_file(fsync, dir);
	on_file(syncfs, dir);
	on_file(syncfs, fd);
	path = on_file(openat, AT_FDCWD, "synced", O_PATH);
	on_file(fsync, path); /* EBADF */
	on_file(close, path);
	not_file(fdatasync, 899);
	vfs_check(!pipe2(pipes, O_CLOEXEC), "a pipe");
	not_file(fsync, pipes[0]); /* EINVAL */
	not_file(sync_file_range, pipes[0], 0, 0, 0); /* ESPIPE */
	not_file(close, pipes[0]);
	not_file(close, pipes[1]);
	on_file(close, dir);
	vfs_drop(fd, "synced");
}

static void all(void)
{
	int fd = vfs_file("synced", 100000);

	for (int i = 0; i < 2; i++) {
		on_file(pwrite64, fd, vfs_buf, 5000, i * 10000);
		on_file(sync, 0);
	}
	vfs_drop(fd, "synced");
}

const struct vfs_case vfs_sync_cases[] = {
	{ "fsync", syncs, "fsync, fdatasync, sync_file_range, syncfs; of a directory and a pipe" },
	{ "sync", all, "of all there is, which is no file's" },
	{ 0 },
};
