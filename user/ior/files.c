// SPDX-License-Identifier: Apache-2.0
/* Test files as IOR names and treats them. */
#include "ior/files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "ior/options.h"

/* ROMIO accepts "ufs:path" and the like; the kernel does not. */
static const char *plain(const char *path)
{
	static const char *const schemes[] = { "ufs:", "nfs:", "lustre:", "gpfs:", "pvfs2:" };

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (!strncmp(path, schemes[i], strlen(schemes[i])))
			return path + strlen(schemes[i]);
	return path;
}

int files_path(const struct ior_options *o, int rank, int rep, char *path, size_t size,
	       struct err *err)
{
	const char *slash = strrchr(o->test_file, '/');
	const char *name = slash ? slash + 1 : o->test_file;
	int dir_len = (int)(name - o->test_file), n;
	char suffix[16] = "";

	if (o->multi_file && rep >= 0)
		snprintf(suffix, sizeof(suffix), ".%d", rep);
	if (!o->file_per_proc)
		n = snprintf(path, size, "%s%s", o->test_file, suffix);
	else if (o->unique_dir)
		n = snprintf(path, size, "%.*s%d/%s.%08d%s", dir_len, o->test_file, rank, name,
			     rank, suffix);
	else
		n = snprintf(path, size, "%s.%08d%s", o->test_file, rank, suffix);
	if (n < 0 || (size_t)n >= size)
		return err_set(err, -ENAMETOOLONG, "path of the test file (-o)");
	return 0;
}

/* @dir gets the directory part of @path without its last slash; "." for none. */
static void dir_of(const char *path, char *dir, size_t size)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		snprintf(dir, size, ".");
	else
		snprintf(dir, size, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

int files_make_dir(const struct ior_options *o, const char *path, struct err *err)
{
	char dir[4096];

	if (!o->unique_dir)
		return 0;
	dir_of(plain(path), dir, sizeof(dir));
	if (mkdir(dir, 0775) && errno != EEXIST)
		return err_set(err, -errno, "cannot make directory '%s' (-u)", dir);
	return 0;
}

int files_remove(const struct ior_options *o, const char *path, struct err *err)
{
	char dir[4096];
	struct stat st;

	path = plain(path);
	if (stat(path, &st))
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_set(err, -errno, "cannot stat '%s'", path);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (unlink(path) && errno != ENOENT)
		return err_set(err, -errno, "cannot remove '%s'", path);
	if (o->unique_dir) {
		dir_of(path, dir, sizeof(dir));
		(void)rmdir(dir); /* others may keep files in it */
	}
	return 0;
}

int files_size(const char *path, uint64_t *ret, struct err *err)
{
	struct stat st;

	path = plain(path);
	if (stat(path, &st))
		return err_set(err, -errno, "cannot stat '%s'", path);
	*ret = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : UINT64_MAX;
	return 0;
}

int files_space(const char *path, struct files_space *ret)
{
	struct statvfs fs;
	char dir[4096];

	dir_of(plain(path), dir, sizeof(dir));
	if (statvfs(dir, &fs))
		return -errno;
	*ret = (struct files_space){
		.bytes = (double)fs.f_blocks * (double)fs.f_frsize,
		.inodes = (double)fs.f_files,
	};
	if (fs.f_blocks)
		ret->used_pct = 100.0 * (1.0 - (double)fs.f_bfree / (double)fs.f_blocks);
	if (fs.f_files)
		ret->used_inodes_pct = 100.0 * (1.0 - (double)fs.f_ffree / (double)fs.f_files);
	return 0;
}

int files_put_count(const char *path, uint64_t n, struct err *err)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return err_set(err, -errno, "cannot write status file '%s'", path);
	fprintf(f, "%" PRIu64 "\n", n);
	if (fclose(f))
		return err_set(err, -errno, "cannot write status file '%s'", path);
	return 0;
}

int files_get_count(const char *path, uint64_t *ret, struct err *err)
{
	cleanup_fclose FILE *f = fopen(path, "re");

	if (!f)
		return err_set(err, -errno, "cannot read status file '%s'", path);
	if (fscanf(f, "%" SCNu64, ret) != 1)
		return err_say(err, -EBADMSG, "status file '%s' holds no number", path);
	return 0;
}
