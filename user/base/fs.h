/* SPDX-License-Identifier: Apache-2.0 */
/* Small files, read and written whole: cgroup, sysfs, proc, run directories. */
#ifndef CBPF_BASE_FS_H
#define CBPF_BASE_FS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;

/*
 * All paths are taken relative to @dirfd (AT_FDCWD for the working directory).
 * Every call returns 0 or a negative errno.
 */

/* Text of at most @size - 1 bytes into @text, NUL-terminated, trailing newline cut. */
int fs_read_at(int dirfd, const char *path, char *text, size_t size);
/* Whole file appended to @b, up to its limit (-EMSGSIZE). */
int fs_slurp_at(int dirfd, const char *path, struct buf *b);
/* One unsigned decimal; -EBADMSG for anything else, "max" included. */
int fs_read_u64_at(int dirfd, const char *path, uint64_t *ret);
/* One write(2) into an existing file, as cgroup and sysfs want it. */
int fs_write_at(int dirfd, const char *path, const char *text);
/* A new file or new content, mode 0644. */
int fs_create_at(int dirfd, const char *path, const void *data, size_t len);

int fs_mkdirs(const char *path, mode_t mode);
/* Remove a tree without following symbolic links or crossing into another file system. */
int fs_remove_tree(const char *path);

/* pread of an open pseudo file into @text, NUL-terminated; returns the length. No allocation. */
ssize_t fs_pread_text(int fd, char *text, size_t size);

/* "dir/name" newly allocated, or NULL. */
char *fs_join(const char *dir, const char *name);

/* Absolute path of the running program's directory, or -errno. */
int fs_program_dir(char *path, size_t size);

/* First executable regular file called @name along @path_var (like PATH); newly allocated or NULL. */
char *fs_find_program(const char *name, const char *path_var);

#endif
