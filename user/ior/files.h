/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the test files, their sizes, their removal. */
#ifndef CBPF_IOR_FILES_H
#define CBPF_IOR_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct err;
struct ior_options;

/*
 * What @rank writes: FILE itself when shared, FILE.%08d with -F, and
 * DIR/<rank>/FILE.%08d with -u; with -m and .%d of the repetition behind, unless
 * that is negative: before the first. Returns 0 or -ENAMETOOLONG.
 */
int files_path(const struct ior_options *o, int rank, int rep, char *path, size_t size,
	       struct err *err);

/* Make the directory of -u. It may exist. */
int files_make_dir(const struct ior_options *o, const char *path, struct err *err);

/*
 * Remove a test file (and, with -u, its directory if that is empty). A missing
 * file is fine; what is no regular file (a device, /dev/null) is left alone.
 */
int files_remove(const struct ior_options *o, const char *path, struct err *err);

/* Size in bytes. @ret is UINT64_MAX for what is no regular file. */
int files_size(const char *path, uint64_t *ret, struct err *err);

/* Capacity of the file system that holds @path's directory. */
struct files_space {
	double bytes, used_pct, inodes, used_inodes_pct;
};
int files_space(const char *path, struct files_space *ret);

/* Write @n in decimal to @path, and read it back. */
int files_put_count(const char *path, uint64_t n, struct err *err);
int files_get_count(const char *path, uint64_t *ret, struct err *err);

#endif
