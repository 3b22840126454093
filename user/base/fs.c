// SPDX-License-Identifier: Apache-2.0
/* Whole-file helpers over openat(2). */
#include "base/fs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"

int fs_read_at(int dirfd, const char *path, char *text, size_t size)
{
	cleanup_close int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;

	if (fd < 0)
		return -errno;
	while (len < size - 1) {
		ssize_t n = read(fd, text + len, size - 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += n;
	}
	if (len && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	return 0;
}

int fs_slurp_at(int dirfd, const char *path, struct buf *b)
{
	cleanup_close int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	char chunk[16384];

	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		int rc;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		rc = buf_put(b, chunk, n);
		if (rc)
			return rc;
	}
}

int fs_read_u64_at(int dirfd, const char *path, uint64_t *ret)
{
	unsigned long long v;
	char text[64], *end;
	int rc = fs_read_at(dirfd, path, text, sizeof(text));

	if (rc)
		return rc;
	if (!isdigit((unsigned char)text[0]))
		return -EBADMSG;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno || *end != '\0')
		return -EBADMSG;
	*ret = v;
	return 0;
}

int fs_write_at(int dirfd, const char *path, const char *text)
{
	cleanup_close int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(text);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, len);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

int fs_create_at(int dirfd, const char *path, const void *data, size_t len)
{
	cleanup_close int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	const char *at = data;

	if (fd < 0)
		return -errno;
	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= n;
	}
	return 0;
}

int fs_mkdirs(const char *path, mode_t mode)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(part))
		return -ENAMETOOLONG;
	memcpy(part, path, len + 1);
	for (char *p = part + 1;; p++) {
		char was = *p;

		if (was != '/' && was != '\0')
			continue;
		*p = '\0';
		if (mkdir(part, mode) && errno != EEXIST)
			return -errno;
		*p = was;
		if (was == '\0')
			return 0;
	}
}

static int remove_in(int dirfd, const char *name, dev_t dev)
{
	cleanup_closedir DIR *d = NULL;
	struct dirent *e;
	struct stat st;
	int fd, rc;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (dev && st.st_dev != dev)
		return -EXDEV;
	if (!S_ISDIR(st.st_mode))
		return unlinkat(dirfd, name, 0) ? -errno : 0;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while ((e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		rc = remove_in(fd, e->d_name, st.st_dev);
		if (rc)
			return rc;
	}
	return unlinkat(dirfd, name, AT_REMOVEDIR) ? -errno : 0;
}

int fs_remove_tree(const char *path)
{
	return remove_in(AT_FDCWD, path, 0);
}

ssize_t fs_pread_text(int fd, char *text, size_t size)
{
	size_t len = 0;

	while (len < size - 1) {
		ssize_t n = pread(fd, text + len, size - 1 - len, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += n;
	}
	text[len] = '\0';
	return len;
}

char *fs_join(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

int fs_program_dir(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	if (n < 0)
		return -errno;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return -ENOENT;
	*slash = '\0';
	return 0;
}

char *fs_find_program(const char *name, const char *path_var)
{
	cleanup_free char *copy = strdup(path_var ? path_var : "");
	char *save = NULL;

	if (!copy)
		return NULL;
	for (char *dir = strtok_r(copy, ":", &save); dir; dir = strtok_r(NULL, ":", &save)) {
		char *path = fs_join(dir, name);
		struct stat st;

		if (path && !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK))
			return path;
		free(path);
	}
	return NULL;
}
