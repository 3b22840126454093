// SPDX-License-Identifier: Apache-2.0
/* Cases of drive_vfs: what makes data durable. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
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
	not_file(fsync, path); /* EBADF */
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

static void syncs_of_memory(void)
{
	int fd = vfs_file("mapped", 65536);
	char *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	vfs_check(p != MAP_FAILED, "mmap");
	for (int i = 0; i < 5; i++) {
		p[i * 4096] = 1;
		on_file(msync, p, 65536, MS_SYNC);
		on_file(msync, p + 4096, 8192, MS_ASYNC);
	}
	on_file(msync, p, 4096, MS_SYNC | MS_ASYNC); /* EINVAL */
	on_file(msync, p + 1, 4096, MS_SYNC);
	munmap(p, 65536);
	vfs_drop(fd, "mapped");
}

const struct vfs_case vfs_sync_cases[] = {
	{ "fsync", syncs, "fsync, fdatasync, sync_file_range, syncfs; of a directory and a pipe" },
	{ "msync", syncs_of_memory, "msync of a file's pages" },
	{ 0 },
};
