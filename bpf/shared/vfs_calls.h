/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The system calls that are application I/O. */
#ifndef CBPF_SHARED_VFS_CALLS_H
#define CBPF_SHARED_VFS_CALLS_H

/* Where a call says which file it is about. */
enum vfs_kind {
	VFS_BY_FD, /* in its first argument */
	VFS_BY_FDS2, /* in its second or first: whichever is a file */
	VFS_BY_FDS, /* in its first or third: whichever is a file */
	VFS_BY_PATH, /* by a name: which one is known where the kernel can be asked */
	VFS_BY_RESULT, /* by a name, and in what it returns */
	/* In its first argument, when the name in the second is empty and flags allow that: */
	VFS_BY_FD_OR_PATH3, /* in the third */
	VFS_BY_FD_OR_PATH4, /* in the fourth */
	VFS_BY_NOTHING, /* its requests are not followed: a loss */
};

#define VFS_NUMBERS 512 /* of system calls that are looked at */
#define VFS_COUNTED 0x8000
#define VFS_COMPAT 0x4000 /* the number is that of I/O in the table for 32-bit programs */
#define VFS_COOKIE(op, kind) (VFS_COUNTED | (kind) << 8 | (op)) /* never 0 */

/*
 * X(system call as the kernel calls its function, op, kind, as its number is called). What
 * an architecture or a kernel does not have is left out when it is loaded.
 */
#define VFS_CALLS(X)                                                                               \
	X(read, READ, FD, read)                                                                    \
	X(pread64, READ, FD, pread64)                                                              \
	X(readv, READ, FD, readv)                                                                  \
	X(preadv, READ, FD, preadv)                                                                \
	X(preadv2, READ, FD, preadv2)                                                              \
	X(write, WRITE, FD, write)                                                                 \
	X(pwrite64, WRITE, FD, pwrite64)                                                           \
	X(writev, WRITE, FD, writev)                                                               \
	X(pwritev, WRITE, FD, pwritev)                                                             \
	X(pwritev2, WRITE, FD, pwritev2)                                                           \
	X(fsync, FSYNC, FD, fsync)                                                                 \
	X(fdatasync, FSYNC, FD, fdatasync)                                                         \
	X(sync_file_range, FSYNC, FD, sync_file_range)                                             \
	X(syncfs, FSYNC, FD, syncfs)                                                               \
	X(msync, FSYNC, PATH, msync)                                                               \
	X(sync, FSYNC, PATH, sync)                                                                 \
	X(open, OPEN, RESULT, open)                                                                \
	X(openat, OPEN, RESULT, openat)                                                            \
	X(openat2, OPEN, RESULT, openat2)                                                          \
	X(creat, OPEN, RESULT, creat)                                                              \
	X(close, CLOSE, FD, close)                                                                 \
	X(newstat, STAT, PATH, stat)                                                               \
	X(newlstat, STAT, PATH, lstat)                                                             \
	X(newfstat, STAT, FD, fstat)                                                               \
	X(newfstatat, STAT, FD_OR_PATH4, newfstatat)                                               \
	X(statx, STAT, FD_OR_PATH3, statx)                                                         \
	X(getdents, GETDENTS, FD, getdents)                                                        \
	X(getdents64, GETDENTS, FD, getdents64)                                                    \
	X(rename, RENAME, PATH, rename)                                                            \
	X(renameat, RENAME, PATH, renameat)                                                        \
	X(renameat2, RENAME, PATH, renameat2)                                                      \
	X(unlink, UNLINK, PATH, unlink)                                                            \
	X(unlinkat, UNLINK, PATH, unlinkat)                                                        \
	X(rmdir, UNLINK, PATH, rmdir)                                                              \
	X(mkdir, MKDIR, PATH, mkdir)                                                               \
	X(mkdirat, MKDIR, PATH, mkdirat)                                                           \
	X(truncate, TRUNCATE, PATH, truncate)                                                      \
	X(ftruncate, TRUNCATE, FD, ftruncate)                                                      \
	X(fallocate, FALLOCATE, FD, fallocate)                                                     \
	X(splice, COPY, FDS, splice)                                                               \
	X(sendfile64, COPY, FDS2, sendfile)                                                        \
	X(copy_file_range, COPY, FDS, copy_file_range)                                             \
	X(io_submit, READ, NOTHING, io_submit)

#endif
