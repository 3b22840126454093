// SPDX-License-Identifier: Apache-2.0
/* Counts system calls as they are issued: see vfs_load.h. */
#include "vfs_load.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vfs_counts.h"

struct vfs_counts *vfs_counts;
char vfs_buf[VFS_BUF_BYTES] __attribute__((aligned(4096)));

/* Operation + 1 of each system call that the probe knows. */
static const unsigned char op_of[VFS_SYSCALLS] = {
#define OP(op, name) [SYS_##name] = VFS_##op + 1
	OP(READ, read),
	OP(READ, pread64),
	OP(READ, readv),
	OP(READ, preadv),
	OP(READ, preadv2),
	OP(WRITE, write),
	OP(WRITE, pwrite64),
	OP(WRITE, writev),
	OP(WRITE, pwritev),
	OP(WRITE, pwritev2),
	OP(FSYNC, fsync),
	OP(FSYNC, fdatasync),
	OP(FSYNC, sync_file_range),
	OP(FSYNC, syncfs),
	OP(FSYNC, sync),
	OP(FSYNC, msync),
#ifdef SYS_open
	OP(OPEN, open),
	OP(OPEN, creat),
	OP(STAT, stat),
	OP(STAT, lstat),
	OP(GETDENTS, getdents),
	OP(RENAME, rename),
	OP(UNLINK, unlink),
	OP(UNLINK, rmdir),
	OP(MKDIR, mkdir),
#endif
	OP(OPEN, openat),
	OP(OPEN, openat2),
	OP(CLOSE, close),
	OP(STAT, fstat),
	OP(STAT, newfstatat),
	OP(STAT, statx),
	OP(GETDENTS, getdents64),
	OP(RENAME, renameat),
	OP(RENAME, renameat2),
	OP(UNLINK, unlinkat),
	OP(MKDIR, mkdirat),
	OP(TRUNCATE, truncate),
	OP(TRUNCATE, ftruncate),
	OP(FALLOCATE, fallocate),
	OP(COPY, splice),
	OP(COPY, sendfile),
	OP(COPY, copy_file_range),
#undef OP
};

static void add(uint64_t *to, uint64_t n)
{
	__atomic_fetch_add(to, n, __ATOMIC_SEQ_CST);
}

static bool op_moves_bytes(enum vfs_op op)
{
	return op == VFS_READ || op == VFS_WRITE || op == VFS_COPY || op == VFS_URING_READ ||
	       op == VFS_URING_WRITE;
}

void vfs_begin(enum vfs_op op)
{
	add(&vfs_counts->ops[op].begun, 1);
}

static void end(struct vfs_tally *t, enum vfs_op op, long result)
{
	if (result < 0 && -result < VFS_ERRNOS)
		add(&t->errnos[-result], 1);
	else if (result > 0 && op_moves_bytes(op))
		add(&t->bytes, result);
	add(&t->calls, 1);
}

void vfs_end(enum vfs_op op, long result)
{
	end(&vfs_counts->ops[op], op, result);
}

void vfs_may_move(enum vfs_op op, size_t bytes)
{
	add(&vfs_counts->ops[op].may_move, bytes);
}

long vfs_call(long nr, bool counts, const long args[6])
{
	unsigned int op = nr < VFS_SYSCALLS ? op_of[nr] : 0;
	long result;

	vfs_check(op, "a system call that is none of the probe's");
	op--;
	if (counts)
		vfs_begin(op);
	add(&vfs_counts->syscalls[nr].begun, 1);
	result = syscall(nr, args[0], args[1], args[2], args[3], args[4], args[5]);
	if (result < 0)
		result = -errno;
	end(&vfs_counts->syscalls[nr], op, result);
	if (counts)
		vfs_end(op, result);
	return result;
}

void vfs_skip(const char *what, long error)
{
	char *to = vfs_counts->skipped;
	size_t used = strlen(to);

	snprintf(to + used, sizeof(vfs_counts->skipped) - used, "%s%s: %s", used ? "; " : "", what,
		 error < 0 ? strerrordesc_np(-error) : "not here");
}

void vfs_check(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "drive_vfs: %s: %s\n", what, strerror(errno));
	_exit(3);
}

int vfs_file(const char *name, size_t bytes)
{
	int fd = on_file(openat, AT_FDCWD, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	vfs_check(fd >= 0, name);
	while (bytes) {
		size_t n = bytes < VFS_BUF_BYTES ? bytes : VFS_BUF_BYTES;

		vfs_check(on_file(write, fd, vfs_buf, n) == (long)n, name);
		bytes -= n;
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

void vfs_drop(int fd, const char *name)
{
	on_file(close, fd);
	on_file(unlinkat, AT_FDCWD, name, 0);
}

bool vfs_wait(int pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		vfs_check(errno == EINTR, "waitpid");
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		fprintf(stderr, "drive_vfs: a child ended by %s\n", strsignal(WTERMSIG(status)));
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

void vfs_sleep_ms(unsigned int ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000l };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

/* What looks is itself I/O on a file, of /proc, and counts. */
void vfs_wait_asleep(int tid, long nr)
{
	char path[64], line[256];
	bool asleep = false;

	snprintf(path, sizeof(path), "/proc/%d/syscall", tid);
	for (int tries = 0; !asleep; tries++) {
		int fd = on_file(openat, AT_FDCWD, path, O_RDONLY);
		long n;

		vfs_check(fd >= 0 && tries < 30000, "a thread that is to sleep in a call");
		n = on_file(read, fd, line, sizeof(line) - 1);
		on_file(close, fd);
		line[n > 0 ? n : 0] = '\0';
		asleep = line[0] >= '0' && line[0] <= '9' && atol(line) == nr;
		if (!asleep)
			vfs_sleep_ms(1);
	}
}

char *vfs_again_argv[] = { "drive_vfs", "-m", NULL, NULL, NULL };

void vfs_again(const char *name)
{
	static char fd[16];

	snprintf(fd, sizeof(fd), "%d", VFS_COUNTS_FD);
	vfs_again_argv[2] = fd;
	vfs_again_argv[3] = (char *)name;
	execv("/proc/self/exe", vfs_again_argv);
	_exit(4);
}
