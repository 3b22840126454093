// SPDX-License-Identifier: Apache-2.0
/* Backend POSIX: pwrite(2) and pread(2), with or without the page cache. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "ior/backend.h"
#include "ior/options.h"
#include "ior/pattern.h"

struct posix_file {
	int fd;
	bool odirect;
	char path[]; /* for messages */
};

static void posix_version(char *text, size_t size)
{
	(void)size;
	text[0] = '\0';
}

/* Offset alignment that the file system wants for O_DIRECT; 0 when it does not tell. */
static uint64_t direct_alignment(int fd)
{
#ifdef STATX_DIOALIGN
	struct statx st;

	if (!statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &st) && st.stx_mask & STATX_DIOALIGN)
		return st.stx_dio_offset_align;
#else
	(void)fd;
#endif
	return 0;
}

static int check_direct(const struct open_request *req, int fd, struct err *err)
{
	uint64_t align = direct_alignment(fd), t = req->options->transfer_bytes;

	if (align == 0 || t % align == 0)
		return 0;
	return err_say(err, -EINVAL,
		       "O_DIRECT on '%s' needs a transfer size (-t) that is a multiple of %llu "
		       "bytes, got %llu",
		       req->path, (unsigned long long)align, (unsigned long long)t);
}

static const char *open_advice(int error, const struct open_request *req)
{
	switch (error) {
	case ENOENT:
		return req->write ? "; does its directory exist?"
				  : "; write it first (-w), and keep it (-k)";
	case EINVAL: return req->options->odirect ? "; this file system may lack O_DIRECT" : "";
	case EACCES:
	case EPERM: return "; check the permissions of the directory";
	case EROFS: return "; choose a path on a writable file system (-o)";
	default: return "";
	}
}

static int posix_open(const struct open_request *req, void **ret_file, struct err *err)
{
	int flags = (req->write ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC;
	struct posix_file *f = malloc(sizeof(*f) + strlen(req->path) + 1);
	int rc;

	if (!f)
		return err_set(err, -ENOMEM, "opening '%s'", req->path);
	strcpy(f->path, req->path);
	f->odirect = req->options->odirect;
	f->fd = open(req->path, flags | (f->odirect ? O_DIRECT : 0), 0664);
	if (f->fd < 0) {
		rc = -errno;
		free(f);
		return err_say(err, rc, "cannot open '%s' for %s: %s%s", req->path,
			       req->write ? "writing" : "reading", strerror(-rc),
			       open_advice(-rc, req));
	}
	rc = f->odirect ? check_direct(req, f->fd, err) : 0;
	if (rc) {
		close(f->fd);
		free(f);
		return rc;
	}
	*ret_file = f;
	return 0;
}

static int transfer_failed(const struct posix_file *f, const char *what, size_t len,
			   uint64_t offset, int error, struct err *err)
{
	const char *advice = "";

	if (error == EINVAL && f->odirect)
		advice = "; O_DIRECT wants transfers and offsets aligned to the logical block "
			 "size, try a multiple of 4096 (-t)";
	if (error == ENOSPC || error == EDQUOT)
		advice = "; free some space or write less (-b, -s)";
	return err_say(err, -error, "cannot %s %zu bytes at offset %llu of '%s': %s%s", what, len,
		       (unsigned long long)offset, f->path, strerror(error), advice);
}

static int posix_write(void *file, const void *data, size_t len, uint64_t offset, struct err *err)
{
	const struct posix_file *f = file;
	const char *at = data;

	while (len) {
		ssize_t n = pwrite(f->fd, at, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return transfer_failed(f, "write", len, offset, n ? errno : EIO, err);
		at += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

static int posix_read(void *file, void *data, size_t len, uint64_t offset, struct err *err)
{
	const struct posix_file *f = file;
	char *at = data;

	while (len) {
		ssize_t n = pread(f->fd, at, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return transfer_failed(f, "read", len, offset, errno, err);
		if (n == 0)
			return err_say(err, -ENODATA,
				       "'%s' ends at offset %llu, %zu bytes too early; was it "
				       "written with the same -b, -s and -t?",
				       f->path, (unsigned long long)offset, len);
		at += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

static int posix_sync(void *file, struct err *err)
{
	const struct posix_file *f = file;

	if (fsync(f->fd))
		return err_set(err, -errno, "cannot fsync '%s'", f->path);
	return 0;
}

static int posix_close(void *file, struct err *err)
{
	struct posix_file *f = file;
	int rc = 0;

	if (!f)
		return 0;
	if (close(f->fd))
		rc = err_set(err, -errno, "cannot close '%s'", f->path);
	free(f);
	return rc;
}

const struct backend backend_posix = {
	.name = "POSIX",
	.version = posix_version,
	.open = posix_open,
	.write = posix_write,
	.read = posix_read,
	.sync = posix_sync,
	.close = posix_close,
};
